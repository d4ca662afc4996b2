"""A newer version of the terms: the draft's applicant sees it, may move, and nobody moves for them."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from applications.enums import CaseState
from applications.models import Case
from applications.services.versions import move_to_newer_terms
from programs.models import Call
from programs.services import new_terms_version
from tests import factories, personas

pytestmark = pytest.mark.django_db


@pytest.fixture
def call() -> Call:
    return factories.make_call()


def newer(call: Call, minimum: int, note: str = "時數提高。") -> Any:
    data = factories.scheme() | {"window": call.current_terms.data["window"]}
    for rule in data["rules"]:
        if rule["id"] == "T3":
            rule["params"]["minimum"] = minimum
        if rule["id"] == "T5":
            rule["params"]["latest_end"] = factories.plan_end().isoformat()
    version = new_terms_version(call=call, data=data, change_note=note, actor=None, now=factories.now())
    call.refresh_from_db()
    return version


def test_the_applicant_sees_what_changes_and_what_the_rules_would_say(call):
    case = factories.make_case(call=call)
    company = personas.client_for(personas.make_company())
    assert "條件已改版" not in company.get(reverse("cases:detail", args=[case.pk])).content.decode()
    newer(call, 999)
    assert "條件已改版" in company.get(reverse("cases:detail", args=[case.pk])).content.decode()
    page = company.get(reverse("cases:newer_terms", args=[case.pk])).content.decode()
    assert "時數提高。" in page
    assert "少於每人至少 999 小時" in page
    assert "每人至少幾小時：120 小時 → 999 小時" in page
    assert Case.objects.get(pk=case.pk).terms.version == 1


def test_a_case_of_an_earlier_version_links_to_its_own_rules(call):
    case = factories.make_case(call=call)
    company = personas.client_for(personas.make_company())
    newer(call, 999)
    page = company.get(reverse("cases:detail", args=[case.pk])).content.decode()
    own = reverse("calls:version_rules", args=[call.slug, 1])
    assert own in page
    assert reverse("calls:rules", args=[call.slug]) not in page
    assert "第 1 版條件" in company.get(own).content.decode()
    assert "第 1 版條件" in company.get(f"{own}T3/").content.decode()
    assert company.get(reverse("calls:version_rule", args=[call.slug, 3, "T3"])).status_code == 404


def test_a_case_moves_by_consent_and_keeps_what_was_entered(call):
    case = factories.make_case(call=call)
    trainees = list(case.trainees.values_list("pk", "planned_hours"))
    newer(call, 130)
    company = personas.client_for(personas.make_company())
    for _ in range(2):
        company.post(reverse("cases:newer_terms", args=[case.pk]), {"version": "2"})
    case = Case.objects.get(pk=case.pk)
    assert case.terms.version == 2
    assert list(case.trainees.values_list("pk", "planned_hours")) == trainees


@pytest.mark.parametrize("seen", ["1", "", "x", "3"])
def test_consent_to_another_version_moves_nothing(call, seen):
    case = factories.make_case(call=call)
    newer(call, 130)
    company = personas.client_for(personas.make_company())
    company.post(reverse("cases:newer_terms", args=[case.pk]), {"version": seen})
    assert Case.objects.get(pk=case.pk).terms.version == 1
    with pytest.raises(ValidationError, match="又公告了"):
        move_to_newer_terms(case=case, version=1, actor=personas.make_company(), now=factories.now())


def test_a_case_that_is_handed_in_keeps_its_version(call):
    case = factories.make_case(call=call, state=CaseState.SUBMITTED)
    newer(call, 130)
    company = personas.client_for(personas.make_company())
    address = reverse("cases:newer_terms", args=[case.pk])
    assert company.get(address).status_code == company.post(address, {"version": "2"}).status_code == 403
    assert Case.objects.get(pk=case.pk).terms.version == 1


def test_a_viewer_and_others_do_not_move_it(call):
    case = factories.make_case(call=call)
    newer(call, 130)
    address = reverse("cases:newer_terms", args=[case.pk])
    assert personas.client_for(personas.make_viewer()).post(address, {"version": "2"}).status_code == 403
    assert personas.client_for(personas.make_outsider()).post(address, {"version": "2"}).status_code == 404
    assert personas.client_for(personas.make_office()).post(address, {"version": "2"}).status_code == 404
    assert Case.objects.get(pk=case.pk).terms.version == 1


def test_the_page_needs_few_queries(call, django_assert_max_num_queries):
    case = factories.make_case(call=call)
    newer(call, 130)
    company = personas.client_for(personas.make_company())
    with django_assert_max_num_queries(20):
        assert company.get(reverse("cases:newer_terms", args=[case.pk])).status_code == 200
