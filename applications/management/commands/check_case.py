"""``manage.py check_case FILE --call ipas-114``: what the rulebook says about a case file, as JSON."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from applications import casefiles
from core import clock
from core.findings import stops_submission
from core.rocdate import TAIPEI
from programs.models import Call
from programs.rules.casefile import CaseFileError
from programs.rules.terms import Terms, TermsError, parse_terms

SCHEMA = "ipas-findings/1"


class _Refused(Exception):
    """Something about the arguments; the message is for the user."""


class Command(BaseCommand):
    """Reads a file and the call's terms, writes nothing but its answer.

    Exit status 1 when the file cannot be read or something would stop a submission, else 0.
    """

    help = "Check a case file (docs/case-schema.md) by the rules of a call; findings as JSON."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help='a JSON file of schema ipas-case/1, or "-" for standard input')
        parser.add_argument(
            "--call", default="", help="the call's code (default: the one that the file names)"
        )
        parser.add_argument(
            "--at", default="", help="moment of submission for a draft, ISO 8601 (default: now)"
        )

    def handle(self, *args: Any, file: str, call: str = "", at: str = "", **options: Any) -> None:
        """Print findings to standard output; problems of the file to standard error, each by its path."""
        try:
            facts, around, data = casefiles.parse(_read(file))
            slug = call or str(data.get("call") or "")
            terms, version, closes_at = _terms(
                slug, around.terms_version if slug == data.get("call") else None
            )
            now = _moment(at)
        except CaseFileError as error:
            self._fail(f"檔案無法使用，共 {len(error.problems)} 處須修正：", error.problems)
        except _Refused as refused:
            self._fail(str(refused), [])
        findings = casefiles.judge(terms, facts, around, now=now, closes_at=closes_at)
        stops = stops_submission(findings)
        answer = {
            "schema": SCHEMA,
            "call": slug,
            "terms_version": version,
            "stops_submission": stops,
            "counts": dict(Counter(f.severity.value for f in findings)),
            "findings": [f.as_dict() for f in findings],
        }
        self.stdout.write(json.dumps(answer, ensure_ascii=False, indent=2, default=str))
        if stops:
            sys.exit(1)

    def _fail(self, title: str, problems: list[str]) -> None:
        self.stderr.write(title)
        for problem in problems:
            self.stderr.write(f"  {problem}")
        sys.exit(1)


def _read(name: str) -> bytes:
    try:
        if name == "-":
            return sys.stdin.buffer.read(casefiles.MOST_BYTES + 1)
        with Path(name).open("rb") as source:
            return source.read(casefiles.MOST_BYTES + 1)
    except (OSError, ValueError):
        raise _Refused(f"找不到或無法讀取檔案「{name}」。") from None


def _moment(text: str) -> datetime:
    if not text:
        return clock.now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise _Refused("--at 的時間看不懂，請寫成 2025-03-28T14:03:00+08:00。") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=TAIPEI)


def _terms(slug: str, version: int | None) -> tuple[Terms, int | None, datetime | None]:
    """The call's terms from the database, else from the scheme's file: both are the same data."""
    if not slug:
        raise _Refused("檔案沒有寫是哪一個徵案，請加上 --call，例如 --call ipas-114。")
    try:
        call = Call.objects.filter(slug=slug).select_related("current_terms").first()
        if call is not None and call.current_terms is not None:
            found = call.versions.filter(version=version).first() if version else None
            used = found or call.current_terms
            return used.terms, used.version, call.effective_closes_at
    except DatabaseError:
        pass  # no database on this machine: the scheme's file will do
    path = settings.BASE_DIR / "fixtures" / "schemes" / f"{slug.replace('-', '_')}.yaml"
    if not re.fullmatch(r"[a-z0-9-]+", slug) or not path.is_file():
        raise _Refused(f"沒有代碼為「{slug}」的徵案。")
    try:
        return parse_terms(yaml.safe_load(path.read_text(encoding="utf-8"))), None, None
    except (TermsError, yaml.YAMLError):
        raise _Refused(f"徵案「{slug}」的須知檔無法讀取。") from None
