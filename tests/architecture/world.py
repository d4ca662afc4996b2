"""One portal with everybody and everything in it, built once for the tests that walk through all of it.

Two of each thing: ``own`` belongs to the company (and is before the reviewers) of ``tests.personas``,
``another`` to people who are not in these tests. ``own`` and ``another`` map the names that
``access.yaml`` uses to what stands in an address.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any
from unittest import mock

from django.core.cache import cache
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import Invitation, JoinRequest, Membership, Organisation, User
from applications.enums import CaseState
from applications.models import Case, CaseLetter
from core import clock
from core.rocdate import roc_year
from documents import services as documents
from documents import typesetting
from documents.enums import DocumentKind, DocumentState
from documents.models import Batch, OfficialDocument, StoredFile
from documents.services.requests import new_verify_code
from ipas_portal.demo import season, small
from ipas_portal.demo.files import TITLES
from programs.models import (
    BudgetAmount,
    BudgetMeasure,
    CalendarDay,
    Call,
    Milestone,
    MoneyEntry,
    PassRate,
    Plan,
    Region,
    Risk,
    TryOut,
)
from programs.services.drafts import start_draft
from programs.services.kpis import lock_period
from review.enums import AssignmentState, InvitationState, PanelState
from review.models import (
    Assignment,
    ChairDeclaration,
    ConflictDeclaration,
    DecisionMeeting,
    Panel,
    PanelCase,
    PanelMember,
    ReviewerProfile,
)
from review.services import meetings
from tests import factories, personas
from tests.outreach import builders as outreach
from tests.programs.plans.builders import add_kpi, add_value, fund, make_plan
from tests.review.decision.builders import reviewed_cases

_WRITE = re.compile(r"\s*\(?\s*(INSERT|UPDATE|DELETE|REPLACE|MERGE|TRUNCATE)\b", re.IGNORECASE)
# The session is no content of the portal: a message to the user, and when one was last seen.
_NOT_CONTENT = ("django_session",)


@dataclass
class World:
    """Everybody by name, and the names of ``access.yaml`` for each of the two sets of objects."""

    people: dict[str, User] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    own: dict[str, Any] = field(default_factory=dict)
    another: dict[str, Any] = field(default_factory=dict)
    writes: list[str] = field(default_factory=list)
    queries: list[str] = field(default_factory=list)

    def ask(
        self,
        who: str,
        method: str,
        path: str,
        data: dict[str, Any] | None = None,
        *,
        before_rollback: Callable[[], None] | None = None,
    ) -> Any:
        """The answer to one request, after which the portal is as it was.

        ``writes`` tells what it wrote, ``queries`` how much it asked; ``before_rollback`` may look at both.
        """
        cache.clear()
        self.writes, self.queries = [], []
        client = self.clients[who]
        cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        # Thousands of refusals are expected here; writing their tracebacks down costs most of the time.
        logging.disable(logging.CRITICAL)
        try:
            with transaction.atomic(), connection.execute_wrapper(self._note):
                response = getattr(client, method.lower())(path, data or {})
                response.text_seen = _text(response)
                if before_rollback:
                    before_rollback()
                transaction.set_rollback(True)
        finally:
            logging.disable(logging.NOTSET)
        client.cookies.clear()
        for name, value in cookies.items():
            client.cookies[name] = value
        return response

    def _note(self, execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if not sql.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            self.queries.append(sql)
        if _WRITE.match(sql) and not any(table in sql for table in _NOT_CONTENT):
            self.writes.append(sql[:160])
        return execute(sql, params, many, context)


def _text(response: Any) -> str:
    """What a page says; empty for files."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    return content.decode() if response.get("Content-Type", "").startswith("text/") else ""


def _quick_pdf(html: str) -> bytes:
    """Stands for typesetting, which has its own tests and takes a second a page."""
    return factories.pdf_bytes("typeset")


def _quick_attachments(
    *, variants: int, actor: User | None, now: Any, titles: Mapping[str, str] = TITLES
) -> list[dict[str, StoredFile]]:
    """One set of blank attachments for the season."""
    row = {
        code: documents.store_bytes(
            content=factories.pdf_bytes(code),
            name=f"{code}.pdf",
            content_type="application/pdf",
            actor=actor,
            now=now,
        )
        for code in titles
    }
    return [row]


def _forget_templates(*args: Any, **kwargs: Any) -> None:
    """The test client copies every context of every template; nothing here looks at them."""


