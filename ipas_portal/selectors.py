"""What the homes and the search show, each in a bounded number of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse

from accounts import selectors as accounts
from accounts.enums import MemberRole
from accounts.models import Role, User
from applications.enums import CaseState
from applications.models import Case, CaseOutcome, Supplement
from core.rocdate import roc, roc_datetime
from ipas_portal.links import case_url, meeting_url
from programs.models import Call
from programs.selectors import days_left, open_calls
from review.enums import MeetingState
from review.models import Assignment, DecisionMeeting
from review.services.guard import own_meetings

FINISHED = (CaseState.REJECTED, CaseState.RETURNED, CaseState.WITHDRAWN, CaseState.FORFEITED)


@dataclass(slots=True)
class Task:
    """Something that waits for somebody: since when, what to do, where, until when."""

    title: str
    next: str
    url: str
    action: str
    since: datetime
    due: str = ""
    state: str = ""
    tone: str = "mine"


@dataclass(slots=True)
class CaseRow:
    """A case in a list of the home page."""

    case: Case
    url: str
    label: str
    tone: str
    next: str = ""


@dataclass(slots=True)
class ApplicantHome:
    """The applicant's home."""

    tasks: list[Task] = field(default_factory=list)
    waiting: list[CaseRow] = field(default_factory=list)
    finished: list[CaseRow] = field(default_factory=list)
    requests: list[Any] = field(default_factory=list)
    calls: list[dict[str, Any]] = field(default_factory=list)
    organisations: list[Any] = field(default_factory=list)


MAX_CASES = 60


def calls_open(now: datetime) -> list[dict[str, Any]]:
    """Open calls with the days that are left, the most urgent first. One query."""
    return [{"call": call, "days": days_left(call, now)} for call in open_calls(now)]


def _remaining(days: int) -> str:
    return "今天截止" if days == 0 else f"還有 {days} 天" if days > 0 else "已經截止"


def applicant_home(user: User, now: datetime) -> ApplicantHome:
    """What waits for this person as a member of companies, oldest first; then what others work on."""
    home = ApplicantHome(
        organisations=user.membership_list, calls=calls_open(now), requests=accounts.requests_of(user)
    )
    for invitation in accounts.invitations_to(user, now):
        home.tasks.append(
            Task(
                title=f"加入「{invitation.organisation.name}」的邀請",
                next=f"對方邀請您擔任{invitation.get_role_display()}，請接受或略過。",
                url=reverse("organisation:accept_invitation", args=[invitation.token]),
                action="查看邀請",
                since=invitation.created_at,
                due=roc(invitation.expires_at),
                state="等您回覆",
            )
        )
    for asked in accounts.requests_to_answer(user):
        home.tasks.append(
            Task(
                title=f"{asked.user.name} 申請加入「{asked.organisation.name}」",
                next="請確認對方身分，再同意或婉拒。",
                url=reverse("organisation:answer_join", args=[asked.pk]),
                action="回覆",
                since=asked.created_at,
                state="等您回覆",
            )
        )
    cases = list(
        Case.objects.filter(organisation__in=user.organisation_roles)
        .for_list()
        .prefetch_related("window_extensions")
        .order_by("-updated_at")[:MAX_CASES]
    )
    open_supplements = {
        s.case_id: s for s in Supplement.objects.filter(case__in=[c.pk for c in cases], state="open")
    }
    for case in cases:
        url = case_url(user, case)
        title = case.title or "（尚未填計畫名稱）"
        may_write = user.organisation_roles[case.organisation_id] in (MemberRole.OWNER, MemberRole.EDITOR)
        if case.state == CaseState.DRAFT:
            closes = case.closes_at()
            left = (closes.astimezone(now.tzinfo).date() - now.date()).days
            if now > closes:
                home.finished.append(CaseRow(case, url, "逾期未送出", "neutral", f"{roc(closes)} 截止"))
            elif not may_write:
                home.waiting.append(CaseRow(case, url, case.applicant_label, "waiting", "同事填寫中"))
            else:
                home.tasks.append(
                    Task(
                        title=title,
                        next="繼續填寫，檢查後送出申請。",
                        url=url,
                        action="繼續填寫",
                        since=case.created_at,
                        due=f"{roc_datetime(closes)}（{_remaining(left)}）",
                        state=case.applicant_label,
                    )
                )
        elif case.state == CaseState.SUPPLEMENTING:
            supplement = open_supplements.get(case.pk)
            due = supplement.due_on if supplement else None
            days = f"（{_remaining((due - now.date()).days)}）" if due else ""
            home.tasks.append(
                Task(
                    title=f"{case.number} {title}",
                    next="依通知補正，再送出補件。"
                    if may_write
                    else f"{case.organisation.called.noun}的擁有者或編輯者要補正後送出。",
                    url=url,
                    action="查看補件事項",
                    since=supplement.requested_at if supplement else case.updated_at,
                    due=f"{roc(due)}{days}" if due else "",
                    state=case.applicant_label,
                )
            )
        elif case.state == CaseState.APPROVED:
            home.tasks.append(
                Task(
                    title=f"{case.number} {title}",
                    next="下載核定函與契約，在期限內完成簽約。",
                    url=url,
                    action="查看核定結果",
                    since=case.closed_at or case.updated_at,
                    state=case.applicant_label,
                    tone="done",
                )
            )
        elif case.state in FINISHED:
            home.finished.append(CaseRow(case, url, case.applicant_label, "neutral"))
        else:
            home.waiting.append(CaseRow(case, url, case.applicant_label, "waiting", "主辦單位處理中"))
    _add_sign_by(home, cases)
    home.tasks.sort(key=lambda task: task.since)
    return home


