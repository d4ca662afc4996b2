"""People who use the portal through a browser, and what every page they see must be like."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from typing import Any

import pikepdf
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Locator, Page, Response

from tests.journeys.stage import ROOT, Stage

PASSWORD = "ipas-demo-114"
DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}
TABLET = {"width": 820, "height": 1180}
SCREENS = ROOT / "docs" / "screens"
KEEP = os.environ.get("KEEP_SCREENS") == "1"


class Person:
    """Somebody with a browser of their own. ``page`` is Playwright's; the methods add what must always hold."""

    def __init__(self, browser: Browser, stage: Stage, email: str = "", **options: Any) -> None:
        self.stage = stage
        self.email = email
        self.context: BrowserContext = browser.new_context(
            viewport=options.pop("viewport", DESKTOP),  # type: ignore[arg-type]
            locale="zh-TW",
            timezone_id="Asia/Taipei",
            base_url=stage.url,
            **options,
        )
        self.context.set_default_timeout(15_000)
        self.problems: list[str] = []
        self.expected: list[str] = []
        self.page: Page = self.open_page()
        if email:
            self.log_in(email)

    def open_page(self) -> Page:
        """One more tab, watched like the first."""
        page = self.context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self._note(f"script error: {error}"))
        page.on("response", self._answered)
        page.on("request", lambda request: self._asked(request.url))
        return page

    def _heard(self, message: ConsoleMessage) -> None:
        vendor = message.type == "warning" and "/vendor/" in message.location.get("url", "")
        if message.type in ("error", "warning") and not vendor:
            self._note(f"console: {message.text} ({message.location.get('url', '')})")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self._note(f"{response.status} {response.request.method} {response.url}")

    def _asked(self, url: str) -> None:
        if not url.startswith((self.stage.url, "data:", "blob:", "about:")):
            self._note(f"a request left the machine: {url}")

    @contextmanager
    def expecting(self, *patterns: str) -> Iterator[None]:
        """Let go of problems that match one of ``patterns``: this step provokes them."""
        self.look()
        self.expected = list(patterns)
        yield
        self.page.wait_for_load_state()
        self.look()
        self.expected = []

    def _note(self, problem: str) -> None:
        if not any(re.search(one, problem) for one in self.expected):
            self.problems.append(problem)

    def log_in(self, email: str, password: str = PASSWORD) -> None:
        """Through the real login page."""
        self.page.goto("/accounts/login/")
        self.page.fill("input[name=login]", email)
        self.page.fill("input[name=password]", password)
        self.press("登入")
        assert "/accounts/login" not in self.page.url, f"{email} can't log in"

    def go(self, path: str) -> None:
        """Open an address of the portal and look at it."""
        self.page.goto(path)
        self.look()

    def look(self) -> None:
        """What must hold on every page: nothing went wrong, and exactly one heading says where one is."""
        self.page.wait_for_load_state()
        assert self.problems == [], f"{self.page.url}: {self.problems}"
        if self.page.url.startswith("http"):
            assert self.page.locator("h1").count() == 1, f"{self.page.url}: h1"

    def press(self, name: str, *, within: Locator | None = None, exact: bool = True) -> None:
        """Press the button or follow the link with these words, and look at what comes."""
        place = within or self.page.locator("main")
        button = place.get_by_role("button", name=name, exact=exact)
        thing = button.or_(place.get_by_role("link", name=name, exact=exact)).filter(visible=True)
        thing.first.click()
        self.look()

    def text(self) -> str:
        """The words of the page's main part."""
        return self.page.locator("main").inner_text()

    def see(self, *words: str) -> None:
        """Each of ``words`` stands on the page; waits for what is still being drawn."""
        for one in words:
            self.page.locator("main").get_by_text(one).first.wait_for(state="attached")

    def flash(self, words: str) -> None:
        """A message says so."""
        self.page.locator(".messages, [role=status], [role=alert], .banner").get_by_text(
            words
        ).first.wait_for()

    def saved(self) -> None:
        """Autosave says that everything typed so far is in the portal."""
        self.page.locator("[data-save-status][data-state=saved]").first.wait_for()
        self.look()

    def shot(self, name: str, *, page: Page | None = None) -> None:
        """Look at the page at 1280 and 390 px: nothing may stick out at the right; with KEEP_SCREENS=1 pictures, too."""
        page = page or self.page
        self.look()
        before = page.viewport_size or DESKTOP
        for size in (DESKTOP, PHONE):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            viewer = KEEP and page.locator(".pdf canvas").count()  # it draws anew
            page.wait_for_timeout(900 if viewer else 60)
            wide = page.evaluate("document.documentElement.scrollWidth")
            keep_picture(page, f"{name}-{size['width']}")
            assert wide <= size["width"], f"{page.url} is {wide} px wide at {size['width']}"
        page.set_viewport_size(before)  # type: ignore[arg-type]

    def tablet_shot(self, name: str) -> None:
        """With KEEP_SCREENS=1: a picture of what a tablet held upright shows at once."""
        if not KEEP:
            return
        before = self.page.viewport_size or DESKTOP
        self.page.set_viewport_size(TABLET)  # type: ignore[arg-type]
        self.page.evaluate("scrollTo(0, 0)")
        self.page.wait_for_timeout(900)
        keep_picture(self.page, name, full=False)
        self.page.set_viewport_size(before)  # type: ignore[arg-type]

    def download(self, name: str, *, within: Locator | None = None) -> bytes:
        """Follow the link with these words and return the file it brings."""
        link = (within or self.page.locator("main")).get_by_role("link", name=name).first
        return self.fetch(link.get_attribute("href") or "")

    def fetch(self, path: str, *, wait: float = 0) -> bytes:
        """Get a file with this person's session; waits ``wait`` seconds for one that is still being typeset."""
        deadline = time.monotonic() + wait
        answer = self.context.request.get(path)
        while answer.status == 404 and time.monotonic() < deadline:
            time.sleep(0.5)
            answer = self.context.request.get(path)
        assert answer.status == 200, f"{answer.status} for {path}"
        return answer.body()

    def close(self) -> None:
        """The last look, then the browser's window closes."""
        self.look()
        self.context.close()