@contextmanager
def built() -> Iterator[World]:
    """The world, inside one transaction that is rolled back at the end."""
    with (
        mock.patch.object(typesetting, "html_to_pdf", _quick_pdf),
        mock.patch.object(season, "attachments", _quick_attachments),
        mock.patch.object(small, "attachments", _quick_attachments),
        mock.patch("django.test.client.store_rendered_templates", _forget_templates),
        transaction.atomic(),
    ):
        yield _build()
        transaction.set_rollback(True)


def _build() -> World:
    now = clock.now()
    call_command("load_reference", verbosity=0, stdout=mock.Mock())
    made = season.build(cases=24, seed=1, now=now)
    world = World()
    world.people = {name: make() for name, make in personas.EVERYBODY.items()}
    for name, user in [*world.people.items(), ("anonymous", None)]:
        world.clients[name] = personas.client_for(user)
        world.clients[name].raise_request_exception = False
    call = made.calls[-1]
    stranger = personas.make_organisation(
        "53212539", "第三方工業股份有限公司", contact_email="third@example.test"
    )
    stranger_owner = personas.join(personas.make_user("third@example.test", "孟第三"), stranger, "owner")
    for objects, organisation, owner, seats in (
        (world.own, personas.acme(), world.people["company"], ("chair", "reviewer", "reviewer2")),
        (world.another, stranger, stranger_owner, ()),
    ):
        _people_of(objects, organisation, owner)
        _cases_of(objects, call, organisation, owner)
        _papers_of(objects, owner)
        _review_of(objects, call, [world.people[name] for name in seats])
        objects |= {"slug": call.slug, "rule_id": "B3", "page": "privacy", "item": "D3", "section": "plan"}
        objects |= {"call": call.slug, "kind": "approval", "sequence": 1}
        objects["day"] = CalendarDay.objects.values_list("pk", flat=True).first()
        objects["region"] = Region.objects.values_list("pk", flat=True).first()
        objects["rate"] = PassRate.objects.get_or_create(
            item="智慧生產",
            level="初級",
            session="114-1",
            defaults={"sat": 100, "passed": 40, "source": "範例"},
        )[0].pk
    _outreach_of(world)
    _plans_of(world, call)
    _decisions_of(world, made)
    _design_of(world, call)
    _typeset_all()
    world.own["account"] = world.people["company"].pk
    world.another["account"] = stranger_owner.pk
    return world


def _plans_of(world: World, call: Call) -> None:
    """Two plans of the present years: a reported KPI (the first one's belongs to the newcomer), a fed KPI, a lock."""
    now = clock.now()
    year = roc_year(now)
    for objects, code, owner in (
        (world.own, "114-0000-01", world.people["newcomer"]),
        (world.another, "114-0000-02", None),
    ):
        plan = make_plan(code, from_year=year - 1, to_year=year + 1)
        kpi = add_kpi(plan, "1", "K1", {year - 1: 10, year: 12}, owner=owner, by_gender=True)
        fed = add_kpi(plan, "2", "K2", {year: 100}, feed="trainees")
        add_value(kpi, year - 1, 14, 8, men=4, women=3, other=1, cause="報名不足", remedy="加開班次")
        locked = lock_period(
            plan=plan, year=year - 1, period=12, actor=world.people["office"], now=now, reason="已報部"
        )
        objects |= {"plan": plan.code, "kpi": kpi.code, "fed_kpi": fed.code, "period": locked.pk}
        milestone = Milestone.objects.create(part=kpi.part, year=year, text="完成培訓")
        risk = Risk.objects.create(
            part=kpi.part, code="A1", name="招生", likelihood=2, impact=1, likelihood_after=2, impact_after=1
        )
        objects |= {"plan_part": "1", "milestone": milestone.pk, "risk": risk.pk}
        if owner:
            fund(call, plan, "2", year)
        objects |= _money_of(plan, call, year)


def _money_of(plan: Plan, call: Call, year: int) -> dict[str, Any]:
    """A part with a budget, a drafted freeze of it, one in force without effect, and a booking of the call."""
    now = clock.now()
    second = plan.parts.get(number="2")
    BudgetAmount.objects.create(
        part=second, year=year, stage="approved", category="other", amount=call.envelope, source="表 · 行 1"
    )
    values = {"part": second, "year": year, "kind": "freeze", "percent": Decimal(10), "reason": "立法院決議"}
    draft = BudgetMeasure.objects.create(**values, created_at=now)
    in_force = BudgetMeasure.objects.create(
        **values | {"percent": Decimal(1)}, created_at=now, state="in_force", decided_at=now
    )
    entry = MoneyEntry.objects.create(
        call=call, kind="paid", on=now.date(), amount=1_000, reference=f"V-{plan.pk}", booked_at=now
    )
    return {
        "budget_part": second.pk,
        "measure": draft.pk,
        "measure_in_force": in_force.pk,
        "entry": entry.pk,
    }


