"""The pages around handing in: what each person sees and may do, idempotent POSTs, bounded queries."""

from __future__ import annotations

import json
import re
import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from applications.models import Case, CaseLetter, Submission
from applications.services import progress
from applications.services import submission as service
from programs.models import Call
from tests import factories, personas
from tests.personas import client_for

pytestmark = pytest.mark.django_db


def url(name, case, *args):
    return reverse(f"cases:{name}", args=[case.pk, *args])


def token_of(client, case):
    page = client.get(url("confirm", case)).content.decode()
    return re.search(r'name="token" value="([^"]+)"', page)[1]


def hand_in(case, user):
    return service.submit(
        case=case,
        token=service.confirmation_token(case=case, now=factories.now()),
        actor=user,
        now=factories.now(),
    )


def test_check_confirm_hand_in_and_arrive(company):
    case = factories.make_case()
    client = client_for(company)
    check = client.get(url("submit", case)).content.decode()
    assert "可以送出了" in check
    assert "精密加工智慧生產人才培育計畫" in check
    assert "contact@example.test" in check
    token = token_of(client, case)
    answer = client.post(url("confirm", case), {"token": token})
    assert answer.status_code == 302
    assert answer.url == url("submitted", case)
    page = client.get(answer.url).content.decode()
    assert "IPAS-114-0001" in page
    assert "接下來" in page
    # The same POST again: a double click, a reload.
    assert client.post(url("confirm", case), {"token": token}).url == url("submitted", case)
    assert Submission.objects.count() == 1
    assert Call.objects.get().next_case_number == 2


def test_what_is_wrong_stands_on_top_with_links_and_cannot_be_confirmed(company):
    case = factories.make_case(documents=False)
    client = client_for(company)
    page = client.get(url("submit", case)).content.decode()
    assert "送出前還有 3 件事要處理" in page
    assert f"{url('detail', case)}documents/" in page
    assert "前往送出" not in page
    assert client.get(url("confirm", case)).url == url("submit", case)
    forced = service.confirmation_token(case=case, now=factories.now())
    assert client.post(url("confirm", case), {"token": forced}).url == url("submit", case)
    case.refresh_from_db()
    assert case.state == "draft"


@pytest.mark.parametrize("token", ["", "x", "\x00", "a" * 100_000, "😀"])
def test_a_nonsense_confirmation_is_told_not_a_crash(company, token):
    case = factories.make_case()
    answer = client_for(company).post(url("confirm", case), {"token": token}, follow=True)
    assert answer.status_code == 200
    assert "失效" in answer.content.decode()


def test_the_papers_appear_when_they_are_typeset(company, django_capture_on_commit_callbacks):
    case = factories.make_case()
    with django_capture_on_commit_callbacks(execute=True):
        hand_in(case, company)
    client = client_for(company)
    fragment = client.get(url("papers_progress", case)).content.decode()
    assert "下載收件回條" in fragment
    assert "hx-get" not in fragment
    receipt = CaseLetter.objects.get(document__kind="receipt").document
    answer = client.get(reverse("documents:download", args=[receipt.pk]))
    assert answer["Content-Type"] == "application/pdf"
    assert b"".join(answer.streaming_content).startswith(b"%PDF")


def test_until_then_the_page_polls(company):
    case = factories.make_case()
    hand_in(case, company)
    page = client_for(company).get(url("submitted", case)).content.decode()
    assert f'hx-get="{url("papers_progress", case)}"' in page
    assert "0 / 3" in page


READERS = {
    "company": 200,
    "colleague": 200,
    "viewer": 200,
    "outsider": 404,
    "newcomer": 404,
    "office": 200,
    "supervisor": 200,
    "auditor": 200,
    "reviewer": 404,
    "chair": 404,
    "administrator": 404,
}


