"""Making, publishing and extending calls."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from core import workflow
from core.rocdate import roc_datetime
from programs.enums import CallState
from programs.models import Call, CallTerms, WindowExtension
from programs.rules.terms import parse_terms
from programs.services.budgets import keep_funded
from programs.workflow import CALL


class TermsFrozen(Exception):
    """A published version of the terms can't be changed; a change is a new version with a note."""


def digest_of(data: Mapping[str, Any]) -> str:
    """SHA-256 of the terms in canonical JSON: equal for equal content."""
    return hashlib.sha256(json.dumps(data, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def read_scheme(path: Path) -> dict[str, Any]:
    """The scheme file as plain data. Raises ``TermsError`` when its terms don't hold together."""
    data: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    parse_terms(data)
    return data


@transaction.atomic
def load_scheme(
    source: Path | Mapping[str, Any],
    *,
    actor: User | None,
    now: datetime,
    slug: str | None = None,
    publish: bool = True,
) -> Call:
    """Make a call from a scheme file or its data; an existing call of that slug is returned unchanged.

    The window and the envelope are those of the terms. With ``publish`` the call is public at once
    and its terms are frozen as version 1. Raises ``TermsError``.
    """
    data = read_scheme(source) if isinstance(source, Path) else dict(source)
    terms = parse_terms(data)
    slug = slug or terms.code
    existing = Call.objects.filter(slug=slug).first()
    if existing:
        return existing
    call = Call.objects.create(
        slug=slug,
        name=terms.name,
        roc_year=terms.roc_year,
        opens_at=terms.window.opens_at,
        closes_at=terms.window.closes_at,
        effective_closes_at=terms.window.closes_at,
        envelope=terms.envelope,
    )
    call.current_terms = CallTerms.objects.create(
        call=call, version=1, data=data, digest=digest_of(data), created_at=now, created_by=actor
    )
    call.save(update_fields=["current_terms"])
    return publish_call(call=call, actor=actor, now=now) if publish else call


@transaction.atomic
def publish_call(*, call: Call, actor: User | None, now: datetime) -> Call:
    """Make a draft call public and freeze its terms; its envelope must be free in the plan that it comes from.

    Raises ``TransitionRefused``, ``ValidationError``; writes the transition.
    """
    keep_funded(call)
    call = workflow.apply(CALL, call, "publish", actor=actor, at=now, published_at=now)
    call.versions.filter(frozen_at=None).update(frozen_at=now)
    return call


@transaction.atomic
def new_terms_version(
    *, call: Call, data: Mapping[str, Any], change_note: str, actor: User | None, now: datetime
) -> CallTerms:
    """Give a call new terms. Cases keep the version that they were started with.

    A draft call's only version is replaced in place; a published call gets a new frozen version and
    needs a public change note (``TermsFrozen`` without one). Raises ``TermsError``.
    """
    parse_terms(data)
    call = Call.objects.select_for_update().get(pk=call.pk)
    if call.state not in (CallState.DRAFT, CallState.PUBLISHED):
        raise TermsFrozen("這個徵案已經結案，條件不再變動。")
    if call.state == CallState.DRAFT and call.current_terms is not None:
        call.current_terms.data = dict(data)
        call.current_terms.digest = digest_of(data)
        call.current_terms.save(update_fields=["data", "digest"])
        return call.current_terms
    if not change_note.strip():
        raise TermsFrozen("已公告的須知要改版，請寫明公開的修訂說明。")
    last = call.versions.order_by("-version").first()
    version = CallTerms.objects.create(
        call=call,
        version=last.version + 1 if last else 1,
        data=dict(data),
        digest=digest_of(data),
        change_note=change_note.strip(),
        created_at=now,
        created_by=actor,
        frozen_at=now,
    )
    call.current_terms = version
    call.save(update_fields=["current_terms"])
    return version


@transaction.atomic
def extend_window(
    *, call: Call, closes_at: datetime, reason: str, actor: User, now: datetime
) -> WindowExtension:
    """Accept applications longer, for everybody (S1). The reason is shown publicly.

    Raises ``ValidationError`` when the new end isn't later than the present one, lies in the past or has no reason.
    """
    call = Call.objects.select_for_update().get(pk=call.pk)
    if call.state != CallState.PUBLISHED:
        raise ValidationError("這個徵案目前不是公告中，不能延長受理。")
    if closes_at <= call.effective_closes_at:
        raise ValidationError(
            {"closes_at": f"新的截止時間要晚於目前的 {roc_datetime(call.effective_closes_at)}。"}
        )
    if closes_at <= now:
        raise ValidationError({"closes_at": "新的截止時間已經過了，請填一個將來的時間。"})
    if not reason.strip():
        raise ValidationError({"reason": "請寫明理由；這段文字會公開在徵案頁。"})
    call.effective_closes_at = closes_at
    call.save(update_fields=["effective_closes_at"])
    return WindowExtension.objects.create(
        call=call, closes_at=closes_at, reason=reason.strip(), created_at=now, created_by=actor
    )
