"""The meeting's workspace: one scenario on the projector, typed into by two people, and two compared."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.permissions import needs
from core import clock
from core.rocdate import TAIPEI
from core.workflow import TransitionRefused
from review.forms.meetings import NewScenarioForm, ScenarioForm, read_amounts
from review.models import DecisionMeeting, Scenario, ScenarioLog
from review.selectors import decision as read
from review.services import scenarios
from review.services.guard import PROPOSE, VIEW, meeting_refusal
from review.views.common import posted_number
from review.views.meetings import get_meeting, guarded


def _scenario(meeting: DecisionMeeting, pk: int) -> tuple[Scenario, list[Scenario]]:
    """The scenario and all tabs; 404 when it is not of this meeting. One query."""
    tabs = list(meeting.scenarios.all())
    for scenario in tabs:
        scenario.meeting = meeting
    chosen = next((s for s in tabs if s.pk == pk), None)
    if chosen is None:
        raise Http404
    return chosen, tabs


def _bar(board: read.Board) -> dict[str, str]:
    whole = max(board.money.available, board.spent)
    return {
        "spent": read.share(min(board.spent, board.money.available), whole),
        "over": read.share(board.over, whole),
        "mark": read.share(board.money.available, whole),
    }


def _page(
    request: HttpRequest, meeting: DecisionMeeting, scenario: Scenario, tabs: list[Scenario], **more: Any
) -> HttpResponse:
    board = read.board(scenario)
    if typed := more.get("typed"):
        for row in board.rows:
            for cell in row.cells:
                cell.typed = typed.get(f"a{cell.pk}", "")
    editable = meeting.preparing and not meeting_refusal(request.user, PROPOSE, meeting)  # type: ignore[arg-type]
    context = {
        "meeting": meeting,
        "scenario": scenario,
        "tabs": tabs,
        "board": board,
        "bar": _bar(board),
        "words": scenarios.describe(scenario),
        "editable": editable,
        "saved_at": f"{scenario.saved_at.astimezone(TAIPEI):%H:%M}",
        "stale": meeting.preparing and read.basis(meeting.call, meeting) != meeting.basis,
        "others": [s for s in tabs if s.pk != scenario.pk],
    }
    if editable:
        initial = {k: getattr(scenario, k) for k in ("name", "method", "base", "last_case")}
        initial["cut_percent"] = f"{scenario.cut_percent.normalize():f}"
        context["form"] = ScenarioForm(initial=initial)
    status = more.pop("status", 200)
    return render(request, "review/meetings/scenario.html", context | more, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(VIEW)
def scenario_page(request: HttpRequest, pk: int, scenario: int) -> HttpResponse:
    """The workspace. POST saves the typed amounts (without JavaScript: the whole table)."""
    meeting = get_meeting(pk)
    guarded(request, meeting, VIEW)
    chosen, tabs = _scenario(meeting, scenario)
    if request.method != "POST":
        return _page(request, meeting, chosen, tabs)
    guarded(request, meeting, PROPOSE)
    amounts, seen, errors = read_amounts(request.POST)
    auto = request.headers.get("X-Autosave") == "1"
    version = posted_number(request, "version")
    try:
        saved = scenarios.save_amounts(
            scenario=chosen,
            amounts=amounts,
            base_version=version,
            seen=seen if auto else None,
            actor=request.user,  # type: ignore[arg-type]
            now=clock.now(),
        )
    except scenarios.ScenarioConflict as conflict:
        return _conflict(request, meeting, tabs, conflict, auto=auto)
    except (TransitionRefused, ValidationError) as refused:
        words = str(refused) if isinstance(refused, TransitionRefused) else "；".join(refused.messages)
        if auto:
            html = render_to_string("review/meetings/_refused.html", {"words": words})
            return JsonResponse({"status": "conflict", "fragments": {"#conflict": html}}, status=409)
        messages.error(request, words)
        return redirect("meetings:scenario", pk, scenario)
    chosen = saved.scenario
    if auto:
        return _auto_answer(chosen, saved, errors)
    if errors:
        chosen.meeting = meeting
        typed = {name: request.POST[name] for name in errors}
        return _page(
            request, meeting, chosen, tabs, status=422, cell_errors=errors, typed=typed, form_errors=True
        )
    messages.success(request, "金額已儲存。")
    return redirect("meetings:scenario", pk, scenario)


def _auto_answer(scenario: Scenario, saved: scenarios.Saved, errors: dict[str, str]) -> JsonResponse:
    board = read.board(scenario)
    content = {"board": board, "bar": _bar(board), "meeting": scenario.meeting, "scenario": scenario}
    data = {
        "status": "kept" if errors else "saved",
        "version": scenario.version,
        "saved_at": f"{clock.now():%H:%M}",
        "cell_errors": errors,
        "others": {f"a{key}": amount for key, amount in saved.others.items()},
        "rows": {
            row.number: [f"{f.message}{f.remedy}" for f in row.findings] for row in board.rows if row.findings
        },
        "broken": [row.number for row in board.rows if row.broken],
        "fragments": {
            "#board-summary": render_to_string("review/meetings/_summary.html", content),
            "#board-findings": render_to_string("review/meetings/_findings.html", content),
        },
    }
    return JsonResponse(data, status=422 if errors else 200)


def _conflict(
    request: HttpRequest,
    meeting: DecisionMeeting,
    tabs: list[Scenario],
    conflict: scenarios.ScenarioConflict,
    *,
    auto: bool,
) -> HttpResponse:
    scenario = conflict.scenario
    scenario.meeting = meeting
    last = ScenarioLog.objects.filter(scenario=scenario, version=scenario.version).first()
    labels = {account.key: account.label for account in meeting.call.terms.award_lines}
    clashes = [
        {
            "pk": c.pk,
            "case": c.case,
            "label": labels.get(c.account, c.account),
            "mine": c.mine,
            "theirs": c.theirs,
        }
        for c in conflict.clashes
    ]
    content = {"clashes": clashes[:20], "more": max(0, len(clashes) - 20), "scenario": scenario, "last": last}
    if not auto:
        typed = {f"a{c.pk}": f"{c.mine:,}" for c in conflict.clashes}
        return _page(request, meeting, scenario, tabs, status=409, conflict=content, typed=typed)
    clashing = {c.pk for c in conflict.clashes}
    others = {
        f"a{a.pk}": a.amount
        for a in scenario.allocations.all()
        if a.pk not in clashing and f"a{a.pk}" not in request.POST
    }
    return JsonResponse(
        {
            "status": "conflict",
            "version": scenario.version,
            "theirs": {f"a{c.pk}": c.theirs for c in conflict.clashes},
            "others": others,
            "fragments": {
                "#conflict": render_to_string("review/meetings/_conflict.html", content | {"auto": True})
            },
        },
        status=409,
    )


@require_POST
@needs(PROPOSE)
def scenario_recompute(request: HttpRequest, pk: int, scenario: int) -> HttpResponse:
    """Change a scenario's settings and compute it anew."""
    meeting = get_meeting(pk)
    guarded(request, meeting, PROPOSE)
    chosen, tabs = _scenario(meeting, scenario)
    form = ScenarioForm(request.POST)
    if form.is_valid():
        version = posted_number(request, "version")
        try:
            scenarios.recompute(
                scenario=chosen,
                base_version=version,
                actor=request.user,  # type: ignore[arg-type]
                now=clock.now(),
                **form.cleaned_data,
            )
        except scenarios.ScenarioConflict:
            messages.warning(
                request, "這個方案剛才有別人改過，設定還沒有套用。請看過下面的最新金額，再按一次重新計算。"
            )
        except TransitionRefused as refused:
            messages.error(request, str(refused))
        except ValidationError as error:
            form.add_error(None if not hasattr(error, "error_dict") else "name", error.messages)  # type: ignore[arg-type]
        else:
            messages.success(request, "已依設定重新計算。")
    if form.errors:
        return _page(request, meeting, chosen, tabs, form=form, status=422, settings_open=True)
    return redirect("meetings:scenario", pk, scenario)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(PROPOSE)
