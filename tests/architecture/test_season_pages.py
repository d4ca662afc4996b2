"""A walk through a season: each role follows every link from its home page, as people would.

Every page answers, in at most twenty queries, with one heading, a title, forms that are guarded, and no trace of
a template's mistakes.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urldefrag, urljoin, urlsplit

import pytest
from django.urls import Resolver404, resolve

from accounts.models import User
from tests import personas
from tests.architecture.world import World

pytestmark = pytest.mark.django_db

MOST_QUERIES = 20
INSTANCES = 3  # of one address pattern; and of one pattern with the same names in its query
MOST_PAGES = 400
# Who walks: one for each role and way of belonging, by the demo's own accounts and by the personas.
WALKERS = {
    "company": "company@demo.test",
    "office": "office@demo.test",
    "reviewer": "reviewer@demo.test",
    "chair": "chair@demo.test",
    "supervisor": "supervisor@demo.test",
    "auditor": "auditor@demo.test",
    "administrator": "admin@demo.test",
    "viewer": "viewer@example.test",
    "newcomer": "newcomer@example.test",
    "anonymous": "",
}
# Left to others: the way out, and what belongs to the login's library.
NOT_FOLLOWED = ("/accounts/", "/static/", "/django-admin/")
# Pages that may need more than MOST_QUERIES, and why.
MORE_QUERIES: dict[str, int] = {}
TRACES = (
    "{{", "}}", "{%", "%}", "NoReverseMatch", "Traceback", "TemplateSyntaxError", "<QuerySet", "object at 0x",
    "Decimal(", "datetime.date(", "Fraction(", "&lt;Case", "&lt;User", "&lt;Organisation", "lambda",
)  # fmt: skip
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Page(HTMLParser):
    """What the walk looks at: links, headings, title, forms, visible words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.headings = 0
        self.title = ""
        self.unguarded: list[str] = []
        self.ids: Counter[str] = Counter()
        self.words: list[str] = []
        self._open: list[str] = []
        self._form: dict[str, str] | None = None
        self._guarded = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append(tag)
        if "id" in found:
            self.ids[found["id"]] += 1
        for name in ("href", "src"):
            if tag in ("a", "iframe", "embed") and found.get(name):
                self.links.append(found[name])
        if found.get("hx-get"):
            self.links.append(found["hx-get"])
        self.headings += tag == "h1"
        if tag == "form":
            self._form, self._guarded = found, False
        if tag == "input" and found.get("name") == "csrfmiddlewaretoken":
            self._guarded = True

    def handle_endtag(self, tag: str) -> None:
        if tag in self._open:
            while self._open and self._open.pop() != tag:
                pass
        if tag == "form" and self._form is not None:
            posts = self._form.get("method", "get").lower() == "post"
            if posts and not self._guarded:
                self.unguarded.append(self._form.get("action", ""))
            self._form = None

    def handle_data(self, data: str) -> None:
        if "title" in self._open and "svg" not in self._open:
            self.title += data
        if not {"script", "style", "textarea", "pre", "code"} & set(self._open) and data.strip():
            self.words.append(data.strip())


def pattern_of(path: str) -> str | None:
    """The pattern behind an address, with the names in its query; None for what is no page of ours."""
    parts = urlsplit(path)
    try:
        route = resolve(parts.path).route
    except Resolver404:
        return None
    names = sorted({pair.split("=")[0] for pair in parts.query.split("&") if pair})
    return f"{route}?{'&'.join(names)}" if names else route


def walk(world: World, who: str) -> Iterator[tuple[str, str, Any]]:
    """Address, pattern and answer of every page that ``who`` comes to from the home page."""
    waiting, met, seen = deque([("/", "the home page")]), {"/"}, Counter[str]()
    while waiting and sum(seen.values()) < MOST_PAGES:
        path, came_from = waiting.popleft()
        pattern = pattern_of(path)
        assert pattern is not None, f"{who}: {came_from} links to {path}, which does not exist"
        if seen[pattern] >= INSTANCES:
            continue
        seen[pattern] += 1
        response = world.ask(who, "GET", path)
        response.came_from = came_from
        yield path, pattern, response
        found = [response["Location"]] if 300 <= response.status_code < 400 else []
        if response.text_seen and "html" in response["Content-Type"]:
            found = Page(response.text_seen).links
        for link in found:
            target = urldefrag(urljoin(path, link))[0]
            if urlsplit(target).netloc or not target.startswith("/") or target.startswith(NOT_FOLLOWED):
                continue
            if target not in met:
                met.add(target)
                waiting.append((target, path))


def problems(path: str, pattern: str, response: Any, queries: int) -> Iterator[str]:
    """What is wrong with a page."""
    if response.status_code >= 500:
        yield f"{response.status_code} {response.exc_info[1]!r}"
        return
    if response.status_code in (404, 410):
        yield f"{response.status_code}: a link that leads nowhere, on {response.came_from}"
    if response.status_code == 405:
        yield f"405: a link to what takes only POST, on {response.came_from}"
    if queries > MORE_QUERIES.get(pattern, MOST_QUERIES):
        yield f"{queries} queries"
    if "html" not in response.get("Content-Type", "") or not response.text_seen:
        return
    page = Page(response.text_seen)
    words = " ".join(page.words)
    for trace in TRACES:
        if trace in words:
            yield f"shows {trace!r}: …{words[max(words.index(trace) - 40, 0) :][:90]}…"
    for word in page.words:
        if word in ("None", "True", "False", "nan") or "：None" in word or "None 元" in word:
            yield f"shows {word!r}"
    if page.unguarded:
        yield f"a POST form without a token: {page.unguarded}"
    twice = [name for name, count in page.ids.items() if count > 1]
    if twice:
        yield f"the same id twice: {twice[:5]}"
    if "<html" not in response.text_seen:
        return  # a fragment for htmx
    if page.headings != 1:
        yield f"{page.headings} h1"
    if not page.title.strip():
        yield "no title"
    if response.status_code == 403 and len(words) < 40:
        yield "403 without a reason"


@pytest.mark.parametrize("who", WALKERS)
def test_every_page_that_a_role_comes_to_is_whole(world, who):
    email = WALKERS[who]
    world.clients["walker"] = personas.client_for(User.objects.get(email=email) if email else None)
    world.clients["walker"].raise_request_exception = False
    wrong, patterns = [], Counter[str]()
    for path, pattern, response in walk(world, "walker"):
        patterns[pattern.split("?")[0]] += 1
        wrong += [
            f"{pattern}  {path}: {what}" for what in problems(path, pattern, response, len(world.queries))
        ]
    assert not wrong, f"{who}, {sum(patterns.values())} pages:\n" + "\n".join(wrong)
    assert len(patterns) >= LEAST[who], (
        f"{who} came to {len(patterns)} kinds of pages only: {sorted(patterns)}"
    )


# How many kinds of pages a role comes to at least; a smaller number means that a link was lost.
LEAST = {
    "company": 25,
    "office": 35,
    "reviewer": 5,
    "chair": 6,
    "supervisor": 12,
    "auditor": 10,
    "administrator": 8,
    "viewer": 15,
    "newcomer": 8,
    "anonymous": 7,
}
