"""A case that was really handed in, and officers who judge it by the real services."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from accounts.models import Organisation, User
from applications.models import Case, Supplement
from applications.services.submission import confirmation_token, submit
from core.rocdate import TAIPEI
from documents.services import load_letter_templates
from programs.models import Call
from programs.services import load_calendar
from review.selectors.qualification import Sheet, sheet
from review.services import qualification as service
from review.services.qualification import Judgement
from tests import factories, personas

BEFORE_HOLIDAYS = datetime(2025, 4, 1, 10, 0, tzinfo=TAIPEI)


def ready() -> None:
    """Calendar and letter wording, as every installation has them."""
    load_calendar(range(2025, 2028))
    load_letter_templates(now=factories.now())


def settings_with(**changes: Any) -> dict[str, Any]:
    """The settings of the 114 terms with some replaced."""
    settings: dict[str, Any] = factories.scheme()["settings"]
    return settings | changes


def handed_in(
    *,
    organisation: Organisation | None = None,
    call: Call | None = None,
    received: datetime | None = None,
    **options: Any,
) -> Case:
    """A valid case, submitted through the service; ``received`` sets the day that letters name."""
    case = factories.make_case(organisation=organisation, call=call, **options)
    actor = personas.make_company() if organisation is None else factories._owner(organisation)
    now = factories.now()
    submit(case=case, token=confirmation_token(case=case, now=now), actor=actor, now=now)
    if received is not None:
        Case.objects.filter(pk=case.pk).update(received_at=received, submitted_at=received)
    return fresh(case)


def answer(case: Case, now: datetime | None = None) -> Case:
    """Hand in the answer to the open notice as it stands."""
    now = now or factories.now()
    case = fresh(case)
    token = confirmation_token(case=case, now=now)
    submit(case=case, token=token, actor=personas.make_company(), now=now)
    return fresh(case)


def fresh(case: Case) -> Case:
    """The case as it is now, with nothing cached."""
    return Case.objects.select_related("organisation", "call", "terms", "company").get(pk=case.pk)


def look(case: Case) -> Sheet:
    """The checklist as an officer sees it now."""
    return sheet(fresh(case))


def say(
    case: Case,
    actor: User,
    code: str,
    verdict: str,
    reason: str = "",
    *,
    now: datetime | None = None,
    base: int | None = None,
    **values: Any,
) -> Any:
    """One verdict upon what stands on the screen."""
    if base is None:
        base = look(case).item(code).version
    judgement = Judgement(code, verdict, reason, base_version=base, **values)
    return service.judge(case=case, judgement=judgement, actor=actor, now=now or factories.now())


def pass_all(case: Case, actor: User, *, but: tuple[str, ...] = (), now: datetime | None = None) -> int:
    """Pass every item that needs a verdict; the check's version afterwards."""
    present = look(case)
    judgements = [
        Judgement(item.code, "pass", base_version=item.version)
        for item in present.items
        if item.line.needed and item.code not in but and item.verdict is None
    ]
    service.judge_many(case=case, judgements=judgements, actor=actor, now=now or factories.now())
    return look(case).version


def ask_for(
    case: Case,
    actor: User,
    *codes: str,
    now: datetime | None = None,
    reason: str = "請重新上傳清楚的掃描檔。",
) -> Supplement:
    """Pass everything else and send the notice for these items."""
    now = now or factories.now()
    pass_all(case, actor, but=codes, now=now)
    for code in codes:
        say(case, actor, code, "supplement", reason, now=now, opens=look(case).item(code).line.opens)
    version = look(case).version
    return service.send_supplement(case=fresh(case), version=version, note="", actor=actor, now=now)


def day_after(supplement: Supplement, *, minutes: int) -> datetime:
    """A moment after the midnight that ends the last day."""
    day = supplement.due_on + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=TAIPEI) + timedelta(minutes=minutes)
