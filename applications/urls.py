"""The case as the applicant sees it. What moves a case on its way stands in ``urls_submission``."""

from django.urls import include, path

from applications.views import cases, documents, sections, sheets

app_name = "cases"
urlpatterns = [
    path("cases/", cases.case_list, name="list"),
    path("cases/start/<slug:slug>/", cases.case_start, name="start"),
    path("cases/<uuid:pk>/", cases.case_detail, name="detail"),
    path("", include("applications.urls_submission")),
    path("cases/<uuid:pk>/trainees/template.<slug:kind>", sheets.template, name="sheet_template"),
    path("cases/<uuid:pk>/trainees/import/", sheets.preview, name="sheet_preview"),
    path("cases/<uuid:pk>/trainees/import/confirm/", sheets.confirm, name="sheet_confirm"),
    path("cases/<uuid:pk>/documents/<slug:item>/add/", documents.add, name="document_add"),
    path("cases/<uuid:pk>/files/<int:number>/", documents.file, name="file"),
    path("cases/<uuid:pk>/files/<int:number>/replace/", documents.replace, name="document_replace"),
    path("cases/<uuid:pk>/files/<int:number>/remove/", documents.remove, name="document_remove"),
    path("cases/<uuid:pk>/<slug:section>/", sections.section, name="section"),
    path("cases/<uuid:pk>/<slug:section>/discard/", sections.discard, name="discard"),
    path("cases/<uuid:pk>/<slug:section>/conflict/", sections.conflict, name="conflict"),
]
