"""Expert review: reviewers, panels, the chair."""

from django.http import HttpResponse
from django.urls import path

app_name = "review"
urlpatterns = [
    path("", lambda r: HttpResponse(""), name="home"),
    path("panels/", lambda r: HttpResponse(""), name="panels"),
]
