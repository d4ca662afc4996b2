"""Pages of the supervisor."""

from django.urls import path

from ipas_portal import views_supervisor

urlpatterns = [path("", views_supervisor.home, name="home")]
