"""The self-check list (D1): each rule and document of the call with what the rulebook found."""

from __future__ import annotations

from collections.abc import Sequence

from core.findings import Finding, Severity
from documents import contexts as c
from programs.rules.check import (
    is_missing,
    required_documents,
)
from programs.rules.facts import CaseFacts
from programs.rules.terms import Terms

_CHECK_GROUPS = (("申請資格", ("E",)), ("培育計畫", ("T",)), ("經費編列與其他", ("B", "G")))


def self_check_groups(
    terms: Terms, facts: CaseFacts, findings: Sequence[Finding]
) -> tuple[c.CheckGroup, ...]:
    """Each rule and document of the call with what the rulebook found: yes, no, or not applicable."""
    said: dict[str, list[Finding]] = {}
    for finding in findings:
        said.setdefault(finding.rule, []).append(finding)
    groups = []
    for title, letters in _CHECK_GROUPS:
        items = tuple(
            c.CheckItem(
                rule.id, rule.title, _verdict(said.get(rule.id, [])), note=_note(said.get(rule.id, []))
            )
            for rule in terms.rules
            if rule.enforced and rule.group in letters
        )
        if items:
            groups.append(c.CheckGroup(title, items))
    counts = {d.code: d.files for d in facts.documents or ()}
    documents = []
    checked: bool | None
    for item, required, _ in required_documents(terms, facts):
        files = counts.get(item.code, 0)
        if item.made_by == "portal":
            checked, note = True, "由系統產生"
        elif files:
            checked, note = True, f"{files} 個檔案"
        else:
            checked, note = (False, "尚未上傳") if required else (None, "無則免附")
        documents.append(c.CheckItem(item.code, item.label, checked, item.copies, note))
    groups.append(c.CheckGroup("應備文件", tuple(documents)))
    return tuple(groups)


def _verdict(said: Sequence[Finding]) -> bool | None:
    if any(f.severity is Severity.ERROR for f in said):
        return False
    return True if any(f.severity is Severity.OK for f in said) else None


def _note(said: Sequence[Finding]) -> str:
    errors = [f for f in said if f.severity is Severity.ERROR]
    if not errors:
        return ""
    return "尚未填寫完整" if all(is_missing(f) for f in errors) else "尚待修正"