def scenario_add(request: HttpRequest, pk: int) -> HttpResponse:
    """A further scenario: computed, or with the amounts of another one."""
    meeting = get_meeting(pk)
    guarded(request, meeting, PROPOSE)
    tabs = meeting.scenarios.all()
    if request.method == "POST":
        form = NewScenarioForm(request.POST, scenarios=tabs)
        if form.is_valid():
            data = dict(form.cleaned_data)
            actor: Any = request.user
            source = data.pop("copy_of")
            try:
                if source is not None:
                    source.meeting = meeting
                    made = scenarios.copy_scenario(
                        scenario=source,
                        name=data["name"],
                        actor=actor,
                        now=clock.now(),
                    )
                else:
                    made = scenarios.add_scenario(
                        meeting=meeting,
                        actor=actor,
                        now=clock.now(),
                        **data,
                    )
            except TransitionRefused as refused:
                messages.error(request, str(refused))
                return redirect("meetings:detail", pk)
            return redirect("meetings:scenario", pk, made.pk)
    else:
        copied = request.GET.get("copy", "")
        source = next((s for s in tabs if str(s.pk) == copied), None)
        initial: dict[str, Any] = {"cut_percent": "0"}
        if source is not None:
            initial = {
                "name": f"{source.name}（副本）"[:60],
                "copy_of": source.pk,
                "cut_percent": f"{source.cut_percent.normalize():f}",
            }
            initial |= {key: getattr(source, key) for key in ("method", "base", "last_case")}
        form = NewScenarioForm(initial=initial, scenarios=tabs)
    context = {"meeting": meeting, "form": form, "cancel_url": reverse("meetings:detail", args=[pk])}
    return render(request, "review/meetings/scenario_add.html", context, status=422 if form.errors else 200)


