"""Calls of the other schemes as if they were open today, and applicants for them. Everything is invented."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import yaml

from accounts.models import Organisation
from applications.enums import Section
from applications.models import BudgetLine, Case, CaseCompany, CaseDocument, Partner
from applications.services.cases import start_case
from applications.services.sections import save_section
from core import clock
from documents.services import store_bytes
from programs.models import Call
from programs.rules.moving import moved
from programs.services import load_scheme
from review.models import (
    Assignment,
    CriterionScore,
    Panel,
    PanelCase,
    RecommendedAmount,
    ScoreSheet,
)
from tests import factories, personas
from tests.review.decision.builders import reviewers

SCHEMES = ("recruit_112", "raise", "size_band")


def call_of(name: str, **changes: Any) -> Call:
    """A published call of a scheme file, moved in time so that its window is open for ten more days."""
    now = clock.now()
    path = factories.SCHEME.parent / f"{name}.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    closes = data["window"]["closes_at"][:10]
    days = (now.date() + timedelta(days=10) - now.date().fromisoformat(closes)).days
    data = moved(data, days=days) | changes
    return load_scheme(data, actor=None, now=now, slug=data["code"])


def university(ubn: str = "22099131", name: str = "示範科技大學") -> Organisation:
    """A university with its owner; the number satisfies the checksum."""
    organisation = personas.make_organisation(ubn, name)
    organisation.kind = "university"
    organisation.save()
    if not organisation.memberships.exists():
        personas.join(personas.make_user(f"owner-{ubn}@example.test", f"承辦{ubn}"), organisation, "owner")
    return organisation


def partner_row(heads: int = 5, **values: Any) -> dict[str, Any]:
    """A partner company that takes so many."""
    return {
        "name": "示範生技股份有限公司",
        "kind": "company",
        "subject": "製程開發",
        "heads": heads,
        "months": 12,
        "practice_months": 6,
        "bonus": 90_000,
    } | values


def raise_contents(call: Call, heads: int = 10) -> dict[str, Any]:
    """Section → content of a RAISE case that no rule objects to."""
    terms = call.terms
    line = factories._line
    return {
        Section.ELIGIBILITY: {"fields": {"special_approval": None}, "rows": []},
        Section.PLAN: {
            "fields": {
                "title": "智慧機械博士級人才培訓計畫",
                **{t.key: "示範內容。" for t in terms.plan_texts},
            },
            "rows": [],
        },
        Section.PARTNERS: {"fields": {}, "rows": [partner_row(heads)]},
        Section.BUDGET: {
            "fields": {},
            "rows": [
                line("stipend", "培訓酬金", "人", heads, 60_000, 12, heads * 720_000),
                line("staff", "助理", "式", 1, heads * 280_000, 1, heads * 280_000),
                line("overhead", "管理費", "式", 1, heads * 50_000, 1, heads * 50_000),
            ],
        },
        Section.OUTCOMES: {
            "fields": {"placements-target": str(heads * 2 // 3 + 1), "placement_rate-target": "70"},
            "rows": [],
        },
    }


def raise_case(call: Call, organisation: Organisation | None = None, heads: int = 10) -> Case:
    """A complete RAISE draft of a university."""
    organisation = organisation or university()
    owner = factories._owner(organisation)
    now = clock.now()
    case = start_case(call=call, organisation=organisation, actor=owner, now=now)
    for section, content in raise_contents(call, heads).items():
        save_section(case=case, section=section, cleaned=content, base_version=0, actor=owner, now=now)
    file = store_bytes(
        content=factories.pdf_bytes("D4"), name="D4.pdf", content_type="application/pdf", actor=owner, now=now
    )
    CaseDocument.objects.create(case=case, item="D4", file=file, added_at=now, added_by=owner)
    return Case.objects.get(pk=case.pk)


def reviewed(call: Call, rows: Sequence[tuple[int, int, int]], first: int = 1) -> list[Case]:
    """Reviewed RAISE cases, one of its own university each: (score, heads asked for, heads recommended)."""
    now, terms = clock.now(), call.terms
    panel, _ = Panel.objects.get_or_create(call=call, name="第一小組", defaults={"created_at": now})
    cases = []
    for number, (score, heads, recommended) in enumerate(rows, first):
        organisation = Organisation.objects.create(
            ubn=f"{80_000_000 + number}", name=f"第{number}示範大學", kind="university"
        )
        case = Case.objects.create(
            call=call,
            terms=call.current_terms,
            organisation=organisation,
            state="reviewed",
            number=f"RAISE-{number:04d}",
            title=f"培訓計畫 {number}",
            created_at=now,
            updated_at=now,
            submitted_at=now + timedelta(seconds=number),
            received_at=now + timedelta(seconds=number),
        )
        CaseCompany.objects.create(
            case=case,
            name=organisation.name,
            city="臺中市",
            township="西屯區",
            contact_email=f"u{number}@x.test",
        )
        Partner.objects.create(case=case, **partner_row(heads))
        BudgetLine.objects.create(
            case=case, account="staff", item="培訓", quantity=heads, unit_price=1_050_000, months=1,
            subsidy=heads * 1_050_000,
        )  # fmt: skip
        seat = PanelCase.objects.create(panel=panel, case=case, state="closed", closed_at=now)
        for expert in reviewers(2):
            assignment = Assignment.objects.create(
                panel_case=seat, reviewer=expert, state="submitted", assigned_at=now, submitted_at=now
            )
            sheet = ScoreSheet.objects.create(
                assignment=assignment, saved_at=now, recommends=True, comment_for_applicant="請補充實習輔導。"
            )
            CriterionScore.objects.bulk_create(
                CriterionScore(sheet=sheet, criterion=c.id, score=score) for c in terms.criteria
            )
            RecommendedAmount.objects.create(sheet=sheet, account="heads", amount=recommended)
        cases.append(case)
    return cases
