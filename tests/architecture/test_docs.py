"""What is written about the portal: links lead somewhere, nothing tells of a machine, no code is minified."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINK = re.compile(r"\]\(([^)\s]+)\)")
# What belongs to one machine or one network. Package managers know their registry by themselves.
MACHINE = re.compile(
    r"/root/|/home/\w|/Users/\w|/work/|[A-Za-z]:\\Users|://[\w.-]+\.(?:internal|corp|lan)\b|artifactory|nexus\.|"
    r"--index-url|--extra-index-url|PIP_INDEX_URL\s*=|UV_INDEX|registry\s*=\s*http"
)
LOCKED_FROM = "https://registry.npmjs.org/"
TEXT = {
    ".md", ".py", ".html", ".txt", ".yaml", ".yml", ".toml", ".json", ".js", ".css", ".sh", ".lock", ".cfg",
    ".conf", ".example", ".svg", ".po", "",
}  # fmt: skip
# Files that name these words in order to forbid or to test them.
KNOWN = {"tests/architecture/test_docs.py", "tests/architecture/test_migrations.py"}


def files() -> list[Path]:
    """What the repository holds, or would: committed, and new files that are not ignored."""
    run = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return [path for name in run.stdout.splitlines() if (path := ROOT / name).is_file()]


FILES = files()
PAGES = [path for path in FILES if path.suffix == ".md"]


def relative(path: Path) -> str:
    return str(path.relative_to(ROOT))


def anchors(path: Path) -> set[str]:
    """The anchors that headings of a page make, as the usual viewers make them."""
    found = set()
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            words = re.sub(r"[`*]", "", line.lstrip("#").strip()).lower()
            found.add(re.sub(r"[^\w\- ]", "", words).replace(" ", "-"))
    return found


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_links_of_a_page_lead_somewhere(page):
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for link in LINK.findall(text):
        if re.match(r"[a-z]+:", link):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), f"{relative(page)}: {link}"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{relative(page)}: {link}"


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_files_that_a_page_names_exist(page):
    """Words like `core/workflow.py` in a page; patterns and names inside an app are left alone."""
    for name in re.findall(
        r"`([\w./-]+/[\w.-]+\.(?:py|md|yaml|html|css|js|json|toml))`", page.read_text(encoding="utf-8")
    ):
        if name.startswith(("var/", "node_modules/")):
            continue
        known = [ROOT / name, page.parent / name, *ROOT.glob(f"*/{name}"), *ROOT.glob(f"*/*/{name}")]
        assert any(path.exists() for path in known), f"{relative(page)} names {name}"


def test_every_page_of_the_docs_is_linked():
    linked = "\n".join(path.read_text(encoding="utf-8") for path in PAGES)
    for page in PAGES:
        if page.parent.name in ("docs", "adr") and page.name != "README.md":
            assert page.name in linked, f"nothing leads to {relative(page)}"


def test_nothing_tells_of_a_machine_or_of_a_registry():
    wrong = []
    for path in FILES:
        if path.suffix not in TEXT or relative(path) in KNOWN:
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1):
            if found := MACHINE.search(line):
                wrong.append(f"{relative(path)}:{number} {found[0]}")
    assert not wrong, "\n".join(wrong)


def test_the_front_ends_lock_file_names_the_public_registry_only():
    text = (ROOT / "package-lock.json").read_text(encoding="utf-8")
    hosts = set(re.findall(r'"resolved": "(https?://[^/]+/)', text))
    assert hosts <= {LOCKED_FROM}


def test_no_code_is_minified():
    for path in FILES:
        if path.suffix not in (".js", ".css", ".mjs"):
            continue
        assert ".min." not in path.name, relative(path)
        lines = path.read_text(encoding="utf-8").splitlines() or [""]
        assert max(map(len, lines)) < 1000, (
            f"{relative(path)} has a line of {max(map(len, lines))} characters"
        )
        assert sum(map(len, lines)) / len(lines) < 200, f"{relative(path)} has hardly any line breaks"


def test_nothing_large_or_fetched_is_committed():
    for path in FILES:
        assert "node_modules" not in path.parts, relative(path)
        assert path.suffix not in (".pyc", ".sqlite3", ".woff2", ".ttf", ".otf", ".whl"), relative(path)
        assert path.stat().st_size < 1_500_000, relative(path)


def test_pages_name_no_other_host_than_their_own():
    """No page loads anything from elsewhere; links that a person follows are fine."""
    for path in FILES:
        if path.suffix == ".html" and "templates" in path.parts:
            text = path.read_text(encoding="utf-8")
            assert not re.search(r"""(?:src|srcset|data|action)=["']https?://""", text), relative(path)
            assert not re.search(r"""<link[^>]+href=["']https?://""", text), relative(path)
