"""Office, reviewers, chair and decision meetings."""

from django.http import HttpResponse
from django.urls import include, path

office = [
    path("", lambda r: HttpResponse(""), name="home"),
    path("cases/", lambda r: HttpResponse(""), name="cases"),
]
review = [
    path("", lambda r: HttpResponse(""), name="home"),
    path("panels/", lambda r: HttpResponse(""), name="panels"),
]
meetings = [path("", lambda r: HttpResponse(""), name="list")]
urlpatterns = [
    path("office/", include((office, "office"))),
    path("review/", include((review, "review"))),
    path("meetings/", include((meetings, "meetings"))),
]
