"""Inquiries as the office works on them: the queue, one of them, the report; and the settings of the service."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import needs
from core import clock
from core.sheets import write_ods, write_xlsx
from core.uploads import CONTENT_TYPES
from outreach import permissions
from outreach.enums import InquiryKind, PublicationKind
from outreach.forms.desk import AnswerForm, AssignForm, ConcernedForm, NoteForm, QueueForm, ServiceForm
from outreach.models import Inquiry, InquiryFile, Publication, ServiceSettings
from outreach.selectors import inquiries as selectors
from outreach.services import inquiries as services
from outreach.services.service import save_settings
from outreach.views.common import attempt, form_attempt, give
from outreach.workflow import INQUIRY

PER_PAGE = 50
DESK = (permissions.ANSWER, permissions.SUPERVISE)
_LABELS = {step.action: step.label for step in INQUIRY.transitions}


@require_safe
@needs(*DESK)
def queue(request: HttpRequest) -> HttpResponse:
    """The queue with saved views and filters in the address."""
    user: Any = request.user
    today = clock.today()
    form = QueueForm(request.GET)
    chosen = form.chosen()
    usual = "waiting" if user.has_permission(permissions.ANSWER) else "escalated"
    view = request.GET.get("view", usual)
    view = view if view in selectors.VIEWS else usual
    page = Paginator(selectors.queue(user, view=view, today=today, **chosen), PER_PAGE).get_page(
        request.GET.get("page")
    )
    for row in page.object_list:
        row.overdue = row.is_waiting and row.due_on < today  # type: ignore[attr-defined]
    counts = selectors.view_counts(user, today)
    base = reverse("outreach:inquiries")
    views = [
        {
            "label": label,
            "url": f"{base}?view={name}",
            "count": counts[name],
            "active": name == view,
            "problem": name in ("overdue", "escalated"),
        }
        for name, label in selectors.VIEWS.items()
    ]
    return render(
        request,
        "outreach/queue.html",
        {
            "form": form,
            "views": views,
            "extra": [{"name": "view", "value": view}],
            "clear_url": f"{base}?view={view}" if chosen else "",
            "page_obj": page,
            "view_label": selectors.VIEWS[view],
            "user_edits": user.has_permission(permissions.EDIT),
        },
    )


def get_inquiry(request: HttpRequest, pk: int) -> Inquiry:
    """The inquiry, if this person may know of it; else 404."""
    found = Inquiry.objects.visible_to(request.user).select_related("topic", "assignee")
    return get_object_or_404(found, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(*DESK)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One inquiry; POST answers it. ``?faq=`` begins the answer with a published one."""
    row = get_inquiry(request, pk)
    form = AnswerForm(request.POST or None, request.FILES or None, initial={"text": _begun(request)})
    if request.method == "POST" and form.is_valid():
        done = form_attempt(
            form,
            lambda: services.answer(
                inquiry=row,
                text=form.cleaned_data["text"],
                uploads=form.cleaned_data["file"],
                actor=request.user,  # type: ignore[arg-type]
                now=clock.now(),
            ),
        )
        if done:
            messages.success(request, f"{row.number} 已答覆，通知信已寄出。")
            return redirect("outreach:inquiry", pk)
    return _page(request, row, form, NoteForm())


def _begun(request: HttpRequest) -> str:
    """The words of the answer that was chosen to begin with."""
    number = request.GET.get("faq", "")
    if not (number.isascii() and number.isdigit() and len(number) < 16):
        return ""
    shown = Publication.objects.shown(clock.now()).filter(kind=PublicationKind.FAQ, pk=int(number)).first()
    return shown.body if shown else ""


def _page(request: HttpRequest, row: Inquiry, form: AnswerForm, note: NoteForm) -> HttpResponse:
    user: Any = request.user
    now = clock.now()
    people = selectors.answerers(row) if row.is_waiting else []
    everybody = selectors.office_people()
    concerned = [person.pk for person in row.concerned.all()]
    wrong = bool(form.errors or note.errors)
    is_complaint = row.kind == InquiryKind.COMPLAINT
    return render(
        request,
        "outreach/inquiry.html",
        {
            "inquiry": row,
            "messages_said": selectors.thread(row, notes=True),
            "history": [
                {"row": step, "label": _LABELS.get(step.action, "")} for step in row.transitions.all()
            ],
            "form": form,
            "note": note,
            "refusal": permissions.answer_refusal(user, row),
            "assign": AssignForm(people=people) if people else None,
            "mine": row.assignee_id == user.pk,
            "concerned": ConcernedForm(people=everybody, initial={"people": concerned})
            if is_complaint
            else None,
            "templates": selectors.answers_to_use(row, now) if row.is_waiting else [],
            "overdue": row.is_waiting and row.due_on < now.date(),
            "overdue_words": "已提報主辦機關，請儘快答覆。"
            if row.escalated_at
            else "答覆期限已過，系統會提報督導。",
            "may_make_faq": row.answered_at is not None and user.has_permission(permissions.EDIT),
            "made": list(row.publications.all()),
            "file_base": reverse("outreach:inquiry", args=[row.pk]),
            "form_errors": wrong,
        },
        status=422 if wrong else 200,
    )


