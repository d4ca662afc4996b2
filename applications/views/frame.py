"""What surrounds every page of a case: the way of the case, its sections, whose turn it is, the next step."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from applications import permissions, selectors
from applications.enums import CaseState, Section
from applications.models import Case
from applications.selectors.pages import TONES
from applications.selectors.progress import OPTIONAL, SectionProgress
from core.findings import Finding, Severity


def section_url(case: Case, section: str) -> str:
    """The address of a section; findings link there as well (``fix_base`` + section)."""
    return reverse("cases:section", args=[case.pk, section])


def sections_nav(case: Case, found: list[Finding], current: str = "") -> list[SectionProgress]:
    """The task list with its links."""
    lines = selectors.section_progress(case, found)
    for line in lines:
        line.url = section_url(case, line.key)
        line.current = line.key == current
    return lines


def submit_url(case: Case) -> str:
    """Where the case is checked and handed in."""
    try:
        return reverse("cases:submit", args=[case.pk])
    except NoReverseMatch:
        return reverse("cases:detail", args=[case.pk])


def next_section(case: Case, section: str, editable: Iterable[str]) -> str:
    """The address after this section: the next one that may be edited, else the check before handing in."""
    order = [s.value for s in Section]
    for key in order[order.index(section) + 1 :]:
        if key in set(editable):
            return section_url(case, key)
    return submit_url(case)


def primary(case: Case, lines: list[SectionProgress], editable: set[Section]) -> tuple[str, str]:
    """(address, words) of the one primary button; empty when there is nothing to do."""
    if not editable:
        return "", ""
    mine = [line for line in lines if line.key in editable]
    if case.state == CaseState.SUPPLEMENTING:
        unfinished = [line for line in mine if line.state != "done"]
        if unfinished:
            return unfinished[0].url, f"補正：{unfinished[0].label}"
        return submit_url(case), "檢查並送出補件"
    unfinished = [line for line in mine if line.state != "done" and line.key not in OPTIONAL]
    if unfinished:
        began = any(line.state != "todo" for line in lines if line.key != Section.COMPANY)
        return unfinished[0].url, f"{'繼續' if began else '開始'}填寫：{unfinished[0].label}"
    return submit_url(case), "檢查並送出"


def case_frame(
    request: HttpRequest, case: Case, now: datetime, *, found: list[Finding] | None = None, current: str = ""
) -> dict[str, Any]:
    """Template context that ``applications/case_base.html`` needs."""
    user = request.user
    found = selectors.findings(case, now) if found is None else found
    editable = permissions.editable_sections(user, case, now)
    lines = sections_nav(case, found, current)
    errors = [f for f in found if f.severity is Severity.ERROR]
    url, words = primary(case, lines, editable)
    mine = permissions.can_submit(user, case, now)
    step = selectors.next_step(case, now, mine=mine, remaining=len(errors))
    if not step.mine:
        url = ""
    return {
        "case": case,
        "terms": case.terms.terms,
        "now": now,
        "findings": found,
        "sections": lines,
        "done_count": sum(1 for line in lines if line.state == "done"),
        "stages": selectors.stages(case, now),
        "step": step,
        "primary_url": url,
        "primary_label": words,
        "editable": editable,
        "is_member": permissions.is_member(user, case),
        "may_submit": mine,
        "state_tone": TONES.get(CaseState(case.state), "waiting"),
        "state_label": case.applicant_label
        if permissions.is_member(user, case)
        else case.get_state_display(),
        "fix_base": reverse("cases:detail", args=[case.pk]),
        "rule_base": selectors.rule_base(case),
        "edit_refusal": permissions.edit_refusal(user, case, now),
        "may_move": case.terms_id != case.call.current_terms_id and not permissions.move_refusal(user, case),
    }
