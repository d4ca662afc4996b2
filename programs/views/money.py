"""The money of a call: where its envelope comes from, what was paid and returned."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import needs
from core import clock
from core.money import fmt
from core.sheets import write_ods, write_xlsx
from core.uploads import CONTENT_TYPES
from programs import feeds
from programs.forms.budget import EntryForm, FundingForm, ReasonForm
from programs.models import Call, CallFunding, MoneyEntry, Plan
from programs.selectors.ledger import ledger, standing_of
from programs.services.budgets import fund_call, set_promulgated
from programs.services.entries import book_entry, reverse_entry
from programs.views.budget import budget_url, refuse

PAGE = 100
WRITERS = {"xlsx": write_xlsx, "ods": write_ods}
HEADER = ("日期", "類別", "金額（元）", "傳票或憑證號碼", "說明", "沖銷", "登錄時間", "登錄者")


def call_of(slug: str) -> Call:
    """The call with its terms, drafts included: its money is planned before it is public. Else 404."""
    return get_object_or_404(Call.objects.with_terms(), slug=slug)


def _entries(call: Call) -> Any:
    return call.money_entries.select_related("booked_by", "reversed_by").order_by("-on", "-pk")


@require_http_methods(["GET", "HEAD", "POST"])
@needs("plan.view")
def call_page(request: HttpRequest, slug: str) -> HttpResponse:
    """A call's envelope and where it comes from, what of it is awarded, paid and returned; the office books here."""
    call = call_of(slug)
    may_edit = request.user.has_permission("plan.edit")  # type: ignore[union-attr]
    form = EntryForm(initial={"on": clock.today()})
    if request.method == "POST":
        if not may_edit:
            raise PermissionDenied("您的角色只能查看。撥付與繳回由計畫辦公室登錄。")
        form = EntryForm(request.POST)
        if form.is_valid():
            try:
                entry = book_entry(call=call, **form.cleaned_data, actor=request.user, now=clock.now())  # type: ignore[arg-type]
            except ValidationError as refused:
                refuse(form, refused)
            else:
                messages.success(request, f"已登錄{entry.get_kind_display()} {fmt(entry.amount)} 元。")
                return redirect("budget:call", slug)
    funding = CallFunding.objects.filter(call=call).select_related("part__plan").first()
    standing = standing_of(call)
    entries = _entries(call)
    sums: dict[str, int] = {"paid": 0, "returned": 0}
    for kind, amount in call.money_entries.values_list("kind", "amount"):
        sums[kind] += amount
    committed = standing.committed if standing else call.dollars(feeds.committed([call.pk]).get(call.pk, 0))
    context = {
        "call": call,
        "terms": call.terms,
        "funding": funding,
        "budget_url": budget_url(funding.part.plan, funding.year) if funding else "",
        "standing": standing,
        "committed": committed,
        "outstanding": committed - sums["paid"],
        "price": 0 if call.terms.in_dollars else call.dollars(1),
        "caps": call.terms.of_kind("per_head_cap"),
        "sums": sums,
        "page_obj": Paginator(entries, PAGE).get_page(request.GET.get("page")),
        "form": form,
        "may_edit": may_edit,
        "kinds": list(WRITERS),
    }
    return render(request, "programs/budget/call.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("plan.edit")
def promulgation(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that the national budget is promulgated, or that it is not yet (114 註4)."""
    call = call_of(slug)
    # What the button says; a second click, or a page opened before, changes nothing.
    wanted = request.POST.get("promulgated", "" if call.budget_promulgated else "yes") == "yes"
    if request.method == "POST":
        set_promulgated(call=call, promulgated=wanted)
        messages.success(request, "已記錄：總預算已公布。" if wanted else "已記錄：總預算尚未公布。")
        return redirect("budget:call", slug)
    context = {
        "title": "中央政府總預算已公布？" if wanted else "中央政府總預算尚未公布？",
        "intro": call.name,
        "consequences": ["專業審查可以開始，決審可以核定。", "徵案頁不再顯示等候公布的說明。"]
        if wanted
        else ["照常受理與初審；專業審查不能開始，決審不能核定。", "徵案頁會公開說明。"],
        "hidden": [{"name": "promulgated", "value": "yes" if wanted else "no"}],
        "submit_label": "已公布" if wanted else "尚未公布",
        "cancel_url": reverse("budget:call", args=[slug]),
    }
    return render(request, "components/confirm.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs("plan.edit")
def reverse_page(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Take a wrong entry back, with a reason."""
    call = call_of(slug)
    entry = get_object_or_404(MoneyEntry.objects.select_related("call"), call=call, pk=pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            reverse_entry(
                entry=entry,
                reason=form.cleaned_data["reason"],
                actor=request.user,  # type: ignore[arg-type]
                now=clock.now(),
            )
        except ValidationError as refused:
            refuse(form, refused)
        else:
            messages.success(request, f"已沖銷憑證 {entry.reference} 的 {fmt(entry.amount)} 元。")
            return redirect("budget:call", slug)
    context = {
        "title": f"沖銷 {fmt(entry.amount)} 元？",
        "intro": f"{call.name}，{entry.get_kind_display()}，憑證 {entry.reference}。",
        "consequences": [
            "原來的紀錄保留，另以同額負數登錄一筆。",
            "要登錄正確的金額，請在沖銷之後重新登錄。",
        ],
        "form": form,
        "submit_label": "沖銷",
        "cancel_url": reverse("budget:call", args=[slug]),
    }
    return render(request, "components/confirm.html", context, status=422 if form.errors else 200)


@require_safe
@needs("plan.view")
def entries_file(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Every entry of a call as XLSX or ODS."""
    if kind not in WRITERS:
        raise Http404
    call = call_of(slug)
    table = [
        (
            entry.on,
            entry.get_kind_display(),
            entry.amount,
            entry.reference,
            entry.note,
            bool(entry.reverses_id),
            entry.booked_at,
            str(entry.booked_by or ""),
        )
        for entry in _entries(call).reverse()
    ]
    return HttpResponse(
        WRITERS[kind](HEADER, table, title="撥付與繳回"),
        content_type=CONTENT_TYPES[kind],
        headers={
            "Content-Disposition": f'attachment; filename="money-{call.slug}.{kind}"',
            "X-Content-Type-Options": "nosniff",
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs("plan.edit")
def funding(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose the part and year that a call takes its envelope from, and how much, beside what is free."""
    call = call_of(slug)
    row = CallFunding.objects.filter(call=call).select_related("part__plan").first()
    plans = list(Plan.objects.all())
    wanted = request.GET.get("plan") or (row.part.plan.code if row else "")
    plan = next((p for p in plans if p.code == wanted), plans[0] if plans else None)
    initial = {"amount": call.envelope} | ({"place": f"{row.part_id}:{row.year}"} if row else {})
    form = FundingForm(request.POST or None, call=call, initial=initial)
    if request.method == "POST" and form.is_valid():
        part, year = form.cleaned_data["place"]
        try:
            fund_call(call=call, part=part, year=year, amount=form.cleaned_data["amount"])
        except ValidationError as refused:
            texts = refused.message_dict if hasattr(refused, "error_dict") else {}
            for text in texts.pop("year", []):
                form.add_error("place", text)
            if texts or not hasattr(refused, "error_dict"):
                refuse(form, ValidationError(texts) if texts else refused)
        else:
            messages.success(request, f"「{call.name}」的經費來源已更新。")
            return redirect("budget:call", slug)
    chosen = str(form["place"].value() or "")
    context = {
        "call": call,
        "unit": call.terms.grant.unit,
        "price": call.dollars(1),
        "in_dollars": call.terms.in_dollars,
        "plans": plans,
        "plan": plan,
        "form": form,
        "choices": _choices(plan, call, chosen) if plan else [],
        "years": list(plan.years) if plan else [],
    }
    return render(request, "programs/budget/funding.html", context, status=422 if form.errors else 200)


def _choices(plan: Plan, call: Call, chosen: str) -> list[dict[str, Any]]:
    """Part → for each year what a call may take there (dollars), and whether it is chosen. Eight queries."""
    book = ledger(plan, without_call=call.pk)
    lines = []
    for part in book.parts.values():
        cells = []
        for year in plan.years:
            chain = [balance for _, balance in book.chain(part, year)]
            key = f"{part.pk}:{year}"
            cells.append(
                {
                    "key": key,
                    "year": year,
                    "base": chain[0].base,
                    "free": max(0, min(balance.free for balance in chain)),
                    "chosen": key == chosen,
                }
            )
        lines.append({"part": part, "depth": len(book.tree.above[part.pk]) - 1, "cells": cells})
    return lines
