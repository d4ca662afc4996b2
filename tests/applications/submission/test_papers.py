"""The texts of plan, self-check list, receipt and case book; who may download them."""

from __future__ import annotations

import subprocess

import pytest

from applications import access, letters, selectors
from applications.models import Case, CaseLetter
from applications.services import submission as service
from documents.assembling import preview_context_pdf
from documents.services import request_document
from tests import factories, personas

pytestmark = pytest.mark.django_db


def text_of(pdf: bytes) -> str:
    found = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=pdf, capture_output=True, check=True
    ).stdout.decode()
    return "".join(found.split())


def pdf_of(context, case) -> str:
    return text_of(preview_context_pdf(context, letters.recipient(case), now=factories.now()))


def hand_in(case, user):
    now = factories.now()
    token = service.confirmation_token(case=case, now=now)
    return service.submit(case=case, token=token, actor=user, now=now)


def test_the_plan_holds_what_was_entered_and_nothing_that_reviewers_must_not_see(company):
    case = factories.make_case()
    hand_in(case, company)
    case = Case.objects.get(pk=case.pk)
    text = pdf_of(letters.plan_context(case, selectors.facts(case)), case)
    for words in (
        "IPAS-114-0001",
        "範例精密股份有限公司",
        "04595257",
        "精密加工智慧生產人才培育計畫",
        "學生01",
        "員工02",
        "產線數據專案實作",
        "學生薪資",
        "400,000",
        "1,100,000",
        "1,500,000",
        "其中專案實作80小時",
        "iPAS報考人次",
        "與示範科技大學簽訂產學合作",
        "完成專案並報考iPAS",
        "本計畫未申請或接受其他政府機關補助",
    ):
        assert words in text, words
    for hidden in ("contact@example.test", "04-2345-6789", "陳範例", "郭迴避", "競爭股份有限公司"):
        assert hidden not in text, hidden


def test_the_share_in_the_plan_never_reads_as_half_when_it_is_more():
    from applications.planbook.tables import share_words

    assert share_words(500, 1000) == "50.0%"
    assert share_words(5001, 10000) == "50.1%"
    assert share_words(0, 10) == "0.0%"
    assert share_words(0, 0) == "—"


def test_an_empty_draft_can_be_previewed(company):
    case = factories.make_case(valid=False)
    text = pdf_of(letters.plan_context(case, selectors.facts(case)), case)
    assert "尚未送出" in text
    assert "範例精密股份有限公司" in text


def test_D1_the_list_answers_each_rule_and_document(company):
    case = factories.make_case(documents=False)
    now = factories.now()
    facts = selectors.facts(case)
    context = letters.self_check_context(case, facts, selectors.findings(case, now, facts=facts), now)
    items = {item.code: item for group in context.groups for item in group.items}
    assert items["E1"].checked is True
    assert items["E4a"].checked is None  # a manufacturer
    assert items["D1"].checked is True
    assert (items["D4"].checked, items["D4"].note) == (False, "尚未上傳")
    assert (items["D8"].checked, items["D8"].note) == (None, "無則免附")
    assert items["D1"].copies == 2
    factories.make_document(case, "D4")
    case = Case.objects.get(pk=case.pk)
    facts = selectors.facts(case)
    context = letters.self_check_context(case, facts, selectors.findings(case, now, facts=facts), now)
    items = {item.code: item for group in context.groups for item in group.items}
    assert (items["D4"].checked, items["D4"].note) == (True, "1 個檔案")


def test_the_receipt_reads_as_it_should(company):
    case = factories.make_case()
    submission = hand_in(case, company)
    case = Case.objects.get(pk=case.pk)
    submission.case = case
    text = pdf_of(letters.receipt_context(submission, selectors.facts(case)), case)
    assert "收件回條" in text
    assert "IPAS-114-0001" in text
    assert "王業主" in text
    for document in case.case_documents.select_related("file"):
        assert document.file.sha256 in text
        assert document.file.original_name in text


def test_the_case_book_has_plan_and_files_but_no_contact_and_no_name_to_avoid(company, office):
    case = factories.make_case()
    hand_in(case, company)
    case = Case.objects.get(pk=case.pk)
    parts = letters.case_book_parts(case=case, actor=office, now=factories.now())
    assert [p.title.split(" ")[0] for p in parts] == ["申請計畫書", "D4", "D6", "D7"]
    text = pdf_of(letters.case_book_context(case), case)
    assert "範例精密股份有限公司" in text
    for hidden in ("contact@example.test", "04-2345-6789", "陳範例", "郭迴避"):
        assert hidden not in text
    # Asked again: no second plan.
    assert (
        letters.case_book_parts(case=case, actor=office, now=factories.now())[0].document == parts[0].document
    )
    request_document(
        context=letters.case_book_context(case),
        recipient=letters.recipient(case),
        actor=office,
        now=factories.now(),
        attachments=parts,
    )


@pytest.mark.parametrize(
    ("who", "own", "inner"),
    [
        ("company", True, False),
        ("viewer", True, False),
        ("outsider", False, False),
        ("reviewer", False, False),
        ("office", True, True),
        ("auditor", True, True),
        ("administrator", False, False),
    ],
)
def test_who_may_download(who, own, inner, company):
    case = factories.make_case()
    hand_in(case, company)
    case = Case.objects.get(pk=case.pk)
    receipt = CaseLetter.objects.get(document__kind="receipt").document
    book = letters.attach(
        case=case,
        context=letters.case_book_context(case),
        actor=None,
        now=factories.now(),
        for_applicant=False,
    )
    user = personas.EVERYBODY[who]()
    assert access.reads_letters_of_cases(user, receipt) is own
    assert access.reads_letters_of_cases(user, book) is inner
