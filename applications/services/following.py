"""What mending one place breaks in another: opened for change as well, else a supplement could not be answered.

A notice opens only what it asks for (Q2). Taking a trainee off the list may bring the budget above the head-count
cap (B3), which the applicant could then neither mend nor hand in rightly.
"""

from __future__ import annotations

from datetime import datetime

from applications import selectors
from applications.enums import CaseState, Section, SupplementState
from applications.models import Case, SectionState, Supplement, SupplementItem
from core.findings import Finding
from programs.rules.casefile import CaseFileError, from_json

WORDS = "補正其他項目以後，這裡也要跟著調整："


def place_of(finding: Finding) -> str:
    """What a notice would open for it: one document, or its section."""
    if finding.section == Section.DOCUMENTS:
        return finding.where
    return finding.section


def open_what_follows(case: Case, now: datetime) -> None:
    """Open each place where a rule is broken now that held when the case was handed in, and that was not asked for.

    What holds again closes again, unless the applicant has changed something there. Nothing is opened that
    was wrong before: that is for the office to ask. Does nothing without an open notice or a hand-in to compare
    with. About 20 queries; side effects: items of the notice.
    """
    if case.state != CaseState.SUPPLEMENTING:
        return
    notice = case.supplements.filter(state=SupplementState.OPEN).first()
    broken = _newly_broken(case, now) if notice else None
    if notice is None or broken is None:
        return
    items = list(notice.items.all())
    asked = {item.where for item in items if not item.follows}
    following = {item.where: item for item in items if item.follows}
    for place, finding in broken.items():
        if place in asked or (finding.section == Section.DOCUMENTS and Section.DOCUMENTS in asked):
            continue
        reason = f"{WORDS}{finding.message}"
        item = following.get(place) or SupplementItem(supplement=notice, where=place, follows=True)
        if item.pk is None or (item.rule, item.reason) != (finding.rule, reason):
            item.rule, item.reason = finding.rule, reason
            item.save()
    for place, item in following.items():
        if place not in broken and not _changed_since(notice, place):
            item.delete()
    case.__dict__.pop("_open_items", None)


def _newly_broken(case: Case, now: datetime) -> dict[str, Finding] | None:
    """Place → the first finding that stops a submission and was not there at the last hand-in; None: unknown."""
    handed = case.submissions.order_by("-sequence").first()
    fresh = selectors.fetch(Case.objects.all(), case.pk)
    if handed is None or not handed.snapshot or fresh is None:
        return None
    try:
        before = selectors.findings(fresh, now, facts=from_json(handed.snapshot))
    except CaseFileError:
        return None
    known = {(f.rule, place_of(f)) for f in before if f.severity.stops_submission}
    broken: dict[str, Finding] = {}
    for finding in selectors.findings(fresh, now):
        new = finding.rule and (finding.rule, place_of(finding)) not in known
        if new and finding.severity.stops_submission and finding.section in case.sections:
            broken.setdefault(place_of(finding), finding)
    return broken


def _changed_since(notice: Supplement, place: str) -> bool:
    return SectionState.objects.filter(
        case=notice.case_id, section=place.split(".", 1)[0], saved_at__gt=notice.requested_at
    ).exists()
