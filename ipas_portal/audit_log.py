"""The log as an auditor reads it: who, what, when, from what to what; personal data masked."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from auditlog.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Q, QuerySet

from accounts.audit import EVENTS
from core.clock import TAIPEI
from core.text import mask_name
from ipas_portal.logs import redact

ACTIONS = {
    LogEntry.Action.CREATE: "新增",
    LogEntry.Action.UPDATE: "修改",
    LogEntry.Action.DELETE: "刪除",
    LogEntry.Action.ACCESS: "事件",
}

KINDS: dict[str, str] = {
    "accounts.user": "帳號",
    "accounts.organisation": "申請單位",
    "accounts.membership": "成員",
    "accounts.invitation": "邀請",
    "accounts.joinrequest": "加入申請",
    "accounts.role": "角色",
    "accounts.businessitem": "所營事業代碼",
    "account.emailaddress": "登入用電子郵件",
    "programs.call": "徵案",
    "programs.callterms": "徵案規定",
    "programs.windowextension": "受理延長",
    "programs.calendarday": "行事曆",
    "programs.region": "地區",
    "programs.passrate": "通過率",
    "applications.case": "申請案",
    "applications.casewindowextension": "個案延長",
    "applications.trainee": "培育對象",
    "applications.course": "課程",
    "applications.budgetline": "經費",
    "applications.casedocument": "應備文件",
    "applications.submission": "送件",
    "applications.supplement": "補件通知",
    "applications.caseoutcome": "核定結果",
    "applications.awardline": "核定金額",
    "documents.officialdocument": "公文",
    "documents.lettertemplate": "公文範本",
    "documents.storedfile": "檔案",
    "documents.outgoingmail": "寄出的信",
    "review.qualificationcheck": "資格查核",
    "review.qualificationitem": "資格查核項目",
    "review.reviewerprofile": "審查委員",
    "review.panel": "審查小組",
    "review.panelmember": "小組委員",
    "review.assignment": "審查指派",
    "review.conflictdeclaration": "利益迴避聲明",
    "review.scoresheet": "評分表",
    "review.criterionscore": "評分",
    "review.recommendedamount": "建議金額",
    "review.decisionmeeting": "決審會議",
    "review.scenario": "分配方案",
    "review.allocation": "分配金額",
    "outreach.publication": "公開內容",
    "outreach.publicationfile": "公開內容的檔案",
    "outreach.topic": "主題",
    "outreach.event": "活動",
    "outreach.registration": "活動報名",
    "outreach.inquiry": "詢問與申訴",
    "outreach.inquirymessage": "詢問與申訴的內容",
    "outreach.inquiryfile": "詢問與申訴的檔案",
    "outreach.servicesettings": "服務設定",
}
"""Kinds of objects in the auditor's words; others show the model's own name."""

PERSONAL_NAMES = frozenset(
    {
        "name",
        "representative",
        "contact_name",
        "signed_name",
        "actor_name",
        "by_name",
        "chaired_by",
        "lecturer",
    }
)
PERSONAL_HIDDEN = frozenset(
    {
        "phone",
        "contact_phone",
        "address",
        "person_id",
        "id_number",
        "birthday",
        "bank_account",
        "account_number",
        "hash",
    }
)
PEOPLE = frozenset(
    {
        "accounts.user",
        "accounts.membership",
        "accounts.joinrequest",
        "applications.trainee",
        "review.reviewerprofile",
    }
)
"""Kinds whose ``name`` is a person's and whose text representation names one."""
SECRET = frozenset({("documents.outgoingmail", "body"), ("accounts.invitation", "token")})
TECHNICAL = frozenset(
    {"is_staff", "is_superuser", "id", "ID", "revision", "version", "lease_until", "attempts", "once_key"}
)
BLANK = "（空白）"
MAX_SHOWN = 160

FIELDS: dict[str, str] = {
    "state": "狀態",
    "answer": "回覆",
    "role": "身分",
    "roles": "角色",
    "permissions": "權限",
    "user": "帳號",
    "organisation": "申請單位",
    "case": "申請案",
    "call": "徵案",
    "meeting": "會議",
    "scenario": "方案",
    "panel": "小組",
    "reviewer": "委員",
    "reason": "理由",
    "message": "留言",
    "action": "動作",
    "from_state": "原狀態",
    "to_state": "新狀態",
    "actor": "執行人編號",
    "actor_name": "執行人",
    "subject": "所屬編號",
    "at": "時間",
    "account": "會計科目",
    "amount": "金額（元）",
    "approved": "核定（徵案的單位）",
    "requested": "申請（徵案的單位）",
    "granted": "核定合計（徵案的單位）",
    "approved_total": "核定補助款（元）",
    "result": "結果",
    "is_active": "啟用",
    "number": "編號",
    "code": "代碼",
    "kind": "種類",
    "to": "收件者",
    "verified": "已驗證",
    "primary": "主要",
    "email": "電子郵件",
    "created_at": "建立時間",
    "updated_at": "更新時間",
    "date_joined": "建立時間",
    "expires_at": "有效到",
    "accepted_at": "接受時間",
    "revoked_at": "撤回時間",
    "answered_at": "回覆時間",
    "answered_by": "回覆人編號",
    "invited_by": "邀請人編號",
    "created_by": "建立人編號",
    "submitted_at": "送件時間",
    "received_at": "收件時間",
    "closed_at": "結束時間",
    "closes_at": "截止時間",
    "effective_closes_at": "實際截止時間",
    "due_on": "期限",
    "sent_at": "寄出時間",
    "ubn_override_reason": "檢查碼例外理由",
}
"""Field names in the auditor's words, where the model has none of its own."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field: its name in the interface's words, before, after."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Line:
    """An entry, ready to be shown or exported."""

    at: datetime
    who: str
    actor_id: int | None
    action: str
    kind: str
    subject: str
    subject_id: str
    changes: tuple[Change, ...]
    details: str
    address: str


def entries(
    *,
    q: str = "",
    actor: int | None = None,
    kind: str = "",
    event: str = "",
    start: date | None = None,
    end: date | None = None,
) -> QuerySet[LogEntry]:
    """Entries by filters, the newest first. ``start`` and ``end`` are days in Taipei, both included."""
    found = LogEntry.objects.select_related("actor", "content_type").order_by("-timestamp", "-pk")
    if q:
        found = found.filter(
            Q(actor__name__icontains=q)
            | Q(actor_email__icontains=q)
            | Q(object_repr__icontains=q)
            | Q(object_pk=q)
        )
    if actor is not None:
        found = found.filter(actor=actor)
    if kind:
        app, _, model = kind.partition(".")
        found = found.filter(content_type__app_label=app, content_type__model=model)
    if event in EVENTS:
        found = found.filter(additional_data__event=event)
    elif event.isdecimal() and int(event) in ACTIONS:
        found = found.filter(action=int(event), additional_data__event__isnull=True)
    if start:
        found = found.filter(timestamp__gte=datetime.combine(start, time.min, TAIPEI))
    if end:
        found = found.filter(timestamp__lte=datetime.combine(end, time.max, TAIPEI))
    return found


def kinds() -> list[tuple[str, str]]:
    """Choices for the filter: every kind that is logged, in the auditor's words. No query."""
    return sorted(KINDS.items(), key=lambda item: item[1])


