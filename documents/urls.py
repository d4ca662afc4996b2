"""Addresses: the office's documents under /documents/, the public check under /verify/."""

from django.urls import include, path

from documents.views import downloads, office, public, templates

_office = [
    path("", office.document_list, name="list"),
    path("templates/", templates.template_list, name="templates"),
    path("templates/<str:kind>/", templates.template_edit, name="template_edit"),
    path("templates/<str:kind>/preview/", templates.template_preview, name="template_preview"),
    path("batches/", office.batch_list, name="batches"),
    path("batches/<uuid:pk>/", office.batch_detail, name="batch"),
    path("batches/<uuid:pk>/progress/", office.batch_progress, name="batch_progress"),
    path("batches/<uuid:pk>/retry/", office.batch_retry, name="batch_retry"),
    path("batches/<uuid:pk>/merged/", downloads.batch_merged, name="batch_merged"),
    path("<uuid:pk>/", office.document_detail, name="detail"),
    path("<uuid:pk>/waiting/", office.document_waiting, name="waiting"),
    path("<uuid:pk>/retry/", office.document_retry, name="retry"),
    path("<uuid:pk>/download/", downloads.document_download, name="download"),
]

urlpatterns = [
    path("documents/", include((_office, "documents"))),
    path("verify/", public.verify, name="verify"),
    path("verify/<str:code>/", public.verify_code, name="verify_code"),
]
