"""Pages of the administrator."""

from django.urls import path

from ipas_portal import views_administrator as views

urlpatterns = [
    path("", views.home, name="home"),
    path("accounts/", views.accounts, name="accounts"),
    path("accounts/new/", views.account_create, name="account_create"),
    path("accounts/<int:pk>/", views.account, name="account"),
    path("accounts/<int:pk>/roles/", views.account_roles, name="account_roles"),
    path("accounts/<int:pk>/active/", views.account_active, name="account_active"),
    path("accounts/<int:pk>/password/", views.account_password, name="account_password"),
]
