"""Check, confirm, hand in, and the page that says it arrived."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from applications import permissions, selectors
from applications.enums import CaseState, Section
from applications.models import Case
from applications.selectors import record
from applications.selectors.answers import answers
from applications.selectors.asked import asked
from applications.selectors.intake import is_paper, received_on
from applications.services import submission as service
from applications.views.cases import user_of
from applications.views.frame import case_frame, section_url
from core import clock
from core.findings import Finding, Severity
from core.money import fmt
from core.rocdate import TAIPEI, roc, roc_datetime
from documents.services import FileDamaged
from programs.rules.check import requested_subsidy, total_cost
from programs.rules.facts import CaseFacts
from programs.rules.granting import requested


@require_safe
def check(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Every answer on one page, every finding on top; the last step before handing in."""
    user, now = user_of(request), clock.now()
    case = selectors.get_case(user, pk)
    facts = selectors.facts(case)
    found = selectors.findings(case, now, facts=facts)
    context = case_frame(request, case, now, found=found)
    editable = context["editable"]
    urls = {section: section_url(case, section) for section in editable}
    stopping = service.stopping(case, found, actor=user, now=now) if context["may_submit"] else _errors(found)
    context |= {
        "answers": answers(case, facts, [f for f in found if f.severity is not Severity.OK], urls),
        "stopping_count": len(stopping),
        "groups": _by_section(stopping, urls),
        "general": [f for f in stopping if f.section not in Section.values],
        "warnings": [f for f in found if f.severity is Severity.WARNING],
        "passed": [f for f in found if f.severity is Severity.OK],
        "ready": not stopping,
        "untouched": [line["place"] for line in asked(case) if not line["touched"]],
        "subsidy": requested_subsidy(facts),
        "asked": requested(case.terms.terms, facts),
        "cost": total_cost(facts),
        "supplementing": case.state == CaseState.SUPPLEMENTING,
        "refusal": permissions.submit_refusal(user, case, now),
        "primary_url": "",
        "late": service.is_late(case, now),
        "paper": is_paper(case),
    }
    return render(request, "applications/submit/check.html", context)


def _by_section(stopping: list[Finding], urls: dict[Section, str]) -> list[dict[str, Any]]:
    grouped = selectors.by_section(stopping)
    return [
        {"label": section.label, "url": urls.get(section, ""), "findings": grouped[section]}
        for section in Section
        if section in grouped
    ]


def _errors(found: list[Finding]) -> list[Finding]:
    return [f for f in found if f.severity is Severity.ERROR]


