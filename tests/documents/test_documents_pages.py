"""The pages: lists, one document, downloads, batches, the template editor, the public check."""

from __future__ import annotations

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from documents import access, contexts, samples, services, tasks, throttle
from documents.models import LetterTemplate, OfficialDocument
from documents.services.templates import TEXT_FIELDS

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quiet(monkeypatch):
    monkeypatch.setattr(tasks, "deliver", lambda task, pk: None)
    cache.clear()


@pytest.fixture
def issued(letters, now, quick_pdf):
    """``issued(kind)``: an issued document."""

    def make(kind="return", **more):
        document = services.request_document(
            context=samples.context(kind, today=now.date()),
            recipient=samples.RECIPIENT,
            numbered="產發" if kind in ("return", "approval") else None,
            actor=None,
            now=now,
            **more,
        )
        assert services.render_document(pk=str(document.pk), now=now) == "issued"
        return OfficialDocument.objects.get(pk=document.pk)

    return make


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_has_every_document_in_a_fixed_number_of_queries(
    count, client, office, issued, django_assert_max_num_queries
):
    for _ in range(count):
        issued()
    client.force_login(office)
    with django_assert_max_num_queries(12):
        response = client.get(reverse("documents:list"))
    assert response.content.decode().count("產發字第11400000") == count


def test_filters_and_views_live_in_the_address(client, office, issued):
    issued()
    issued("receipt")
    client.force_login(office)

    def rows(**query):
        return len(client.get(reverse("documents:list"), query).context["page_obj"].object_list)

    assert rows() == 1
    assert rows(view="all") == 2
    assert rows(view="all", kind="receipt") == 1
    assert rows(view="failed") == 0
    assert rows(q="1140000001") == 1
    assert rows(q="晨星", state="failed") == 0
    assert rows(view="nonsense", kind="nonsense", state="nonsense") == 1


def test_the_list_is_for_those_who_may_see_letters(client, make_user):
    client.force_login(make_user("score.write"))
    assert client.get(reverse("documents:list")).status_code == 403
    client.logout()
    assert client.get(reverse("documents:list")).status_code == 302


def test_a_document_is_unknown_to_strangers_until_an_app_opens_it(client, make_user, issued):
    document = issued()
    user = make_user()
    client.force_login(user)
    pages = [
        reverse("documents:detail", args=[document.pk]),
        reverse("documents:download", args=[document.pk]),
    ]
    assert [client.get(page).status_code for page in pages] == [404, 404]

    def owner(person, row):
        return person == user and row == document

    access.register(owner)
    try:
        response = client.get(pages[1])
        assert response.status_code == 200
        assert b"".join(response.streaming_content).startswith(b"%PDF")
        assert "attachment" in response["Content-Disposition"]
        assert response["X-Content-Type-Options"] == "nosniff"
        detail = client.get(pages[0]).content.decode()
        assert "歷程" not in detail
        client.logout()
        assert client.get(pages[1]).status_code == 302
    finally:
        access.unregister(owner)


def test_a_damaged_file_is_not_given_out(client, office, issued):
    document = issued()
    with open(document.file.file.path, "ab") as handle:
        handle.write(b"!")
    client.force_login(office)
    response = client.get(reverse("documents:download", args=[document.pk]))
    assert response.status_code == 503
    assert "內容與存檔時不同" in response.content.decode()


def test_inline_is_for_pdf_and_pictures_only(now):
    from documents.responses import file_response

    page = services.store_bytes(
        content=b"<script>", name="a.html", content_type="text/html", actor=None, now=now
    )
    response = file_response(page, inline=True)
    assert response["Content-Type"] == "application/octet-stream"
    assert "attachment" in response["Content-Disposition"]
    assert "sandbox" in response["Content-Security-Policy"]
    response.close()


