"""Reviewed cases in bulk: companies, budgets, trainees and handed-in sheets, without going through the pages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from accounts.models import Organisation, User
from applications.models import BudgetLine, Case, CaseCompany, Trainee
from programs.models import Call
from review.models import (
    Assignment,
    CriterionScore,
    DecisionMeeting,
    Panel,
    PanelCase,
    RecommendedAmount,
    ReviewerProfile,
    ScoreSheet,
)
from review.services import meetings
from tests import personas
from tests.factories import make_call, now, plan_end

ACCOUNTS = ("personnel", "operations", "equipment")
REQUEST = (500_000, 300_000, 100_000)
CRITERIA = ("R1", "R2", "R3", "R4")


def reviewers(count: int = 2) -> list[ReviewerProfile]:
    """Experts of the pool, found again by their number."""
    profiles = []
    for number in range(count):
        user = personas.make_user(f"expert{number}@example.test", f"專家{number}", roles=("reviewer",))
        profile, _ = ReviewerProfile.objects.get_or_create(
            user=user, defaults={"organisation_name": "示範大學", "gender": "female"}
        )
        profiles.append(profile)
    return profiles


def reviewed_cases(
    scores: Sequence[int],
    *,
    call: Call | None = None,
    request: Sequence[int] = REQUEST,
    recommended: Sequence[int] | None = None,
    students: int = 10,
    companies: int | None = None,
    experts: int = 2,
    first: int = 1,
) -> list[Case]:
    """One reviewed case for each score, best first if the scores fall; each of its own company.

    ``companies``: so many share them. The company share equals the request, so B2 holds exactly.
    """
    call = call or make_call()
    moment = now()
    organisations = Organisation.objects.bulk_create(
        Organisation(
            ubn=f"{first * 10 + n:08d}",
            name=f"第{first + n}示範精密工業股份有限公司",
            contact_email=f"c{first + n}@example.test",
        )
        for n in range(companies or len(scores))
    )
    cases = Case.objects.bulk_create(
        Case(
            call=call,
            terms=call.current_terms,
            organisation=organisations[n % len(organisations)],
            state="reviewed",
            number=f"{call.slug.upper()}-{first + n:04d}",
            title=f"智慧生產人才培育計畫 {first + n}",
            ends_on=plan_end(),
            created_at=moment,
            updated_at=moment,
            submitted_at=moment + timedelta(seconds=n),
            received_at=moment + timedelta(seconds=n),
        )
        for n in range(len(scores))
    )
    CaseCompany.objects.bulk_create(
        CaseCompany(
            case=case,
            name=case.organisation.name,
            city="臺中市",
            township="西屯區",
            address="工業區一路 1 號",
            postal_code="407",
            representative="林示範",
            contact_email=case.organisation.contact_email,
        )
        for case in cases
    )
    BudgetLine.objects.bulk_create(
        BudgetLine(
            case=case,
            account=account,
            item="項目",
            unit="式",
            quantity=1,
            unit_price=2 * amount,
            months=1,
            subsidy=amount,
        )
        for case in cases
        for account, amount in zip(ACCOUNTS, request, strict=True)
    )
    Trainee.objects.bulk_create(
        Trainee(case=case, kind="student", name=f"學生{n}") for case in cases for n in range(students)
    )
    panel, _ = Panel.objects.get_or_create(call=call, name="第一小組", defaults={"created_at": moment})
    panel_cases = PanelCase.objects.bulk_create(
        PanelCase(panel=panel, case=case, state="closed", closed_at=moment) for case in cases
    )
    pool = reviewers(experts)
    assignments = Assignment.objects.bulk_create(
        Assignment(
            panel_case=item, reviewer=expert, state="submitted", assigned_at=moment, submitted_at=moment
        )
        for item in panel_cases
        for expert in pool
    )
    sheets = ScoreSheet.objects.bulk_create(
        ScoreSheet(
            assignment=assignment,
            saved_at=moment,
            recommends=True,
            comment_for_applicant=f"請補充評量方式 {assignment.panel_case.case.number}",
            comment_for_panel="僅供小組參考，執行力普通",
        )
        for assignment in assignments
    )
    by_case = dict(zip([case.pk for case in cases], scores, strict=True))
    CriterionScore.objects.bulk_create(
        CriterionScore(
            sheet=sheet, criterion=code, score=Decimal(by_case[sheet.assignment.panel_case.case_id])
        )
        for sheet in sheets
        for code in CRITERIA
    )
    RecommendedAmount.objects.bulk_create(
        RecommendedAmount(sheet=sheet, account=account, amount=amount)
        for sheet in sheets
        for account, amount in zip(ACCOUNTS, recommended or request, strict=True)
    )
    return cases


def open_with(
    scores: Sequence[int], *, name: str = "第 1 次決審會議", actor: User | None = None, **kwargs: Any
) -> DecisionMeeting:
    """A meeting over fresh reviewed cases."""
    call = kwargs.pop("call", None) or make_call()
    reviewed_cases(scores, call=call, **kwargs)
    return meetings.open_meeting(call=call, name=name, actor=actor or personas.make_office(), now=now())


def keep_record(meeting: DecisionMeeting, actor: User | None = None, **changes: Any) -> DecisionMeeting:
    """Fill the record, so that a scenario can be adopted."""
    from datetime import time

    fields = {
        "held_on": now().date(),
        "held_time": time(14, 0),
        "place": "計畫辦公室第一會議室",
        "chaired_by": "方召集人",
        "recorded_by": "周承辦",
        "minutes_text": "依名次與經費額度討論，第三案因經費用罄未能核列。",
    } | changes
    return meetings.save_record(
        meeting=meeting,
        fields=fields,
        attendance=[
            {"name": "方召集人", "title": "示範科技大學教授", "present": True},
            {"name": "葉委員", "title": "示範公會", "present": False},
        ],
        base_version=meeting.record_version,
        actor=actor or personas.make_office(),
        now=now(),
    )
