"""Which documents of plans somebody may download; registered with ``documents.access`` at start-up."""

from __future__ import annotations

from typing import Any

from documents.models import OfficialDocument
from programs.models import PlanReport


def reads_plan_reports(user: Any, document: OfficialDocument) -> bool:
    """Whoever sees plans reads their reports. One query at most."""
    return bool(user.has_permission("plan.view") and PlanReport.objects.filter(document=document).exists())
