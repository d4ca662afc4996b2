"""The office's panels: forming, members, cases. No score is on any of these pages before all are in."""

from __future__ import annotations

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import needs
from applications.models import Case
from core import clock
from programs.models import Call
from review import permissions
from review.enums import InvitationState, PanelState
from review.forms.panels import PanelEditForm, PanelFilterForm, PanelForm
from review.models import Panel, PanelCase, PanelMember
from review.selectors import panels as selectors
from review.selectors import people
from review.services import panels as services
from review.views.common import attempt, form_attempt, user_of

MEMBER_TONES = {
    InvitationState.INVITED: "waiting",
    InvitationState.ACCEPTED: "done",
    InvitationState.DECLINED: "neutral",
}
PANEL_TONES = {PanelState.FORMING: "mine", PanelState.SCORING: "waiting", PanelState.CLOSED: "done"}


@require_safe
@needs(permissions.MANAGE)
def panels(request: HttpRequest) -> HttpResponse:
    """All panels with their progress."""
    form = PanelFilterForm(request.GET, calls=list(Call.objects.public()))
    chosen = form.chosen()
    today = clock.today()
    rows = [
        {
            "panel": panel,
            "tone": PANEL_TONES[PanelState(panel.state)],
            "chair": next((m.reviewer.user.name for m in panel.members.all() if m.is_chair), ""),
            "members": sum(m.state == InvitationState.ACCEPTED for m in panel.members.all()),
            "late": selectors.overdue(panel, today),
        }
        for panel in selectors.panel_list(**chosen)
    ]
    return render(
        request,
        "review/panels/list.html",
        {"form": form, "rows": rows, "clear_url": reverse("review:panels") if chosen else ""},
    )


@needs(permissions.MANAGE)
def panel_new(request: HttpRequest) -> HttpResponse:
    """A new panel."""
    calls = list(Call.objects.public().with_terms())
    form = PanelForm(request.POST or None, calls=calls)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        call = next(c for c in calls if c.slug == data["call"])
        row = form_attempt(
            form,
            lambda: services.create_panel(
                call=call, name=data["name"], due_on=data["due_on"], actor=user_of(request), now=clock.now()
            ),
            "name",
        )
        if row:
            messages.success(request, "小組已建立，接著邀請委員。")
            return redirect("review:panel", row.pk)
    return render(request, "review/panels/new.html", {"form": form}, status=422 if form.is_bound else 200)


def get_panel(pk: int) -> Panel:
    """The panel with call and terms; else 404. One query."""
    return get_object_or_404(Panel.objects.select_related("call__current_terms"), pk=pk)


@require_safe
@needs(permissions.MANAGE)
def panel(request: HttpRequest, pk: int) -> HttpResponse:
    """One panel: members, gender share, cases and how far each is."""
    row = get_panel(pk)
    today = clock.today()
    page = selectors.panel_page(row, own=user_of(request).organisation_roles)
    return render(
        request,
        "review/panels/panel.html",
        {
            "panel": row,
            "page": page,
            "tone": PANEL_TONES[PanelState(row.state)],
            "members": [
                {"row": m, "tone": MEMBER_TONES[InvitationState(m.member.state)]} for m in page.members
            ],
            "rows": [
                {
                    "row": r,
                    "people": [{"a": a, "tone": selectors.STATE_TONES[a.state]} for a in r.assignments],  # type: ignore[index]
                }
                for r in page.rows
            ],
            "late": selectors.overdue(row, today),
            "open": row.state != PanelState.CLOSED,
            "forming": row.state == PanelState.FORMING,
        },
    )


@needs(permissions.MANAGE)
def panel_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Name, due date, reason for a missing third."""
    row = get_panel(pk)
    if reason := permissions.manage_refusal(user_of(request), row):
        raise PermissionDenied(reason)
    initial = {"name": row.name, "due_on": row.due_on, "gender_reason": row.gender_exception_reason}
    form = PanelEditForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        done = form_attempt(
            form,
            lambda: services.update_panel(
                panel=row,
                name=data["name"],
                due_on=data["due_on"],
                gender_reason=data["gender_reason"],
                actor=user_of(request),
                now=clock.now(),
            ),
        )
        if done:
            messages.success(request, "已更新。")
            return redirect("review:panel", pk)
    return render(
        request,
        "components/confirm.html",
        {
            "title": f"{row.name}的設定",
            "form": form,
            "submit_label": "儲存",
            "cancel_url": reverse("review:panel", args=[pk]),
        },
        status=422 if form.is_bound else 200,
    )


# ---- members -------------------------------------------------------------------------------------


@needs(permissions.MANAGE)
def panel_invite(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose experts of the pool and invite them; the gender share is counted as one picks."""
    row = get_panel(pk)
    if reason := permissions.manage_refusal(user_of(request), row):
        raise PermissionDenied(reason)
    members = {m.reviewer_id: m for m in row.members.select_related("reviewer")}
    everybody = list(people.pool(active="yes"))
    if request.method == "POST":
        picked = set(request.POST.getlist("reviewer"))
        chosen = [r for r in everybody if str(r.pk) in picked]
        if not chosen:
            messages.error(request, "請先勾選要邀請的委員。")
            return redirect("review:panel_invite", pk)
        done = attempt(
            request,
            lambda: services.invite(panel=row, reviewers=chosen, actor=user_of(request), now=clock.now()),
        )
        if done:
            if done is not True:
                messages.success(request, f"已寄出 {len(done)} 封邀請。")
            return redirect("review:panel", pk)
        return redirect("review:panel_invite", pk)
    terms = row.call.terms
    labels = people.skill_labels()
    rows = []
    for reviewer in everybody:
        member = members.get(reviewer.pk)
        rows.append(
            {
                "row": reviewer,
                "skills": [labels.get(s.job_role, s.job_role) for s in reviewer.skills.all()],
                "member": member,
                "free": member is None or member.state == InvitationState.DECLINED,
            }
        )
    share = terms.settings.panel_gender_share
    seated = [m.reviewer.gender for m in members.values() if m.state != InvitationState.DECLINED]
    return render(
        request,
        "review/panels/invite.html",
        {
            "panel": row,
            "rows": sorted(rows, key=lambda r: not r["free"]),
            "balance": selectors.balance(row, list(members.values())),
            "women": seated.count("female"),
            "men": seated.count("male"),
            "total": len(seated),
            "share": f"{share.numerator}/{share.denominator}",
        },
    )


