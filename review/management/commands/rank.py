"""``manage.py rank FILE``: ranking and allocation of a file of scores, by the same rules as the pages."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from review.rules.allocation import AllocationError
from review.rules.rankfile import Problem, RankFileError, load
from review.rules.rankreport import as_text, report
from review.rules.scoring import ScoringError

MOST_BYTES = 50 * 1024 * 1024


class Command(BaseCommand):
    """Reads a file, writes to the terminal, touches no database. Exit status 1 when the file is unusable."""

    help = "Rank the cases of a file and share out its envelope (docs/rank-schema.md)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", help='a JSON file of schema ipas-rank/1, or "-" for standard input')
        parser.add_argument("--text", action="store_true", help="print readable tables rather than JSON")

    def handle(self, *args: Any, file: str, text: bool = False, **options: Any) -> None:
        """Print the answer; every problem of a bad file goes to standard error, by path."""
        try:
            answer = report(load(_read(file)))
        except RankFileError as error:
            self._fail(error.problems)
        except (ScoringError, AllocationError) as error:
            self._fail([Problem("$", str(error))])
        self.stdout.write(as_text(answer) if text else json.dumps(answer, ensure_ascii=False, indent=2))

    def _fail(self, problems: Any) -> None:
        self.stderr.write(f"檔案無法使用，共 {len(problems)} 處須修正：")
        for problem in problems:
            self.stderr.write(f"  {problem.path}：{problem.message}")
        sys.exit(1)


def _read(name: str) -> str:
    try:
        if name == "-":
            raw = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with Path(name).open("rb") as source:
                raw = source.read(MOST_BYTES + 1)
    except (OSError, ValueError) as error:
        raise RankFileError([Problem(name, "找不到或無法讀取此檔案。")]) from error
    if len(raw) > MOST_BYTES:
        raise RankFileError([Problem(name, "檔案超過 50 MB。")])
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RankFileError([Problem(name, "檔案不是 UTF-8 編碼的文字。")]) from error
