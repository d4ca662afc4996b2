"""Until everybody has submitted, nobody sees another's scores: on no page, partial, list, document or log."""

from __future__ import annotations

import pytest
from auditlog.models import LogEntry
from django.urls import get_resolver, reverse

from documents.models import OfficialDocument, OutgoingMail
from review.services import chair
from tests import personas
from tests.review.panel.conftest import MARKS, Stage

OTHERS = ("chair", "two", "office", "supervisor", "auditor", "administrator", "company", "outsider")


def user(stage: Stage, name: str):
    own = {"chair": stage.chair, "two": stage.two, "office": stage.office, "one": stage.one}
    return own.get(name) or personas.EVERYBODY[name]()


def addresses(stage: Stage) -> list[str]:
    """Every address of /review/, with the ids of the case, and whatever else could tell of scores."""
    seat, panel = stage.seat(), stage.panel
    ids = {
        "assignment": [a.pk for a in seat.assignments.all()],
        "seat": [seat.pk],
        "panel": [panel.pk],
        "member": [m.pk for m in panel.members.all()],
        "profile": [p.pk for p in stage.profiles],
    }
    kind_of = {
        "sheet": "assignment", "declare": "assignment", "autosave": "assignment", "submit": "assignment",
        "recuse": "assignment", "make_book": "assignment", "sign_off": "assignment", "reopen_sheet": "assignment",
        "retry_sheet": "assignment",
        "assignment_remove": "assignment", "chair": "panel", "close_panel": "panel", "panel": "panel",
        "panel_edit": "panel", "panel_invite": "panel", "panel_cases": "panel", "panel_start": "panel",
        "panel_assign": "panel", "chair_case": "seat", "chair_declare": "seat", "collect": "seat",
        "close_case": "seat", "reopen_case": "seat", "seat": "seat", "case_remove": "seat", "assign": "seat",
        "member_remind": "member", "member_chair": "member", "member_remove": "member", "invitation": "member",
        "reviewer": "profile", "reviewer_active": "profile", "reviewer_invite": "profile",
    }  # fmt: skip
    plain = ("home", "panels", "panel_new", "pool", "reviewer_new")
    known = {name for name in get_resolver("review.urls_review").reverse_dict if isinstance(name, str)}
    assert known == set(kind_of) | set(plain), "name the new address here"
    found = [reverse(f"review:{name}") for name in plain]
    found += [reverse(f"review:{name}", args=[pk]) for name, kind in kind_of.items() for pk in ids[kind]]
    found += [reverse("home"), reverse("search") + f"?q={seat.case.number}"]
    found += [reverse("documents:list") + f"?view={v}" for v in ("all", "letters")]
    for document in OfficialDocument.objects.all():
        found += [reverse("documents:detail", args=[document.pk])]
        if document.kind == "score_sheet":
            found += [reverse("documents:download", args=[document.pk])]
    for name in (
        "office:home",
        "office:cases",
        "meetings:list",
        "auditor:log",
        "supervisor:home",
        "cases:list",
    ):
        found.append(reverse(name))
    found.append(reverse("cases:detail", args=[seat.case_id]))
    return found


def leaks(stage: Stage, name: str) -> list[tuple[str, str]]:
    client = personas.client_for(user(stage, name))
    bad = []
    for address in addresses(stage):
        response = client.get(address)
        assert response.status_code < 500, address
        if response.status_code == 200 and response.get("Content-Type", "").startswith("application/pdf"):
            bad.append((address, "a PDF"))
        text = "" if response.streaming else response.content.decode()
        bad += [(address, mark) for mark in MARKS if mark in text]
    return bad


@pytest.mark.parametrize("name", OTHERS)
def test_one_submitted_sheet_is_seen_by_nobody_else(scoring: Stage, name: str):
    scoring.submit(scoring.one, marks=True)
    scoring.fill(scoring.two)
    assert leaks(scoring, name) == []


@pytest.mark.parametrize("name", ["chair", "office", "auditor"])
def test_a_chair_who_has_submitted_still_waits_for_the_last(scoring: Stage, name: str):
    scoring.submit(scoring.one, marks=True)
    scoring.submit(scoring.chair)
    assert leaks(scoring, name) == []


