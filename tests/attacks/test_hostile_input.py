"""What somebody with bad intent, or a broken browser, sends; each was once found to do harm."""

from __future__ import annotations

import io
import time
import zipfile
from typing import Any

import pytest
from auditlog.registry import auditlog
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from applications.models import Case, SectionDraft, Trainee
from applications.services.sections import storable_fields
from core.sheets import SheetRefused, read_table
from documents import throttle
from tests import factories, personas

_NAMES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
)


def _ods(*rows: str) -> io.BytesIO:
    """A spreadsheet of the given cells, large enough for what is in it to look moderately packed."""
    lines = "".join(f"<table:table-row>{cells}</table:table-row>" for cells in rows)
    content = (
        f"<office:document-content {_NAMES}><office:body><office:spreadsheet><table:table>{lines}"
        "</table:table></office:spreadsheet></office:body></office:document-content>"
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
    file.seek(0)
    return file


def _text(words: str) -> str:
    return f'<table:table-cell office:value-type="string"><text:p>{words}</text:p></table:table-cell>'


def _number(value: str) -> str:
    return f'<table:table-cell office:value-type="float" office:value="{value}"/>'


def test_a_number_with_a_giant_exponent_is_not_written_out() -> None:
    """Eight characters in a file became a million in memory, for each of thousands of cells."""
    rows = read_table(
        _ods(_text("時薪"), _number("1e999999"), _number("1e-999999")), header=["時薪"], max_rows=5
    )
    assert [row.values["時薪"] for row in rows] == ["1E+999999", "1E-999999"]
    ordinary = read_table(
        _ods(_text("時薪"), _number("2.5E3"), _number("190.50")), header=["時薪"], max_rows=5
    )
    assert [row.values["時薪"] for row in ordinary] == ["2500", "190.5"]


def test_counted_spaces_do_not_fill_the_memory() -> None:
    """``text:c`` asks for a thousand spaces in a few characters."""
    spaces = '<text:s text:c="1000"/>' * 2_000
    rows = read_table(_ods(_text("姓名"), _text(f"王{spaces}明")), header=["姓名"], max_rows=5)
    assert len(rows[0].values["姓名"]) < 50_000
    with pytest.raises(SheetRefused):
        read_table(_ods(_text("姓名"), _text("王") * 300), header=["姓名"], max_rows=5)


# Names and numbers of fields -------------------------------------------------------------------------------


def test_a_nul_in_the_name_of_a_field_is_kept_out_of_the_draft() -> None:
    """PostgreSQL refuses it in JSON, in a name as in a value."""
    assert storable_fields({"ti\x00tle\ud800": "a\x00b"}) == {"title": "ab"}


@pytest.mark.django_db
def test_a_nul_in_the_name_of_a_field_is_no_server_error() -> None:
    case = factories.make_case()
    client = personas.client_for(personas.make_company())
    body = "ti%00tle=x&title=" + "9" * 500
    form = "application/x-www-form-urlencoded"
    answer = client.generic("POST", reverse("cases:section", args=[case.pk, "plan"]), body, content_type=form)
    assert answer.status_code == 422
    assert "title" in SectionDraft.objects.get(case=case).payload


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["%00", "a%00b", "%0a", "%E2%80%AE", "x" * 3000])
def test_an_odd_invitation_link_is_simply_unknown(client: Client, token: str) -> None:
    assert client.get(f"/organisation/invitation/{token}/").status_code == 404


@pytest.mark.django_db
@pytest.mark.parametrize("total", ["abc", "", "1000000000", "-7", "9" * 5000])
def test_a_tampered_number_of_rows_survives_the_comparison(total: str) -> None:
    """The saved rows are put behind what was typed, whatever number of rows the page claimed to have."""
    case: Case = factories.make_case()
    client: Client = personas.client_for(personas.make_company())
    before = sorted(case.trainees.values_list("name", flat=True))
    address = reverse("cases:section", args=[case.pk, "trainees"])
    sent: dict[str, Any] = {"trainees-TOTAL_FORMS": total, "trainees-INITIAL_FORMS": "0", "version": "0"}
    sent |= {"trainees-0-name": "新來的"}
    assert client.post(address, sent).status_code in (302, 422)
    page = client.get(reverse("cases:conflict", args=[case.pk, "trainees"]))
    version = page.context["state"].version
    answer = client.post(reverse("cases:conflict", args=[case.pk, "trainees"]), {"version": version})
    assert answer.status_code == 302
    assert sorted(Trainee.objects.filter(case=case).values_list("name", flat=True)) == sorted(
        [*before, "新來的"]
    )


