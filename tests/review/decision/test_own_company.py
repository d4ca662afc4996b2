"""Whoever belongs to an applicant company reads nothing of its decision by way of an office that they hold besides."""

from __future__ import annotations

import pytest
from django.urls import reverse

from applications.models import Case, CaseLetter
from documents.models import Batch, OfficialDocument
from documents.services import render_document
from review.models import DecisionMeeting
from tests import factories, personas
from tests.factories import make_call, now
from tests.personas import client_for
from tests.review.decision.builders import keep_record, open_with
from tests.review.decision.test_confirmation import adopt, adopted

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _quick_documents(monkeypatch):
    monkeypatch.setattr("documents.services.rendering.typeset", lambda document: factories.pdf_bytes("doc"))


def issued_minutes(meeting: DecisionMeeting) -> OfficialDocument:
    assert meeting.minutes is not None
    assert render_document(pk=str(meeting.minutes_id), now=now()) == "issued"
    return meeting.minutes


def insider(make=personas.make_office):
    return client_for(personas.join(make(), Case.objects.order_by("number").first().organisation, "viewer"))


def in_list(client, document, **query) -> bool:
    rows = client.get(reverse("documents:list"), {"view": "all", **query}).context["page_obj"].object_list
    return document.pk in {row.pk for row in rows}


def asked(client, url) -> int:
    response = client.get(url)
    if response.streaming:  # read to its end, where the test client closes the file
        b"".join(response.streaming_content)
    return response.status_code


def addresses(document):
    return [reverse(f"documents:{name}", args=[document.pk]) for name in ("detail", "download")]


@pytest.mark.parametrize("make", [personas.make_office, personas.make_supervisor, personas.make_auditor])
def test_minutes_are_in_no_list_page_file_or_count_of_an_insider(make):
    minutes = issued_minutes(adopted())
    outside = client_for(make())
    assert in_list(outside, minutes)
    assert [asked(outside, url) for url in addresses(minutes)] == [200, 200]
    counted = {v["label"]: v["count"] for v in outside.get(reverse("documents:list")).context["views"]}
    inside = insider(make)
    assert not in_list(inside, minutes)
    assert not in_list(inside, minutes, q="決審", kind="minutes")
    assert [asked(inside, url) for url in addresses(minutes)] == [404, 404]
    fewer = {v["label"]: v["count"] for v in inside.get(reverse("documents:list")).context["views"]}
    assert fewer["全部文件"] == counted["全部文件"] - 1
    assert fewer["公文"] == counted["公文"] - 1


def test_earlier_minutes_of_the_same_meeting_stay_closed_as_well():
    """Adopted anew, the meeting names the new minutes only; the old ones are about the same cases."""
    from review.services import confirmation

    meeting = adopted()
    old = issued_minutes(meeting)
    meeting = confirmation.reconsider(meeting=meeting, reason="再議", actor=personas.make_office(), now=now())
    meeting = adopt(DecisionMeeting.objects.get(pk=meeting.pk))
    assert meeting.minutes_id != old.pk
    inside = insider()
    assert [asked(inside, url) for url in addresses(old)] == [404, 404]
    assert not in_list(inside, old)


def test_minutes_about_others_stay_open():
    call = make_call()
    adopt(keep_record(open_with([90], call=call, first=1)))
    other = adopt(keep_record(open_with([90], call=call, first=40, name="另一場")))
    minutes = issued_minutes(other)
    inside = insider()
    assert in_list(inside, minutes)
    assert [asked(inside, url) for url in addresses(minutes)] == [200, 200]


def test_an_insider_retries_nothing_of_it():
    meeting = adopted()
    OfficialDocument.objects.filter(pk=meeting.minutes_id).update(state="failed", error="x")
    assert insider().post(reverse("documents:retry", args=[meeting.minutes_id])).status_code == 404


def test_a_batch_with_a_paper_of_ones_own_company_is_not_an_insiders():
    """The merged file holds every page of it."""
    meeting = adopted()
    batch = Batch.objects.create(title="核定補助函 3 件", created_at=now())
    case = Case.objects.order_by("number").first()
    document = meeting.minutes
    OfficialDocument.objects.filter(pk=document.pk).update(batch=batch, kind="approval")
    CaseLetter.objects.create(case=case, document=document)
    outside, inside = client_for(personas.make_auditor()), insider()
    assert "核定補助函 3 件" in outside.get(reverse("documents:batches")).content.decode()
    assert "核定補助函 3 件" not in inside.get(reverse("documents:batches")).content.decode()
    for name in ("batch", "batch_progress", "batch_merged"):
        assert inside.get(reverse(f"documents:{name}", args=[batch.pk])).status_code == 404
    assert inside.post(reverse("documents:batch_retry", args=[batch.pk])).status_code == 404


def test_an_insider_reads_papers_of_the_own_case_as_a_member_only():
    meeting = adopted()
    case = Case.objects.order_by("number").first()
    document = issued_minutes(meeting)
    OfficialDocument.objects.filter(pk=document.pk).update(kind="plan")
    letter = CaseLetter.objects.create(case=case, document=document, for_applicant=False)
    inside = insider()
    download = reverse("documents:download", args=[document.pk])
    assert asked(inside, download) == 404
    CaseLetter.objects.filter(pk=letter.pk).update(for_applicant=True)
    assert asked(inside, download) == 200


def test_no_amount_of_the_meeting_in_lists_and_homes():
    meeting = adopted(call=make_call(envelope=1_000_000))
    outside = client_for(personas.make_supervisor())
    assert "1,000,000" in outside.get(reverse("supervisor:home")).content.decode()
    row = outside.get(reverse("meetings:list")).context["page_obj"].object_list[0]
    assert (row.pk, row.total) == (meeting.pk, 1_000_000)
    inside = insider(personas.make_supervisor)
    assert inside.get(reverse("meetings:list")).context["page_obj"].object_list[0].total is None
    tasks = inside.get(reverse("supervisor:home")).context["tasks"]
    assert "請由另一位主管核定" in tasks[0].next
    assert "元" not in tasks[0].next
