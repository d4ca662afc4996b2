"""The office's panels: forming, members, cases, assignment. No score is on any of these pages before all are in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import needs
from applications.models import Case
from core import clock
from programs.models import Call
from review import permissions
from review.enums import AssignmentState, InvitationState, PanelCaseState, PanelState
from review.forms.panels import PanelEditForm, PanelFilterForm, PanelForm, ReplaceForm
from review.models import Assignment, Panel, PanelCase, PanelMember, ReviewerProfile
from review.rules.assignment import AssignmentError
from review.selectors import panels as selectors
from review.selectors import people
from review.services import assignments as assignment_services
from review.services import panels as services
from review.views.common import attempt, form_attempt, posted_number, user_of

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


def _panel(pk: int) -> Panel:
    return get_object_or_404(Panel.objects.select_related("call__current_terms"), pk=pk)


@require_safe
@needs(permissions.MANAGE)
def panel(request: HttpRequest, pk: int) -> HttpResponse:
    """One panel: members, gender share, cases and how far each is."""
    row = _panel(pk)
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
    row = _panel(pk)
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
    row = _panel(pk)
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
    row = _panel(pk)
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
    row = _panel(pk)
    attempt(
        request,
        lambda: services.start_panel(panel=row, actor=user_of(request), now=clock.now()),
        "評分已開始，已通知有案件的委員。",
    )
    return redirect("review:panel", pk)


# ---- assignment ----------------------------------------------------------------------------------


@needs(permissions.MANAGE)
def panel_assign(request: HttpRequest, pk: int) -> HttpResponse:
    """The automatic plan: looked at first, then applied exactly as seen."""
    row = _panel(pk)
    if reason := permissions.manage_refusal(user_of(request), row):
        raise PermissionDenied(reason)
    if request.method == "POST":
        done = attempt(
            request,
            lambda: assignment_services.assign_automatically(
                panel=row, digest=request.POST.get("digest", ""), actor=user_of(request), now=clock.now()
            ),
        )
        if done is None:
            return redirect("review:panel_assign", pk)
        if done and done is not True:
            messages.success(request, f"已指派 {len(done)} 人次。")
        else:
            messages.info(request, "沒有需要新增的指派。")
        return redirect("review:panel", pk)
    page, error = None, ""
    try:
        page = selectors.plan(row)
        selectors.hide_own(page, user_of(request).organisation_roles)
    except AssignmentError as problem:
        error = str(problem)
    return render(
        request,
        "review/panels/assign.html",
        {
            "panel": row,
            "page": page,
            "error": error,
            "per_case": row.call.terms.settings.reviewers_per_case,
        },
    )


@require_safe
@needs(permissions.MANAGE)
def seat(request: HttpRequest, pk: int) -> HttpResponse:
    """One case of a panel: who reviews it, who could, who must not and why; its scores once all are in."""
    row = selectors.get_seat(user_of(request), pk)
    if row is None:
        raise Http404
    candidates = selectors.candidates(row)
    chair = next((c for c in candidates if c.is_chair), None)
    recused = chair is not None and chair.assignment is not None and chair.assignment.state == "recused"
    leads = chair is None or bool(chair.conflicts) or chair.declared or recused
    active = [a for a in row.assignments.all() if a.state not in people.OUT]
    return render(
        request,
        "review/panels/seat.html",
        {
            "seat": row,
            "panel": row.panel,
            "company": selectors.company_name(row.case),
            "candidates": candidates,
            "assignments": [
                {"a": a, "tone": selectors.STATE_TONES[AssignmentState(a.state)]}
                for a in row.assignments.all()
            ],
            "missing": max(0, row.panel.call.terms.settings.reviewers_per_case - len(active)),
            "open": row.state == PanelCaseState.OPEN and row.panel.state != PanelState.CLOSED,
            "leads": leads and row.panel.state != PanelState.FORMING,
            "revealed": permissions.revealed(active),
        },
    )


@require_POST
@needs(permissions.MANAGE)
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the case to one expert by hand."""
    row = selectors.get_seat(user_of(request), pk)
    if row is None:
        raise Http404
    reviewer = get_object_or_404(ReviewerProfile, pk=posted_number(request, "reviewer"))
    attempt(
        request,
        lambda: assignment_services.assign(
            seat=row, reviewer=reviewer, actor=user_of(request), now=clock.now()
        ),
        "已指派。",
    )
    return redirect("review:seat", pk)


@needs(permissions.MANAGE)
def assignment_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a case back from an expert with a reason, and give it to another one at once if wanted."""
    assignment = get_object_or_404(Assignment.objects.select_related("reviewer__user"), pk=pk)
    row = selectors.get_seat(user_of(request), assignment.panel_case_id)
    if row is None:
        raise Http404
    able = {
        str(c.profile.pk): c
        for c in selectors.candidates(row)
        if not c.refusal and c.profile.active and c.profile.pk != assignment.reviewer_id
    }
    choices = [
        (
            key,
            f"{c.profile.user.name}（{c.load} 件{'，已達上限' if c.full else ''}{'；專長相符' if c.skills else ''}）",
        )
        for key, c in able.items()
    ]
    form = ReplaceForm(request.POST or None, candidates=choices)
    if request.method == "POST" and form.is_valid():
        data: dict[str, Any] = form.cleaned_data
        other = able.get(data["reviewer"])
        assignment.panel_case = row

        def act() -> Any:
            common: dict[str, Any] = {
                "assignment": assignment,
                "reason": data["reason"],
                "actor": user_of(request),
                "now": clock.now(),
            }
            if other is None:
                return assignment_services.remove(**common)
            return assignment_services.replace(reviewer=other.profile, **common)

        if form_attempt(form, act):
            messages.success(request, f"已改派給 {other.profile.user.name}。" if other else "已取消指派。")
            return redirect("review:seat", row.pk)
    return render(
        request,
        "components/confirm.html",
        {
            "title": f"取消 {assignment.reviewer.user.name} 對 {row.case.number} 的指派",
            "intro": "取消後，這位委員不再看得到這件，已填但未送出的評分不會採計。",
            "form": form,
            "submit_label": "取消指派",
            "danger": True,
            "cancel_url": reverse("review:seat", args=[row.pk]),
        },
        status=422 if form.is_bound else 200,
    )
