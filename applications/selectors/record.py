"""A case after it was handed in, as its company sees it: papers, receipts and history, no inner workings."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.urls import reverse

from applications.enums import SupplementState
from applications.models import Case, Submission, Supplement
from applications.permissions import is_member
from core.rocdate import TAIPEI, roc, roc_datetime
from core.workdays import WorkCalendar
from documents.enums import DocumentKind, DocumentState
from documents.models import OfficialDocument

# Transitions that concern the company, in its words. What is not here is the office's or the reviewers' own work.
_WORDS = {
    "submit": "送出申請",
    "request_supplement": "計畫辦公室通知補件",
    "answer_supplement": "送出補件",
    "qualify": "資格初審符合，進入審查",
    "return": "退件",
    "approve": "核定通過",
    "reject": "未獲補助",
    "reserve": "列為備取",
    "forfeit": "放棄核定的結果",
    "withdraw": "撤案",
}
# Whose name stands beside it: the company's own people only.
_BY_COMPANY = {"submit", "answer_supplement", "withdraw"}
PAPERS = (DocumentKind.RECEIPT, DocumentKind.PLAN, DocumentKind.SELF_CHECK)


def history(case: Case) -> list[dict[str, Any]]:
    """``components/timeline.html``: what happened, the latest last. Two queries."""
    due = {
        s.requested_at: s for s in case.supplements.filter(state__in=SupplementState.values).order_by("pk")
    }
    items: list[dict[str, Any]] = [{"label": "開始填寫", "at": case.created_at, "note": ""}]
    for step in case.transitions.order_by("at", "pk"):
        if step.action not in _WORDS:
            continue
        note = step.actor_name if step.action in _BY_COMPANY else ""
        if step.action == "withdraw" and step.reason:
            note = f"{note}：{step.reason}"
        notice = due.get(step.at)
        if step.action == "request_supplement" and notice is not None:
            note = f"期限 {roc(notice.due_on)}"
        items.append({"label": _WORDS[step.action], "at": step.at, "note": note})
    return [
        {
            "label": item["label"],
            "date": roc_datetime(item["at"]),
            "title": f"{item['at'].astimezone(TAIPEI):%Y-%m-%d %H:%M:%S}",
            "state": "current" if number == len(items) else "done",
            "note": item["note"],
        }
        for number, item in enumerate(items, 1)
    ]


@dataclass(frozen=True, slots=True)
class Papers:
    """Papers of a case: ``letters`` to the company, ``papers`` of each handing-in; how many are on their way."""

    letters: list[dict[str, Any]]
    papers: list[dict[str, Any]]
    done: int
    total: int
    failed: int

    @property
    def receipt(self) -> dict[str, Any] | None:
        """The newest receipt."""
        return next((line for line in self.papers if line["kind"] == DocumentKind.RECEIPT), None)

    @property
    def books(self) -> list[dict[str, Any]]:
        """Plans and self-check lists, the newest first."""
        return [line for line in self.papers if line["kind"] != DocumentKind.RECEIPT]

    @property
    def finished(self) -> bool:
        """Nothing is being made any more."""
        return self.done + self.failed == self.total


def papers(case: Case, user: Any) -> Papers:
    """What the user may fetch: members see letters once issued; the office sees all. One query."""
    rows = case.letters.select_related("document").defer("document__context").order_by("pk")
    member = is_member(user, case)
    letters, own, done, failed = [], [], 0, 0
    for row in rows:
        document = row.document
        if member and not row.for_applicant:
            continue
        if document.kind in PAPERS:
            own.append(_line(document))
            done += document.is_issued
            failed += document.state == DocumentState.FAILED
        elif document.kind != DocumentKind.CASE_BOOK and (document.is_issued or not member):
            letters.append(_line(document))
    return Papers(letters[::-1], own[::-1], done, len(own), failed)


def _line(document: OfficialDocument) -> dict[str, Any]:
    words = " ".join(part for part in (document.full_number, roc(document.dated_on)) if part)
    waiting = {DocumentState.FAILED: ("製作失敗，計畫辦公室處理中", "problem")}
    badge, tone = (
        ("", "") if document.is_issued else waiting.get(DocumentState(document.state), ("製作中", "waiting"))
    )
    url = reverse("documents:download", args=[document.pk]) if document.is_issued else ""
    return {
        "name": document.get_kind_display(),
        "url": url,
        "size": None,
        "meta": words,
        "badge_label": badge,
        "badge_tone": tone,
        "kind": document.kind,
    }


def submissions(case: Case) -> list[dict[str, Any]]:
    """Each handing-in with its files, receipt and data, the latest first. Two queries."""
    rows = (
        Submission.objects.filter(case=case)
        .defer("snapshot")
        .select_related("receipt")
        .prefetch_related("files")
        .order_by("-sequence")
    )
    return [
        {
            "submission": row,
            "receipt": _line(row.receipt) if row.receipt else None,
            "data_url": reverse("cases:submission_json", args=[case.pk, row.sequence]),
            "files": [
                {"name": f"{f.item}　{f.name}", "size": f.size, "sha256": f.sha256} for f in row.files.all()
            ],
        }
        for row in rows
    ]


def days_left(supplement: Supplement, today: date, calendar: WorkCalendar) -> int:
    """Working days until the deadline, today not counted; negative when it has passed."""
    return calendar.between(today, supplement.due_on)


def next_steps(case: Case, today: date) -> list[str]:
    """What happens after handing in, and when: sentences for the confirmation page."""
    settings = case.terms.terms.settings
    steps = [
        f"計畫辦公室核對資格與文件。需要補件時會寄信給聯絡人，期限 {settings.supplement_working_days} 個工作天。",
    ]
    for stage in case.terms.terms.timetable:
        if stage.key in ("review", "result", "sign"):
            when = f"（{roc(stage.starts_on)}–{roc(stage.ends_on)}）" if stage.ends_on >= today else ""
            steps.append(f"{stage.label}{when}：{stage.text}。")
    steps.append("決審核定前，隨時可以在案件頁撤案。")
    return steps


def received_words(case: Case) -> str:
    """When the case counts as received: to the minute online, by the day on paper (S2)."""
    if case.received_at is None:
        return ""
    local: datetime = case.received_at.astimezone(TAIPEI)
    return (
        roc_datetime(local) if case.channel == "online" else f"{roc(local)}（{case.get_channel_display()}）"
    )