def _member(pk: int) -> PanelMember:
    return get_object_or_404(PanelMember.objects.select_related("panel", "reviewer__user"), pk=pk)


@require_POST
@needs(permissions.MANAGE)
def member_remind(request: HttpRequest, pk: int) -> HttpResponse:
    """Send an invitation again."""
    member = _member(pk)
    sent = services.remind(member=member, actor=user_of(request), now=clock.now())
    if sent:
        messages.success(request, f"已再寄一次邀請給 {member.reviewer.user.name}。")
    else:
        messages.info(request, "剛才已經寄過，或委員已經回覆，沒有再寄。")
    return redirect("review:panel", member.panel_id)


@require_POST
@needs(permissions.MANAGE)
def member_chair(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a member the chair."""
    member = _member(pk)
    attempt(
        request,
        lambda: services.set_chair(member=member, actor=user_of(request), now=clock.now()),
        f"{member.reviewer.user.name} 已是召集人。",
    )
    return redirect("review:panel", member.panel_id)


@require_POST
@needs(permissions.MANAGE)
def member_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a member off the panel; a second click finds nobody."""
    member = PanelMember.objects.select_related("panel", "reviewer__user").filter(pk=pk).first()
    if member is None:
        return redirect("review:panels")
    attempt(
        request,
        lambda: services.remove_member(member=member, actor=user_of(request), now=clock.now()),
        f"{member.reviewer.user.name} 已移出小組。",
    )
    return redirect("review:panel", member.panel_id)


# ---- cases ---------------------------------------------------------------------------------------


@needs(permissions.MANAGE)
def panel_cases(request: HttpRequest, pk: int) -> HttpResponse:
    """Put qualified cases before the panel, many at once."""
    row = get_panel(pk)
    if reason := permissions.manage_refusal(user_of(request), row):
        raise PermissionDenied(reason)
    if request.method == "POST":
        # Ids that are no UUIDs, or of other calls, simply match nothing.
        free = {str(c.pk): c for c in Case.objects.filter(call=row.call_id, number__isnull=False)}
        picked = [free[pk_] for pk_ in request.POST.getlist("case") if pk_ in free]
        if not picked:
            messages.error(request, "請先勾選要排入的案件。")
            return redirect("review:panel_cases", pk)
        done = attempt(
            request,
            lambda: services.add_cases(panel=row, cases=picked, actor=user_of(request), now=clock.now()),
        )
        if done is None:
            return redirect("review:panel_cases", pk)
        if done is not True:
            messages.success(request, f"已排入 {len(done)} 件。")
        return redirect("review:panel", pk)
    terms = row.call.terms
    own = user_of(request).organisation_roles
    rows = [
        {
            "case": case,
            "roles": "、".join(
                dict.fromkeys(terms.label("job_roles", t.job_role) for t in case.trainees.all() if t.job_role)
            ),
            "mine": case.organisation_id in own,
        }
        for case in selectors.qualified_cases(row.call)
    ]
    return render(request, "review/panels/cases.html", {"panel": row, "rows": rows})


@require_POST
@needs(permissions.MANAGE)
def case_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a case off a panel that has not started."""
    seat = PanelCase.objects.select_related("panel", "case").filter(pk=pk).first()
    if seat is None:
        return redirect("review:panels")
    attempt(
        request,
        lambda: services.remove_case(seat=seat, actor=user_of(request), now=clock.now()),
        f"{seat.case.number} 已移出小組。",
    )
    return redirect("review:panel", seat.panel_id)


@require_POST
@needs(permissions.MANAGE)
def panel_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Start the scoring."""
    row = get_panel(pk)
    attempt(
        request,
        lambda: services.start_panel(panel=row, actor=user_of(request), now=clock.now()),
        "評分已開始，已通知有案件的委員。",
    )
    return redirect("review:panel", pk)
