"""Each write is in a log that says who, what and when; and what must stay out of that log stays out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from auditlog.models import LogEntry
from auditlog.registry import auditlog
from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.urls import reverse

from accounts.models import Role, User
from applications.models import Case
from core.workflow import TransitionRecord
from programs.models import CalendarDay
from tests import factories, personas
from tests.architecture.world import World

pytestmark = pytest.mark.django_db

APPS = ("accounts", "documents", "programs", "outreach", "applications", "review")
# Models whose changes the log does not follow, and where their history is instead.
UNLOGGED = {
    "accounts.PasswordHistory": "hashes of earlier passwords; that one was changed is an event of its own",
    "review.CriterionScore": "a reader would see scores before everybody has submitted; the sheet keeps them",
    "review.RecommendedAmount": "as scores",
}
SECRETS = ("password", "token", "secret", "last_login")


def own_models() -> list[type[models.Model]]:
    return [model for app in APPS for model in apps.get_app_config(app).get_models()]


@pytest.mark.parametrize("model", own_models(), ids=lambda model: model._meta.label)
def test_every_model_is_logged_or_it_is_said_why_not(model):
    assert auditlog.contains(model) != (model._meta.label in UNLOGGED)


def test_the_reasons_name_models_that_exist():
    for label in UNLOGGED:
        assert apps.get_model(label)


def test_models_of_the_login_that_hold_secrets_are_not_followed():
    for model in apps.get_app_config("mfa").get_models():
        assert not auditlog.contains(model)
    assert not auditlog.contains(apps.get_model("sessions", "Session"))


@pytest.mark.parametrize(
    "model",
    [model for model in own_models() if auditlog.contains(model)],
    ids=lambda model: model._meta.label,
)
def test_no_secret_is_written_into_the_log(model):
    told = auditlog.get_model_fields(model)
    for field in model._meta.fields:
        if any(word in field.name for word in SECRETS) and field.name not in told["exclude_fields"]:
            assert told["include_fields"], field.name
            assert field.name not in told["include_fields"]


def test_scores_and_comments_stay_out_of_the_log():
    told = auditlog.get_model_fields(apps.get_model("review.ScoreSheet"))
    assert set(told["include_fields"]) == {"assignment", "version", "saved_at"}


def test_the_text_of_mails_stays_out_of_the_log():
    """Mails hold links that let somebody in once."""
    assert "body" in auditlog.get_model_fields(apps.get_model("documents.OutgoingMail"))["exclude_fields"]


def test_a_setting_of_the_log_is_given_once():
    """A second assignment would silently undo the first."""
    text = (settings.BASE_DIR / "ipas_portal" / "settings" / "base.py").read_text(encoding="utf-8")
    for name in (
        "INCLUDE_ALL_MODELS",
        "INCLUDE_TRACKING_MODELS",
        "EXCLUDE_TRACKING_MODELS",
        "EXCLUDE_TRACKING_FIELDS",
    ):
        assert text.count(f"\nAUDITLOG_{name} = ") == 1, name


# What people do, and which entry must be there afterwards ---------------------------------------------------


def _logged(model: str, actor: User, since: int) -> list[LogEntry]:
    kind = ContentType.objects.get_for_model(apps.get_model(model))
    return list(LogEntry.objects.filter(pk__gt=since, content_type=kind, actor=actor))


Act = Callable[[World], tuple[str, dict[str, Any]]]
DEEDS: dict[str, tuple[str, str, Act]] = {
    "a company names another role for a colleague": (
        "company",
        "accounts.Membership",
        lambda w: (
            reverse("organisation:change_role", args=[w.own["organisation"], w.own["membership"]]),
            {"role": "viewer"},
        ),
    ),
    "an invitation is taken back": (
        "company",
        "accounts.Invitation",
        lambda w: (
            reverse("organisation:revoke_invitation", args=[w.own["organisation"], w.own["invitation"]]),
            {},
        ),
    ),
    "a member invites": (
        "company",
        "accounts.Invitation",
        lambda w: (
            reverse("organisation:invite", args=[w.own["organisation"]]),
            {"email": "new@example.test", "role": "editor"},
        ),
    ),
    "a file is removed": (
        "colleague",
        "applications.CaseDocument",
        lambda w: (reverse("cases:document_remove", args=[w.own["draft"], w.own["draft_file"]]), {}),
    ),
    "a case is withdrawn": (
        "company",
        "applications.Case",
        lambda w: (reverse("cases:withdraw", args=[w.own["submitted"]]), {"reason": "公司調整計畫"}),
    ),
    "a case begins": (
        "outsider",
        "applications.Case",
        lambda w: (reverse("cases:start", args=[w.own["slug"]]), {}),
    ),
    "a file is added": (
        "company",
        "documents.StoredFile",
        lambda w: (
            reverse("cases:document_add", args=[w.own["draft"], "D3"]),
            {"files": factories.pdf_upload()},
        ),
    ),
    "the office changes the calendar": (
        "office",
        "programs.CalendarDay",
        lambda w: (reverse("reference:day_remove", args=[w.own["day"]]), {}),
    ),
    "the office extends the window": (
        "office",
        "programs.WindowExtension",
        lambda w: (
            reverse("calls:extend", args=[w.own["slug"]]),
            {"closes_on": "120/12/31", "closes_at_time": "18:00", "reason": "系統中斷"},
        ),
    ),
    "the office takes a check": (
        "office",
        "review.QualificationCheck",
        lambda w: (reverse("office:take", args=[w.own["submitted"]]), {}),
    ),
    "a failed letter is tried again": (
        "office",
        "documents.OfficialDocument",
        lambda w: (reverse("documents:retry", args=[w.own["failed"]]), {}),
    ),
    "the administrator gives roles": (
        "administrator",
        "accounts.User",
        lambda w: (
            reverse("administrator:account_roles", args=[w.people["newcomer"].pk]),
            {"roles": [Role.objects.get(code="office").pk]},
        ),
    ),
    "the administrator disables an account": (
        "administrator",
        "accounts.User",
        lambda w: (
            reverse("administrator:account_active", args=[w.people["newcomer"].pk]),
            {"active": "0", "reason": "離職"},
        ),
    ),
    "the auditor takes the log away": (
        "auditor",
        "accounts.User",
        lambda w: (reverse("auditor:log_export"), {}),
    ),
}


@pytest.mark.parametrize("deed", DEEDS)
def test_a_write_is_logged_with_its_person(world, deed):
    who, model, act = DEEDS[deed]
    path, data = act(world)
    since = LogEntry.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    found: list[LogEntry] = []

    def look() -> None:
        found.extend(_logged(model, world.people[who], since))

    response = world.ask(who, "POST", path, data, before_rollback=look)
    assert response.status_code < 400, (response.status_code, response.text_seen[:2000])
    assert found, f"nothing of {model} was logged"
    assert all(entry.timestamp for entry in found)


def test_a_change_of_state_is_told_twice_in_the_log_and_in_the_history_of_the_case(world):
    case = Case.objects.get(pk=world.own["submitted"])
    steps = list(case.transitions.values_list("action", "actor_name"))
    assert steps == [("submit", str(world.people["company"]))]
    assert issubclass(case.transitions.model, TransitionRecord)


def test_what_beat_does_is_logged_without_a_person(db):
    day = CalendarDay.objects.create(date="2030-01-01", kind="off", name="測試日")
    entry = LogEntry.objects.get_for_object(day).get()
    assert entry.actor is None
    assert entry.timestamp
    assert personas.EVERYBODY