@require_POST
@needs(PROPOSE)
def scenario_delete(request: HttpRequest, pk: int, scenario: int) -> HttpResponse:
    """Throw a scenario away; a replay finds it gone and says nothing."""
    meeting = get_meeting(pk)
    guarded(request, meeting, PROPOSE)
    chosen = meeting.scenarios.filter(pk=scenario).first()
    if chosen is not None:
        chosen.meeting = meeting
        try:
            scenarios.delete_scenario(scenario=chosen, actor=request.user, now=clock.now())  # type: ignore[arg-type]
            messages.success(request, f"已刪除方案「{chosen.name}」。")
        except ValidationError as error:
            messages.error(request, "；".join(error.messages))
        except TransitionRefused as refused:
            messages.error(request, str(refused))
    return redirect("meetings:detail", pk)


@require_safe
@needs(VIEW)
def scenario_compare(request: HttpRequest, pk: int) -> HttpResponse:
    """Two scenarios side by side; what differs is marked."""
    meeting = get_meeting(pk)
    guarded(request, meeting, VIEW)
    tabs = list(meeting.scenarios.prefetch_related("allocations"))
    for scenario in tabs:
        scenario.meeting = meeting

    def chosen(name: str, default: Scenario) -> Scenario:
        return next((s for s in tabs if str(s.pk) == request.GET.get(name)), default)

    a = chosen("a", tabs[0])
    b = chosen("b", next((s for s in tabs if s.pk != a.pk), a))
    frozen, granted = read.table(meeting), read.awarded_before(meeting)
    boards = [read.board(s, frozen=frozen, granted=granted) for s in (a, b)]
    rows = read.compare(*boards)
    only = request.GET.get("only") == "1"
    return render(
        request,
        "review/meetings/compare.html",
        {
            "meeting": meeting,
            "tabs": tabs,
            "a": boards[0],
            "b": boards[1],
            "words_a": scenarios.describe(a),
            "words_b": scenarios.describe(b),
            "rows": [row for row in rows if row["changed"] or not only],
            "changed": sum(row["changed"] for row in rows),
            "only": only,
            "difference": boards[1].spent - boards[0].spent,
            "less": boards[0].spent - boards[1].spent,
            "columns": boards[0].columns,
        },
    )
