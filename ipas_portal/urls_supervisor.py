"""Pages of the supervisor."""

from django.urls import path

from ipas_portal import views

urlpatterns = [path("", views.home, name="home")]
