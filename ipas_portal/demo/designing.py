"""Next year's call as a draft: some days of work in it, one trial on last year's cases, and not finished."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from core.rocdate import TAIPEI
from ipas_portal.demo.accounts import Cast
from programs import tryouts
from programs.models import Call, CallDraft, TryOut
from programs.selectors.drafts import RULE, read_draft
from programs.services import drafts

NAME = "115年度經濟部產業人才能力鑑定(iPAS)企業數位人才實作培育補助"


def build(*, call: Call, cast: Cast, now: datetime) -> CallDraft:
    """Copy ``call``, change some terms, and try them on its cases; the words of B3 still say the old amount. Writes some ten rows."""
    assert call.current_terms is not None
    begun = now - timedelta(days=3)
    draft = drafts.start_draft(
        source=call.current_terms,
        name=NAME,
        roc_year=115,
        opens_on=(call.opens_at + timedelta(days=364)).astimezone(TAIPEI).date(),
        actor=cast.office,
        now=begun,
    )
    students = {
        "title": "至少 3 名學生",
        "text": "每件申請至少要有 3 名學生。",
        "params": {"minimum": 3},
    }
    _rule(draft, "T2", cast, begun, **students)
    # The number alone, so that the last check has something to ask about. Nothing is wrong: the previews open.
    _rule(draft, "B3", cast, begun, params={"per_head": {"student": 100_000, "employee": 50_000}})
    _try(draft, call, cast, now - timedelta(days=1))
    return draft


def _rule(draft: CallDraft, code: str, cast: Cast, now: datetime, **changes: Any) -> None:
    rule = next(r for r in draft.parts.filter(key=RULE) if r.data["id"] == code)
    params = rule.data["params"] | changes.pop("params", {})
    drafts.save_part(
        draft=draft,
        key=RULE,
        number=rule.number,
        data=rule.data | changes | {"params": params},
        base_version=rule.version,
        actor=cast.office,
        now=now,
    )


def _try(draft: CallDraft, call: Call, cast: Cast, now: datetime) -> None:
    data = read_draft(CallDraft.objects.get(pk=draft.pk)).data
    trial = TryOut.objects.create(draft=draft, call=call, data=data, asked_at=now, asked_by=cast.office)
    tryouts.run(pk=trial.pk, now=lambda: now)