@require_POST
@needs(*DESK)
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Take it oneself."""
    row = get_inquiry(request, pk)
    user: Any = request.user
    attempt(
        request,
        lambda: services.assign(inquiry=row, to=user, actor=user, now=clock.now()),
        "這一件由您承辦。",
    )
    return redirect("outreach:inquiry", pk)


@require_POST
@needs(*DESK)
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give it to somebody."""
    row = get_inquiry(request, pk)
    form = AssignForm(request.POST, people=selectors.answerers(row))
    if not form.is_valid():
        messages.error(request, "請從清單選擇承辦人；這一件沒有改派。")
        return redirect("outreach:inquiry", pk)
    to = form.cleaned_data["to"]
    user: Any = request.user
    attempt(
        request,
        lambda: services.assign(inquiry=row, to=to, actor=user, now=clock.now()),
        f"已交給 {to} 承辦。",
    )
    return redirect("outreach:inquiry", pk)


@require_POST
@needs(*DESK)
def add_note(request: HttpRequest, pk: int) -> HttpResponse:
    """A note among the office."""
    row = get_inquiry(request, pk)
    note = NoteForm(request.POST)
    if not note.is_valid():
        return _page(request, row, AnswerForm(), note)
    services.note(inquiry=row, text=note.cleaned_data["text"], actor=request.user, now=clock.now())  # type: ignore[arg-type]
    messages.success(request, "已加上註記；來信的人看不到。")
    return redirect("outreach:inquiry", pk)


@require_POST
@needs(*DESK)
def concerned(request: HttpRequest, pk: int) -> HttpResponse:
    """Say whom a complaint is about."""
    row = get_inquiry(request, pk)
    if row.kind != InquiryKind.COMPLAINT:
        raise Http404
    form = ConcernedForm(request.POST, people=selectors.office_people())
    if not form.is_valid():
        messages.error(request, "名單有誤，沒有更改。請重新整理後再試。")
        return redirect("outreach:inquiry", pk)
    people = list(form.cleaned_data["people"])
    attempt(
        request,
        lambda: services.set_concerned(
            inquiry=row,
            people=people,
            actor=request.user,  # type: ignore[arg-type]
            now=clock.now(),
        ),
        "已更新迴避名單。",
    )
    if request.user in people:
        return redirect("outreach:inquiries")
    return redirect("outreach:inquiry", pk)


@require_safe
@needs(*DESK)
def inquiry_file(request: HttpRequest, pk: int, file: int) -> HttpResponseBase:
    """A file that came with an inquiry."""
    row = get_inquiry(request, pk)
    return give(
        request,
        get_object_or_404(
            InquiryFile.objects.filter(message__inquiry=row).select_related("file"), pk=file
        ).file,
    )


@require_safe
@needs(*DESK)
def report(request: HttpRequest) -> HttpResponse:
    """Count, on-time rate and satisfaction by month; each number leads to its rows. Also as XLSX and ODS."""
    today = clock.today()
    text = request.GET.get("year", "")
    year = int(text) + 1911 if text.isascii() and text.isdigit() and len(text) == 3 else today.year
    kind = request.GET.get("kind", "")
    kind = kind if kind in InquiryKind.values else ""
    lines, total = selectors.report(request.user, kind=kind, year=year, today=today)
    wanted = request.GET.get("format")
    if wanted in ("xlsx", "ods"):
        write = write_xlsx if wanted == "xlsx" else write_ods
        body = write(selectors.REPORT_HEADER, selectors.report_rows([*lines, total]), title="詢問與申訴")
        response = HttpResponse(body, content_type=CONTENT_TYPES[wanted])
        response["Content-Disposition"] = f'attachment; filename="inquiries-{year - 1911}.{wanted}"'
        return response
    return render(
        request,
        "outreach/report.html",
        {
            "lines": [line for line in lines if line.received],
            "total": total,
            "year": year - 1911,
            "kind": kind,
            "kinds": InquiryKind.choices,
            "goal": ServiceSettings.current().satisfaction_goal,
            "user_edits": request.user.has_permission(permissions.EDIT),  # type: ignore[union-attr]
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(permissions.EDIT)
def service(request: HttpRequest) -> HttpResponse:
    """What the service promises."""
    current = ServiceSettings.current()
    initial = {name: getattr(current, name) for name in ServiceForm.base_fields}
    form = ServiceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        save_settings(data=form.cleaned_data, actor=request.user, now=clock.now())  # type: ignore[arg-type]
        messages.success(request, "設定已儲存；之後收到的來信照新的期限計算。")
        return redirect("outreach:service")
    return render(request, "outreach/service.html", {"form": form}, status=422 if form.errors else 200)
