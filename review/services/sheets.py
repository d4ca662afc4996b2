"""Score sheets: saved while one types, handed in once, printed for the signature."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from core import workflow
from core.findings import Finding
from core.locking import lock_row
from core.money import fmt
from core.rocdate import TAIPEI
from documents import contexts as c
from documents.services import request_document
from review import permissions
from review.enums import AssignmentState
from review.models import Assignment, CriterionScore, PanelCase, RecommendedAmount, ScoreSheet
from review.rules import scoring
from review.rules.sheet import check_sheet
from review.selectors import reviewing as selectors
from review.selectors.chairing import chair_of
from review.services import notices
from review.workflow import ASSIGNMENT


class SheetConflict(Exception):
    """The sheet was saved elsewhere since the editor read it; ``sheet`` is what is stored now."""

    def __init__(self, sheet: ScoreSheet) -> None:
        super().__init__("這份評分表在別的視窗或裝置上改過了。")
        self.sheet = sheet


class SheetIncomplete(Exception):
    """The sheet can't be handed in yet; ``findings`` say why."""

    def __init__(self, findings: list[Finding]) -> None:
        super().__init__("評分表還沒有完成。")
        self.findings = findings


@dataclass(frozen=True, slots=True)
class SheetInput:
    """What a form understood of a sheet; ``draft`` holds what it did not: field → text as typed."""

    scores: Mapping[str, Decimal | None]
    comments: Mapping[str, str]
    amounts: Mapping[str, int | None]
    comment_for_applicant: str = ""
    comment_for_panel: str = ""
    recommends: bool | None = None
    draft: Mapping[str, str] = field(default_factory=dict)


def _locked(assignment: Assignment, actor: User) -> Assignment:
    """The locked assignment whose sheet the actor may write now. Raises ``PermissionDenied`` with the reason."""
    locked = lock_row(
        Assignment.objects.select_related(
            "reviewer__user", "panel_case__panel__call", "panel_case__case__terms"
        ),
        pk=assignment.pk,
    )
    if reason := permissions.score_refusal(actor, locked):
        raise PermissionDenied(reason)
    return locked


@transaction.atomic
def save_sheet(
    *,
    assignment: Assignment,
    data: SheetInput,
    base_version: int,
    actor: User,
    now: datetime,
    tab: str = "",
) -> ScoreSheet:
    """Store everything as it stands. The same content again changes nothing, so a replay does no harm.

    ``base_version``: what the editor read; ``tab``: the open page, whose own saves never conflict. Raises
    ``SheetConflict``, ``PermissionDenied``.
    """
    locked = _locked(assignment, actor)
    sheet, _ = ScoreSheet.objects.select_for_update().get_or_create(
        assignment=locked, defaults={"saved_at": now}
    )
    if _same(sheet, data):
        return sheet
    if sheet.version != base_version and not (tab and tab == sheet.tab):
        raise SheetConflict(sheet)
    _write(sheet, data)
    sheet.comment_for_applicant = data.comment_for_applicant
    sheet.comment_for_panel = data.comment_for_panel
    sheet.recommends = data.recommends
    sheet.draft = dict(data.draft)
    sheet.version += 1
    sheet.saved_at, sheet.tab = now, tab
    sheet.save()
    return sheet


def _same(sheet: ScoreSheet, data: SheetInput) -> bool:
    values = selectors.values_of(sheet)
    return (
        values.scores == {k: v for k, v in data.scores.items() if v is not None}
        and values.comments == {k: v for k, v in data.comments.items() if v}
        and values.amounts == {k: v for k, v in data.amounts.items() if v is not None}
        and sheet.comment_for_applicant == data.comment_for_applicant
        and sheet.comment_for_panel == data.comment_for_panel
        and sheet.recommends == data.recommends
        and sheet.draft == dict(data.draft)
    )


def _write(sheet: ScoreSheet, data: SheetInput) -> None:
    """One row for each criterion and account, whatever was there before. Two statements."""
    CriterionScore.objects.bulk_create(
        [
            CriterionScore(sheet=sheet, criterion=key, score=score, comment=data.comments.get(key, ""))
            for key, score in data.scores.items()
        ],
        update_conflicts=True,
        unique_fields=["sheet", "criterion"],
        update_fields=["score", "comment"],
    )
    RecommendedAmount.objects.bulk_create(
        [RecommendedAmount(sheet=sheet, account=key, amount=amount) for key, amount in data.amounts.items()],
        update_conflicts=True,
        unique_fields=["sheet", "account"],
        update_fields=["amount"],
    )


