"""The case as the applicant sees it."""

from django.http import HttpResponse
from django.urls import path

app_name = "cases"
urlpatterns = [path("cases/", lambda r: HttpResponse(""), name="list")]
