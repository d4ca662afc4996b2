"""``manage.py receive_inquiry < mail.eml``: for the mail server's pipe of the service mailbox."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import clock
from outreach.services import mailbox


class Command(BaseCommand):
    help = "Read one mail from standard input and take it in as an inquiry; prints its number."

    def handle(self, *args: Any, **options: Any) -> None:
        raw = sys.stdin.buffer.read(mailbox.MAX_BYTES + 1)
        try:
            inquiry = mailbox.take_in(raw=raw, now=clock.now())
        except mailbox.MailRefused as refused:
            # 0 would lose the mail without a word; the mail server keeps what a pipe refuses.
            raise CommandError(f"not taken in: {refused}") from refused
        self.stdout.write(inquiry.number)