def problems(
    assignment: Assignment, values: selectors.SheetValues, requested: Mapping[str, int]
) -> list[Finding]:
    """What is still missing or wrong in a sheet. No query."""
    terms = assignment.panel_case.case.terms.terms
    sheet = values.sheet
    return check_sheet(
        selectors.scheme_of(terms),
        values.exact(),
        amounts=values.amounts,
        requested=requested,
        labels={a.key: a.label for a in terms.award_lines},
        grant=terms.grant,
        recommends=sheet.recommends if sheet else None,
        comment=sheet.comment_for_applicant if sheet else "",
    )


@transaction.atomic
def submit_sheet(*, assignment: Assignment, version: int | None, actor: User, now: datetime) -> Assignment:
    """Hand the sheet in, as it was shown on the confirmation page (``version``). A replay changes nothing.

    Raises ``SheetIncomplete``, ``SheetConflict`` and ``PermissionDenied``. Side effects: the PDF for the
    signature; the chair is told when it was the last one.
    """
    # The case first: sheets of one case come in one after another, so that the last one is known as the last.
    PanelCase.objects.select_for_update().get(pk=assignment.panel_case_id)
    current = Assignment.objects.select_for_update().get(pk=assignment.pk)
    if current.state == AssignmentState.SUBMITTED and assignment.reviewer.user_id == actor.pk:
        return current
    locked = _locked(assignment, actor)
    seat = locked.panel_case
    values = selectors.sheet_values(locked)
    if values.sheet is not None and version is not None and values.sheet.version != version:
        raise SheetConflict(values.sheet)
    found = problems(locked, values, selectors.requested_amounts(seat.case))
    if values.sheet is None or values.sheet.draft or found:
        raise SheetIncomplete(found)
    scheme = selectors.scheme_of(seat.case.terms.terms)
    sheet = values.sheet
    sheet.weighted_total = scoring.display(scoring.weighted_total(values.exact(), scheme), 4)
    done = workflow.apply(ASSIGNMENT, locked, "submit", actor=actor, at=now, submitted_at=now)
    done.panel_case, done.reviewer = seat, locked.reviewer
    sheet.document = request_document(
        context=score_sheet_context(done, values),
        recipient=c.Recipient(""),
        actor=actor,
        now=now,
        replaces=None,
    )
    sheet.save(update_fields=["weighted_total", "document"])
    everybody = list(Assignment.objects.filter(panel_case=seat))
    if permissions.revealed(everybody):
        chair = chair_of(seat.panel)
        if chair is not None:
            notices.all_in(seat, chair.reviewer.user, now=now)
    return done


def score_sheet_context(assignment: Assignment, values: selectors.SheetValues) -> c.ScoreSheetContext:
    """The sheet as it is printed for the expert's signature. Amounts in the call's unit."""
    seat = assignment.panel_case
    case, terms = seat.case, seat.case.terms.terms
    scheme = selectors.scheme_of(terms)
    exact = values.exact()
    requested = selectors.requested_amounts(case)
    sheet = values.sheet
    assert sheet is not None
    lines = tuple(
        c.CriterionLine(
            code=item.code,
            title=item.label,
            weight=int(item.weight),
            score=scoring.plain(exact[item.code]),
            weighted=str(scoring.display(exact[item.code] * item.weight / scheme.scale)),
            maximum=int(scheme.scale),
            comment=values.comments.get(item.code, ""),
        )
        for item in scheme.criteria
    )
    amounts = tuple(
        c.Pair(
            f"{a.label}（申請 {terms.grant.say(requested.get(a.key, 0))}）", fmt(values.amounts.get(a.key, 0))
        )
        for a in terms.award_lines
    )
    return c.ScoreSheetContext(
        case_number=case.number or "",
        company_name=case.company_name,
        call_name=case.call.name,
        plan_title=case.title,
        reviewer_name=assignment.reviewer.user.name,
        panel_name=seat.panel.name,
        criteria=lines,
        total_score=str(scoring.display(scoring.weighted_total(exact, scheme))),
        amounts=amounts,
        comment_applicant=sheet.comment_for_applicant,
        comment_panel=sheet.comment_for_panel,
        submitted_at=assignment.submitted_at.astimezone(TAIPEI) if assignment.submitted_at else None,
        requested=sum(requested.values()),
        recommended=sum(values.amounts.values()),
        unit=terms.grant.unit,
        noun=terms.grant.noun,
    )
