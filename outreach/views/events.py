"""Events as anybody sees them: the calendar, registering, the personal page, the file for one's own calendar."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from core import clock
from documents import throttle
from outreach.enums import TONES, PublicationKind, RegistrationState
from outreach.forms.public import RegistrationForm
from outreach.models import Registration, ServiceSettings
from outreach.rules.calendar_file import Entry, calendar_file
from outreach.selectors import office as office_selectors
from outreach.selectors import public as selectors
from outreach.services import registrations as services
from outreach.views.common import TOO_MANY, attempt, form_attempt
from outreach.views.public import PER_PAGE, frame, get_publication


@login_not_required
@require_safe
def event_list(request: HttpRequest) -> HttpResponse:
    """Events to come, the next one first; below them those that are over."""
    now = clock.now()
    page = Paginator(selectors.past_events(now), PER_PAGE).get_page(request.GET.get("page"))
    coming = selectors.coming_events(now)
    for event in coming:
        event.refusal = event.registration_refusal(now)  # type: ignore[attr-defined]
        event.full = event.capacity is not None and event.taken >= event.capacity  # type: ignore[attr-defined]
    return render(request, "outreach/public/event_list.html", {"coming": coming, "page_obj": page})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def event_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One event; POST registers, and leads to the personal page."""
    row = get_publication(request, PublicationKind.EVENT, pk)
    now = clock.now()
    event = office_selectors.event_with_places(pk)
    if event is None:
        raise Http404
    refusal = event.registration_refusal(now)
    form = RegistrationForm(request.POST or None, initial=_known(request))
    if request.method == "POST":
        # Only what is whole counts: correcting a mistake must not lock anybody out.
        if form.is_valid() and throttle.too_many(request, name="event-registration", limit=10, seconds=600):
            form.add_error(None, TOO_MANY)
        elif form.is_valid():
            made = form_attempt(
                form,
                lambda: services.register(
                    event=event, data=form.person(), form_key=form.cleaned_data["form_key"], now=now
                ),
                "email",
            )
            if made:
                return redirect(made)
    full = event.capacity is not None and event.taken >= event.capacity  # type: ignore[attr-defined]
    months = ServiceSettings.current().registration_months
    context = frame(request, row) | {
        "event": event,
        "form": form,
        "refusal": refusal,
        "full": full,
        "over": now > event.ends_at,
        "left": None if event.capacity is None else max(event.capacity - event.taken, 0),  # type: ignore[attr-defined]
        "notice": {
            "purpose": "辦理本活動的報名、通知與簽到",
            "categories": "姓名、服務單位、電子郵件、電話",
            "period": f"自報名日起至活動結束後 {months} 個月，期滿由系統刪除；只在國內由主辦機關與執行單位使用",
            "refusal": "沒有姓名與電子郵件，無法受理報名",
        },
    }
    return render(request, "outreach/public/event_detail.html", context, status=422 if form.errors else 200)


def _known(request: HttpRequest) -> dict[str, str]:
    """What a person who is logged in need not type again."""
    user: Any = request.user
    return {"name": user.name, "email": user.email, "phone": user.phone} if user.is_authenticated else {}


@login_not_required
@require_safe
def event_calendar(request: HttpRequest, pk: int) -> HttpResponse:
    """The event as an iCalendar file."""
    row = get_publication(request, PublicationKind.EVENT, pk)
    event = row.event
    entry = Entry(
        uid=f"event-{pk}@{settings.PORTAL_URL.split('//')[-1]}",
        title=row.title,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        place=event.place or "線上",
        url=f"{settings.PORTAL_URL}{row.get_absolute_url()}",
        changed_at=row.updated_at,
        sequence=row.version,
    )
    response = HttpResponse(calendar_file(entry), content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="event-{pk}.ics"'
    return response


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def registration(request: HttpRequest, token: str) -> HttpResponse:
    """The personal page of somebody who registered; POST cancels."""
    row = Registration.objects.select_related("event__publication").filter(token=token).first()
    if row is None or not row.email:
        return render(request, "outreach/public/link_over.html", {"what": "報名"}, status=404)
    if request.method == "POST":
        attempt(
            request, lambda: services.cancel(registration=row, actor=None, now=clock.now()), "已取消報名。"
        )
        return redirect(row)
    ahead = (
        row.event.registrations.filter(
            state=RegistrationState.WAITLISTED, registered_at__lt=row.registered_at
        ).count()
        if row.state == RegistrationState.WAITLISTED
        else 0
    )
    now = clock.now()
    started = now >= row.event.starts_at
    return render(
        request,
        "outreach/public/registration.html",
        {
            "registration": row,
            "event": row.event,
            "tone": TONES[row.state],
            "ahead": ahead,
            "ended": not started and not row.event.publication.is_shown(now),
            "may_cancel": row.state != RegistrationState.CANCELLED and not started,
        },
    )
