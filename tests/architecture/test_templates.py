"""Every template compiles, stands in the one frame, and keeps to the strict Content-Security-Policy."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

ROOT = Path(settings.BASE_DIR)
FOLDER = ROOT / "templates"
TEMPLATES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.html"))
# Typeset to paper, never sent to a browser.
PAPER = ("pdf/",)
# Parts that other templates include or that allauth's elements render.
PARTS = ("components/", "allauth/elements/")
PAGES_AMONG_PARTS = ("components/confirm.html", "components/two_pane.html")
# Must show even when nothing else works.
# preview.html extends whichever page it shows.
ALONE = ("base.html", "500.html", "programs/designer/preview.html")

COMMENT = re.compile(r"{%\s*comment\b.*?{%\s*endcomment\s*%}|{#.*?#}", re.S)
ICON = re.compile(r"components/icon\.html[\"'] with (?:[^%]*\s)?name=[\"']([^\"']+)")
EXTENDS = re.compile(r"{%\s*extends\s+[\"']([^\"']+)[\"']")
FORBIDDEN = {
    "inline style": re.compile(r"<[^>]*\sstyle\s*=", re.I),
    "style element": re.compile(r"<style\b", re.I),
    "inline handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.I),
    "javascript: address": re.compile(r"(href|src|action)\s*=\s*[\"']?\s*javascript:", re.I),
    "inline script": re.compile(r"<script(?![^>]*\b(src\s*=|type\s*=\s*[\"']application/json))[^>]*>", re.I),
    "address of another host": re.compile(
        r"<(script|link|img)\b[^>]*(src|href)\s*=\s*[\"']?(https?:)?//", re.I
    ),
    "htmx expression": re.compile(r"\shx-on[:\-]|\shx-(vals|headers)\s*=\s*[\"']js:", re.I),
}


def source(name: str) -> str:
    return COMMENT.sub("", (FOLDER / name).read_text(encoding="utf-8"))


def is_part(name: str) -> bool:
    if name in PAGES_AMONG_PARTS:
        return False
    return name.startswith(PARTS) or Path(name).name.startswith("_")


ON_SCREEN = [name for name in TEMPLATES if not name.startswith(PAPER)]


@pytest.mark.parametrize("name", TEMPLATES)
def test_every_template_compiles(name: str) -> None:
    get_template(name)


@pytest.mark.parametrize("name", ON_SCREEN)
def test_no_template_needs_an_unsafe_policy(name: str) -> None:
    found = [what for what, pattern in FORBIDDEN.items() if pattern.search(source(name))]
    assert not found


@pytest.mark.parametrize("name", [n for n in ON_SCREEN if not is_part(n) and n not in ALONE])
def test_every_page_stands_in_the_frame(name: str) -> None:
    """Pages extend base.html, at any depth; fragments are told apart by a leading underscore."""
    seen = name
    for _ in range(8):
        text = (
            source(seen)
            if (FOLDER / seen).exists()
            else Path(get_template(seen).origin.name).read_text("utf-8")
        )
        parent = EXTENDS.search(text)
        assert parent, f"{seen} extends nothing; a fragment's name begins with an underscore"
        seen = parent[1]
        if seen == "base.html":
            return
    pytest.fail("no way to base.html")


@pytest.mark.parametrize("name", [n for n in TEMPLATES if n.startswith("components/")])
def test_every_component_tells_its_parameters(name: str) -> None:
    head = (FOLDER / name).read_text(encoding="utf-8")[:400]
    assert "{% comment %}" in head


def test_every_icon_that_is_used_is_drawn() -> None:
    drawn = set(
        re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/img/icons.svg").read_text(encoding="utf-8"))
    )
    used = {
        icon
        for name in TEMPLATES
        for icon in re.findall(
            r"components/icon\.html[\"'] with (?:[^%]*\s)?name=[\"']([^\"']+)", source(name)
        )
    }
    assert used <= drawn


@pytest.mark.parametrize("path", sorted((ROOT / "static/js").glob("*.js")), ids=lambda path: path.name)
def test_scripts_need_no_eval_and_no_other_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\beval\s*\(|new Function\s*\(|https?://(?!www\.w3\.org/2000/svg)", text)


ROW_BOX = re.compile(r"<td[^>]*>(?:{%[^%]*%})?<input[^>]*type=\"checkbox\"[^>]*name=\"(\w+)\"")


@pytest.mark.parametrize("name", [n for n in TEMPLATES if ROW_BOX.search(source(n))])
def test_rows_to_pick_have_a_box_for_all_of_them_above_the_table(name):
    """In the head of the table it would be gone where the rows become cards on a phone."""
    (box,) = set(ROW_BOX.findall(source(name)))
    assert f'components/pick_all.html" with name="{box}"' in source(name)
    assert "table-pick" in source(name)
