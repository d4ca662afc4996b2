"""Addresses that move a case on its way; they stand before the sections, which take any other word."""

from django.urls import path

from applications.views import export, intake, leaving, submit, supplement, versions

urlpatterns = [
    path("cases/<uuid:pk>/submit/", submit.check, name="submit"),
    path("cases/<uuid:pk>/submit/confirm/", submit.confirm, name="confirm"),
    path("cases/<uuid:pk>/submitted/", submit.submitted, name="submitted"),
    path("cases/<uuid:pk>/submitted/progress/", submit.papers_progress, name="papers_progress"),
    path("cases/<uuid:pk>/supplement/", supplement.supplement, name="supplement"),
    path("cases/<uuid:pk>/record/", supplement.case_record, name="record"),
    path("cases/<uuid:pk>/withdraw/", leaving.withdraw, name="withdraw"),
    path("cases/<uuid:pk>/newer-terms/", versions.newer_terms, name="newer_terms"),
    path("cases/<uuid:pk>/copy/", leaving.copy, name="copy"),
    path("cases/<uuid:pk>/case.json", export.case_json, name="json"),
    path(
        "cases/<uuid:pk>/submissions/<int:sequence>/case.json", export.submission_json, name="submission_json"
    ),
    path("cases/<uuid:pk>/plan.pdf", export.plan_preview, name="plan_preview"),
    path("office/intake/", intake.intake, name="intake"),
    path("office/intake/<uuid:pk>/", intake.intake_case, name="intake_case"),
    path("office/extend-case/", intake.extend_case, name="extend_case"),
]
