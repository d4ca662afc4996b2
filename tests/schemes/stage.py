"""Calls of the other schemes as if they were open today, and applicants for them. Everything is invented."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import yaml

from accounts.models import Organisation
from applications.enums import Section
from applications.models import Case, CaseDocument
from applications.services.cases import start_case
from applications.services.sections import save_section
from core import clock
from documents.services import store_bytes
from programs.models import Call
from programs.rules.moving import moved
from programs.services import load_scheme
from tests import factories, personas

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
