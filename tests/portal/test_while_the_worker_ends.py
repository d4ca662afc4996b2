"""A worker that ends while a page is made: whichever query it ends at, the page shows the result or asks again.

What may never be: a page that stands still with neither, or one that offers a download that is not there.
"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from applications.models import CaseLetter
from applications.services import submission
from core.queues import BULK
from documents import contexts, samples, services
from documents.models import Batch, OfficialDocument
from documents.services import rendering
from programs import tryouts
from programs.models import TryOut
from programs.selectors.drafts import read_draft
from programs.services.reports import request_plan_report
from tests import factories, personas
from tests.personas import client_for
from tests.programs.designer.test_tryouts import draft_with
from tests.programs.plans.builders import make_plan
from tests.races import assert_downloads_answer, at_each_query, goes_on
from tests.review.panel.conftest import Stage

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(rendering, "typeset", lambda document: factories.pdf_bytes("doc"))
    monkeypatch.setattr("documents.tasks.deliver", lambda *args: None)  # each test is the worker


def render(*documents):
    for document in documents or OfficialDocument.objects.order_by("requested_at", "pk"):
        services.render_document(pk=str(document.pk), now=factories.now())


def spoil(document, monkeypatch):
    """Have a document's typesetting given up."""
    monkeypatch.setattr(rendering, "typeset", lambda row: 1 / 0)
    while services.render_document(pk=str(document.pk), now=factories.now()) != "failed":
        pass
    monkeypatch.setattr(rendering, "typeset", lambda row: factories.pdf_bytes("doc"))


def assert_goes_on(client, address, work, *results):
    """The page at ``address``, with ``work`` ending at each of its queries."""
    for place, answer in at_each_query(lambda: client.get(address), work):
        if answer.headers.get("HX-Refresh"):
            continue
        html = answer.content.decode()
        assert goes_on(html, *results), f"{address} stands still when the worker ends at query {place}"
        assert_downloads_answer(client, html)
    return html


# ---- hand-in -------------------------------------------------------------------------------------


def handed_in():
    case, company = factories.make_case(), personas.make_company()
    token = submission.confirmation_token(case=case, now=factories.now())
    submission.submit(case=case, token=token, actor=company, now=factories.now())
    return case, company


@pytest.mark.parametrize("page", ["submitted", "papers_progress"])
def test_the_receipt(page):
    case, company = handed_in()
    assert_goes_on(client_for(company), reverse(f"cases:{page}", args=[case.pk]), render, "下載收件回條")


# ---- one document --------------------------------------------------------------------------------


def test_a_documents_page():
    _, company = handed_in()
    receipt = CaseLetter.objects.get(document__kind="receipt").document
    assert_goes_on(client_for(company), reverse("documents:detail", args=[receipt.pk]), render, "下載 PDF")


def test_what_the_page_of_a_document_polls(monkeypatch):
    _, company = handed_in()
    receipt = CaseLetter.objects.get(document__kind="receipt").document
    client, address = client_for(company), reverse("documents:waiting", args=[receipt.pk])
    assert address in client.get(reverse("documents:download", args=[receipt.pk])).content.decode()
    assert client.get(address).status_code == 204
    render()
    assert "已完成，重新整理這一頁" in client.get(address).content.decode()
    assert client.get(address, {"alone": "1"})["HX-Refresh"] == "true"
    plan = CaseLetter.objects.get(document__kind="plan").document
    OfficialDocument.objects.filter(pk=plan.pk).update(
        state="failed", file=None, sha256="", issued_at=None, error="x"
    )
    words = client.get(reverse("documents:waiting", args=[plan.pk])).content.decode()
    assert "沒有製作成功" in words
    outsider = client_for(personas.make_outsider())
    assert outsider.get(address).status_code == 404


def test_a_paper_that_failed_is_not_said_to_be_on_its_way(monkeypatch):
    case, _ = handed_in()
    office = client_for(personas.make_office())
    plan = CaseLetter.objects.get(document__kind="plan").document
    address = reverse("office:qualification", args=[case.pk]) + f"?file=doc-{plan.pk}"
    assert_goes_on(office, address, render, "inline=1")
    spoil(plan, monkeypatch)
    html = office.get(address).content.decode()
    assert "文件沒有製作成功" in html
    assert "文件製作中" not in html


# ---- batches -------------------------------------------------------------------------------------


@pytest.fixture
def batch(db):
    services.load_letter_templates(now=factories.now())
    today = factories.now().date()
    return services.request_batch(
        title="退件一批",
        requests=[
            services.LetterRequest(samples.context("return", today=today), contexts.Recipient(f"公司{n}"))
            for n in range(3)
        ],
        actor=personas.make_office(),
        now=factories.now(),
        numbered="產發",
    )


def merge(batch):
    return services.merge_batch(pk=str(batch.pk), now=factories.now())


@pytest.mark.parametrize("page", ["batch", "batch_progress"])
def test_a_batch(batch, page):
    office, address = client_for(personas.make_office()), reverse(f"documents:{page}", args=[batch.pk])
    html = assert_goes_on(office, address, lambda: (render(), merge(batch)), "下載列印檔（3 件")
    render()
    assert_goes_on(office, address, lambda: merge(batch), "下載列印檔（3 件")
    assert html


