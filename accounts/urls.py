"""A company's own pages."""

from django.http import HttpResponse
from django.urls import path

app_name = "organisation"
urlpatterns = [path("", lambda r: HttpResponse(""), name="detail")]