def kind_label(content_type: ContentType) -> str:
    """The kind of object in the auditor's words."""
    key = f"{content_type.app_label}.{content_type.model}"
    if content_type.model.endswith("transition"):
        return "流程紀錄"
    return KINDS.get(key) or str(getattr(content_type.model_class(), "__name__", content_type.model))


def _field_label(model: Any, name: str) -> str:
    try:
        label = str(model._meta.get_field(name).verbose_name) if model else name
    except (FieldDoesNotExist, AttributeError):
        label = name
    return FIELDS.get(name, name) if label.isascii() else label


# The log stores a yes or no as text.
YES_NO = {"True": "是", "False": "否"}


def _masked(kind: str, name: str, value: Any) -> str:
    """A value fit for the auditor's eyes: no names, addresses, numbers of persons."""
    if value in (None, "None", ""):
        return BLANK
    if isinstance(value, str) and value in YES_NO:
        return YES_NO[value]
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    if (kind, name) in SECRET:
        return "（不顯示）"
    if name in PERSONAL_HIDDEN:
        return "（個人資料，已遮蔽）"
    if name in PERSONAL_NAMES and (name != "name" or kind in PEOPLE):
        return mask_name(text)
    text = redact(text)
    return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + "…"


def _changes(entry: LogEntry, kind: str) -> tuple[Change, ...]:
    model = entry.content_type.model_class()
    shown = []
    for name, change in (entry.changes or {}).items():
        if name in TECHNICAL or str(change).endswith(".None']"):
            continue  # row numbers, and reverse relations of a new row
        label = _field_label(model, name)
        if isinstance(change, dict):
            objects = "、".join(_masked(kind, "", item) for item in change.get("objects", []))
            added = change.get("operation") == "add"
            shown.append(Change(label, "" if added else objects, objects if added else ""))
        elif isinstance(change, list) and len(change) == 2:
            before, after = (_masked(kind, name, value) for value in change)
            if entry.action != LogEntry.Action.UPDATE:
                # A new row has nothing before, a deleted one nothing after; empty fields tell nothing.
                if {before, after} == {BLANK}:
                    continue
                before, after = ("" if before == BLANK else before), ("" if after == BLANK else after)
            shown.append(Change(label, before, after))
    return tuple(shown)


def _subject(text: str, kind: str) -> str:
    """What the entry is about, without the names of persons; "" for a row that has no name of its own."""
    if re.search(r" object \(\S+\)$", text):
        return ""
    if kind in PEOPLE:
        head, mark, rest = re.match(r"([^→（(]*)([→（(]?)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
        text = f"{mask_name(head)}{' ' if mark == '→' else ''}{mark}{rest}"
    return redact(text)


def _who(entry: LogEntry) -> str:
    if entry.actor is not None:
        return mask_name(entry.actor.name) if entry.actor.name else "（未填姓名）"
    return "（已刪除的帳號）" if entry.actor_email else "系統／未登入"


def present(found: Iterable[LogEntry]) -> list[Line]:
    """Entries as lines; no query of its own when actor and content type are joined."""
    lines = []
    for entry in found:
        kind = f"{entry.content_type.app_label}.{entry.content_type.model}"
        extra = dict(entry.additional_data or {})
        event = str(extra.pop("event", ""))
        subject = _subject(entry.object_repr, kind)
        lines.append(
            Line(
                at=entry.timestamp,
                who=_who(entry),
                actor_id=entry.actor_id,
                action=EVENTS.get(event, event) or ACTIONS.get(entry.action, ""),
                kind=kind_label(entry.content_type),
                subject=subject[:MAX_SHOWN],
                subject_id=entry.object_pk,
                changes=_changes(entry, kind),
                details="；".join(
                    f"{_DETAILS.get(key, key)}：{_plain(value)}" for key, value in extra.items()
                ),
                address=entry.remote_addr or "",
            )
        )
    return lines


_DETAILS = {
    "reason": "理由",
    "before": "原本",
    "after": "改為",
    "roles": "角色",
    "kind": "方式",
    "rows": "筆數",
    "filters": "條件",
}


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(str(item) for item in value) or "（無）"
    return redact(str(value))
