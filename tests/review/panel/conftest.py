"""A panel with three experts and a case that is being scored, made by the real services."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts.models import User
from applications.models import Case
from review.models import Assignment, Panel, PanelMember, ReviewerProfile, ReviewerSkill
from review.selectors import people
from review.services import assignments, chair, panels, sheets
from tests import factories, personas

# Marker values that can stand in a page for no other reason.
MARK_SCORES = {"R1": Decimal("87.3"), "R2": Decimal("86.1"), "R3": Decimal("85.7"), "R4": Decimal("83.9")}
MARK_TOTAL = "86.28"
MARK_WORDS = "記號甲乙丙的建議"
MARK_PANEL_WORDS = "記號丁戊己的意見"
MARK_NOTE = "記號庚辛的單項意見"
MARK_AMOUNTS = {"personnel": 123_457, "operations": 98_761, "equipment": 33_331}
MARKS = (
    *(str(v) for v in MARK_SCORES.values()),
    MARK_TOTAL,
    MARK_WORDS,
    MARK_PANEL_WORDS,
    MARK_NOTE,
    "123,457",
    "123457",
    "98,761",
    "33,331",
    "255,549",
)


@pytest.fixture(autouse=True)
def _quick_documents(monkeypatch: pytest.MonkeyPatch) -> None:
    """Typesetting is tested elsewhere; here a document is a row."""
    monkeypatch.setattr("documents.services.rendering.typeset", lambda document: factories.pdf_bytes("doc"))


def make_profile(
    user: User,
    *,
    gender: str = "female",
    organisation: str = "示範大學",
    skills: tuple[str, ...] = ("smart_production",),
    **fields: Any,
) -> ReviewerProfile:
    """A profile for an account; the same account again finds it."""
    row, created = ReviewerProfile.objects.get_or_create(
        user=user, defaults={"gender": gender, "organisation_name": organisation, **fields}
    )
    if created:
        ReviewerSkill.objects.bulk_create(ReviewerSkill(reviewer=row, job_role=s) for s in skills)
    return row


def expert(number: int, *, gender: str = "female", **fields: Any) -> ReviewerProfile:
    """One more expert with an account of its own."""
    user = personas.make_user(f"expert{number}@school{number}.test", f"專家{number:02d}", roles=("reviewer",))
    return make_profile(user, gender=gender, organisation=f"第{number}研究所", **fields)


class Stage:
    """The people and rows of a test, and the steps of the review as one-liners."""

    def __init__(self) -> None:
        self.office = personas.make_office()
        self.chair = personas.make_chair()
        self.one = personas.make_reviewer()
        self.two = personas.make_reviewer2()
        self.profiles = [
            make_profile(self.chair, gender="male", organisation="召集大學"),
            make_profile(self.one, gender="female", organisation="甲研究院"),
            make_profile(self.two, gender="female", organisation="乙研究院"),
        ]
        self.call = factories.make_call()
        self.panel: Panel = panels.create_panel(
            call=self.call,
            name="第一組",
            due_on=self.now.date() + timedelta(days=7),
            actor=self.office,
            now=self.now,
        )

    @property
    def now(self) -> Any:
        return factories.now()

    def seat_everybody(self) -> None:
        """All three accept; the first leads."""
        panels.invite(panel=self.panel, reviewers=self.profiles, actor=self.office, now=self.now)
        for member in self.panel.members.select_related("reviewer__user"):
            panels.answer_invitation(
                member=member, accept=True, note="", actor=member.reviewer.user, now=self.now
            )
        panels.set_chair(member=self.member(self.chair), actor=self.office, now=self.now)
        self.refresh_users()

    def refresh_users(self) -> None:
        """Cached roles of these accounts may be old."""
        self.chair, self.one, self.two, self.office = (
            User.objects.get(pk=u.pk) for u in (self.chair, self.one, self.two, self.office)
        )

    def member(self, user: User) -> PanelMember:
        return PanelMember.objects.get(panel=self.panel, reviewer__user=user)

    def add_cases(self, count: int = 1) -> list[Any]:
        cases = [
            factories.make_case(state="qualified", call=self.call, documents=False) for _ in range(count)
        ]
        return panels.add_cases(panel=self.panel, cases=cases, actor=self.office, now=self.now)

    def start(self) -> None:
        self.panel = panels.start_panel(panel=self.panel, actor=self.office, now=self.now)

    def assign_all(self, seat: Any) -> None:
        for profile in self.profiles:
            assignments.assign(seat=seat, reviewer=profile, actor=self.office, now=self.now)

    def assignment(self, user: User, seat: Any = None) -> Assignment:
        rows = Assignment.objects.select_related(
            "reviewer__user", "panel_case__panel__call", "panel_case__case__terms", "panel_case__case__call"
        ).filter(reviewer__user=user)
        return rows.get(panel_case=seat) if seat else rows.get()

    def declare(self, user: User, seat: Any = None, *, conflict: bool = False, name: str = "") -> Assignment:
        return assignments.declare(
            assignment=self.assignment(user, seat),
            has_conflict=conflict,
            explanation="曾任該公司顧問" if conflict else "",
            signed_name=name or user.name,
            actor=user,
            now=self.now,
        )

    def fill(
        self,
        user: User,
        seat: Any = None,
        *,
        scores: dict[str, Decimal] | None = None,
        marks: bool = False,
        version: int | None = None,
        tab: str = "",
        **changes: Any,
    ) -> Any:
        assignment = self.assignment(user, seat)
        values: dict[str, Any] = {
            "scores": MARK_SCORES if marks else (scores or dict.fromkeys(MARK_SCORES, Decimal(75))),
            "comments": {"R1": MARK_NOTE} if marks else {},
            "amounts": MARK_AMOUNTS
            if marks
            else {"personnel": 100_000, "operations": 50_000, "equipment": 0},
            "comment_for_applicant": MARK_WORDS if marks else "請補強實作場域說明。",
            "comment_for_panel": MARK_PANEL_WORDS if marks else "",
            "recommends": True,
        } | changes
        current = assignment.sheet.version if hasattr(assignment, "sheet") else 0
        return sheets.save_sheet(
            assignment=assignment,
            data=sheets.SheetInput(**values),
            base_version=current if version is None else version,
            actor=user,
            now=self.now,
            tab=tab,
        )

    def submit(self, user: User, seat: Any = None, **kwargs: Any) -> Assignment:
        self.fill(user, seat, **kwargs)
        return sheets.submit_sheet(
            assignment=self.assignment(user, seat), version=None, actor=user, now=self.now
        )

    def collect(self, seat: Any, reason: str = "") -> Any:
        return chair.collect(seat=seat, reason=reason, actor=self.chair, now=self.now)

    def sign(self, user: User, seat: Any = None) -> Any:
        return chair.sign_off(assignment=self.assignment(user, seat), actor=user, now=self.now)

    def seat(self) -> Any:
        return people.seats(self.panel.pk).get()

    def case(self) -> Case:
        return Case.objects.get(panel_case__panel=self.panel)


@pytest.fixture
def stage(db: None) -> Stage:
    return Stage()


@pytest.fixture
def scoring(stage: Stage) -> Stage:
    """Started: one case, three assigned and declared."""
    stage.seat_everybody()
    (seat,) = stage.add_cases()
    stage.start()
    stage.assign_all(seat)
    for user in (stage.chair, stage.one, stage.two):
        stage.declare(user)
    return stage


@pytest.fixture
def collected(scoring: Stage) -> Stage:
    """Everybody has submitted; the first reviewer's sheet bears the marks."""
    scoring.submit(scoring.one, marks=True)
    scoring.submit(scoring.two)
    scoring.submit(scoring.chair)
    return scoring


@pytest.fixture
def client_of() -> Callable[[User | None], Any]:
    return personas.client_for
