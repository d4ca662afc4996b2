"""By hand, automatically, taken back, declared."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from accounts.services.errors import Refused
from applications.models import AvoidedReviewer, Course, Trainee
from documents.models import OutgoingMail
from review.models import Assignment, ReviewerTie
from review.selectors.assignments import plan
from review.selectors.panels import panel_page
from review.services import assignments, panels
from tests import personas
from tests.review.panel.conftest import Stage, expert


@pytest.fixture
def ready(stage: Stage) -> Stage:
    stage.seat_everybody()
    stage.add_cases()
    stage.start()
    return stage


def give(stage: Stage, profile) -> Assignment:
    return assignments.assign(seat=stage.seat(), reviewer=profile, actor=stage.office, now=stage.now)


def test_by_hand_once_and_by_mail(ready: Stage):
    first, second = give(ready, ready.profiles[1]), give(ready, ready.profiles[1])
    assert first.pk == second.pk
    letters = OutgoingMail.objects.filter(to=ready.one.email, subject__contains="請您審查")
    assert letters.count() == 1
    assert "ACME" not in letters.get().body


def _conflict(stage: Stage, kind: str) -> str:
    profile, case = stage.profiles[1], stage.case()
    if kind == "organisation":
        profile.organisation_name = "範例精密股份有限公司"
    elif kind == "ubn":
        profile.organisation_ubn = "04595257"
    elif kind == "mail":
        case.organisation.contact_email = "a@precise.com.tw"
        case.company.contact_email = "a@precise.com.tw"
        case.company.save()
        profile.user.email = "b@lab.precise.com.tw"
        profile.user.save()
    elif kind == "tie":
        ReviewerTie.objects.create(reviewer=profile, organisation_name="範例精密", note="顧問")
    elif kind == "avoided":
        AvoidedReviewer.objects.create(case=case, name="吳委員", reason="競爭關係")
    elif kind == "school":
        Trainee.objects.filter(case=case, kind="student").update(school="甲研究院")
    elif kind == "lecturer":
        Course.objects.filter(case=case).update(lecturer_affiliation="甲研究院")
    elif kind == "member":
        personas.join(profile.user, personas.acme(), "viewer")
    profile.save()
    return {
        "organisation": "任職於",
        "ubn": "統一編號",
        "mail": "網域",
        "tie": "已申報",
        "avoided": "請求委員「吳委員」迴避",
        "school": "合作單位",
        "lecturer": "合作單位",
        "member": "統一編號",
    }[kind]


KINDS = ["organisation", "ubn", "mail", "tie", "avoided", "school", "lecturer", "member"]


@pytest.mark.parametrize("kind", KINDS)
def test_each_automatic_conflict_is_refused_with_its_reason(ready: Stage, kind: str):
    words = _conflict(ready, kind)
    profile = type(ready.profiles[1]).objects.get(pk=ready.profiles[1].pk)
    with pytest.raises(Refused, match=words):
        give(ready, profile)
    page = plan(ready.panel)
    assert profile.pk not in {p.reviewer.pk for p in page.proposed}
    assert any(words in line for line in page.rows[0].barred)
    assert page.rows[0].unfilled


def test_only_accepted_members_and_never_after_recusal(ready: Stage):
    with pytest.raises(Refused, match="小組委員"):
        give(ready, expert(9))
    give(ready, ready.profiles[1])
    ready.declare(ready.one, conflict=True)
    with pytest.raises(Refused, match="已聲明迴避"):
        give(ready, ready.profiles[1])


def test_the_plan_is_balanced_explained_and_applied_as_seen(stage: Stage):
    for number in range(6):
        stage.profiles.append(expert(number, gender="male" if number % 2 else "female"))
    stage.seat_everybody()
    stage.add_cases(6)
    page = plan(stage.panel)
    assert len(page.proposed) == 18
    assert page.imbalance == 0
    assert "專長相符（智慧生產）" in page.proposed[0].explanation
    again = plan(stage.panel)
    assert page.digest == again.digest
    with pytest.raises(Refused, match="新的預覽"):
        assignments.assign_automatically(
            panel=stage.panel, digest="0" * 64, actor=stage.office, now=stage.now
        )
    rows = assignments.assign_automatically(
        panel=stage.panel, digest=page.digest, actor=stage.office, now=stage.now
    )
    assert len(rows) == 18
    assert all(r.automatic and r.explanation for r in rows)
    assert not assignments.assign_automatically(
        panel=stage.panel, digest=page.digest, actor=stage.office, now=stage.now
    )


def test_an_unfilled_slot_is_explained(ready: Stage):
    ready.profiles[1].capacity = 1
    ready.profiles[1].save()
    ready.add_cases()
    page = plan(ready.panel)
    assert page.unfilled == 1
    assert "上限" in next(r.unfilled for r in page.rows if r.unfilled)


def test_taking_back_needs_no_submission_and_gives_to_another(scoring: Stage):
    spare = expert(7)
    panels.invite(panel=scoring.panel, reviewers=[spare], actor=scoring.office, now=scoring.now)
    panels.answer_invitation(
        member=scoring.member(spare.user), accept=True, note="", actor=spare.user, now=scoring.now
    )
    scoring.submit(scoring.two)
    with pytest.raises(Refused, match="已經送出"):
        assignments.remove(
            assignment=scoring.assignment(scoring.two), reason="x", actor=scoring.office, now=scoring.now
        )
    for _ in range(2):
        assignments.replace(
            assignment=scoring.assignment(scoring.one),
            reviewer=spare,
            reason="出國",
            actor=scoring.office,
            now=scoring.now,
        )
    assert scoring.assignment(scoring.one).state == "removed"
    assert scoring.assignment(spare.user).state == "assigned"
    assert OutgoingMail.objects.filter(to=scoring.one.email, subject__contains="取消指派").count() == 1


def test_who_gets_a_case_back_declares_anew(scoring: Stage):
    assignments.remove(
        assignment=scoring.assignment(scoring.one), reason="誤", actor=scoring.office, now=scoring.now
    )
    give(scoring, scoring.profiles[1])
    row = scoring.assignment(scoring.one)
    assert row.state == "assigned"
    assert not hasattr(row, "declaration")


def test_the_signature_is_the_own_name(ready: Stage):
    give(ready, ready.profiles[1])
    with pytest.raises(Refused, match="吳委員"):
        ready.declare(ready.one, name="別人")
    row = ready.declare(ready.one, name=" 吳 委員 ")
    assert row.state == "declared"
    assert row.declaration.signed_at is not None
    ready.declare(ready.one)
    assert row.transitions.filter(action="declare").count() == 1


def test_a_conflict_recuses_and_the_office_is_told(ready: Stage):
    give(ready, ready.profiles[1])
    for _ in range(2):
        row = ready.declare(ready.one, conflict=True)
    assert row.state == "recused"
    assert OutgoingMail.objects.filter(to=ready.office.email, subject__contains="迴避").count() == 1
    page = panel_page(ready.panel)
    assert page.rows[0].missing == 3
    assert [a.reviewer_id for a in page.rows[0].gone] == [ready.profiles[1].pk]


def test_a_conflict_found_while_scoring_still_recuses(scoring: Stage):
    scoring.fill(scoring.one)
    row = scoring.declare(scoring.one, conflict=True)
    assert row.state == "recused"
    assert row.declaration.has_conflict


def test_nobody_declares_for_another(ready: Stage):
    give(ready, ready.profiles[1])
    with pytest.raises(PermissionDenied):
        assignments.declare(
            assignment=ready.assignment(ready.one),
            has_conflict=False,
            explanation="",
            signed_name="鄭委員",
            actor=ready.two,
            now=ready.now,
        )