def _add_sign_by(home: ApplicantHome, cases: list[Case]) -> None:
    """The signing deadline of approved cases, known by their outcome. At most one query."""
    approved = {case.number: case.pk for case in cases if case.state == CaseState.APPROVED}
    if not approved:
        return
    deadlines = dict(
        CaseOutcome.objects.filter(case__in=approved.values()).values_list("case__number", "sign_by")
    )
    for task in home.tasks:
        number = task.title.partition(" ")[0]
        if task.tone == "done" and (day := deadlines.get(number)):
            task.due = f"{roc(day)} 前簽約"


def supervisor_home(user: Any, now: datetime) -> dict[str, Any]:
    """Meetings to confirm, oldest first; money by call; cases by call and state. Six queries at most."""
    meetings = list(
        DecisionMeeting.objects.filter(state=MeetingState.ADOPTED)
        .select_related("call__current_terms", "adopted")
        .annotate(
            total=Coalesce(Sum("adopted__allocations__amount"), 0),
            granted=Count(
                "adopted__allocations__case", distinct=True, filter=Q(adopted__allocations__amount__gt=0)
            ),
        )
        .order_by("adopted_at")
    )
    own = own_meetings(user)
    tasks = [
        Task(
            title=meeting.name,
            next=f"{meeting.call.name}：擬{meeting.call.terms.grant.verb} {meeting.granted} 件，"
            f"共 {meeting.call.terms.grant.say(meeting.total)}。"
            if meeting.pk not in own
            else f"{meeting.call.name}：有您所屬單位的申請案，請由另一位主管核定。",
            url=meeting_url(meeting.pk),
            action="檢視並核定",
            since=meeting.adopted_at,  # type: ignore[arg-type]
            state="待核定",
        )
        for meeting in meetings
    ]
    calls = list(Call.objects.listed().with_terms().order_by("-opens_at")[:12])
    pks = [call.pk for call in calls]
    committed = dict(
        CaseOutcome.objects.filter(case__call__in=pks)
        .order_by()
        .values_list("case__call")
        .annotate(total=Sum("granted"))
    )
    requested = dict(
        Case.objects.submitted()
        .exclude(state=CaseState.WITHDRAWN)
        .filter(call__in=pks)
        .order_by()
        .values_list("call")
        .annotate(total=Sum("budget_lines__subsidy"))
    )
    heads = [call.pk for call in calls if not call.terms.in_dollars]
    if heads:
        requested |= dict(
            Case.objects.submitted()
            .exclude(state=CaseState.WITHDRAWN)
            .filter(call__in=heads)
            .order_by()
            .values_list("call")
            .annotate(total=Sum("partners__heads"))
        )
    counts: dict[tuple[int, str], int] = {
        (call, state): count
        for call, state, count in Case.objects.submitted()
        .filter(call__in=pks)
        .order_by()
        .values_list("call", "state")
        .annotate(count=Count("pk"))
    }
    states = [state for state in CaseState if state != CaseState.DRAFT]
    rows = [
        {
            "call": call,
            "unit": call.terms.grant.unit,
            "is_open": call.is_open(now),
            "requested": requested.get(call.pk) or 0,
            "committed": committed.get(call.pk) or 0,
            "left": call.envelope - (committed.get(call.pk) or 0),
            "counts": [counts.get((call.pk, state), 0) for state in states],
            "total": sum(counts.get((call.pk, state), 0) for state in states),
            "parts": _parts(call.envelope, committed.get(call.pk) or 0),
        }
        for call in calls
    ]
    return {"tasks": tasks, "rows": rows, "states": [state.label for state in states]}


