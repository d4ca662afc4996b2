"""Expert review: reviewers, panels, the chair. /review/…"""

from django.urls import path

from review.views import assignments, chair, panels, pool, reviewer, sheet

app_name = "review"
urlpatterns = [
    # the reviewer
    path("", reviewer.home, name="home"),
    path("invitations/<int:pk>/", reviewer.invitation, name="invitation"),
    path("assignments/<int:pk>/", sheet.sheet, name="sheet"),
    path("assignments/<int:pk>/declare/", reviewer.declare, name="declare"),
    path("assignments/<int:pk>/autosave/", sheet.autosave, name="autosave"),
    path("assignments/<int:pk>/submit/", sheet.submit, name="submit"),
    path("assignments/<int:pk>/recuse/", reviewer.recuse, name="recuse"),
    path("assignments/<int:pk>/book/", sheet.make_book, name="make_book"),
    path("assignments/<int:pk>/confirm/", reviewer.sign_off, name="sign_off"),
    # the chair
    path("chair/<int:pk>/", chair.chair, name="chair"),
    path("chair/<int:pk>/close/", chair.close_panel, name="close_panel"),
    path("chair/cases/<int:pk>/", chair.chair_case, name="chair_case"),
    path("chair/cases/<int:pk>/declare/", chair.chair_declare, name="chair_declare"),
    path("chair/cases/<int:pk>/collect/", chair.collect, name="collect"),
    path("chair/cases/<int:pk>/close/", chair.close_case, name="close_case"),
    path("chair/cases/<int:pk>/reopen/", chair.reopen_case, name="reopen_case"),
    path("chair/sheets/<int:pk>/reopen/", chair.reopen_sheet, name="reopen_sheet"),
    path("chair/sheets/<int:pk>/retry/", chair.retry_sheet, name="retry_sheet"),
    # the office
    path("panels/", panels.panels, name="panels"),
    path("panels/new/", panels.panel_new, name="panel_new"),
    path("panels/<int:pk>/", panels.panel, name="panel"),
    path("panels/<int:pk>/edit/", panels.panel_edit, name="panel_edit"),
    path("panels/<int:pk>/invite/", panels.panel_invite, name="panel_invite"),
    path("panels/<int:pk>/cases/", panels.panel_cases, name="panel_cases"),
    path("panels/<int:pk>/start/", panels.panel_start, name="panel_start"),
    path("panels/<int:pk>/assign/", assignments.panel_assign, name="panel_assign"),
    path("panels/members/<int:pk>/remind/", panels.member_remind, name="member_remind"),
    path("panels/members/<int:pk>/chair/", panels.member_chair, name="member_chair"),
    path("panels/members/<int:pk>/remove/", panels.member_remove, name="member_remove"),
    path("panels/cases/<int:pk>/", assignments.seat, name="seat"),
    path("panels/cases/<int:pk>/remove/", panels.case_remove, name="case_remove"),
    path("panels/cases/<int:pk>/assign/", assignments.assign, name="assign"),
    path("panels/assignments/<int:pk>/remove/", assignments.assignment_remove, name="assignment_remove"),
    path("pool/", pool.pool, name="pool"),
    path("pool/new/", pool.reviewer_new, name="reviewer_new"),
    path("pool/<int:pk>/", pool.reviewer_edit, name="reviewer"),
    path("pool/<int:pk>/active/", pool.reviewer_active, name="reviewer_active"),
    path("pool/<int:pk>/invite/", pool.reviewer_invite, name="reviewer_invite"),
]
