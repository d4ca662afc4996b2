"""The office's cases: /office/…"""

from django.http import HttpResponse
from django.urls import path

app_name = "office"
urlpatterns = [
    path("", lambda r: HttpResponse(""), name="home"),
    path("cases/", lambda r: HttpResponse(""), name="cases"),
]
