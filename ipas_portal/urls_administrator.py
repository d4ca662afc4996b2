"""Pages of the administrator."""

from django.urls import path

from ipas_portal import views

urlpatterns = [path("", views.home, name="home"), path("accounts/", views.home, name="accounts")]
