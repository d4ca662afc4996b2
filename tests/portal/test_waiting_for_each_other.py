"""The second of two people waits for the first one's lock, and must then go by what the first has done."""

from __future__ import annotations

from datetime import timedelta

import pytest

from accounts.models import Membership, Role, User
from accounts.services import administration, members
from applications.models import Case, CaseLetter, CaseOutcome, CaseWindowExtension
from applications.services import outcome, submission, versions, windows
from core import clock
from documents import contexts, samples, services
from documents.services import load_letter_templates, rendering
from programs import tryouts
from programs.models import Call, KpiValue, TryOut
from programs.selectors.drafts import read_draft
from programs.services import kpis
from review.models import DecisionMeeting, MeetingCase
from review.services import confirmation, meetings, outgoing
from tests import factories, personas
from tests.applications.views.test_newer_terms import newer
from tests.programs.designer.test_tryouts import draft_with
from tests.programs.plans.builders import add_kpi, make_plan
from tests.races import held, needs_row_locks
from tests.review.decision.builders import keep_record, open_with, reviewed_cases
from tests.review.decision.test_confirmation import adopt, confirm
from tests.schemes import stage

pytestmark = needs_row_locks


@pytest.fixture(autouse=True)
def _nothing_is_typeset(monkeypatch):
    monkeypatch.setattr("documents.tasks.deliver", lambda *args: None)


# ---- accounts ------------------------------------------------------------------------------------


def administrators() -> tuple[User, User]:
    first = personas.make_administrator()
    return first, personas.make_user("admin2@example.test", "另一位管理員", roles=("administrator",))


def test_two_administrators_cannot_disable_each_other(transactional_db):
    first, second = administrators()

    def disable(user, actor):
        administration.set_active(user=user, active=False, reason="x", actor=actor, now=clock.now())

    with held(lambda: disable(second, first)) as begin:
        said = begin(lambda: disable(first, second))
    assert said == ["Refused"]
    assert User.objects.filter(is_active=True, roles__code="administrator").count() == 1


def test_two_administrators_cannot_take_the_role_from_each_other(transactional_db):
    first, second = administrators()
    office = Role.objects.filter(code="office")

    def demote(user, actor):
        administration.set_roles(user=user, roles=office, actor=actor, now=clock.now())

    with held(lambda: demote(second, first)) as begin:
        said = begin(lambda: demote(first, second))
    assert said == ["Refused"]
    assert User.objects.filter(roles__code="administrator").count() == 1


def test_an_owner_who_was_just_removed_removes_nobody(transactional_db):
    company, organisation = personas.make_company(), personas.acme()
    other, third = (
        personas.join(personas.make_user(f"o{n}@example.test", f"擁有者{n}"), organisation, "owner")
        for n in range(2)
    )
    assert other.organisation_roles, "read before the wait"
    mine, theirs = (Membership.objects.get(user=user) for user in (company, other))
    with held(lambda: members.remove_member(membership=theirs, actor=third, now=clock.now())) as begin:
        said = begin(lambda: members.remove_member(membership=mine, actor=other, now=clock.now()))
    assert said == ["PermissionDenied"]
    assert Membership.objects.filter(user=company).exists()


def test_who_accepts_an_invitation_while_an_owner_lets_them_in_is_a_member_once(transactional_db):
    owner, person, organisation = personas.make_company(), personas.make_newcomer(), personas.acme()
    request = members.request_to_join(organisation=organisation, message="", actor=person, now=clock.now())
    invitation = members.invite(
        organisation=organisation, email=person.email, role="viewer", actor=owner, now=clock.now()
    )

    def let_in():
        members.answer_join_request(request=request, accept=True, role="editor", actor=owner, now=clock.now())

    with held(let_in) as begin:
        said = begin(lambda: members.accept_invitation(token=invitation.token, actor=person, now=clock.now()))
    assert said == [Membership.objects.get(user=person)]


# ---- applications --------------------------------------------------------------------------------


def test_a_case_handed_in_while_a_colleague_moves_it_to_newer_terms(transactional_db):
    call = factories.make_call()
    case, company = factories.make_case(call=call), personas.make_company()
    colleague = personas.make_colleague()
    newer(call, 120)
    token = submission.confirmation_token(case=case, now=factories.now())

    def move():
        versions.move_to_newer_terms(case=Case.objects.get(), version=2, actor=colleague, now=factories.now())

    with held(move) as begin:
        said = begin(
            lambda: submission.submit(case=case, token=token, actor=company, now=factories.now()).kind
        )
    assert said == ["initial"]
    assert Case.objects.get().terms.version == 2


def test_a_double_click_extends_a_case_once(transactional_db):
    case, office = factories.make_case(), personas.make_office()

    def extend():
        windows.extend_case_window(
            case=case,
            closes_at=case.call.effective_closes_at + timedelta(days=3),
            reason="天災",
            actor=office,
            now=factories.now(),
        )

    with held(extend) as begin:
        said = begin(extend)
    assert said == ["ValidationError"]
    assert CaseWindowExtension.objects.count() == 1


# ---- the decision --------------------------------------------------------------------------------


