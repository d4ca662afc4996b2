"""Pool, panels, invitations, cases, start."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied

from accounts.models import User
from accounts.services.errors import Refused
from applications.models import Case
from documents.models import OutgoingMail
from programs.services.budgets import set_promulgated
from review.models import PanelCase, PanelMember, ReviewerProfile
from review.selectors import panels as selectors
from review.services import panels, pool
from tests import factories, personas
from tests.review.panel.conftest import Stage, expert

PROFILE = {
    "title": "教授",
    "organisation_name": "示範大學",
    "organisation_ubn": "",
    "gender": "female",
    "field": "智慧製造",
    "capacity": 20,
}


def add(office: User, email: str = "new@school.test", **changes) -> ReviewerProfile:
    values = {
        "name": "新委員",
        "profile": PROFILE,
        "skills": ["iot", "iot"],
        "ties": [pool.TieData("某公司")],
    }
    return pool.add_reviewer(email=email, actor=office, now=factories.now(), **(values | changes))


def test_a_new_expert_gets_an_account_and_a_link_to_set_the_password(
    office, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        row = add(office)
    assert row.user.has_permission("score.write")
    assert not row.user.has_usable_password()
    assert [s.job_role for s in row.skills.all()] == ["iot"]
    letter = OutgoingMail.objects.get(to="new@school.test")
    link = next(line for line in letter.body.splitlines() if "/accounts/password/reset/key/" in line)
    page = personas.client_for(None).get(link[link.index("/accounts/") :], follow=True)
    assert page.status_code == 200
    assert len(mail.outbox) == 1


def test_the_same_address_twice_and_staff_are_refused(office, supervisor):
    add(office)
    with pytest.raises(Refused, match="已經在委員庫"):
        add(office, email="NEW@school.test")
    with pytest.raises(Refused, match="不能擔任審查委員"):
        add(office, email=supervisor.email)


def test_only_those_who_manage_panels_touch_the_pool(reviewer, company):
    for user in (reviewer, company):
        with pytest.raises(PermissionDenied):
            add(user)


def test_an_expert_with_open_cases_stays_in_the_pool(scoring: Stage):
    with pytest.raises(Refused, match="還有 1 件"):
        pool.set_in_pool(
            reviewer=scoring.profiles[1], active=False, reason="x", actor=scoring.office, now=scoring.now
        )


def test_who_is_out_of_the_pool_is_not_invited(stage: Stage):
    row = pool.set_in_pool(
        reviewer=stage.profiles[1], active=False, reason="退休", actor=stage.office, now=stage.now
    )
    with pytest.raises(Refused, match="已停用"):
        panels.invite(panel=stage.panel, reviewers=[row], actor=stage.office, now=stage.now)


def test_inviting_twice_writes_once_and_declining_can_be_asked_again(stage: Stage):
    profile = stage.profiles[1]
    for _ in range(2):
        panels.invite(panel=stage.panel, reviewers=[profile], actor=stage.office, now=stage.now)
    assert OutgoingMail.objects.filter(to=stage.one.email).count() == 1
    member = stage.member(stage.one)
    for _ in range(2):
        panels.answer_invitation(member=member, accept=False, note="出國", actor=stage.one, now=stage.now)
    assert PanelMember.objects.get(pk=member.pk).note == "出國"
    assert OutgoingMail.objects.filter(to=stage.office.email).count() == 1
    (again,) = panels.invite(panel=stage.panel, reviewers=[profile], actor=stage.office, now=stage.now)
    assert again.pk == member.pk
    assert again.state == "invited"


def test_nobody_answers_for_somebody_else(stage: Stage):
    panels.invite(panel=stage.panel, reviewers=[stage.profiles[1]], actor=stage.office, now=stage.now)
    with pytest.raises(PermissionDenied):
        panels.answer_invitation(
            member=stage.member(stage.one), accept=True, note="", actor=stage.two, now=stage.now
        )


def test_a_panel_has_one_chair_who_gets_and_loses_the_role(stage: Stage):
    stage.seat_everybody()
    assert stage.chair.has_permission("panel.chair")
    panels.set_chair(member=stage.member(stage.one), actor=stage.office, now=stage.now)
    stage.refresh_users()
    assert stage.one.has_permission("panel.chair")
    assert not stage.chair.has_permission("panel.chair")
    assert stage.chair.has_permission("score.write")
    assert PanelMember.objects.filter(panel=stage.panel, is_chair=True).count() == 1


def test_the_chair_has_to_have_accepted(stage: Stage):
    panels.invite(panel=stage.panel, reviewers=[stage.profiles[0]], actor=stage.office, now=stage.now)
    with pytest.raises(Refused, match="已接受"):
        panels.set_chair(member=stage.member(stage.chair), actor=stage.office, now=stage.now)


def _gender_panel(stage: Stage, women: int, men: int):
    people = [expert(n, gender="female") for n in range(women)]
    people += [expert(50 + n, gender="male") for n in range(men)]
    panels.invite(panel=stage.panel, reviewers=people, actor=stage.office, now=stage.now)
    for member in stage.panel.members.select_related("reviewer__user"):
        panels.answer_invitation(
            member=member, accept=True, note="", actor=member.reviewer.user, now=stage.now
        )
    panels.set_chair(member=stage.panel.members.first(), actor=stage.office, now=stage.now)
    stage.add_cases()


def test_one_of_three_of_a_gender_is_enough(stage: Stage):
    _gender_panel(stage, women=1, men=2)
    stage.start()
    assert stage.panel.state == "scoring"


def test_one_of_four_needs_a_recorded_reason(stage: Stage):
    _gender_panel(stage, women=1, men=3)
    with pytest.raises(Refused, match="1/3"):
        stage.start()
    panels.update_panel(
        panel=stage.panel,
        name="第一組",
        due_on=stage.panel.due_on,
        gender_reason="該領域女性專家均須迴避",
        actor=stage.office,
        now=stage.now,
    )
    stage.start()
    assert stage.panel.state == "scoring"


def test_those_who_have_not_accepted_do_not_count_for_the_start(stage: Stage):
    """Two women invited beside three men who accepted: the third is not reached before they accept."""
    men = [expert(n, gender="male") for n in range(3)]
    women = [expert(30 + n, gender="female") for n in range(2)]
    panels.invite(panel=stage.panel, reviewers=men + women, actor=stage.office, now=stage.now)
    for member in stage.panel.members.filter(reviewer__in=men):
        panels.answer_invitation(
            member=member, accept=True, note="", actor=member.reviewer.user, now=stage.now
        )
    panels.set_chair(
        member=stage.panel.members.filter(state="accepted").first(), actor=stage.office, now=stage.now
    )
    stage.add_cases()
    with pytest.raises(Refused, match="1/3"):
        stage.start()


def test_everything_that_is_missing_is_named_at_once(stage: Stage):
    problems = selectors.start_blockers(stage.panel, [], 0)
    text = "".join(problems)
    for word in ("每案需 3 位", "召集人", "初審符合"):
        assert word in text


def test_start_moves_every_case_once_and_asks_for_the_book(stage: Stage):
    stage.seat_everybody()
    stage.add_cases(2)
    stage.start()
    stage.start()
    assert set(Case.objects.values_list("state", flat=True)) == {"in_review"}
    for seat in PanelCase.objects.all():
        assert seat.book is not None
        assert seat.case.transitions.filter(action="start_review").count() == 1


def test_a_case_added_later_goes_into_review_at_once(scoring: Stage):
    (seat,) = scoring.add_cases()
    assert Case.objects.get(pk=seat.case_id).state == "in_review"
    assert PanelCase.objects.get(pk=seat.pk).book is not None


@pytest.mark.parametrize("state", ["submitted", "returned", "reviewed"])
def test_only_qualified_cases_come_before_a_panel(stage: Stage, state: str):
    case = factories.make_case(state=state, call=stage.call, documents=False)
    with pytest.raises(Refused, match="只有初審符合"):
        panels.add_cases(panel=stage.panel, cases=[case], actor=stage.office, now=stage.now)


def test_a_case_belongs_to_one_panel_of_its_own_call(stage: Stage):
    case = factories.make_case(state="qualified", call=stage.call, documents=False)
    other = panels.create_panel(
        call=stage.call, name="第二組", due_on=None, actor=stage.office, now=stage.now
    )
    for _ in range(2):
        panels.add_cases(panel=stage.panel, cases=[case], actor=stage.office, now=stage.now)
    with pytest.raises(Refused, match="已經在「第一組」"):
        panels.add_cases(panel=other, cases=[case], actor=stage.office, now=stage.now)
    elsewhere = factories.make_call(slug="other-call")
    foreign = panels.create_panel(call=elsewhere, name="別組", due_on=None, actor=stage.office, now=stage.now)
    fresh = factories.make_case(state="qualified", call=stage.call, documents=False)
    with pytest.raises(Refused, match="另一個徵案"):
        panels.add_cases(panel=foreign, cases=[fresh], actor=stage.office, now=stage.now)


def test_members_of_the_company_do_not_handle_its_case(stage: Stage):
    case = factories.make_case(state="qualified", call=stage.call, documents=False)
    insider = personas.join(stage.office, personas.acme(), "viewer")
    with pytest.raises(PermissionDenied, match="迴避"):
        panels.add_cases(panel=stage.panel, cases=[case], actor=insider, now=stage.now)


def test_the_name_of_a_panel_is_unique_in_its_call(stage: Stage):
    with pytest.raises(Refused, match="換一個名稱"):
        panels.create_panel(call=stage.call, name="第一組", due_on=None, actor=stage.office, now=stage.now)


def test_before_the_national_budget_is_promulgated_no_review_starts(stage: Stage):
    """114 註4: review starts only afterwards."""
    stage.seat_everybody()
    stage.add_cases()
    set_promulgated(call=stage.panel.call, promulgated=False)
    with pytest.raises(Refused, match="總預算尚未公布"):
        stage.start()
    set_promulgated(call=stage.panel.call, promulgated=True)
    stage.start()
    assert set(Case.objects.values_list("state", flat=True)) == {"in_review"}
