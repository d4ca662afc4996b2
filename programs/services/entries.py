"""Money paid to, and returned by, the awarded applicants of a call, as accounting books it."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import User
from core import money
from core.locking import lock_row
from core.rocdate import TAIPEI
from programs import feeds
from programs.enums import EntryKind
from programs.models import Call, MoneyEntry


def _locked(call: Call) -> Call:
    return lock_row(Call.objects.select_related("current_terms"), pk=call.pk)


def _sums(call: Call) -> dict[str, int]:
    sums = dict.fromkeys(EntryKind.values, 0)
    for kind, amount in call.money_entries.values_list("kind", "amount"):
        sums[kind] += amount
    return sums


@transaction.atomic
def book_entry(
    *,
    call: Call,
    kind: str,
    on: date,
    amount: int,
    reference: str,
    note: str,
    actor: User,
    now: datetime,
) -> MoneyEntry:
    """Book money paid or returned for a call, in dollars. The very same entry again is the one that is there.

    Raises ``ValidationError`` by field: paid never above what is committed, returned never above what was paid, no day
    in the future, a voucher booked already and not taken back.
    """
    call = _locked(call)
    sums = _sums(call)
    reference = reference.strip()
    problems: dict[str, str] = {}
    if kind not in EntryKind.values:
        raise ValidationError({"kind": "請選擇撥付或繳回。"})
    booked = call.money_entries.filter(kind=kind, reference=reference, reverses=None, reversed_by=None)
    if same := booked.filter(on=on, amount=amount).first():
        return same
    if reference and (other := booked.first()):
        problems["reference"] = (
            f"這個憑證號碼已登錄{other.get_kind_display()} {money.fmt(other.amount)} 元。"
            "要更正的話，請先沖銷原來的那一筆。"
        )
    elif not reference:
        problems["reference"] = "請填傳票或憑證號碼。"
    committed = call.dollars(feeds.committed([call.pk]).get(call.pk, 0))
    limit, words = (committed, "核定") if kind == EntryKind.PAID else (sums[EntryKind.PAID], "撥付")
    total = sums[kind] + amount
    if amount <= 0:
        problems["amount"] = "金額請填大於 0 的整數。要更正已登錄的，請用「沖銷」。"
    elif total > limit:
        problems["amount"] = (
            f"累計{EntryKind(kind).label} {money.fmt(total)} 元，超過這個徵案已{words}的 {money.fmt(limit)} 元。"
            + (f"這一筆最多 {money.fmt(limit - sums[kind])} 元。" if limit > sums[kind] else "")
        )
    if on > now.astimezone(TAIPEI).date():
        problems["on"] = "日期還沒到。"
    if problems:
        raise ValidationError(problems)
    return MoneyEntry.objects.create(
        call=call,
        kind=kind,
        on=on,
        amount=amount,
        reference=reference,
        note=note.strip(),
        booked_at=now,
        booked_by=actor,
    )


@transaction.atomic
def reverse_entry(*, entry: MoneyEntry, reason: str, actor: User, now: datetime) -> MoneyEntry:
    """Take a wrong entry back with a negative one of the same voucher and day. Again: the one that is there.

    Raises ``ValidationError``: for a reversal, without a reason, or when more was returned than would stay paid.
    """
    call = _locked(entry.call)
    entry = MoneyEntry.objects.select_related("reversed_by").get(pk=entry.pk)
    if entry.reverses_id is not None:
        raise ValidationError("這一筆本身就是沖銷，不能再沖銷。請重新登錄正確的金額。")
    if existing := getattr(entry, "reversed_by", None):
        return existing  # type: ignore[no-any-return]
    if not reason.strip():
        raise ValidationError({"reason": "請寫明沖銷的理由。"})
    sums = _sums(call)
    if entry.kind == EntryKind.PAID and sums[EntryKind.PAID] - entry.amount < sums[EntryKind.RETURNED]:
        raise ValidationError(
            f"沖銷之後累計撥付會低於已登錄的繳回 {money.fmt(sums[EntryKind.RETURNED])} 元，請先沖銷繳回的那一筆。"
        )
    return MoneyEntry.objects.create(
        call=call,
        kind=entry.kind,
        on=entry.on,
        amount=-entry.amount,
        reference=entry.reference,
        note=reason.strip(),
        reverses=entry,
        booked_at=now,
        booked_by=actor,
    )