def test_two_lists_renewed_at_once_never_hold_the_same_case(transactional_db):
    first = open_with([90])
    second = open_with([80], call=first.call, name="第 2 次決審會議", first=2)
    reviewed_cases([70], call=first.call, first=3)
    office = personas.make_office()

    def renew(meeting: DecisionMeeting):
        meetings.refresh(
            meeting=DecisionMeeting.objects.get(pk=meeting.pk), actor=office, now=factories.now()
        )

    with held(lambda: renew(first)) as begin:
        begin(lambda: renew(second))
    held_cases = list(MeetingCase.objects.values_list("case", flat=True))
    assert len(held_cases) == len(set(held_cases)) == 3


@pytest.fixture
def decided(transactional_db) -> DecisionMeeting:
    """20 heads shared out; the fourth is on the reserve list."""
    load_letter_templates(now=clock.now())
    call = stage.call_of("raise", envelope=20)
    stage.reviewed(call, [(95, 10, 9), (90, 8, 8), (85, 6, 6), (80, 5, 5), (60, 5, 5)])
    meeting = meetings.open_meeting(call=call, name="複審會議", actor=personas.make_office(), now=clock.now())
    return confirm(adopt(keep_record(meeting)))


def give_back(number: int, amount: int) -> str:
    case = Case.objects.get(number=f"RAISE-{number:04d}")
    outcome.give_back(case=case, amount=amount, reason="放棄", actor=personas.make_office(), now=clock.now())
    return "given back"


def refill(call: Call) -> DecisionMeeting:
    give_back(2, 8)
    meeting = meetings.open_meeting(call=call, name="遞補會議", actor=personas.make_office(), now=clock.now())
    return adopt(keep_record(meeting))


def test_a_place_given_up_while_it_is_filled_up_is_one_or_the_other(decided):
    refilling, boss = refill(decided.call), personas.make_supervisor()

    def fill_up():
        confirmation.confirm(
            meeting=DecisionMeeting.objects.get(pk=refilling.pk), actor=boss, now=clock.now()
        )

    with held(lambda: give_back(4, 0)) as begin:
        said = begin(fill_up)
    assert said == ["AdoptionRefused"]
    row = CaseOutcome.objects.select_related("case").get(case__number="RAISE-0004")
    assert (row.case.state, row.result, row.granted) == ("forfeited", "forfeited", 0)


def test_what_is_given_back_while_it_is_filled_up_waits(decided):
    refilling, boss = refill(decided.call), personas.make_supervisor()
    with held(lambda: confirmation.confirm(meeting=refilling, actor=boss, now=clock.now())) as begin:
        said = begin(lambda: give_back(4, 0))
    assert said == ["ValidationError"], "it has got heads meanwhile"
    row = CaseOutcome.objects.select_related("case").get(case__number="RAISE-0004")
    assert (row.case.state, row.result) == ("approved", "approved")
    assert row.granted


def test_no_approval_goes_out_to_who_gives_it_up_in_the_same_moment(decided):
    office, case = personas.make_office(), Case.objects.get(number="RAISE-0001")

    def issue():
        outgoing.issue_letters(
            meeting=DecisionMeeting.objects.get(pk=decided.pk), kind="approval", cases=[case.pk],
            actor=office, now=clock.now(),
        )  # fmt: skip

    with held(lambda: give_back(1, 9)) as begin:
        said = begin(issue)
    assert said == ["ValidationError"]
    assert not CaseLetter.objects.filter(case=case, document__kind="approval").exists()
    assert CaseOutcome.objects.get(case=case).sign_by is None


# ---- programs and documents ----------------------------------------------------------------------


def test_no_value_slips_into_a_period_that_is_being_locked(transactional_db):
    plan, office = make_plan(), personas.make_office()
    kpi = add_kpi(plan, targets={114: 1})
    now = factories.now().replace(year=2025, month=7, day=20)

    def report():
        entry = kpis.Entry(kpis.Reported(value=5, note="", cause="", remedy=""), 0)
        kpis.report_values(plan=plan, year=114, period=6, entries={kpi.pk: entry}, actor=office, now=now)

    with held(lambda: kpis.lock_period(plan=plan, year=114, period=6, actor=office, now=now)) as begin:
        said = begin(report)
    assert said == ["ReportRefused"]
    assert not KpiValue.objects.exists()


def test_a_double_click_tries_a_draft_once(transactional_db):
    call = factories.make_call()
    factories.make_case(call=call, state="submitted")
    draft, office = draft_with(call, "T3", minimum=120), personas.make_office()
    data = read_draft(draft).data

    def ask():
        return tryouts.ask(draft=draft, data=data, call=call, actor=office, now=factories.now())

    with held(ask) as begin:
        said = begin(ask)
    assert said == [TryOut.objects.get()]


def test_a_batch_retried_by_two_people_is_retried_once(transactional_db, monkeypatch):
    now, office = factories.now(), personas.make_office()
    load_letter_templates(now=now)
    request = services.LetterRequest(samples.context("return", today=now.date()), contexts.Recipient("公司"))
    batch = services.request_batch(title="退件", requests=[request], actor=office, now=now, numbered="產發")
    monkeypatch.setattr(rendering, "typeset", lambda row: 1 / 0)
    while services.render_document(pk=str(batch.documents.get().pk), now=now) != "failed":
        pass

    def retry():
        return services.retry_batch(batch=batch, actor=office, now=now)

    with held(retry) as begin:
        said = begin(retry)
    assert said == [0]
    assert batch.documents.get().state == "pending"
