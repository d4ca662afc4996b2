"""Calls, rules and reference tables."""

from django.http import HttpResponse
from django.urls import include, path

calls = [path("", lambda r: HttpResponse(""), name="list")]
reference = [path("", lambda r: HttpResponse(""), name="home")]
urlpatterns = [
    path("calls/", include((calls, "calls"))),
    path("reference/", include((reference, "reference"))),
]
