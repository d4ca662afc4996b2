"""The office keeps milestones, risks and thresholds; nothing is overwritten unseen, every grading stays readable."""

from __future__ import annotations

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.urls import reverse

from core import clock
from core.rocdate import roc
from programs.models import Milestone, Risk
from programs.services.plan_editing import seen_of
from tests import personas
from tests.programs.plans import builders

pytestmark = pytest.mark.django_db


@pytest.fixture
def plan():
    return builders.make_plan()


@pytest.fixture
def office(client):
    client.force_login(personas.EVERYBODY["office"]())
    return client


@pytest.fixture
def milestone(plan):
    return Milestone.objects.create(part=builders.part(plan, "2"), year=112, text="培訓 10 人")


@pytest.fixture
def risk(plan):
    return Risk.objects.create(
        part=builders.part(plan, ""),
        code="B2",
        name="邊境管制",
        likelihood=3,
        impact=2,
        likelihood_after=3,
        impact_after=1,
        measures="延後出國",
    )


def url(name, row):
    return reverse(f"plans:{name}", args=[row.part.plan.code, row.pk])


def test_a_milestone_is_reported_with_its_day_and_note(office, milestone):
    data = {"done_on": "112/12/20", "note": "培訓 12 人", "seen": seen_of(milestone)}
    answer = office.post(url("milestone", milestone), data)
    assert answer.url == reverse("plans:part", args=[milestone.part.plan.code, "2"]) + "?year=112#milestones"
    milestone.refresh_from_db()
    assert (roc(milestone.done_on), milestone.note) == ("112/12/20", "培訓 12 人")
    assert LogEntry.objects.get_for_object(milestone).filter(action=LogEntry.Action.UPDATE).exists()


@pytest.mark.parametrize(
    ("day", "words"),
    [("tomorrow", "不能晚於今天"), ("111/12/31", "不能早於計畫起始日（112/1/1）"), ("去年", "日期看不懂")],
)
def test_an_impossible_day_is_refused_at_its_field_and_kept(office, milestone, day, words):
    if day == "tomorrow":
        day = roc(clock.today() + timedelta(days=1))
    answer = office.post(
        url("milestone", milestone), {"done_on": day, "note": "留著", "seen": seen_of(milestone)}
    )
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert day in answer.content.decode()
    assert "留著" in answer.content.decode()
    milestone.refresh_from_db()
    assert milestone.done_on is None


def test_today_and_the_first_day_of_the_plan_are_possible(office, milestone):
    for day in ("112/1/1", roc(clock.today())):
        milestone.refresh_from_db()
        answer = office.post(
            url("milestone", milestone), {"done_on": day, "note": "", "seen": seen_of(milestone)}
        )
        assert answer.status_code == 302, day


def test_somebody_else_s_change_is_not_overwritten(office, milestone):
    seen = seen_of(milestone)
    Milestone.objects.filter(pk=milestone.pk).update(note="別人寫的")
    answer = office.post(url("milestone", milestone), {"done_on": "", "note": "我寫的", "seen": seen})
    assert answer.status_code == 422
    assert "剛有別人改過" in answer.content.decode()
    milestone.refresh_from_db()
    assert milestone.note == "別人寫的"


def told(answer, words):
    """Whether a field of that name has an error, or an error says these words."""
    errors = answer.context["form"].errors
    return words in errors or any(words in text for texts in errors.values() for text in texts)


def grades(*values):
    return dict(zip(("likelihood", "impact", "likelihood_after", "impact_after"), values, strict=True))


def test_a_risk_graded_anew_keeps_its_history(office, risk):
    data = grades(2, 2, 1, 1) | {"measures": "遠距實習", "reason": "邊境已開放", "seen": seen_of(risk)}
    assert office.post(url("risk", risk), data).status_code == 302
    risk.refresh_from_db()
    assert (risk.likelihood, risk.impact_after, risk.measures) == (2, 1, "遠距實習")
    text = office.get(url("risk", risk)).content.decode()
    assert "由 高度（3 × 2），對策後中度（3 × 1） 改為 中度（2 × 2），對策後低度（1 × 1）" in text
    assert "邊境已開放" in text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (grades(2, 2, 3, 1), "對策後的可能性與影響不能高於對策前"),
        (grades(4, 2, 1, 1), "likelihood"),
        ({"reason": ""}, "reason"),
    ],
)
def test_what_is_wrong_with_a_grading_is_said_at_its_field(office, risk, change, words):
    data = grades(2, 2, 1, 1) | {"measures": "", "reason": "季檢討", "seen": seen_of(risk)} | change
    answer = office.post(url("risk", risk), data)
    assert answer.status_code == 422
    assert told(answer, words)
    risk.refresh_from_db()
    assert risk.likelihood == 3


def test_two_people_cannot_grade_the_same_risk_at_once(office, risk):
    data = grades(2, 2, 1, 1) | {"measures": "", "reason": "季檢討", "seen": seen_of(risk)}
    office.post(url("risk", risk), data)
    answer = office.post(url("risk", risk), data | grades(1, 1, 1, 1))
    assert answer.status_code == 422
    assert "剛有別人改過" in answer.content.decode()


def thresholds(plan, ahead, on_track, behind):
    return {"ahead": ahead, "on_track": on_track, "behind": behind, "seen": seen_of(plan)}


def test_thresholds_change_every_status(office, plan):
    builders.add_value(builders.add_kpi(plan, targets={112: 100}), 112, 6, 40)
    home = reverse("plans:detail", args=[plan.code])
    assert "落後" in office.get(home, {"year": 112, "month": 6}).content.decode()
    answer = office.post(reverse("plans:thresholds", args=[plan.code]), thresholds(plan, 100, 80, 60))
    assert answer.status_code == 302
    assert "符合進度" in office.get(home, {"year": 112, "month": 6}).content.decode()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ((90, 90, 70), "超前門檻要高於"),
        ((110, 70, 70), "要高於落後的門檻"),
        ((110, 90, 0), "behind"),
        (("x", 90, 70), "ahead"),
    ],
)
def test_thresholds_stand_in_order(office, plan, values, words):
    answer = office.post(reverse("plans:thresholds", args=[plan.code]), thresholds(plan, *values))
    assert answer.status_code == 422
    assert told(answer, words)
    plan.refresh_from_db()
    assert plan.ahead_percent == 110


@pytest.mark.parametrize("who", ["supervisor", "auditor"])
def test_readers_see_no_way_to_edit(client, who, milestone, risk):
    client.force_login(personas.EVERYBODY[who]())
    text = client.get(reverse("plans:detail", args=[risk.part.plan.code]), {"year": 112}).content.decode()
    assert "重新評估" not in text
    assert "狀態門檻" not in text
    assert client.post(url("risk", risk), {}).status_code == 403


def test_rows_of_another_plan_are_not_found(office, milestone):
    other = builders.make_plan("112-0000-09")
    assert office.get(reverse("plans:milestone", args=[other.code, milestone.pk])).status_code == 404
