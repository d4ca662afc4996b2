"""What happens elsewhere and concerns review: a letter that was asked for here has been issued."""

from __future__ import annotations

from typing import Any

from django.db.models.signals import post_save
from django.dispatch import receiver

from documents.models import DocumentTransition


@receiver(post_save, sender=DocumentTransition, dispatch_uid="review.announce_letters")
def announce_letters(instance: DocumentTransition, created: bool, **_: Any) -> None:
    """Queue the mail in the same transaction that issues the letter: never before, and exactly once."""
    if created and instance.action == "issue":
        from review.services.outgoing import announce

        announce(instance.subject, now=instance.at)
