"""``manage.py load_call``: a scheme file becomes a call, or the next version of a call's terms."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from core.clock import now
from programs.models import Call
from programs.rules.terms import TermsError
from programs.services import TermsFrozen, load_scheme, new_terms_version
from programs.services.calls import digest_of, read_scheme


class Command(BaseCommand):
    help = (
        "Read terms from a YAML file (fixtures/schemes/…). A call that does not exist is made; an existing one gets "
        "a new version with --note, and cases already begun keep theirs. The same terms again change nothing."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--slug", help="the call's address; default: the scheme's code")
        parser.add_argument("--draft", action="store_true", help="do not publish a new call yet")
        parser.add_argument("--note", default="", help="public note of what a new version changes")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            data = read_scheme(options["file"])
        except OSError as error:
            raise CommandError(f"{options['file']}: {error.strerror}") from error
        except TermsError as error:
            raise CommandError("\n".join(error.problems)) from error
        slug = options["slug"] or data["code"]
        call = Call.objects.filter(slug=slug).select_related("current_terms").first()
        if call is None:
            load_scheme(data, actor=None, now=now(), slug=slug, publish=not options["draft"])
            self.stdout.write(f"{slug}: made, terms version 1")
            return
        if call.current_terms and call.current_terms.digest == digest_of(data):
            self.stdout.write(f"{slug}: these are its terms already")
            return
        try:
            version = new_terms_version(
                call=call, data=data, change_note=options["note"], actor=None, now=now()
            )
        except TermsFrozen as frozen:
            raise CommandError(f"{frozen} (--note)") from frozen
        self.stdout.write(f"{slug}: terms version {version.version}")