@pytest.mark.django_db
@pytest.mark.parametrize(("total", "sent", "most"), [(10**9, 1, 1), (600, 600, 250)])
def test_too_many_rows_are_refused_cheaply(total: int, sent: int, most: int) -> None:
    """A refused table is drawn with a bounded number of rows, however many a page claims to have or sends."""
    case = factories.make_case()
    client = personas.client_for(personas.make_company())
    data = {f"trainees-{number}-name": "學生" for number in range(sent)}
    data |= {"trainees-TOTAL_FORMS": str(total), "trainees-INITIAL_FORMS": "0", "version": "1"}
    answer = client.post(reverse("cases:section", args=[case.pk, "trainees"]), data)
    assert answer.status_code == 422
    assert "最多 200 列" in answer.content.decode()
    drawn = next(iter(answer.context["editor"].formsets.values())).forms
    assert len(drawn) == most
    kept = SectionDraft.objects.get(case=case).payload
    assert sum(name.endswith("-name") for name in kept) == sent, "every word is kept all the same"


NO_KEY = (
    "",
    "x",
    "[]",
    "0",
    "null",
    "{}",
    '{"id": 1}',
    '{"id": "!", "rawId": "!", "response": {}, "type": "public-key"}',
)


@pytest.mark.django_db
@pytest.mark.parametrize("answer", [*NO_KEY, "9" * 5000, "[" * 100_000], ids=lambda answer: answer[:12])
def test_what_no_security_key_answers_is_no_server_error(client: Client, answer: str) -> None:
    """The address of a login by passkey is open to everybody."""
    cache.clear()
    client.get(reverse("mfa_login_webauthn"), headers={"X-Requested-With": "XMLHttpRequest"})
    assert client.post(reverse("mfa_login_webauthn"), {"credential": answer}).status_code == 302
    mine = personas.client_for(personas.make_company())
    for name in ("mfa_add_webauthn", "mfa_reauthenticate_webauthn"):
        assert mine.post(reverse(name), {"name": "", "credential": answer}).status_code in (200, 302)


# The log and the limits ------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_unsaved_input_is_not_copied_into_the_log() -> None:
    """A draft is written anew at every pause of typing: the log would double each time, and hold every slip."""
    assert "payload" in auditlog.get_model_fields(SectionDraft)["exclude_fields"]


def test_the_public_limit_counts_visitors_and_not_the_proxy(rf, settings) -> None:
    """Behind a proxy every request comes from one machine: one visitor would have locked out all the others."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    cache.clear()

    def asks(address: str, times: int) -> list[bool]:
        requests = [rf.get("/verify/", HTTP_X_FORWARDED_FOR=address) for _ in range(times)]
        return [throttle.too_many(request, name="t", limit=3) for request in requests]

    assert asks("192.0.2.1", 4)[-1] is True
    assert asks("192.0.2.2", 1) == [False]


def test_what_a_browser_claims_about_itself_opens_no_new_account_of_the_limit(rf) -> None:
    """Without a proxy the header is anybody's."""
    cache.clear()
    requests = [rf.get("/verify/", HTTP_X_FORWARDED_FOR=f"192.0.2.{n}") for n in range(4)]
    assert [throttle.too_many(request, name="t", limit=3) for request in requests][-1] is True


def test_the_limit_ends_with_its_minute_in_every_cache(rf, monkeypatch) -> None:
    """A cache that prolongs a counter when it is raised must not lock somebody out for good."""
    cache.clear()
    moment = 1_800_000_000.0
    monkeypatch.setattr(time, "time", lambda: moment)
    requests = [rf.get("/verify/") for _ in range(5)]
    assert [throttle.too_many(request, name="t", limit=3) for request in requests][-1] is True
    moment += 60
    assert throttle.too_many(requests[0], name="t", limit=3) is False