@pytest.mark.parametrize("name", ["chair", "two", "office"])
def test_after_reopening_everything_is_hidden_again(collected: Stage, name: str):
    chair.reopen_sheet(
        assignment=collected.assignment(collected.two),
        reason="請再看",
        actor=collected.chair,
        now=collected.now,
    )
    assert leaks(collected, name) == []


def test_an_unfinished_sheet_is_seen_by_nobody_else(scoring: Stage):
    scoring.fill(scoring.one, marks=True)
    for name in OTHERS:
        assert leaks(scoring, name) == []


def test_the_writer_sees_the_own_sheet_and_once_all_are_in_the_chair_sees_it(collected: Stage):
    """The marks work: what the tests above do not find is there to be found."""
    seat = collected.seat()
    own = personas.client_for(collected.one).get(
        reverse("review:sheet", args=[collected.assignment(collected.one).pk])
    )
    assert MARKS[0] in own.content.decode()
    page = (
        personas.client_for(collected.chair)
        .get(reverse("review:chair_case", args=[seat.pk]))
        .content.decode()
    )
    for mark in ("87.3", "86.28", "記號甲乙丙的建議", "記號丁戊己的意見", "記號庚辛的單項意見", "123,457"):
        assert mark in page
    paper = collected.assignment(collected.one).sheet.document
    assert (
        personas.client_for(collected.chair).get(reverse("documents:detail", args=[paper.pk])).status_code
        == 200
    )


def test_reviewers_see_the_result_only_when_asked_to_confirm(collected: Stage):
    client = personas.client_for(collected.two)
    address = reverse("review:sign_off", args=[collected.assignment(collected.two).pk])
    assert client.get(address).status_code == 302
    collected.collect(collected.seat())
    text = client.get(address).content.decode()
    assert "86.28" in text
    assert "吳委員" not in text


def test_the_applicant_never_learns_a_name(collected: Stage):
    collected.collect(collected.seat())
    client = personas.client_for(personas.make_company())
    for address in addresses(collected):
        response = client.get(address)
        text = "" if response.streaming else response.content.decode()
        for person in ("吳委員", "鄭委員", "孫召集"):
            assert person not in text, address
    for letter in OutgoingMail.objects.filter(to__in=["company@example.test", "contact@example.test"]):
        assert "委員" not in letter.body or "吳委員" not in letter.body


def test_the_log_knows_who_saved_but_not_what_was_scored(scoring: Stage):
    scoring.submit(scoring.one, marks=True)
    entries = [f"{e.changes} {e.object_repr} {e.additional_data}" for e in LogEntry.objects.all()]
    assert any(e.content_type.model == "scoresheet" for e in LogEntry.objects.select_related("content_type"))
    for mark in MARKS:
        assert [entry for entry in entries if mark in entry] == []


def test_mails_bear_no_scores(collected: Stage):
    collected.collect(collected.seat())
    for letter in OutgoingMail.objects.all():
        for mark in MARKS:
            assert mark not in letter.body + letter.subject


def test_staff_who_belong_to_the_applicant_do_not_learn_who_reviews_it(scoring: Stage):
    staff = personas.client_for(personas.join(scoring.office, scoring.case().organisation, "viewer"))
    colleague = personas.client_for(personas.make_user("second@example.test", "承辦二", roles=("office",)))
    member, profile = scoring.member(scoring.one), scoring.profiles[1]
    number = scoring.case().number
    pages = {
        # Before the table of cases members are named; it is who reviews which case that must not show.
        reverse("review:panel", args=[scoring.panel.pk]): "的案件與指派",
        reverse("review:panel_assign", args=[scoring.panel.pk]): "預覽</caption>",
        reverse("review:reviewer", args=[profile.pk]): "",
    }
    for address, start in pages.items():
        seen, hidden = (
            client.get(address)
            .content.decode()
            .partition(start or "<main")[2]
            .partition("</table>" if start else "</main>")[0]
            for client in (colleague, staff)
        )
        word = member.reviewer.user.name if start else number
        assert word in seen, address
        assert word not in hidden, address
