"""``manage.py create_administrator``: the first account of a new installation."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Role
from accounts.services.administration import create_account
from accounts.services.errors import Refused
from core.clock import now


class Command(BaseCommand):
    help = "Make an administrator, who makes all other accounts on the pages. A mail with a link to set the password is sent."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        roles = Role.objects.filter(code="administrator")
        if not roles:
            raise CommandError("Run load_reference first: there are no roles yet.")
        try:
            user = create_account(
                email=options["email"], name=options["name"], roles=roles, actor=None, now=now()
            )
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        self.stdout.write(f"{user.email}: mail with a link to set the password is on its way")
