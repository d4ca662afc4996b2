"""Calls and cases for tests, made by the real services where that is cheap.

``make_call()`` is open for ten days before and after ``NOW``. ``make_case()`` is a complete, valid draft of
``acme()``; ``state=…`` takes it further along its way, ``valid=False`` leaves it empty.
"""

from __future__ import annotations

import copy
from datetime import date, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import yaml
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Organisation, User
from applications.enums import CaseState, Section
from applications.models import Case, CaseCompany, CaseDocument, CaseEligibility, SectionState, Submission
from applications.selectors import facts
from applications.services.cases import start_case
from applications.services.sections import save_section
from applications.workflow import CASE
from core import clock, workflow
from core.rocdate import TAIPEI
from documents.services import store_bytes
from programs.models import Call
from programs.rules.casefile import to_json
from programs.services import load_scheme
from tests import personas

SCHEME = Path(__file__).resolve().parents[1] / "fixtures" / "schemes" / "ipas_114.yaml"


@cache
def _scheme() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load(SCHEME.read_text(encoding="utf-8"))
    return data


def scheme(**changes: Any) -> dict[str, Any]:
    """The terms of the 114 call as fresh data; ``changes`` replace top-level keys."""
    return copy.deepcopy(_scheme()) | changes


def now() -> datetime:
    """The present moment, as the pages see it."""
    return clock.now()


def make_call(
    *,
    slug: str = "ipas-114",
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    actor: User | None = None,
    publish: bool = True,
    **changes: Any,
) -> Call:
    """A published call with the 114 terms whose window is open now; execution may end a year from now.

    The same slug again returns the same call. ``changes`` replace top-level keys of the terms.
    """
    present = now()
    opens_at = opens_at or present - timedelta(days=10)
    closes_at = closes_at or present + timedelta(days=10)
    data = scheme(**changes)
    data["code"] = slug
    data["window"] = {"opens_at": opens_at.isoformat(), "closes_at": closes_at.isoformat()}
    for rule in data["rules"]:
        if rule["id"] == "T5":
            rule["params"]["latest_end"] = plan_end().isoformat()
    return load_scheme(data, slug=slug, actor=actor, now=present, publish=publish)


def plan_end() -> date:
    """The last day of execution in ``make_call()``."""
    return now().date() + timedelta(days=200)


def student(number: int = 1, **values: Any) -> dict[str, Any]:
    """One student's row that meets every rule."""
    return {
        "name": f"學生{number:02d}",
        "kind": "student",
        "gender": "female" if number % 2 else "male",
        "school": "示範科技大學",
        "department": "機械工程系",
        "level": "university4",
        "post": "",
        "job_role": "smart_production",
        "planned_hours": 120,
        "hourly_wage": 260,
        "monthly_wage": None,
        "insured": True,
    } | values


def employee(number: int = 1, **values: Any) -> dict[str, Any]:
    """One employee's row that meets every rule."""
    return (
        student(
            number,
            name=f"員工{number:02d}",
            kind="employee",
            school="",
            department="",
            level="",
            post="製程工程師",
            hourly_wage=None,
            monthly_wage=42000,
        )
        | values
    )


