"""Pages of the auditor."""

from django.urls import path

from ipas_portal import views

urlpatterns = [path("", views.home, name="home"), path("log/", views.home, name="log")]