def test_a_failed_document_is_retried_by_post_and_twice_does_no_harm(
    client, office, letters, now, monkeypatch
):
    from documents.services import rendering

    document = services.request_document(
        context=samples.context("return", today=now.date()), recipient=samples.RECIPIENT, actor=None, now=now
    )
    monkeypatch.setattr(rendering, "typeset", lambda row: 1 / 0)
    while services.render_document(pk=str(document.pk), now=now) != "failed":
        pass
    client.force_login(office)
    assert "重試" in client.get(reverse("documents:detail", args=[document.pk])).content.decode()
    url = reverse("documents:retry", args=[document.pk])
    assert client.get(url).status_code == 405
    assert [client.post(url).status_code for _ in range(2)] == [302, 302]
    document.refresh_from_db()
    assert document.state == "pending"


def test_retry_is_for_those_who_issue(client, make_user, issued):
    document = issued()
    client.force_login(make_user("letter.view"))
    assert client.post(reverse("documents:retry", args=[document.pk])).status_code == 403


def test_a_batch_shows_progress_and_its_printing_file(client, office, letters, now, quick_pdf):
    requests = [
        services.LetterRequest(samples.context("return", today=now.date()), contexts.Recipient(f"公司{n}"))
        for n in range(3)
    ]
    batch = services.request_batch(
        title="退件一批", requests=requests, actor=office, now=now, numbered="產發"
    )
    client.force_login(office)
    progress = reverse("documents:batch_progress", args=[batch.pk])
    response = client.get(progress)
    assert "0 / 3" in response.content.decode()
    assert "HX-Refresh" not in response
    for row in batch.documents.all():
        services.render_document(pk=str(row.pk), now=now)
    services.merge_batch(pk=str(batch.pk), now=now)
    response = client.get(progress)
    assert "全部完成" in response.content.decode()
    assert response["HX-Refresh"] == "true"
    page = client.get(reverse("documents:batch", args=[batch.pk])).content.decode()
    assert "下載列印檔（3 件" in page
    merged = client.get(reverse("documents:batch_merged", args=[batch.pk]))
    assert b"".join(merged.streaming_content).startswith(b"%PDF")
    assert "退件一批" in client.get(reverse("documents:batches")).content.decode()


# ---- template editor ----------------------------------------------------------------------------


def texts_of(kind):
    """What the editor posts for the present version."""
    template = LetterTemplate.objects.get(kind=kind, is_current=True)
    return {name: getattr(template, name) for name in TEXT_FIELDS} | {"base_version": template.version}


@pytest.mark.parametrize("kind", ["return", "contract"])
def test_an_edit_is_saved_as_the_next_version(kind, client, office, letters):
    client.force_login(office)
    url = reverse("documents:template_edit", args=[kind])
    assert client.get(url).status_code == 200
    posted = texts_of(kind) | {"subject": "修改後 {案號}", "note": "改主旨"}
    assert client.post(url, posted).status_code == 302
    current = LetterTemplate.objects.get(kind=kind, is_current=True)
    assert (current.version, current.subject, current.edited_by) == (2, "修改後 {案號}", office)
    assert LetterTemplate.objects.get(kind=kind, version=1).subject != current.subject


def test_an_unknown_placeholder_is_named_at_its_field(client, office, letters):
    client.force_login(office)
    url = reverse("documents:template_edit", args=["return"])
    response = client.post(url, texts_of("return") | {"body": "一、{案件編號}"})
    assert response.status_code == 200
    assert "是不是要用「{案號}」" in response.context["form"].errors["body"][0]
    assert LetterTemplate.objects.filter(kind="return").count() == 1


def test_two_editors_do_not_overwrite_each_other(client, office, letters, now):
    client.force_login(office)
    url = reverse("documents:template_edit", args=["return"])
    mine = texts_of("return") | {"subject": "我的"}
    client.post(url, texts_of("return") | {"subject": "別人的"})
    response = client.post(url, mine)
    assert "已存成第 2 版" in response.content.decode()
    assert "我的" in response.content.decode()
    assert LetterTemplate.objects.get(kind="return", is_current=True).subject == "別人的"


