"""Mail to owners of KPIs who have not reported a month that is over."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from accounts.models import User
from core.rocdate import TAIPEI
from documents.services import queue_mail
from programs.selectors.reporting import to_report


def remind_owners(*, now: datetime) -> int:
    """From ``KPI_REPORT_DUE_DAY`` of a month on: one mail to each owner for each period. Returns how many people.

    Run again, it sends nothing twice.
    """
    today = now.astimezone(TAIPEI).date()
    if today.day < settings.KPI_REPORT_DUE_DAY:
        return 0
    waiting = to_report(today)
    people = User.objects.in_bulk(waiting)
    for pk, groups in waiting.items():
        for group in groups:
            address = settings.PORTAL_URL.rstrip("/") + reverse("kpis:report", args=[group.plan.code])
            queue_mail(
                to=people[pk].email,
                subject=f"請填報 {group.label}的計畫指標（{group.plan.code}）",
                body=(
                    f"{people[pk]} 您好：\n\n「{group.plan.name}」{group.label}還有 {len(group.kpis)} 項指標沒有填報："
                    f"{'、'.join(kpi.code for kpi in group.kpis)}。\n\n"
                    f"請到這裡填報：\n{address}?year={group.year}&period={group.period}\n"
                ),
                now=now,
                once_key=f"kpi-reminder:{group.plan.pk}:{group.year}:{group.period}:{pk}",
            )
    return len(waiting)
