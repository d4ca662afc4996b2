"""Two companies in the same second: both get a number, none twice, none missing. Needs a database with row locks."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections

from applications.models import Case
from applications.services import submission as service
from tests import factories
from tests.personas import make_organisation

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "sqlite" in str(connection.vendor), reason="SQLite has no row locks; one writer at a time"
    ),
]
UBNS = ("04595257", "22099131", "00501503", "12345675")


def test_numbers_are_gap_free_when_many_hand_in_at_once(monkeypatch):
    monkeypatch.setattr("documents.services.requests.enqueue", lambda document: None)
    monkeypatch.setattr("documents.tasks.deliver", lambda *args: None)
    call = factories.make_call()
    cases = [
        factories.make_case(call=call, organisation=make_organisation(ubn, f"第{i}示範股份有限公司"))
        for i, ubn in enumerate(UBNS)
    ]
    now = factories.now()
    gate = threading.Barrier(len(cases) * 2)
    problems = []

    def run(case, token, user):
        try:
            gate.wait(20)
            service.submit(case=case, token=token, actor=user, now=now)
        except Exception as problem:
            problems.append(problem)
        finally:
            connections.close_all()

    threads = []
    for case in cases:
        user = case.organisation.memberships.get().user
        token = service.confirmation_token(case=case, now=now)
        # Each confirmation twice, as by a double click.
        threads += [threading.Thread(target=run, args=(case, token, user)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    numbers = sorted(Case.objects.values_list("number", flat=True))
    assert numbers == [f"IPAS-114-{n:04d}" for n in range(1, len(cases) + 1)]
    assert all(case.submissions.count() == 1 for case in cases)


def test_B4_two_cases_of_one_company_at_once_cannot_both_pass_its_cap(monkeypatch):
    monkeypatch.setattr("documents.services.requests.enqueue", lambda document: None)
    monkeypatch.setattr("documents.tasks.deliver", lambda *args: None)
    rules = factories.scheme()["rules"]
    next(rule for rule in rules if rule["id"] == "B4")["params"]["maximum"] = 700_000
    call = factories.make_call(rules=rules)
    cases = [factories.make_case(call=call), factories.make_case(call=call)]  # 400,000 each
    user, now = cases[0].organisation.memberships.get().user, factories.now()
    gate = threading.Barrier(2)
    refused = []

    def run(case, token):
        try:
            gate.wait(20)
            service.submit(case=case, token=token, actor=user, now=now)
        except service.SubmissionRefused as problem:
            refused.append([f.rule for f in problem.findings])
        finally:
            connections.close_all()

    threads = [
        threading.Thread(target=run, args=(case, service.confirmation_token(case=case, now=now)))
        for case in cases
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert refused == [["B4"]]
    assert Case.objects.filter(state="submitted").count() == 1
