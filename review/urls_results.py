"""The public result of a call: /calls/<call>/results…"""

from django.urls import path

from review.views import results

app_name = "results"
urlpatterns = [
    path("<slug:slug>/results/", results.result_page, name="page"),
    path("<slug:slug>/results.xlsx", results.result_xlsx, name="xlsx"),
    path("<slug:slug>/results.ods", results.result_ods, name="ods"),
    path("<slug:slug>/results.csv", results.result_csv, name="csv"),
    path("<slug:slug>/results.json", results.result_json, name="json"),
]
