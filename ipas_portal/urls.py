"""Every address of the portal, by app."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from accounts.views import session
from ipas_portal import health, views

handler400 = "ipas_portal.errors.bad_request"

urlpatterns = [
    path("", views.home, name="home"),
    path("supervisor/", include(("ipas_portal.urls_supervisor", "supervisor"))),
    path("auditor/", include(("ipas_portal.urls_auditor", "auditor"))),
    path("administrator/", include(("ipas_portal.urls_administrator", "administrator"))),
    path("pages/<slug:page>/", views.page, name="page"),
    path("search/", views.search, name="search"),
    path("healthz", health.healthz, name="healthz"),
    path("accounts/", include("allauth.urls")),
    path("session/keep/", session.keep, name="keep_session"),
    path("organisation/", include("accounts.urls")),
    path("", include("documents.urls")),
    path("", include("programs.urls")),
    path("", include("outreach.urls")),
    path("", include("applications.urls")),
    path("", include("review.urls")),
]

if settings.DJANGO_ADMIN_ENABLED:
    urlpatterns.append(path("django-admin/", admin.site.urls))
