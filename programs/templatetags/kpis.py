"""What waits for the owner of KPIs, for every home page."""

from __future__ import annotations

from typing import Any

from django import template

from core import clock
from programs.selectors.reporting import to_report

register = template.Library()


@register.inclusion_tag("programs/kpis/_to_report.html")
def kpis_to_report(user: Any) -> dict[str, Any]:
    """KPIs of the person that nobody has reported for a period that has ended. One query for who owns none."""
    today = clock.today()
    return {"waiting": to_report(today, owner=user).get(user.pk, []), "today": today}