def _people_of(objects: dict[str, Any], organisation: Organisation, owner: User) -> None:
    now = clock.now()
    guest = personas.make_user(f"guest-{organisation.ubn}@example.test", "想加入的人")
    editor = personas.join(
        personas.make_user(f"editor-{organisation.ubn}@example.test", "另一位同事"), organisation, "editor"
    )
    invitation = Invitation.objects.create(
        organisation=organisation,
        email="invited@example.test",
        invited_by=owner,
        created_at=now,
        expires_at=now + timedelta(days=7),
    )
    asked = JoinRequest.objects.create(organisation=organisation, user=guest, created_at=now)
    objects |= {
        "organisation": organisation.pk,
        "membership": Membership.objects.get(user=editor, organisation=organisation).pk,
        "invitation": invitation.pk,
        "token": invitation.token,
        "join_request": asked.pk,
    }


def _cases_of(objects: dict[str, Any], call: Call, organisation: Organisation, owner: User) -> None:
    for name, state in (
        ("draft", CaseState.DRAFT),
        ("submitted", CaseState.SUBMITTED),
        ("supplementing", CaseState.SUPPLEMENTING),
        ("qualified", CaseState.QUALIFIED),
        ("in_review", CaseState.IN_REVIEW),
        ("reviewed", CaseState.REVIEWED),
    ):
        case = factories.make_case(call=call, organisation=organisation, actor=owner, state=state)
        objects[name] = case.pk
        if state == CaseState.SUPPLEMENTING:
            factories.open_supplement(case, "plan", "documents.D6")
        if state in (CaseState.DRAFT, CaseState.SUBMITTED):
            file = case.case_documents.first()
            objects |= {f"{name}_file": file.pk, f"{name}_upload": file.file_id}


def _papers_of(objects: dict[str, Any], owner: User) -> None:
    """An issued paper of the submitted case, one that failed, and a batch of it."""
    now = clock.now()
    case = Case.objects.get(pk=objects["submitted"])
    batch = Batch.objects.create(title="核定函", created_by=owner, created_at=now)
    file = documents.store_bytes(
        content=factories.pdf_bytes("核定函"),
        name="核定函.pdf",
        content_type="application/pdf",
        actor=None,
        now=now,
    )
    common = {
        "kind": DocumentKind.APPROVAL,
        "dated_on": now.date(),
        "subject": "核定補助",
        "reference": case.number,
        "recipient_name": case.organisation.name,
        "context": {"data": {}, "wording": None},
        "requested_by": owner,
        "requested_at": now,
    }
    issued = OfficialDocument.objects.create(
        **common,
        state=DocumentState.ISSUED,
        file=file,
        sha256=file.sha256,
        issued_at=now,
        verify_code=new_verify_code(),
    )
    failed = OfficialDocument.objects.create(
        **common, state=DocumentState.FAILED, error="附件損壞", verify_code=new_verify_code(), batch=batch
    )
    for paper in (issued, failed):
        CaseLetter.objects.create(case=case, document=paper)
    objects |= {
        "document": issued.pk,
        "failed": failed.pk,
        "batch": batch.pk,
        "code": issued.verify_code,
    }


def _review_of(objects: dict[str, Any], call: Call, seats: list[User]) -> None:
    """A panel at work on the case in review. ``seats``: the chair first; invented experts when empty."""
    now = clock.now()
    users = seats or [
        personas.make_user(f"expert{n}@example.test", f"專家{n}", roles=(role,))
        for n, role in enumerate(("chair", "reviewer", "reviewer"))
    ]
    panel = Panel.objects.create(
        call=call,
        name="本組" if seats else "他組",
        state=PanelState.SCORING,
        due_on=now.date() + timedelta(days=5),
        created_at=now,
    )
    members = []
    for position, user in enumerate(users):
        profile, _ = ReviewerProfile.objects.get_or_create(
            user=user,
            defaults={
                "organisation_name": f"示範大學第{user.pk}系",
                "gender": "female" if position % 2 else "male",
            },
        )
        members.append(
            PanelMember.objects.create(
                panel=panel,
                reviewer=profile,
                is_chair=position == 0,
                state=InvitationState.ACCEPTED,
                invited_at=now,
                answered_at=now,
            )
        )
    panel_case = PanelCase.objects.create(panel=panel, case_id=objects["in_review"])
    assignments = [
        Assignment.objects.create(
            panel_case=panel_case, reviewer=member.reviewer, state=AssignmentState.DECLARED, assigned_at=now
        )
        for member in members[1:]
    ]
    ChairDeclaration.objects.create(
        panel_case=panel_case,
        reviewer=members[0].reviewer,
        has_conflict=False,
        signed_name=users[0].name,
        signed_at=now,
    )
    for assignment, user in zip(assignments, users[1:], strict=True):
        ConflictDeclaration.objects.create(
            assignment=assignment, has_conflict=False, signed_name=user.name, signed_at=now
        )
    objects |= {
        "panel": panel.pk,
        "panel_case": panel_case.pk,
        "seat": members[1].pk,
        "reviewer_profile": members[1].reviewer_id,
        "assignment": assignments[0].pk,
    }


