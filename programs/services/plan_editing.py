"""What the office keeps of a loaded plan: milestones that are done, risks graded anew, the status thresholds."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts import audit
from accounts.models import User
from core.locking import lock_row
from core.rocdate import roc
from programs.models import Milestone, Plan, Risk
from programs.rules.plans.risks import GRADES

GRADED = ("likelihood", "impact", "likelihood_after", "impact_after")
MOVED_ON = "這一項剛有別人改過。請重新整理，看過新的內容再改。"


def seen_of(row: Milestone | Risk | Plan) -> str:
    """What an editor has seen of a row, to tell whether somebody else has changed it since."""
    fields = {
        Milestone: ("done_on", "note"),
        Risk: GRADED,
        Plan: ("ahead_percent", "on_track_percent", "behind_percent"),
    }
    return "|".join(str(getattr(row, name) or "") for name in fields[type(row)])


@transaction.atomic
def report_milestone(
    *, milestone: Milestone, done_on: date | None, note: str, seen: str, now: datetime
) -> Milestone:
    """Say when a milestone was reached (None: not yet), with a note. The log keeps what stood before.

    Raises ``ValidationError`` by field for a day in the future or before the plan, or a row that has moved on.
    """
    row = lock_row(Milestone.objects.select_related("part__plan"), pk=milestone.pk)
    if seen_of(row) != seen:
        raise ValidationError(MOVED_ON)
    plan = row.part.plan
    begins = plan.starts_on or date(plan.from_year + 1911, 1, 1)
    if done_on and done_on > now.date():
        raise ValidationError({"done_on": f"完成日期不能晚於今天（{roc(now)}）。"})
    if done_on and done_on < begins:
        raise ValidationError({"done_on": f"完成日期不能早於計畫起始日（{roc(begins)}）。"})
    row.done_on, row.note = done_on, note.strip()
    row.save(update_fields=["done_on", "note"])
    return row


@transaction.atomic
def grade_risk(
    *, risk: Risk, grades: dict[str, int], measures: str, reason: str, seen: str, actor: User
) -> Risk:
    """Grade a risk anew, before and after its measures. Writes who, when, from what to what, and why.

    Raises ``ValidationError`` by field: grades from 1 to 3, measures never make a risk graver, a reason is needed.
    """
    row = Risk.objects.select_for_update().get(pk=risk.pk)
    if seen_of(row) != seen:
        raise ValidationError(MOVED_ON)
    problems: dict[str, str] = {}
    for name in GRADED:
        if grades.get(name) not in GRADES:
            problems[name] = "請選擇 1 到 3。"
    if not problems and (
        grades["likelihood_after"] > grades["likelihood"] or grades["impact_after"] > grades["impact"]
    ):
        problems["likelihood_after"] = (
            "對策後的可能性與影響不能高於對策前；如果風險升高，請先調高對策前的等級。"
        )
    if not reason.strip():
        problems["reason"] = "請寫明重新評估的理由。"
    if problems:
        raise ValidationError(problems)
    before = {name: getattr(row, name) for name in GRADED}
    for name in GRADED:
        setattr(row, name, grades[name])
    row.measures = measures.strip()
    row.save(update_fields=[*GRADED, "measures"])
    audit.record(row, actor=actor, event="risk_graded", before=before, after=grades, reason=reason.strip())
    return row


@transaction.atomic
def set_thresholds(*, plan: Plan, ahead: int, on_track: int, behind: int, seen: str) -> Plan:
    """Set from which percentage of what is due by now a KPI is ahead, on track or behind. The log keeps the old ones.

    Raises ``ValidationError`` by field unless ahead > on track > behind > 0.
    """
    row = Plan.objects.select_for_update().get(pk=plan.pk)
    if seen_of(row) != seen:
        raise ValidationError(MOVED_ON)
    problems: dict[str, str] = {}
    if not ahead > on_track:
        problems["ahead"] = f"超前門檻要高於符合進度的門檻（{on_track} %）。"
    if not on_track > behind:
        problems["on_track"] = f"符合進度的門檻要高於落後的門檻（{behind} %）。"
    if behind <= 0:
        problems["behind"] = "落後門檻要大於 0。"
    if problems:
        raise ValidationError(problems)
    row.ahead_percent, row.on_track_percent, row.behind_percent = ahead, on_track, behind
    row.save(update_fields=["ahead_percent", "on_track_percent", "behind_percent"])
    return row