def test_a_batch_whose_last_document_fails_shows_no_row_on_its_way(batch, monkeypatch):
    office, address = client_for(personas.make_office()), reverse("documents:batch", args=[batch.pk])
    first, *others = batch.documents.all()
    render(*others)
    merge(batch)
    for place, answer in at_each_query(lambda: office.get(address), lambda: spoil(first, monkeypatch)):
        html = answer.content.decode()
        assert goes_on(html) or "待製作" not in html, f"at query {place}"


def test_a_merge_that_will_be_tried_again_is_on_its_way(batch, monkeypatch):
    office, address = client_for(personas.make_office()), reverse("documents:batch", args=[batch.pk])
    render()
    with monkeypatch.context() as patch:
        patch.setattr("documents.typesetting.merge", lambda *args, **kwargs: 1 / 0)
        assert merge(batch) == "retry"
        html = office.get(address).content.decode()
        assert "系統會再試" in html
        assert "列印檔沒有合併成功" not in html
        assert [merge(batch) for _ in range(3)] == ["retry"] * 3
    html = office.get(address).content.decode()
    assert "列印檔沒有合併成功" in html
    assert "重試" in html
    assert not goes_on(html)
    office.post(reverse("documents:batch_retry", args=[batch.pk]))
    assert goes_on(office.get(address).content.decode())
    assert merge(batch) == "merged"


def test_a_merge_that_kills_its_workers_is_given_up_visibly(batch):
    office, address = client_for(personas.make_office()), reverse("documents:batch", args=[batch.pk])
    render()
    later = factories.now() - timedelta(minutes=1)
    Batch.objects.filter(pk=batch.pk).update(merge_attempts=4, lease_until=later)
    assert services.sweep(queue=BULK, now=factories.now())["batches"] == 0
    html = office.get(address).content.decode()
    assert "連續中斷" in html
    assert not goes_on(html)
    office.post(reverse("documents:batch_retry", args=[batch.pk]))
    assert merge(batch) == "merged"


# ---- plans and the designer ----------------------------------------------------------------------


def test_an_earlier_report_is_waited_for_although_a_later_one_is_there():
    plan, office = make_plan(), personas.make_office()
    first, second = (
        request_plan_report(
            plan=plan, year=year, period=13, actor=office, now=factories.now() + timedelta(seconds=number)
        )
        for number, year in enumerate((113, 112))
    )
    client, page = client_for(office), reverse("kpis:reports", args=[plan.code])
    bar = reverse("kpis:reports_progress", args=[plan.code])
    render(second.document)
    assert "113 年期中報告" in client.get(bar).content.decode()
    for address in (page, bar):
        assert_goes_on(client, address, lambda: render(first.document), f"/{first.document_id}/download/")
    render(first.document)
    assert client.get(bar)["HX-Refresh"] == "true"
    assert not goes_on(client.get(page).content.decode())


@pytest.mark.parametrize("page", ["trial", "trial_progress"])
def test_a_trial(page):
    call = factories.make_call()
    factories.make_case(call=call, state="submitted")
    draft, office = draft_with(call, "T3", minimum=120), personas.make_office()
    trial = tryouts.ask(
        draft=draft, data=read_draft(draft).data, call=call, actor=office, now=factories.now()
    )

    def run():
        assert tryouts.run(pk=trial.pk, now=factories.now) == "done"

    address = reverse(f"designer:{page}", args=[draft.pk, trial.pk])
    assert_goes_on(client_for(office), address, run, "件送件案件中", "看試算結果")
    assert TryOut.objects.count() == 1


# ---- review --------------------------------------------------------------------------------------


@pytest.fixture
def scoring(db):
    stage = Stage()
    stage.seat_everybody()
    (seat,) = stage.add_cases()
    stage.start()
    stage.assign_all(seat)
    stage.declare(stage.one)
    return stage


def test_the_merged_case_beside_a_score_sheet(scoring, monkeypatch):
    client = client_for(scoring.one)
    address = reverse("review:sheet", args=[scoring.assignment(scoring.one).pk])
    assert_goes_on(client, address, render, "inline=1")
    book = scoring.seat().book
    render(*OfficialDocument.objects.exclude(pk=book.pk))
    spoil(book, monkeypatch)
    html = client.get(address).content.decode()
    assert "合併卷沒有製作成功" in html
    assert "合併卷製作中" not in html


def test_the_offices_page_of_a_case_on_a_panel(scoring):
    office = client_for(scoring.office)
    address = reverse("review:seat", args=[scoring.seat().pk])
    assert_goes_on(office, address, render, ">審查用合併卷<")


def test_the_printed_score_sheets(scoring):
    for user in (scoring.chair, scoring.two):
        scoring.declare(user)
    for user in (scoring.chair, scoring.one, scoring.two):
        scoring.submit(user)
    address = reverse("review:chair_case", args=[scoring.seat().pk])
    html = assert_goes_on(client_for(scoring.chair), address, render, ">評分表 PDF<")
    assert html