@pytest.mark.parametrize("who", READERS)
@pytest.mark.parametrize("name", ["submit", "submitted", "papers_progress", "record", "json"])
def test_who_reads_a_submitted_case(who, name, company):
    case = factories.make_case(state="submitted")
    answer = client_for(personas.EVERYBODY[who]()).get(url(name, case))
    assert answer.status_code == READERS[who]


@pytest.mark.parametrize("who", ["viewer", "outsider", "reviewer"])
def test_the_plan_is_previewed_for_readers_only_and_leaves_no_paper(who, company):
    case = factories.make_case()
    answer = client_for(personas.EVERYBODY[who]()).get(url("plan_preview", case))
    assert answer.status_code == (200 if who == "viewer" else 404)
    assert not CaseLetter.objects.exists()
    if who == "viewer":
        assert answer.content.startswith(b"%PDF")


@pytest.mark.parametrize("who", READERS)
def test_a_draft_is_the_company_s_own(who, company):
    case = factories.make_case()
    expected = 200 if who in ("company", "colleague", "viewer") else 404
    answer = client_for(personas.EVERYBODY[who]()).get(url("json", case))
    assert answer.status_code == expected


@pytest.mark.parametrize(
    "name", ["submit", "confirm", "submitted", "supplement", "record", "withdraw", "copy", "json"]
)
def test_strangers_to_the_portal_are_asked_to_log_in(name, company):
    case = factories.make_case(state="submitted")
    answer = client_for(None).get(url(name, case))
    assert answer.status_code == 302
    assert "/accounts/login/" in answer.url


@pytest.mark.parametrize(("who", "status"), [("viewer", 403), ("office", 403), ("outsider", 404)])
def test_only_writers_withdraw(who, status, company):
    case = factories.make_case(state="submitted")
    answer = client_for(personas.EVERYBODY[who]()).post(url("withdraw", case), {"reason": "不辦了"})
    assert answer.status_code == status
    case.refresh_from_db()
    assert case.state == "submitted"


def test_withdrawing_asks_for_a_reason_and_keeps_it(company):
    case = factories.make_case(state="submitted")
    client = client_for(company)
    empty = client.post(url("withdraw", case), {"reason": " "})
    assert empty.status_code == 422
    assert "錯誤：" in empty.content.decode()
    assert client.post(url("withdraw", case), {"reason": "負責人異動"}).url == url("record", case)
    page = client.get(url("record", case)).content.decode()
    assert "負責人異動" in page
    assert client.post(url("withdraw", case), {"reason": "再一次"}).status_code == 302
    assert case.transitions.filter(action="withdraw").count() == 1


def test_a_decided_case_cannot_be_withdrawn(company):
    case = factories.make_case(state="approved")
    answer = client_for(company).get(url("withdraw", case))
    assert answer.status_code == 403
    assert "已經核定" in answer.content.decode()
    assert client_for(company).post(url("withdraw", case), {"reason": "x"}).status_code == 302
    case.refresh_from_db()
    assert case.state == "approved"


@pytest.mark.parametrize("reason", ["字" * 501, "\x00", ""])
def test_bad_reasons_are_refused_at_the_field(company, reason):
    case = factories.make_case(state="submitted")
    answer = client_for(company).post(url("withdraw", case), {"reason": reason})
    assert answer.status_code == 422


def test_the_history_is_in_the_company_s_words(company, office):
    case = factories.make_case()
    hand_in(case, company)
    progress.qualify(case=Case.objects.get(pk=case.pk), actor=office, now=factories.now())
    progress.start_review(case=Case.objects.get(pk=case.pk), actor=office, now=factories.now())
    page = client_for(company).get(url("record", case)).content.decode()
    assert "資格初審符合，進入審查" in page
    assert str(company) in page
    for inner in ("送專業審查", "in_review", "專業審查中", str(office)):
        assert inner not in page