@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The question before handing in. GET opens the time that counts; POST hands in, once."""
    user, now = user_of(request), clock.now()
    case = selectors.get_case(user, pk)
    if request.method == "POST":
        return _hand_in(request, case)
    if reason := permissions.submit_refusal(user, case, now):
        messages.info(request, reason)
        return redirect("cases:submit" if case.is_draft else "cases:record", case.pk)
    facts = selectors.facts(case)
    found = selectors.findings(case, now, facts=facts)
    if service.stopping(case, found, actor=user, now=now):
        messages.error(request, "還有需要修正的地方，修正後才能送出。")
        return redirect("cases:submit", case.pk)
    supplementing = case.state == CaseState.SUPPLEMENTING
    files = len(case.current_documents)  # type: ignore[attr-defined]
    context: dict[str, Any] = {
        "case": case,
        "title": "確定送出補件？" if supplementing else "確定送出申請？",
        "hidden": [
            {"name": "token", "value": service.confirmation_token(case=case, now=now)},
        ],
        "summary": [
            {"label": case.terms.terms.applicant, "value": case.organisation.name},
            {"label": "計畫名稱", "value": case.title},
            *_asked_rows(case, facts),
            {"label": "申請補助款", "value": f"{fmt(requested_subsidy(facts))} 元"},
            {"label": "附件", "value": f"{files} 個檔案"},
            *_paper_rows(case),
        ],
        "consequences": _consequences(case, supplementing),
        "submit_label": "送出補件" if supplementing else "送出申請",
        "cancel_url": reverse("cases:submit", args=[case.pk]),
    }
    return render(request, "applications/submit/confirm.html", context)


def _asked_rows(case: Case, facts: CaseFacts) -> list[dict[str, str]]:
    """What is asked for, where it is not money alone."""
    terms = case.terms.terms
    if terms.in_dollars:
        return []
    return [{"label": f"申請{terms.grant.noun}", "value": terms.grant.say(requested(terms, facts))}]


def _paper_rows(case: Case) -> list[dict[str, str]]:
    if not is_paper(case) or case.received_at:
        return []
    return [{"label": "收件日期", "value": f"{roc(received_on(case))}（{case.get_channel_display()}）"}]


def _consequences(case: Case, supplementing: bool) -> list[str]:
    lines = ["送出時會重新讀取並核對每一個檔案，核對完成才給收件回條。"]
    if supplementing:
        due = permissions.open_items(case)[0].supplement.due_on
        lines.insert(0, f"送出後，這次補件就完成了，內容不能再修改。補件期限是 {roc(due)}。")
    else:
        lines.insert(0, "送出後內容就不能再修改，除非計畫辦公室通知補件。")
        kept = "送件資料不論通過、未通過或撤案，都不退還（S3）。" if case.terms.terms.has_rule("S3") else ""
        lines.append(f"{kept}決審核定前可以撤案。")
        if not is_paper(case):
            minutes = case.terms.terms.settings.grace_minutes
            lines.append(
                f"受理到 {roc_datetime(selectors.closes_at(case))} 截止。以打開這一頁的時間為準，"
                f"截止後 {minutes} 分鐘內完成送出都算準時。"
            )
    return lines


def _hand_in(request: HttpRequest, case: Case) -> HttpResponse:
    user = user_of(request)
    try:
        service.submit(case=case, token=request.POST.get("token", ""), actor=user, now=clock.now())
    except service.SubmissionRefused:
        messages.error(request, "還有需要修正的地方，修正後才能送出。")
    except ValidationError as refused:
        messages.error(request, "".join(refused.messages))
    except FileDamaged as damaged:
        messages.error(request, f"{damaged} 或者請重新上傳這個檔案，再送出一次。")
    except PermissionDenied as moved_on:
        if permissions.write_refusal(user, case):
            raise
        # Handed in, or withdrawn, from another window a moment ago: nothing that somebody did wrong.
        messages.info(request, str(moved_on))
        return redirect("cases:submit" if case.is_draft else "cases:record", case.pk)
    else:
        return redirect("cases:submitted", case.pk)
    return redirect("cases:submit", case.pk)


@require_safe
def submitted(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """It arrived: the case number in large type, what comes next, the receipt as soon as it is typeset."""
    user, now = user_of(request), clock.now()
    case = selectors.get_case(user, pk, content=False)
    latest = case.submissions.order_by("-sequence").first()
    if latest is None:
        return redirect("cases:submit", case.pk)
    supplement = latest.kind == "supplement"
    steps = record.next_steps(case, now.date())
    context = {
        "case": case,
        "submission": latest,
        "title": "補件已送出" if supplement else "申請已送出",
        "text": f"{roc_datetime(latest.at)}:{latest.at.astimezone(TAIPEI):%S} 由 {latest.by_name} 送出。",
        "received": record.received_words(case),
        "next": steps[:1] if supplement else steps,
        "stages": selectors.stages(case, now),
        "papers": record.papers(case, user),
    }
    return render(request, "applications/submit/submitted.html", context)


@require_safe
def papers_progress(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The fragment that the page above polls until every paper is there."""
    user = user_of(request)
    case = selectors.get_case(user, pk, content=False)
    return render(
        request,
        "applications/submit/_papers.html",
        {"case": case, "papers": record.papers(case, user)},
    )
