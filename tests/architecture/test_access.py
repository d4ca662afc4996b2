"""Every address × everybody × {own, another's} × {GET, HEAD, POST}: what comes back is what ``access.yaml`` says.

An address that the table does not name fails, and so does a row without an address. A new address: write
``- url: …`` into the table, run this file with ``-k`` and a part of the address, and judge the row that the
failure prints before you paste it: it tells what happens, not what should happen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml
from django.http import HttpResponse
from django.urls import URLResolver

from tests import factories, personas
from tests.architecture.world import Address, World, addresses

pytestmark = pytest.mark.django_db

EVERYBODY = (*personas.EVERYBODY, "anonymous")
FILE = Path(__file__).with_name("access.yaml")
TABLE: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
GROUPS: dict[str, list[str]] = TABLE["people"]
NOBODY_POSTS = {"rest": 405}
# Through the door: a page, a page with what is wrong, or on to the next one.
THROUGH = {"200", "go", "400", "409", "413", "422"}


def rows() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each address of the table with each of its rows; one address may have several, with other objects."""
    for row in TABLE["addresses"]:
        for url in [row["url"]] if isinstance(row["url"], str) else row["url"]:
            yield url, row


ADDRESSES = {
    address.route: address for address in addresses() if not address.route.startswith("django-admin/")
}


def objects_of(world: World, address: Address, row: Mapping[str, Any], *, mine: bool) -> str:
    """The path of one's own or another's object at an address."""
    if "path" in row:
        return f"/{row['path']}"
    places: dict[str, str] = {}
    for start in sorted(TABLE["places"], key=len):
        if address.route.startswith(start):
            places |= TABLE["places"][start]
    objects = {**(world.own if mine else world.another), **row.get("with", {})}
    return address.path(
        objects, {p: o for p, o in places.items() if p not in row.get("with", {})} | row.get("at", {})
    )


def body_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """What a POST sends: fresh each time, because an upload can be read once."""
    return {
        name: factories.pdf_upload() if value == "a PDF" else value
        for name, value in row.get("body", {}).items()
    }


def spread(cells: Mapping[str, Any]) -> dict[str, str]:
    """Person → word, of cells like ``{members: 200, rest: 404}``; a person's own name wins over a group."""
    words: dict[str, str] = {"anonymous": "login"} if "anonymous" not in str(cells) else {}
    for names, word in sorted(cells.items(), key=lambda cell: len(cell[0].split()) == 1):
        for name in names.split():
            for person in GROUPS.get(name, [name]):
                if person != "rest":
                    words[person] = str(word)
    return {person: words.get(person, str(cells.get("rest", "?"))) for person in EVERYBODY}


def gathered(words: Mapping[str, str]) -> dict[str, str]:
    """The other way round: cells as short as groups allow, for the message of a failure."""
    counts = sorted(set(words.values()), key=lambda w: -sum(word == w for word in words.values()))
    cells: dict[str, str] = {}
    for word in counts:
        people = [p for p in words if words[p] == word]
        if word == "login" and people == ["anonymous"]:
            continue
        if word == next(w for w in counts if w != "login" or len(counts) == 1):
            cells["rest"] = word
            if "anonymous" in people:
                cells["anonymous"] = word
            continue
        names: list[str] = []
        for group, members in GROUPS.items():
            if set(members) <= set(people):
                names.append(group)
                people = [p for p in people if p not in members]
        cells[" ".join([*names, *people])] = word
    return cells


def word_of(response: HttpResponse) -> str:
    """The class of an answer: a status, ``login`` for the way to the login, ``go`` for other redirects."""
    if response.status_code == 401:
        return "login"  # a page that gives back what was written, and leads there
    if response.status_code in (301, 302, 303):
        return "login" if response["Location"].startswith("/accounts/login/?") else "go"
    return str(response.status_code)


def _briefly(resolver: URLResolver, status: int) -> Callable[..., HttpResponse]:
    """A refusal without its page: drawing thousands of them takes a third of the time, and :func:`_heads` draws one of each."""
    return lambda request, exception=None: HttpResponse(status=status)


def seen(world: World, method: str, path: str, row: Mapping[str, Any]) -> dict[str, str]:
    """What everybody gets. For a POST: ``may`` (through), ``told`` (sent back, nothing written), or the status."""
    words = {}
    for who in EVERYBODY:
        with mock.patch.object(URLResolver, "resolve_error_handler", _briefly):
            response = world.ask(who, method, path, body_of(row) if method == "POST" else None)
        assert response.status_code < 500, f"{who} {method} {path}: {response.exc_info[1]!r}"
        if response.wsgi_request.user.is_authenticated:
            cache = response.get("Cache-Control", "")
            assert "no-store" in cache, f"{who} {method} {path}: a cache may keep it ({cache!r})"
            assert "private" in cache, f"{who} {method} {path}: a shared cache may keep it ({cache!r})"
        words[who] = word_of(response)
        if method == "POST" and words[who] in THROUGH:
            words[who] = "may" if world.writes else "told"
        else:
            assert not world.writes, f"{who} {method} {path} → {words[who]}, but it wrote: {world.writes[0]}"
    return words


def agrees(want: str, got: str) -> bool:
    """Whether what came is what the table says; one who may post may still have sent nothing worth writing."""
    return got == want or (got == "told" and want == "may")


def test_the_table_names_every_address_and_nothing_else():
    named = {url for url, _ in rows()}
    assert not set(ADDRESSES) - named, "Addresses that access.yaml does not name"
    assert not named - set(ADDRESSES), "Rows of access.yaml without an address"


@pytest.mark.parametrize(
    ("url", "row"),
    [
        pytest.param(url, row, id=f"{url or '/'} {' '.join(row.get('at', {}).values())}".strip())
        for url, row in rows()
    ],
)
def test_everybody_gets_what_the_table_says(world, url, row):
    address = ADDRESSES[url]
    wrong, found = [], []
    for key, method, mine in (
        ("get", "GET", True),
        ("get-another", "GET", False),
        ("post", "POST", True),
        ("post-another", "POST", False),
    ):
        if not mine and (not address.places or row.get("alike")):
            continue
        default = NOBODY_POSTS if method == "POST" else {}
        method_refused = row.get(key.removesuffix("-another"), default) == NOBODY_POSTS
        if not mine and method_refused and key not in row:
            continue  # refused before anything is looked for, so the object makes no difference
        cells = row.get(key) or row.get(key.removesuffix("-another"), default)
        path = objects_of(world, address, row, mine=mine)
        want, got = spread(cells), seen(world, method, path, row)
        found.append(f"  {key}: {gathered(got)}".replace("'", ""))
        wrong += [
            f"{who} {key}: {got[who]}, not {want[who]}" for who in got if not agrees(want[who], got[who])
        ]
        if method == "GET" and not wrong:
            _heads(world, path, got)
    assert not wrong, "\n".join([url, *wrong, "What happens now, as a row:", *found])


def _heads(world: World, path: str, got: Mapping[str, str]) -> None:
    """HEAD answers as GET does: one person for each kind of answer."""
    for who in {word: who for who, word in got.items()}.values():
        response = world.ask(who, "HEAD", path)
        assert word_of(response) == got[who], f"{who} HEAD {path}: {word_of(response)}, but GET: {got[who]}"
        assert not response.text_seen
        assert not world.writes


def test_every_row_is_readable():
    known = {*EVERYBODY, *GROUPS, "rest"}
    for url, row in rows():
        for key in ("get", "get-another", "post", "post-another"):
            for names in row.get(key, {}):
                assert set(names.split()) <= known, f"{url}: {names}"