def test_the_supplement_page_says_what_by_when_and_where(company):
    case = factories.make_case(state="supplementing")
    factories.open_supplement(case, "documents.D6", "plan")
    client = client_for(company)
    page = client.get(url("supplement", case)).content.decode()
    assert "個工作天" in page
    assert "#item-D6" in page
    assert "尚未更新" in page
    check = client.get(url("submit", case)).content.decode()
    assert "還有補件項目沒有更新" in check
    token = token_of(client, case)
    assert client.post(url("confirm", case), {"token": token}).url == url("submitted", case)
    assert client.get(url("supplement", case)).url == url("record", case)


def test_copying_takes_the_content_but_not_dates_and_files(company):
    source = factories.make_case(state="rejected")
    call = factories.make_call(slug="ipas-115")
    client = client_for(company)
    answer = client.post(url("copy", source), {"call": call.pk})
    new = Case.objects.get(call=call)
    assert answer.url == url("detail", new)
    assert new.copied_from_id == source.pk
    assert new.title == source.title
    assert new.trainees.count() == source.trainees.count() == 6
    assert new.budget_lines.count() == source.budget_lines.count()
    assert new.starts_on is None
    assert not new.case_documents.exists()
    assert new.eligibility.bank_rejected is None
    assert str(new.eligibility.founded_on) == "2005-06-01"
    # Again: the same draft, nothing doubled.
    client.post(url("copy", source), {"call": call.pk})
    assert Case.objects.filter(call=call).count() == 1
    assert new.trainees.count() == 6


def test_export_is_a_file_that_says_its_schema(company):
    case = factories.make_case()
    answer = client_for(company).get(url("json", case))
    assert "attachment" in answer["Content-Disposition"]
    data = json.loads(answer.content)
    assert data["schema"] == "ipas-case/1"
    assert data["call"] == "ipas-114"


def test_the_data_of_a_submission_is_byte_for_byte_what_the_receipt_names(company):
    import hashlib

    case = factories.make_case()
    submission = hand_in(case, company)
    content = client_for(company).get(url("submission_json", case, 1)).content
    listed = {row["name"]: row for row in submission.receipt.context["data"]["files"]}
    assert listed["IPAS-114-0001-1.json"]["sha256"] == hashlib.sha256(content).hexdigest()
    assert client_for(company).get(url("submission_json", case, 2)).status_code == 404


def test_unknown_cases_are_not_found(company):
    client = client_for(company)
    for name in ("submit", "confirm", "submitted", "record", "withdraw", "copy", "json", "plan_preview"):
        assert client.get(reverse(f"cases:{name}", args=[uuid.uuid4()])).status_code == 404


@pytest.mark.parametrize("name", ["submit", "confirm", "submitted", "record", "json", "plan_preview", "copy"])
def test_queries_do_not_grow_with_rows(name, company):
    counts = []
    for students, employees in ((2, 0), (9, 4)):
        case = factories.make_case(students=students, employees=employees, subsidy=100_000)
        if name not in ("submit", "confirm"):
            hand_in(case, company)
        client = client_for(company)
        client.get(url("detail", case))
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(url(name, case)).status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]
    assert counts[1] <= 20, [q["sql"][:120] for q in captured.captured_queries]


def test_a_copy_is_for_the_same_call_unless_another_is_chosen(company):
    source = factories.make_case(state="withdrawn")
    other = factories.make_call(slug="earlier-end", closes_at=factories.now() + timedelta(days=1))
    client = personas.client_for(company)
    assert client.get(url("copy", source)).context["form"]["call"].value() == source.call_id
    over = factories.now() - timedelta(days=1)
    Call.objects.filter(pk=source.call_id).update(closes_at=over, effective_closes_at=over)
    assert client.get(url("copy", source)).context["form"]["call"].value() == other.pk
    factories.make_call(slug="third")
    assert client.get(url("copy", source)).context["form"]["call"].value() is None
    refused = client.post(url("copy", source), {"call": ""})
    assert refused.status_code == 422
    assert "請選擇要申請的徵案" in refused.content.decode()
