"""Who may do what with a plan: predicates that give a reason why not."""

from __future__ import annotations

from typing import Any

from programs.models import Kpi


def why_not_report(user: Any, kpi: Kpi) -> str:
    """Reason why the user may not report values of this KPI; "" when they may.

    Its owner may, and whoever edits plans; a KPI without an owner is open to all who report.
    """
    if user.has_permission("plan.edit") or (kpi.owner_id == user.pk and user.is_active):
        return ""
    if kpi.owner_id is None and user.has_permission("kpi.report"):
        return ""
    if kpi.owner_id is not None:
        return f"這項指標由 {kpi.owner} 填報；需要更正請洽計畫辦公室。"
    return "您的角色不能填報指標。如果工作上需要，請洽計畫辦公室。"
