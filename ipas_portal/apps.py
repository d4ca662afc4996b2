"""The top layer: it may know everything, and gives the layers below what they must not look up themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.apps import AppConfig

from accounts.business_items import Judged


class PortalConfig(AppConfig):
    name = "ipas_portal"

    def ready(self) -> None:
        """Durable mail and the judge of business items (E4) for ``accounts``."""
        from accounts import business_items, mail

        mail.use_transport(_queue)
        business_items.use_judge(_judge)


def _queue(to: str, subject: str, body: str, now: datetime) -> None:
    from documents.services import queue_mail

    queue_mail(to=to, subject=subject, body=body, now=now)


def _judge(codes: Sequence[str]) -> list[Judged]:
    from core.identifiers import is_business_code
    from programs.models import Call

    call = Call.objects.public().with_terms().exclude(current_terms=None).order_by("-opens_at").first()
    rules = [rule for rule in call.terms.rules if rule.id == "E4"] if call else []
    groups = getattr(rules[0].params, "groups", ()) if rules else ()
    clause = f"E4 · {rules[0].clause}" if rules else ""
    judged = []
    for code in codes:
        group = next(
            (g for g in groups if is_business_code(code) and code.startswith(tuple(g.prefixes))), None
        )
        judged.append(Judged(code, group.label if group else "", clause))
    return judged
