"""Small real PDFs for the demo's attachments, typeset once and shared by the cases of a season."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from documents.models import StoredFile
from documents.services import store_bytes

TITLES = {
    "D3": "補充資料（示範文件）",
    "D4": "公司登記證明文件（示範文件）",
    "D5": "三年內技術服務實績證明（示範文件）",
    "D6": "會計師財務簽證查核報告書（示範文件）",
    "D7": "徵信同意書（示範文件）",
    "D8": "公職人員及關係人身分關係揭露表（示範文件）",
}
_PARAGRAPHS = (
    "本文件為示範環境自動產生，內容為虛構，僅供操作練習。",
    "正式申請時，請上傳加蓋公司及負責人印章的掃描檔。",
)


def attachments(
    *, variants: int, actor: Any, now: datetime, titles: Mapping[str, str] = TITLES
) -> list[dict[str, StoredFile]]:
    """``variants`` sets of one PDF for each upload item (code → title). Side effects: files and rows."""
    from weasyprint import HTML

    sets = []
    for number in range(1, variants + 1):
        row = {}
        for code, title in titles.items():
            body = "".join(f"<p>{text}</p>" for text in _PARAGRAPHS)
            page = (
                "<html lang='zh-Hant'><style>@page{size:A4;margin:25mm}body{font-family:'TW-Kai','Noto Sans CJK TC';"
                f"font-size:12pt;line-height:1.8}}</style><h1>{title}</h1><p>編號 {code}-{number:03d}</p>{body}</html>"
            )
            row[code] = store_bytes(
                content=HTML(string=page).write_pdf(),
                name=f"{code}_{title.removesuffix('（示範文件）')}.pdf",
                content_type="application/pdf",
                actor=actor,
                now=now,
            )
        sets.append(row)
    return sets
