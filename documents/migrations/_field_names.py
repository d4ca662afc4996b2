"""From ``{{case_number}}`` to ``{案號}``, for the migrations of everything that holds wording (0005 here, 0010 of programs)."""

from __future__ import annotations

import re
from typing import Any

#: As they were called until then, and what the office calls them; frozen here, whatever names.py says later.
NAMES = {
    "case_number": "案號",
    "company_name": "申請單位名稱",
    "call_name": "補助名稱",
    "plan_title": "計畫名稱",
    "regulation": "規定名稱",
    "you": "受文者稱呼",
    "received_on": "收件日期",
    "due_on": "補件期限",
    "item_count": "補正項目數",
    "extension_days": "展延工作日數",
    "granted_words": "核定標的",
    "grant_sentence": "核定內容",
    "instalment_sentence": "撥款方式",
    "reserve_sentence": "備取說明",
    "appeal_sentence": "申覆說明",
    "promise_sentence": "承諾說明",
    "subsidy": "補助款",
    "subsidy_words": "補助款大寫",
    "own_share": "配合款",
    "own_share_words": "配合款大寫",
    "total": "總經費",
    "total_words": "總經費大寫",
    "first_instalment": "第一期款",
    "first_instalment_words": "第一期款大寫",
    "second_instalment": "第二期款",
    "second_instalment_words": "第二期款大寫",
    "starts_on": "計畫開始日",
    "ends_on": "計畫截止日",
    "meeting_on": "決審會議日期",
    "sign_by": "簽約期限",
    "annex_note": "附件說明",
    "place": "備取順位",
    "asked": "申請數額",
    "noun": "核給標的",
    "ubn": "統一編號",
    "approval_number": "核定函文號",
    "items_table": "補正項目表",
    "reasons_list": "理由清單",
    "amounts_table": "經費表",
    "annex_list": "契約附件清單",
}
TABLES = ("items_table", "reasons_list", "amounts_table", "annex_list")
TEXTS = ("subject", "body", "measures", "enclosures", "copies_to", "signature")
_OLD = re.compile(r"\{\{\s*([^{}]*?)\s*\}\}")
_BRACES = str.maketrans({"{": "（", "}": "）", "｛": "（", "｝": "）"})


def renamed(text: str) -> str:
    """A wording in the new names. A brace that was only a sign becomes a parenthesis: braces now mean a field."""
    parts = _OLD.split(text)  # text, name, text, name, … text
    return "".join(
        f"{{{NAMES.get(part, part)}}}" if place % 2 else part.translate(_BRACES)
        for place, part in enumerate(parts)
    )


def tables_renamed(text: str) -> str:
    """A wording that is filled in already: only tables, alone on their line; values stay as they are."""
    lines = []
    for line in text.split("\n"):
        old = _OLD.fullmatch(line.strip())
        lines.append(f"{{{NAMES[old.group(1)]}}}" if old and old.group(1) in TABLES else line)
    return "\n".join(lines)


def letters_renamed(data: Any) -> bool:
    """Rename within the ``letters`` of terms or of a draft's part, as typed; whether anything changed."""
    letters = data.get("letters") if isinstance(data, dict) else None
    changed = False
    for letter in letters if isinstance(letters, list) else []:
        for name in TEXTS:
            text = letter.get(name) if isinstance(letter, dict) else None
            if isinstance(text, str) and renamed(text) != text:
                letter[name] = renamed(text)
                changed = True
    return changed
