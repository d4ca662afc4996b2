"""Saving, validating, handing in."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications.models import Case
from applications.workflow import CASE
from core import workflow
from documents.models import OfficialDocument, OutgoingMail
from review.forms.sheet import SheetForm
from review.models import CriterionScore
from review.selectors import reviewing
from review.services import sheets
from tests.review.panel.conftest import MARK_TOTAL, Stage


def form(stage: Stage, **data: str) -> SheetForm:
    terms = stage.call.terms
    requested = reviewing.requested_amounts(stage.case())
    return SheetForm(data, terms=terms, requested=requested)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("0", "0"),
        ("100", "100"),
        ("82.5", "82.5"),
        ("８２．５", "82.5"),
        (" 7 分", "7"),
        ("", None),
        ("100.0", "100.0"),
    ],
)
def test_scores_within_the_scale(scoring: Stage, typed: str, value: str | None):
    data = form(scoring, **{"score-R1": typed}).understood()
    assert data.scores["R1"] == (Decimal(value) if value else None)
    assert not data.draft


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("100.1", "最高 100"),
        ("101", "最高 100"),
        ("-1", "負數"),
        ("八十", "0 到 100"),
        ("82.55", "一位小數"),
        ("1e2", "0 到"),
        ("🙂", "0 到"),
    ],
)
def test_scores_outside_the_scale_are_kept_as_typed(scoring: Stage, typed: str, words: str):
    one = form(scoring, **{"score-R1": typed, "score-R2": "80"})
    data = one.understood()
    assert data.scores["R1"] is None
    assert data.scores["R2"] == 80
    assert data.draft == {"score-R1": typed}
    assert words in one.errors["score-R1"][0]


def test_amounts_up_to_the_request_and_not_a_dollar_more(scoring: Stage):
    requested = reviewing.requested_amounts(scoring.case())["personnel"]
    assert (
        form(scoring, **{"amount-personnel": f"{requested:,}"}).understood().amounts["personnel"] == requested
    )
    one = form(scoring, **{"amount-personnel": str(requested + 1)})
    assert "請減少 1 元" in "".join(one.understood() and one.errors["amount-personnel"])
    for bad in ("-5", "1000.5", "很多"):
        assert "amount-personnel" in form(scoring, **{"amount-personnel": bad}).errors


def test_saving_again_changes_nothing_and_another_version_conflicts(scoring: Stage):
    first = scoring.fill(scoring.one)
    again = scoring.fill(scoring.one, version=0)
    assert again.version == first.version == 1
    with pytest.raises(sheets.SheetConflict) as caught:
        scoring.fill(scoring.one, version=0, comment_for_panel="另一個視窗")
    assert caught.value.sheet.version == 1
    assert scoring.fill(scoring.one, version=1, comment_for_panel="同一個視窗").version == 2


def test_a_page_never_conflicts_with_its_own_save(scoring: Stage):
    scoring.fill(scoring.one, tab="tab-1")
    saved = scoring.fill(scoring.one, version=0, tab="tab-1", comment_for_panel="後到的儲存")
    assert saved.version == 2
    with pytest.raises(sheets.SheetConflict):
        scoring.fill(scoring.one, version=0, tab="tab-2", comment_for_panel="另一頁")


def test_an_incomplete_sheet_says_everything_that_is_missing(scoring: Stage):
    scoring.fill(
        scoring.one, scores={"R1": Decimal(80)}, amounts={}, comment_for_applicant="", recommends=True
    )
    with pytest.raises(sheets.SheetIncomplete) as caught:
        sheets.submit_sheet(
            assignment=scoring.assignment(scoring.one), version=None, actor=scoring.one, now=scoring.now
        )
    places = {f.where for f in caught.value.findings}
    assert places >= {"score-R2", "score-R3", "score-R4", "amount-personnel", "comment_for_applicant"}
    assert scoring.assignment(scoring.one).state == "declared"


def test_what_could_not_be_understood_stops_the_submission(scoring: Stage):
    scoring.fill(scoring.one, draft={"comment-R1": "x" * 2000})
    with pytest.raises(sheets.SheetIncomplete):
        sheets.submit_sheet(
            assignment=scoring.assignment(scoring.one), version=None, actor=scoring.one, now=scoring.now
        )


def test_amounts_above_the_request_never_get_in(scoring: Stage):
    scoring.fill(scoring.one, amounts={"personnel": 10**9, "operations": 0, "equipment": 0})
    with pytest.raises(sheets.SheetIncomplete) as caught:
        sheets.submit_sheet(
            assignment=scoring.assignment(scoring.one), version=None, actor=scoring.one, now=scoring.now
        )
    assert any("超過申請" in f.message for f in caught.value.findings)


def test_not_recommending_needs_no_amounts(scoring: Stage):
    row = scoring.submit(scoring.one, recommends=False, amounts={})
    assert row.state == "submitted"


def test_submitting_freezes_the_sheet_and_makes_its_paper_once(scoring: Stage):
    row = scoring.submit(scoring.one, marks=True)
    again = sheets.submit_sheet(assignment=row, version=None, actor=scoring.one, now=scoring.now)
    assert again.state == "submitted"
    sheet = scoring.assignment(scoring.one).sheet
    assert f"{sheet.weighted_total:.2f}" == MARK_TOTAL
    paper = OfficialDocument.objects.get(kind="score_sheet")
    assert sheet.document == paper
    assert paper.context["data"]["reviewer_name"] == "吳委員"
    assert paper.context["data"]["total_score"] == MARK_TOTAL
    with pytest.raises(PermissionDenied, match="已經送出"):
        scoring.fill(scoring.one, comment_for_panel="太晚")


def test_a_confirmation_page_that_is_outdated_is_refused(scoring: Stage):
    scoring.fill(scoring.one)
    with pytest.raises(sheets.SheetConflict):
        sheets.submit_sheet(
            assignment=scoring.assignment(scoring.one), version=0, actor=scoring.one, now=scoring.now
        )


def test_the_chair_is_told_when_the_last_sheet_is_in(scoring: Stage):
    scoring.submit(scoring.one)
    scoring.submit(scoring.two)
    assert not OutgoingMail.objects.filter(subject__contains="收齊").exists()
    scoring.submit(scoring.chair)
    assert OutgoingMail.objects.filter(to=scoring.chair.email, subject__contains="收齊").count() == 1


def test_a_withdrawn_case_is_not_scored_any_more(scoring: Stage):
    workflow.apply(CASE, scoring.case(), "withdraw", actor=None, at=scoring.now, closed_at=scoring.now)
    with pytest.raises(PermissionDenied, match="撤案"):
        scoring.fill(scoring.one)


def test_nobody_writes_anothers_sheet(scoring: Stage):
    with pytest.raises(PermissionDenied):
        sheets.save_sheet(
            assignment=scoring.assignment(scoring.one),
            data=sheets.SheetInput({}, {}, {}),
            base_version=0,
            actor=scoring.two,
            now=scoring.now,
        )


def test_saving_takes_few_statements(scoring: Stage):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        scoring.fill(scoring.one)
    assert len(queries) <= 18
    assert CriterionScore.objects.count() == 4


def test_the_book_has_neither_contact_nor_people_to_avoid(scoring: Stage):
    case = Case.objects.get(pk=scoring.case().pk)
    text = "".join(str(d.context) for d in OfficialDocument.objects.filter(kind__in=["case_book", "plan"]))
    assert case.company.name in text
    for secret in (
        case.company.contact_phone,
        case.company.contact_email,
        case.company.contact_name,
        "郭迴避",
    ):
        assert secret not in text