_UNSTICK = """full => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(full ? '[data-unstuck] { position: static !important }' : '');
  for (const one of document.querySelectorAll('body *')) {
    if (getComputedStyle(one).position === 'sticky') one.dataset.unstuck = '';
  }
  sheet.portalPictures = true;
  document.adoptedStyleSheets = [...document.adoptedStyleSheets.filter(one => !one.portalPictures), sheet];
}"""
_MOST_HEIGHT = 1700


def keep_picture(page: Page, name: str, *, full: bool = True) -> None:
    """With KEEP_SCREENS=1: a picture of the whole page in docs/screens, in few colours and small."""
    if not KEEP:
        return
    # A bar that sticks to the window's edge would lie across the middle of a picture of the whole page.
    page.evaluate(_UNSTICK, full)
    picture = page.screenshot(full_page=full, animations="disabled", caret="initial")
    page.evaluate(_UNSTICK, False)
    image = Image.open(BytesIO(picture)).convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, _MOST_HEIGHT)))
    image.quantize(24, dither=Image.Dither.NONE).save(SCREENS / f"{name}.png", optimize=True)


def paper(words: str) -> bytes:
    """A small PDF of one page with a line of Latin words; equal words make equal bytes."""
    pdf = pikepdf.new()
    page = pdf.add_blank_page(page_size=(595, 842))
    font = pikepdf.Dictionary(
        Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
    )
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=pdf.make_indirect(font)))
    page.Contents = pdf.make_stream(f"BT /F1 20 Tf 72 740 Td ({words}) Tj ET".encode("ascii"))
    out = BytesIO()
    pdf.save(out, deterministic_id=True)
    return out.getvalue()


def pdf_text(content: bytes) -> str:
    """The words of a PDF without white space (Chinese lines break anywhere): line by line, cell by cell, and as it was
    written, where no mark of the binding margin falls between two lines."""
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(content)
        file.flush()
        ways = (["-layout"], [], ["-raw"])
        texts = [
            subprocess.run(
                ["pdftotext", *way, file.name, "-"], capture_output=True, check=True
            ).stdout.decode()
            for way in ways
        ]
    return "\n".join(re.sub(r"\s+", "", text) for text in texts)
