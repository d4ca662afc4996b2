"""What in an uploaded file would act when a public servant opens it: scripts, launches, hidden files, outside links.

Each function answers with the words for the user, or "" for a file that only shows something. Ordinary files pass:
links to web pages, bookmarks, forms without scripts, signatures, charts with their sheet, a template on the author's
own disk.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import Any

import pikepdf
from defusedxml import ElementTree

_PRINT = "請開啟檔案，用「列印」選「另存為 PDF」重新產生後再上傳"
_SCRIPT = f"PDF 含有會自動執行的指令碼（JavaScript），為了安全不能接受。{_PRINT}"
_LAUNCH = f"PDF 含有開啟其他程式或匯入資料的指令，為了安全不能接受。{_PRINT}"
_ATTACHED = f"PDF 裡夾帶了其他檔案，為了安全不能接受。請把夾帶的檔案分開上傳，這份{_PRINT}"

# Looked for in an object's own text first, which is quick; a hit is then looked at by its structure.
_SUSPECT = re.compile(rb"/(?:JavaScript|JS|Launch|ImportData|EF|XFA|EmbeddedFiles)\b")
_DEPTH = 20
_ACTIONS = {"/JavaScript": _SCRIPT, "/Launch": _LAUNCH, "/ImportData": _LAUNCH}
_MAX_PART = 32 * 1024 * 1024
_MAX_RELATIONS = 1024 * 1024


def in_pdf(pdf: pikepdf.Pdf) -> str:
    """Scripts, launches and attached files anywhere in the document, also where no page leads to them."""
    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary | pikepdf.Array) and _SUSPECT.search(
            item.unparse(resolved=True)
        ):
            for found in _direct(item):
                if words := _judge(found):
                    return words
    return ""


def _direct(item: Any, depth: int = 0) -> Iterator[pikepdf.Dictionary]:
    """The dictionaries that are written inside an object; those that it refers to are looked at by themselves."""
    if isinstance(item, pikepdf.Dictionary):
        yield item
        children = [child for _, child in item.items()]
    elif isinstance(item, pikepdf.Array):
        children = list(item)
    else:
        return
    for child in children:
        if depth < _DEPTH and isinstance(child, pikepdf.Dictionary | pikepdf.Array) and not child.is_indirect:
            yield from _direct(child, depth + 1)


def _judge(found: pikepdf.Dictionary) -> str:
    kind = found.get("/S")
    if isinstance(kind, pikepdf.Name) and str(kind) in _ACTIONS:
        return _ACTIONS[str(kind)]
    if "/JS" in found or "/JavaScript" in found:
        return _SCRIPT
    if "/EF" in found:
        return _ATTACHED
    return _SCRIPT if "/XFA" in found and _scripted(found["/XFA"]) else ""


def _scripted(form: Any) -> bool:
    """Whether an XFA form brings scripts along; one that is only fields does not."""
    parts = list(form) if isinstance(form, pikepdf.Array) else [form]
    return any(
        re.search(rb"<(?:\w+:)?script\b", part.read_bytes())
        for part in parts
        if isinstance(part, pikepdf.Stream)
    )


# ---- office files -------------------------------------------------------------------------------

_OBJECTS = "檔案含有 ActiveX 控制項或內嵌的程式物件，為了安全不能接受。請刪除這些物件，或另存成 PDF 再上傳"
_MACRO = "檔案含有巨集，為了安全不能接受。請另存成不含巨集的檔案再上傳"
_OUTSIDE = (
    "檔案會從外部位置載入範本或內容，為了安全不能接受。請改用一般範本並移除外部內容，或另存成 PDF 再上傳"
)
_LINKED = "檔案連結到其他檔案的資料，我們無法讀到，為了安全也不能接受。請中斷連結（只保留數值）再上傳"
_DDE = "檔案含有會啟動其他程式的欄位（DDE），為了安全不能接受。請刪除該欄位，或另存成 PDF 再上傳"

# Relations to outside that load by themselves; a hyperlink waits for a click, and so do linked pictures in Word.
_LOADING = {"attachedTemplate", "oleObject", "subDocument", "frame", "package", "aFChunk", "control"}
_OWN_DISK = re.compile(
    r"(?:file:///?)?[A-Za-z]:[\\/]|file:///(?:Users|Applications|home|Library)/", re.IGNORECASE
)
_PACKAGER = "\x01Ole10Native".encode("utf-16-le")


def in_office(archive: zipfile.ZipFile, kind: str) -> str:
    """What would load or run in a DOCX, XLSX, ODT or ODS. Raises ``ValueError`` for relations that are no XML."""
    names = archive.namelist()
    if kind in ("odt", "ods"):
        return _in_odf(archive, names)
    folded = [name.casefold() for name in names]
    if any("/macrosheets/" in name for name in folded):
        return _MACRO
    if any("/activex/" in name for name in folded):
        return _OBJECTS
    if any(name.startswith("xl/externallinks/") for name in folded):
        return _LINKED
    for name in names:
        if name.endswith(".rels") and (words := _in_relations(_part(archive, name, _MAX_RELATIONS))):
            return words
        if name.endswith(".bin") and "/embeddings/" in name and _PACKAGER in _part(archive, name):
            return _OBJECTS
    fields = rb"<w:instrText[^>]*>\s*DDE(?:AUTO)?\b|w:instr=\"\s*DDE(?:AUTO)?\b"
    if kind == "docx" and re.search(fields, _part(archive, "word/document.xml")):
        return _DDE
    return ""


def _in_relations(content: bytes) -> str:
    try:
        relations = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError) as error:
        raise ValueError("relations that are no XML") from error
    for relation in relations:
        if relation.get("TargetMode") != "External":
            continue
        kind = relation.get("Type", "").rpartition("/")[2]
        if kind in _LOADING and not (
            kind == "attachedTemplate" and _OWN_DISK.match(relation.get("Target", ""))
        ):
            return _OUTSIDE
    return ""


def _in_odf(archive: zipfile.ZipFile, names: list[str]) -> str:
    for name in names:
        if name.rpartition("/")[2] not in ("content.xml", "styles.xml"):
            continue
        content = _part(archive, name)
        if b"vnd.sun.star.script:" in content:
            return _MACRO
        if b"<office:dde-source" in content or b"<table:dde-link>" in content:
            return _DDE
        if b"<table:table-source" in content or b"<text:section-source" in content:
            return _LINKED
    return ""


def _part(archive: zipfile.ZipFile, name: str, most: int = _MAX_PART) -> bytes:
    with archive.open(name) as part:
        return part.read(most)