def _parts(envelope: int, committed: int) -> list[dict[str, Any]]:
    """Two parts of the envelope for ``components/bar.html``, in whole percent."""
    share = min(100, committed * 100 // envelope) if envelope else 0
    return [
        {"label": "已核定", "amount": committed, "start": 0, "width": share, "tone": 1},
        {
            "label": "尚未核定",
            "amount": envelope - committed,
            "start": share,
            "width": 100 - share,
            "tone": "rest",
        },
    ]


def administrator_home(now: datetime) -> dict[str, Any]:
    """Accounts that need a look, and how many there are of each role. Five queries."""
    staff = User.objects.filter(is_active=True, roles__isnull=False).distinct()
    idle_since = now - timedelta(days=60)
    return {
        "roles": list(Role.objects.annotate(number=Count("users", filter=Q(users__is_active=True)))),
        "applicants": User.objects.filter(is_active=True, roles=None).count(),
        "never": list(staff.filter(last_login=None).order_by("date_joined")[:20]),
        "without_mfa": list(
            staff.filter(roles__needs_mfa=True)
            .annotate(factors=Count("authenticator"))
            .filter(factors=0)
            .order_by("email")[:20]
        ),
        "idle": list(staff.filter(last_login__lt=idle_since).order_by("last_login")[:20]),
        "disabled": User.objects.filter(is_active=False).count(),
    }


def sheets_of(user: Any, cases: Sequence[Case]) -> dict[Any, int]:
    """Case → the person's own assignment, for those who know cases only as an expert. At most one query."""
    if user.has_permission("case.view_all") or not user.has_permission("score.write"):
        return {}
    own = Assignment.objects.mine(user).active().filter(panel_case__case__in=cases)
    return dict(own.values_list("panel_case__case", "pk"))


def search_cases(user: Any, text: str) -> QuerySet[Case]:
    """Cases that the user may know of whose number, title, company or 統一編號 contains the text.

    Reviewers find the cases that are assigned to them.
    """
    found = Case.objects.visible_to(user)
    if user.has_permission("score.write") and not user.has_permission("case.view_all"):
        assigned = Assignment.objects.mine(user).active().values("panel_case__case")
        found = Case.objects.filter(Q(pk__in=found.values("pk")) | Q(pk__in=assigned))
    return (
        found.filter(
            Q(number__icontains=text)
            | Q(title__icontains=text)
            | Q(organisation__name__icontains=text)
            | Q(organisation__ubn__startswith=text)
        )
        .for_list()
        .order_by("-updated_at", "pk")
    )
