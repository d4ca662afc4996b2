"""The call designer."""

from django.urls import path

from programs.views.designer import drafts, editing, trying

urlpatterns = [
    path("", drafts.draft_list, name="list"),
    path("new/", drafts.draft_new, name="new"),
    path("<int:pk>/", drafts.draft_home, name="draft"),
    path("<int:pk>/rules/", editing.rules, name="rules"),
    path("<int:pk>/rules/add/", editing.rule_add, name="rule_add"),
    path("<int:pk>/rules/<int:number>/", editing.rule, name="rule"),
    path("<int:pk>/rules/<int:number>/remove/", editing.rule_remove, name="rule_remove"),
    path("<int:pk>/rules/<int:number>/up/", editing.rule_up, name="rule_up"),
    path("<int:pk>/budget/", drafts.budget, name="budget"),
    path("<int:pk>/compare/", drafts.compare, name="compare"),
    path("<int:pk>/try/", trying.ask, name="try"),
    path("<int:pk>/try/<int:trial>/", trying.trial, name="trial"),
    path("<int:pk>/try/<int:trial>/progress/", trying.progress, name="trial_progress"),
    path("<int:pk>/preview/<slug:key>/", trying.preview, name="preview"),
    path("<int:pk>/publish/", drafts.publish, name="publish"),
    path("<int:pk>/discard/", drafts.discard, name="discard"),
    path("<int:pk>/part/<slug:part>/", editing.part, name="part"),
    path("call/<slug:slug>/revise/", drafts.revise, name="revise"),
    *(
        path(f"call/<slug:slug>/{action}/", drafts.end, {"action": action}, name=action)
        for action in ("close", "reopen", "archive", "unarchive")
    ),
]
