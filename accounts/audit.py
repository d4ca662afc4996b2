"""Log entries that the model signals don't write: logins, bulk changes, reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from auditlog.context import auditlog_value
from auditlog.diff import model_instance_diff
from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models

EVENTS: dict[str, str] = {
    "login": "登入",
    "logout": "登出",
    "login_failed": "登入失敗",
    "signup": "註冊",
    "password_changed": "變更密碼",
    "password_reset": "重設密碼",
    "email_confirmed": "驗證電子郵件",
    "email_changed": "變更電子郵件",
    "email_added": "新增電子郵件",
    "email_removed": "移除電子郵件",
    "mfa_added": "啟用雙重驗證",
    "mfa_removed": "移除雙重驗證",
    "mfa_reset": "重新產生復原碼",
    "account_created": "建立帳號",
    "account_enabled": "啟用帳號",
    "account_disabled": "停用帳號",
    "roles_changed": "變更角色",
    "password_link_sent": "寄出密碼設定信",
    "log_exported": "匯出操作紀錄",
    "bulk_change": "批次變更",
    "attendees_exported": "匯出報名名單",
    "concerned_changed": "設定申訴相關人員",
    "paper_agreed": "線上草稿改為紙本",
    "risk_graded": "重新評估風險",
}
"""Event codes in ``additional_data`` → the auditor's word."""


def record(subject: models.Model, *, actor: Any | None, event: str, **details: Any) -> LogEntry:
    """Write one entry of kind "access" about ``subject``. ``details`` must be JSON and hold no secrets."""
    return LogEntry.objects.create(
        content_type=ContentType.objects.get_for_model(subject),
        object_pk=str(subject.pk),
        object_id=subject.pk if isinstance(subject.pk, int) else None,
        object_repr=str(subject)[:200],
        action=LogEntry.Action.ACCESS,
        actor=actor,
        actor_email=getattr(actor, "email", None),
        additional_data={"event": event, **details},
    )


def record_bulk(
    subjects: Iterable[models.Model], *, actor: Any | None, changes: Mapping[str, tuple[Any, Any]]
) -> int:
    """Write one "update" entry for each subject after ``QuerySet.update`` or ``bulk_update``.

    ``changes``: field → (before, after), the same for all subjects. Returns the number of entries.
    """
    shown = {field: [str(before), str(after)] for field, (before, after) in changes.items()}
    data = {"event": "bulk_change"}
    return _write(
        _entry(one, actor, LogEntry.Action.UPDATE, changes=shown, additional_data=data) for one in subjects
    )


def record_created(subjects: Iterable[models.Model], *, actor: Any | None) -> int:
    """Write one "create" entry for each subject after ``bulk_create``, as its own signal would have. Returns how many."""
    return _write(
        _entry(one, actor, LogEntry.Action.CREATE, changes=model_instance_diff(None, one)) for one in subjects
    )


def _entry(subject: models.Model, actor: Any | None, action: int, **fields: Any) -> LogEntry:
    """An entry as the model signals would write it, with the address of the request, not yet stored."""
    address = auditlog_value.get({}).get("remote_addr")
    return LogEntry(
        content_type=ContentType.objects.get_for_model(subject),
        object_pk=str(subject.pk),
        object_id=subject.pk if isinstance(subject.pk, int) else None,
        object_repr=str(subject)[:200],
        action=action,
        actor=actor,
        actor_email=getattr(actor, "email", None),
        remote_addr=address() if callable(address) else address,
        **fields,
    )


def _write(entries: Iterable[LogEntry]) -> int:
    return len(LogEntry.objects.bulk_create(entries, batch_size=500))


def act_as(user: Any) -> None:
    """From now on in this request, what is written was done by ``user`` (they have just logged in)."""
    context = auditlog_value.get(None)
    if context is not None and context.get("actor") is None:
        context["actor"] = user
