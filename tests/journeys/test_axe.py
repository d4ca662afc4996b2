"""Each role walks through the demo season as far as links go; every kind of page passes axe-core (WCAG 2.1 A and AA,
contrast included, no rule left out), fits 390 px, and says nothing to the console.

``KEEP_SCREENS=1`` keeps a picture of each page in docs/screens (see docs/screens/README.md).
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Callable, Iterator
from urllib.parse import urldefrag, urlsplit

import pytest
from django.urls import Resolver404, resolve

from tests.journeys.people import DESKTOP, PHONE, Person, keep_picture
from tests.journeys.stage import ROOT

SCENE = "season"
AXE = (ROOT / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
RUN = """async () => {
  const found = await axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations']});
  return found.violations.map(v => `${v.id} (${v.impact}): ${v.help}: `
    + v.nodes.slice(0, 4).map(n => n.html.slice(0, 160) + ' ' + (n.any[0]?.message || '')).join(' | '));
}"""

STARTS = {
    "public": ("", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"),
    "company": ("company@demo.test", "/accounts/email/", "/accounts/password/change/", "/accounts/2fa/"),
    "office": ("office@demo.test",),
    "reviewer": ("reviewer@demo.test",),
    "chair": ("chair@demo.test",),
    "supervisor": ("supervisor@demo.test",),
    "auditor": ("auditor@demo.test",),
    "administrator": ("admin@demo.test",),
}
# Files, not pages; and fragments of pages.
FILES = {
    "download", "batch_merged", "json", "submission_json", "plan_preview", "letter_preview", "file", "sheet_template",
    "xlsx", "ods", "csv", "terms", "template_preview", "office:document", "papers_progress", "batch_progress", "healthz",
    "make_book", "event_calendar", "news_feed", "inquiry_file", "rows_file", "budget_template", "plan_form", "entries",
    "reports_progress", "trial_progress",
}  # fmt: skip
# What tells pages of one address apart; other parts of an address (ids, calls, rules) don't.
TELLING = ("section", "kind", "page", "part", "key")
MOST = 160
# Pages that look different in each state; several of them are opened.
INSTANCES = {
    "cases-detail": 3,
    "office-case": 4,
    "review-sheet": 3,
    "meetings-detail": 2,
    "documents-detail": 2,
}

# Pictures are kept of the pages that are a role's own; everybody sees the rest alike.
PICTURED = {
    "public": ("",),
    "company": ("home", "cases-", "organisation", "account-"),
    "office": (
        "office-", "review-", "meetings-", "documents-", "reference-", "cases-intake", "cases-extend", "calls-extend",
        "designer-", "plans-", "kpis-", "budget-", "outreach-",
    ),
    "reviewer": ("review-",),
    "chair": ("review-",),
    "supervisor": ("supervisor-", "budget-measure"),
    "auditor": ("auditor-",),
    "administrator": ("administrator-",),
}  # fmt: skip

# More of the same, which the folder can do without.
PLAIN = re.compile(
    r"-[3-9]$|^page-help-|^calls-(rules|detail)|^documents-detail|template-edit-(?!approval)|reviewer-active"
)


def _kind_of(path: str) -> str | None:
    """A name for the kind of page behind an address; None for what is no page of ours."""
    if path.startswith(("/accounts/", "/static/", "/django-admin/")):
        return None
    try:
        match = resolve(urlsplit(path).path)
    except Resolver404:
        return None
    if FILES & {match.url_name, match.view_name}:
        return None
    parts = [match.kwargs.get(key, 0) for key in TELLING]
    telling = [part for part in parts if isinstance(part, str)]
    return "-".join([match.view_name.replace(":", "-"), *telling]).replace("_", "-")


def _links(me: Person) -> list[str]:
    found = me.page.locator("a[href]").evaluate_all("all => all.map(a => a.href)")
    return [urldefrag(one)[0].removeprefix(me.stage.url) for one in found if one.startswith(me.stage.url)]


def _walk(me: Person, starts: tuple[str, ...]) -> Iterator[str]:
    """Open one page of each kind that links lead to from the home page; yield the kind while it is open."""
    waiting, met, seen = deque(["/", *starts]), {"/", *starts}, Counter[str]()
    while waiting and sum(seen.values()) < MOST:
        path = waiting.popleft()
        name = _kind_of(path) or "account-" + "-".join(path.strip("/").split("/")[1:])
        if seen[name] >= INSTANCES.get(name, 1):
            continue
        me.page.goto(path)
        arrived = _kind_of(me.page.url.removeprefix(me.stage.url)) or name
        if seen[arrived] >= INSTANCES.get(arrived, 1):
            continue
        seen[name] += 1
        if arrived != name:
            seen[arrived] += 1
        yield arrived if seen[arrived] < 2 else f"{arrived}-{seen[arrived]}"
        for link in _links(me):
            if link not in met and _kind_of(link):
                met.add(link)
                waiting.append(link)


@pytest.mark.parametrize("role", STARTS)
def test_every_page_of_the_season_is_accessible(role: str, person: Callable[..., Person]) -> None:
    email, *starts = STARTS[role]
    me = person(email)
    wrong: list[str] = []
    pages = 0
    for name in _walk(me, tuple(starts)):
        pages += 1
        if me.page.locator("[hx-trigger=load], [data-pdf]").count():
            me.page.wait_for_load_state("networkidle")  # takes half a second: only where more is to come
        address = re.sub(r"[0-9a-f-]{36}", "<id>", me.page.url.removeprefix(me.stage.url))
        assert me.page.locator("h1").count() == 1, f"{address}: h1"
        me.page.evaluate(AXE)
        wrong += [f"{address}: {one}" for one in me.page.evaluate(RUN)]
        for size in (DESKTOP, PHONE):
            me.page.set_viewport_size(size)  # type: ignore[arg-type]
            if size is PHONE:
                me.page.wait_for_timeout(60)
            wide = me.page.evaluate("document.documentElement.scrollWidth")
            if wide > size["width"]:
                wrong.append(f"{address}: {wide} px wide at {size['width']}")
            if name.startswith(PICTURED[role]) and not PLAIN.search(name):
                keep_picture(me.page, f"season-{role}-{name}-{size['width']}")
        me.page.set_viewport_size(DESKTOP)  # type: ignore[arg-type]
        wrong += [f"{address}: {problem}" for problem in me.problems]
        me.problems.clear()
    assert pages > 5
    assert wrong == [], "\n".join([f"{len(wrong)} problems on {pages} pages", *wrong])
