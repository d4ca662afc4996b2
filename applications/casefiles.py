"""A case as a file (``docs/case-schema.md``): what pages export and ``manage.py check_case`` reads."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from applications import selectors
from applications.models import Case
from applications.selectors.intake import is_paper
from core.findings import Finding
from core.rocdate import TAIPEI
from programs.rules.casefile import CaseFileError, Surroundings, read_file, to_json
from programs.rules.check import Context, check
from programs.rules.facts import CaseFacts
from programs.rules.terms import Terms

MOST_BYTES = 20 * 1024 * 1024


def export(case: Case) -> dict[str, Any]:
    """The case as JSON-ready data with everything that decides its findings. Twelve queries at most."""
    case = selectors.load(case)
    around = Surroundings(
        received_at=case.received_at.astimezone(TAIPEI) if case.received_at and not is_paper(case) else None,
        closes_at=selectors.closes_at(case).astimezone(TAIPEI),
        other_subsidy=case.other_subsidy or None,  # type: ignore[attr-defined]
        terms_version=case.terms.version,
    )
    return to_json(selectors.facts(case), call=case.call.slug, number=case.number or "", surroundings=around)


def as_bytes(data: dict[str, Any]) -> bytes:
    """The file: indented UTF-8 JSON."""
    return json.dumps(data, ensure_ascii=False, indent=2).encode() + b"\n"


def parse(raw: bytes) -> tuple[CaseFacts, Surroundings, dict[str, Any]]:
    """Read the bytes of a case file. Raises ``CaseFileError`` with every problem in words."""
    if len(raw) > MOST_BYTES:
        raise CaseFileError([f"（檔案）: 超過 {MOST_BYTES // 1024 // 1024} MB，不像是一件申請案"])
    try:
        data = json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_no_twins)
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeDecodeError:
        raise CaseFileError(["（檔案）: 不是 UTF-8 編碼的文字"]) from None
    except UnicodeEncodeError:
        raise CaseFileError(["（檔案）: 含有無法使用的字元（不成對的 Unicode 代理碼）"]) from None
    except CaseFileError:
        raise
    except json.JSONDecodeError as error:
        raise CaseFileError(
            [f"（檔案）: 不是正確的 JSON，第 {error.lineno} 行第 {error.colno} 字附近有誤"]
        ) from None
    except RecursionError:
        raise CaseFileError(["（檔案）: 內容一層包一層太深，不像是一件申請案"]) from None
    except ValueError:
        raise CaseFileError(["（檔案）: 有過長的數字，無法讀取"]) from None
    facts, around = read_file(data)
    return facts, around, data


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if len(set(keys)) < len(keys):
        twin = next(key for key in keys if keys.count(key) > 1)
        raise CaseFileError([f"（檔案）: 欄位「{twin}」在同一處出現兩次"])
    return dict(pairs)


def judge(
    terms: Terms,
    facts: CaseFacts,
    around: Surroundings,
    *,
    now: datetime,
    closes_at: datetime | None = None,
) -> list[Finding]:
    """What the rulebook says about a file: the same call of the same rules as on the pages.

    Without a received time or date, ``now`` stands for the moment of submission (S1). ``closes_at``: the
    end of the call's window where the file names none.
    """
    moment = around.received_at or (now if facts.applied_on is None else None)
    context = Context(
        terms,
        submitted_at=moment,
        closes_at=around.closes_at or closes_at,
        other_subsidy=around.other_subsidy or 0,
    )
    return check(terms, facts, context=context)