def contents(call: Call, *, students: int = 4, employees: int = 2, subsidy: int = 400_000) -> dict[str, Any]:
    """Section → content (the shape of ``selectors.content``) of a case that no rule objects to."""
    terms = call.terms
    starts, ends = plan_end() - timedelta(days=120), plan_end()
    half = subsidy // 2
    return {
        Section.ELIGIBILITY: {
            "fields": {
                "founded_on": date(2005, 6, 1),
                "bank_rejected": False,
                "net_worth": 52_000_000,
                "net_worth_basis": "cpa_report",
                "positive_after_increase": False,
                "serves_manufacturing": None,
                "public_servant_related": False,
            },
            "rows": [],
        },
        Section.PLAN: {
            "fields": {
                "title": "精密加工智慧生產人才培育計畫",
                **{item.key: f"{item.label}：以產線專案帶領學員實作。" for item in terms.plan_texts},
            },
            "rows": [],
        },
        Section.TRAINEES: {
            "fields": {},
            "rows": [student(n + 1) for n in range(students)] + [employee(n + 1) for n in range(employees)],
        },
        Section.COURSES: {
            "fields": {},
            "rows": [
                _course("智慧生產導論", "lecture", 40),
                _course("產線數據專案實作", "practice", 80),
            ],
        },
        Section.SCHEDULE: {
            "fields": {"starts_on": starts, "ends_on": ends},
            "rows": [
                {
                    "name": "課程講授",
                    "starts_on": starts,
                    "ends_on": starts + timedelta(days=50),
                    "checkpoint": "完成 40 小時課程",
                },
                {
                    "name": "專案實作與報考",
                    "starts_on": starts + timedelta(days=51),
                    "ends_on": ends,
                    "checkpoint": "完成專案並報考 iPAS",
                },
            ],
        },
        Section.BUDGET: {
            "fields": {},
            "rows": [
                _line("personnel", "學生薪資", "人", 4, 125_000, 2, half),
                _line("operations", "講師鐘點費", "小時", 120, 2_000, 1, subsidy - half - 50_000),
                _line("operations", "教材費", "式", 1, 160_000, 1, 0),
                _line("equipment", "軟體使用費", "月", 1, 50_000, 2, 50_000),
            ],
        },
        Section.OUTCOMES: {
            "fields": {
                f"{item.key}-{column}": {"baseline": "0", "target": _target(item.key), "note": ""}[column]
                for item in terms.outcomes
                for column in ("baseline", "target", "note")
                if item.required or item.key == "starting_pay_bachelor"
            },
            "rows": [],
        },
        Section.ADVANTAGES: {
            "fields": {
                "university_cooperation-claimed": True,
                "university_cooperation-note": "與示範科技大學簽訂產學合作",
            },
            "rows": [],
        },
        Section.OTHER_FUNDING: {"fields": {"none": True}, "rows": []},
        Section.AVOID_REVIEWERS: {
            "fields": {},
            "rows": [{"name": "郭迴避", "organisation": "競爭股份有限公司", "reason": "任職於同業"}],
        },
    }


def _target(key: str) -> str:
    return {"starting_pay_bachelor": "41000", "retention_rate": "80"}.get(key, "6")


def _course(name: str, kind: str, hours: int) -> dict[str, Any]:
    return {
        "name": name,
        "kind": kind,
        "hours": hours,
        "site": "臺中廠二樓實作教室",
        "lecturer": "馬講師",
        "lecturer_affiliation": "outside",
        "fee_per_hour": 2000,
    }


def _line(
    account: str, item: str, unit: str, quantity: int, price: int, months: int, subsidy: int
) -> dict[str, Any]:
    return {
        "account": account,
        "item": item,
        "unit": unit,
        "quantity": quantity,
        "unit_price": price,
        "months": months,
        "subsidy": subsidy,
    }


def make_case(
    *,
    state: str = CaseState.DRAFT,
    valid: bool = True,
    call: Call | None = None,
    organisation: Organisation | None = None,
    actor: User | None = None,
    documents: bool = True,
    **amounts: int,
) -> Case:
    """A case of ``acme()`` (or ``organisation`` with its ``actor``), in any state.

    ``amounts`` go to :func:`contents`. States after ``draft`` are reached by the table of transitions with
    a number and a bare submission; use the services themselves where those are what is tested.
    """
    call = call or make_call()
    actor = actor or (personas.make_company() if organisation is None else _owner(organisation))
    organisation = organisation or personas.acme()
    moment = now()
    if valid and documents is not None and Case.objects.filter(call=call, organisation=organisation).exists():
        case = _second_case(call, organisation, actor, moment)
    else:
        case = start_case(call=call, organisation=organisation, actor=actor, now=moment)
    if valid:
        for section, content in contents(call, **amounts).items():
            save_section(case=case, section=section, cleaned=content, base_version=0, actor=actor, now=moment)
        if documents:
            for code in ("D4", "D6", "D7"):
                make_document(case, code, actor=actor)
    case = Case.objects.get(pk=case.pk)
    return case if state == CaseState.DRAFT else advance(case, state, actor=actor)


def _owner(organisation: Organisation) -> User:
    member = organisation.memberships.first()
    if member is not None:
        return User.objects.get(pk=member.user_id)
    return personas.join(
        personas.make_user(f"owner-{organisation.ubn}@example.test", f"業主{organisation.ubn}"),
        organisation,
        "owner",
    )


