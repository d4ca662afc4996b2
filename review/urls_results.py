"""The public result of a call."""

from django.http import HttpResponse
from django.urls import path

app_name = "results"
urlpatterns = [path("<slug:slug>/results/", lambda r, slug: HttpResponse(""), name="page")]
