"""Whole cases through headless Chromium, against a portal that really runs (see stage.py)."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from tests.journeys.people import Person
from tests.journeys.stage import Stage, staged

PEOPLE = pytest.StashKey[list[Person]]()
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A journey that fails says what everybody saw last (in a picture, too), and what web and worker wrote."""
    report = yield
    stage: Stage | None = getattr(item, "funcargs", {}).get("stage")
    if report.failed and call.when == "call" and stage is not None:
        for number, one in enumerate(item.stash.get(PEOPLE, [])):
            picture = stage.folder / f"failed-{number}.png"
            try:
                one.page.screenshot(path=picture, full_page=True)
                seen = f"{one.page.url} ({picture})\n{one.text()[:3000]}"
            except Error:
                continue  # this browser is closed: its part was done
            report.sections.append((f"what {one.email or 'a stranger'} sees", seen))
        report.sections.append(("the portal", stage.log()))
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Headless Chromium that knows no host but this machine."""
    if not Path(CHROMIUM).exists():
        pytest.fail(f"No Chromium at {CHROMIUM}: apt-get install chromium, or name it in CHROMIUM.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM,
            env={**os.environ, "LANGUAGE": "zh_TW"},  # the browser's own words, such as 選擇檔案
            args=["--no-sandbox", "--lang=zh-TW", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"],
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all test processes of the run."""
    base = tmp_path_factory.getbasetemp()
    return (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "journeys"


@pytest.fixture(scope="module")
def stage(request: pytest.FixtureRequest, shared_folder: Path) -> Iterator[Stage]:
    """The portal for the tests of a module, with the scene that its ``SCENE`` names."""
    scene = getattr(request.module, "SCENE", "base")
    with staged(scene, shared_folder, f"{scene}_{uuid.uuid4().hex[:8]}") as running:
        yield running


@pytest.fixture
def person(request: pytest.FixtureRequest, browser: Browser, stage: Stage) -> Iterator[Callable[..., Person]]:
    """``person(email)`` opens a browser and logs in; ``person()`` stays a stranger."""
    people: list[Person] = []
    request.node.stash[PEOPLE] = people

    def open_one(email: str = "", **options: Any) -> Person:
        people.append(Person(browser, stage, email, **options))
        return people[-1]

    yield open_one
    for one in people:
        one.context.close()