def test_the_preview_is_a_pdf_and_saves_nothing(client, office, letters, read_pdf):
    client.force_login(office)
    url = reverse("documents:template_preview", args=["return"])
    response = client.post(url, texts_of("return") | {"subject": "試寫的主旨"})
    assert response["Content-Type"] == "application/pdf"
    found = read_pdf(response.content)
    assert "試寫的主旨" in found
    assert "預覽" in found
    assert LetterTemplate.objects.filter(kind="return").count() == 1
    refused = client.post(url, texts_of("return") | {"subject": "{x}"})
    assert refused.status_code == 422


def test_templates_are_for_those_who_edit_them(client, make_user, letters):
    client.force_login(make_user("letter.view"))
    assert client.get(reverse("documents:templates")).status_code == 200
    assert client.get(reverse("documents:template_edit", args=["return"])).status_code == 403
    client.force_login(make_user("letter.edit_template"))
    assert client.get(reverse("documents:template_edit", args=["nonsense"])).status_code == 404


# ---- public check -------------------------------------------------------------------------------


def test_a_code_confirms_number_date_and_masked_recipient(client, issued):
    document = issued()
    response = client.get(reverse("verify"), {"code": document.spaced_code.lower()})
    assert response.url == reverse("verify_code", args=[document.verify_code])
    page = client.get(response.url).content.decode()
    assert document.full_number in page
    assert document.sha256 in page
    assert samples.RECIPIENT.name not in page
    assert "○" in page


@pytest.mark.parametrize("code", ["7K3QX4AMRD", "x", "0" * 10, "%00", "a" * 200])
def test_an_unknown_code_says_so(code, client, db):
    response = client.get(f"/verify/{code}/")
    assert response.status_code == 404
    assert "查無這個查驗碼" in response.content.decode()


def test_what_stays_inside_is_not_confirmed(client, issued):
    sheet = issued("score_sheet")
    assert client.get(reverse("verify_code", args=[sheet.verify_code])).status_code == 404


def test_a_file_is_compared_and_forgotten(client, issued, quick_pdf):
    document = issued()
    url = reverse("verify_code", args=[document.verify_code])
    from documents.models import StoredFile

    before = StoredFile.objects.count()
    same = client.post(url, {"file": SimpleUploadedFile("a.pdf", quick_pdf)})
    assert "這個檔案就是原件" in same.content.decode()
    other = client.post(url, {"file": SimpleUploadedFile("a.pdf", quick_pdf + b" ")})
    assert "和原件不同" in other.content.decode()
    found = client.post(reverse("verify"), {"file": SimpleUploadedFile("a.pdf", quick_pdf)})
    assert "這個檔案是原件" in found.content.decode()
    unknown = client.post(reverse("verify"), {"file": SimpleUploadedFile("a.pdf", b"x")})
    assert "不是本入口發出的原件" in unknown.content.decode()
    assert StoredFile.objects.count() == before


def test_a_file_that_is_too_large_or_missing_is_refused_in_words(client, issued, settings):
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    url = reverse("verify_code", args=[issued().verify_code])
    large = client.post(url, {"file": SimpleUploadedFile("a.pdf", b"x" * (1024 * 1024 + 1))})
    assert "檔案超過 1 MB" in large.content.decode()
    assert "請選擇要查驗的檔案" in client.post(url).content.decode()


def test_the_public_check_is_limited_for_each_address(client, db, monkeypatch):
    monkeypatch.setattr(throttle.time, "time", lambda: 1_800_000_000.0)  # all within one minute
    codes = [client.get("/verify/7K3QX4AMRD/").status_code for _ in range(throttle.PER_MINUTE + 1)]
    assert codes[:-1] == [404] * throttle.PER_MINUTE
    assert codes[-1] == 429
    assert client.get("/verify/7K3QX4AMRD/", REMOTE_ADDR="192.0.2.7").status_code == 404
    assert client.get(reverse("verify")).status_code == 200


def test_a_corrected_document_says_what_replaced_it(client, issued, office, now, quick_pdf):
    old = issued()
    new = services.reissue(
        document=old, context=samples.context("return", today=now.date()), actor=office, now=now, reason="x"
    )
    services.render_document(pk=str(new.pk), now=now)
    page = client.get(reverse("verify_code", args=[old.verify_code])).content.decode()
    assert "已經更正" in page
    assert "第1140000002號" in page
