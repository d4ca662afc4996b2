"""Pages of the auditor."""

from django.urls import path

from ipas_portal import views_auditor

urlpatterns = [
    path("", views_auditor.home, name="home"),
    path("log/", views_auditor.log, name="log"),
    path("log/export/", views_auditor.log_export, name="log_export"),
]