def _second_case(call: Call, organisation: Organisation, actor: User, moment: datetime) -> Case:
    """One more case of the same company: a draft besides a draft is only for tests of lists and caps."""
    case = Case.objects.create(
        call=call,
        terms=call.current_terms,
        organisation=organisation,
        created_by=actor,
        created_at=moment,
        updated_at=moment,
    )
    names = ("name", "postal_code", "city", "township", "address", "heads", "representative")
    names += ("contact_name", "contact_phone", "contact_email")
    CaseCompany.objects.create(
        case=case, business_codes="CC01080", **{name: getattr(organisation, name) for name in names}
    )
    CaseEligibility.objects.create(case=case)
    SectionState.objects.create(case=case, section=Section.COMPANY, version=1, saved_at=moment)
    return case


def make_document(
    case: Case, item: str = "D4", *, name: str = "", actor: User | None = None, content: bytes = b""
) -> CaseDocument:
    """A stored PDF for a document item, without the inspection that an upload goes through."""
    moment = now()
    stored = store_bytes(
        content=content or pdf_bytes(item),
        name=name or f"{item}.pdf",
        content_type="application/pdf",
        actor=actor,
        now=moment,
    )
    return CaseDocument.objects.create(case=case, item=item, file=stored, added_at=moment, added_by=actor)


@cache
def pdf_bytes(text: str = "D4") -> bytes:
    """A real one-page PDF; equal text makes equal bytes."""
    import pikepdf

    pdf = pikepdf.new()
    pdf.add_blank_page(page_size=(595, 842))
    pdf.Root.Info = pikepdf.String(text)
    out = BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def pdf_upload(name: str = "登記證明.pdf", text: str = "D4") -> SimpleUploadedFile:
    """An upload of :func:`pdf_bytes`."""
    return SimpleUploadedFile(name, pdf_bytes(text), content_type="application/pdf")


# The way to each state: actions of the case's table with the fields that belong to them.
_WAY = {
    CaseState.SUBMITTED: ("submit",),
    CaseState.SUPPLEMENTING: ("submit", "request_supplement"),
    CaseState.QUALIFIED: ("submit", "qualify"),
    CaseState.IN_REVIEW: ("submit", "qualify", "start_review"),
    CaseState.REVIEWED: ("submit", "qualify", "start_review", "close_review"),
    CaseState.APPROVED: ("submit", "qualify", "start_review", "close_review", "approve"),
    CaseState.REJECTED: ("submit", "qualify", "start_review", "close_review", "reject"),
    CaseState.RESERVED: ("submit", "qualify", "start_review", "close_review", "reserve"),
    CaseState.FORFEITED: ("submit", "qualify", "start_review", "close_review", "approve", "forfeit"),
    CaseState.RETURNED: ("submit", "return"),
    CaseState.WITHDRAWN: ("withdraw",),
}


def advance(case: Case, state: str, *, actor: User | None = None) -> Case:
    """Take a draft to ``state`` by its transitions, with number, times and a submission of what stands in it."""
    moment = now()
    for action in _WAY[CaseState(state)]:
        changes: dict[str, Any] = {}
        if action == "submit":
            call = Call.objects.get(pk=case.call_id)
            number = f"{call.slug.upper()}-{call.next_case_number:04d}"
            Call.objects.filter(pk=call.pk).update(next_case_number=call.next_case_number + 1)
            changes = {"number": number, "submitted_at": moment, "received_at": moment}
        elif action in ("reject", "return", "withdraw", "forfeit"):
            changes = {"closed_at": moment}
        case = workflow.apply(CASE, case, action, actor=actor, at=moment, **changes)
        if action == "submit":
            Submission.objects.create(
                case=case,
                sequence=1,
                kind="initial",
                at=moment,
                by=actor,
                by_name=str(actor or ""),
                snapshot=to_json(facts(case), call=case.call.slug, number=case.number or ""),
                token=f"factory-{case.pk}",
            )
    return Case.objects.get(pk=case.pk)


def open_supplement(case: Case, *wheres: str, days: int = 5) -> Any:
    """An open supplement notice on a case in ``supplementing`` that asks for these places."""
    from applications.models import Supplement, SupplementItem

    moment = now()
    due = moment.astimezone(TAIPEI).date() + timedelta(days=days)
    supplement = Supplement.objects.create(
        case=case, sequence=case.supplements.count() + 1, requested_at=moment, first_due_on=due, due_on=due
    )
    for where in wheres:
        SupplementItem.objects.create(
            supplement=supplement, where=where, rule="Q1", reason="請補正這項內容。"
        )
    return supplement