def _outreach_of(world: World) -> None:
    """Something published of each kind, a draft, somebody registered, an answered inquiry; they are nobody's own."""
    shown = {kind: outreach.publication(kind) for kind in ("news", "faq", "download", "story")}
    event = outreach.event()
    draft = outreach.publication("news", published_from=None)
    file, draft_file = outreach.with_file(shown["download"]), outreach.with_file(draft)
    registration = outreach.register(event, "guest@example.test")
    asked = outreach.inquiry(kind="complaint")
    attached = outreach.with_attachment(asked)
    waiting = outreach.inquiry()
    for objects in (world.own, world.another):
        objects |= {kind: row.pk for kind, row in shown.items()}
        objects |= {
            "event": event.pk,
            "draft_news": draft.pk,
            "public_file": file.pk,
            "draft_public_file": draft_file.pk,
            "registration": registration.pk,
            "registration_token": registration.token,
            "complaint": asked.pk,
            "complaint_token": asked.token,
            "complaint_file": attached.pk,
            "waiting_inquiry": waiting.pk,
            "publication_kind": "news",
        }


def _decisions_of(world: World, made: season.Season) -> None:
    """A confirmed meeting of the oldest call, and one that is being prepared; they are nobody's own."""
    now = clock.now()
    decided = DecisionMeeting.objects.get(call=made.calls[0])
    reviewed_cases([90, 85], call=made.calls[1], first=900)
    preparing = meetings.open_meeting(
        call=made.calls[1], name="第 1 次決審會議", actor=world.people["office"], now=now
    )
    for objects in (world.own, world.another):
        objects |= {
            "meeting": preparing.pk,
            "scenario": preparing.scenarios.get().pk,
            "decided": decided.pk,
            "decided_call": made.calls[0].slug,
            "approved": Case.objects.filter(call=made.calls[0], state=CaseState.APPROVED).first().pk,
        }


def _design_of(world: World, call: Call) -> None:
    """A draft of next year's call, and a trial of it on this year's cases; nobody's own."""
    now = clock.now()
    assert call.current_terms is not None
    draft = start_draft(
        source=call.current_terms,
        name="下一年度的徵案",
        roc_year=call.roc_year + 1,
        opens_on=call.opens_at.date() + timedelta(days=365),
        actor=world.people["office"],
        now=now,
    )
    trial = TryOut.objects.create(draft=draft, call=call, data={}, asked_at=now)
    for objects in (world.own, world.another):
        objects |= {"draft_terms": draft.pk, "draft_rule": 10, "trial": trial.pk}


def _typeset_all() -> None:
    """What the worker does after the commit that never comes here."""
    for _ in range(3):  # a contract waits for its letter
        for paper in OfficialDocument.objects.filter(state=DocumentState.PENDING):
            documents.render_document(pk=str(paper.pk), now=clock.now())


# Addresses -----------------------------------------------------------------------------------------------

_PLACE = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Address:
    """One pattern of the resolver: how it is written, its name, and what it calls."""

    route: str
    name: str
    view: Any

    @property
    def places(self) -> list[str]:
        """Names of what stands in the address."""
        return _PLACE.findall(self.route)

    def path(self, objects: dict[str, Any], places: dict[str, str]) -> str:
        """The address of ``objects``; ``places`` names the object for each place (else the place itself)."""
        return "/" + _PLACE.sub(lambda m: str(objects[places.get(m[1], m[1])]), self.route)


def addresses() -> list[Address]:
    """Every pattern of the resolver, in its order; the first of equal ones is the one that is called."""
    found = list(_walk(get_resolver(), "", ()))
    return list({address.route: address for address in reversed(found)}.values())[::-1]


def _walk(resolver: URLResolver, prefix: str, names: tuple[str, ...]) -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern, route, (*names, pattern.namespace) if pattern.namespace else names)
        elif isinstance(pattern, URLPattern):
            yield Address(route, ":".join([*names, pattern.name or "?"]), pattern.callback)
