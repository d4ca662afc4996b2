"""What every page needs: the navigation of the person who looks at it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

# (label, url name, permission code or "" for everybody; "public" = no role; "member" = belongs to an organisation).
# {unit}: what the person's own organisations are called.
ENTRIES: tuple[tuple[str, str, str], ...] = (
    ("首頁", "home", "login"),
    ("徵案公告", "calls:list", ""),
    ("最新消息", "public:news", "public"),
    ("常見問題", "public:faq", "public"),
    ("活動", "public:event", "public"),
    ("聯絡我們", "public:contact", "public"),
    ("徵案設計", "designer:list", "call.edit"),
    ("我的申請", "cases:list", "member"),
    ("{unit}與成員", "organisation:detail", "member"),
    ("案件", "office:cases", "case.view_all"),
    ("我的審查", "review:home", "score.write"),
    ("委員與小組", "review:panels", "panel.manage"),
    ("決審會議", "meetings:list", "meeting.view"),
    ("計畫", "plans:list", "plan.view"),
    ("公文", "documents:list", "letter.view"),
    ("對外服務", "outreach:home", "outreach.edit"),
    ("詢問與申訴", "outreach:inquiries", "inquiry.supervise"),
    ("帳號與角色", "administrator:accounts", "account.manage"),
    ("參考資料", "reference:home", "reference.edit"),
    ("操作紀錄", "auditor:log", "audit.view"),
    ("搜尋", "search", "case.view_all"),
    ("文件驗證", "verify", "anonymous"),
)


def _shown(need: str, user: Any) -> bool:
    if need == "":
        return True
    if need == "anonymous":
        return not user.is_authenticated
    if need == "public":
        return not user.is_authenticated or not user.role_list
    if not user.is_authenticated:
        return False
    if need == "login":
        return True
    if need == "member":
        return bool(user.membership_list) or not user.role_list
    return bool(user.has_permission(need))


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Template context ``nav`` (label, url, whether it is the present part of the site), ``nav_organisation``,
    ``nav_unit`` (what they are called), ``demo``, ``limits`` (most fields and bytes of one form; seconds until the idle logout, 0 for nobody).
    """
    user = getattr(request, "user", None)
    limits = {
        "fields": settings.DATA_UPLOAD_MAX_NUMBER_FIELDS,
        "bytes": settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
        "idle": settings.IDLE_LOGOUT_SECONDS if user is not None and user.is_authenticated else 0,
    }
    if user is None:
        return {"nav": [], "demo": settings.DEMO, "limits": limits}
    unit = _unit(user)
    entries = []
    for label, name, need in ENTRIES:
        if _shown(need, user):
            url = reverse(name)
            entries.append(
                {"label": label.format(unit=unit), "url": url, "active": _active(request.path, name, url)}
            )
    return {
        "nav": entries,
        "nav_organisation": _belongs_to(user),
        "nav_unit": unit,
        "demo": settings.DEMO,
        "limits": limits,
    }


def _active(path: str, name: str, url: str) -> bool:
    """Whether the page belongs to the entry; the homes of the roles belong to 首頁."""
    if name == "home":
        return path == "/" or path in _role_homes()
    if name == "review:panels" and path.startswith(reverse("review:pool")):
        return True
    return path.startswith(url) and path not in _role_homes()


def _role_homes() -> tuple[str, ...]:
    return tuple(
        reverse(name) for name in ("office:home", "supervisor:home", "auditor:home", "administrator:home")
    )


def _unit(user: Any) -> str:
    """公司 for members of companies only; 單位 for others, for a mixture, and as long as one belongs nowhere."""
    if not user.is_authenticated:
        return "單位"
    nouns = {membership.organisation.called.noun for membership in user.membership_list}
    return nouns.pop() if len(nouns) == 1 else "單位"


def _belongs_to(user: Any) -> str:
    """Roles, else companies, for the menu of the person."""
    if not user.is_authenticated:
        return ""
    if user.role_list:
        return "、".join(role.name for role in user.role_list)
    return "、".join(membership.organisation.name for membership in user.membership_list[:3])
