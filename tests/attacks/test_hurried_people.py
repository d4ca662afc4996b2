"""Two windows, two people, one case: whoever comes second is told so, and is not accused of anything."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse

from applications.models import Case, Submission
from programs.models import Call
from tests import factories, personas

pytestmark = pytest.mark.django_db


def _token(client: Client, case: Case) -> str:
    page = client.get(reverse("cases:confirm", args=[case.pk])).content.decode()
    found = re.search(r'name="token" value="([^"]+)"', page)
    assert found
    return found[1]


def test_handing_in_from_a_second_window_leads_to_the_record() -> None:
    case = factories.make_case()
    owner, editor = (personas.client_for(make()) for make in (personas.make_company, personas.make_colleague))
    viewer = personas.client_for(personas.make_viewer())
    address = reverse("cases:confirm", args=[case.pk])
    first, second = _token(owner, case), _token(editor, case)
    assert owner.post(address, {"token": first}).url == reverse("cases:submitted", args=[case.pk])
    late = editor.post(address, {"token": second}, follow=True)
    assert late.redirect_chain == [(reverse("cases:record", args=[case.pk]), 302)]
    assert "不需要再送出" in late.content.decode()
    assert viewer.post(address, {"token": second}).status_code == 403
    assert Submission.objects.count() == 1
    assert Call.objects.get().next_case_number == 2


def test_handing_in_what_was_withdrawn_in_another_window_says_so() -> None:
    case = factories.make_case()
    client = personas.client_for(personas.make_company())
    token = _token(client, case)
    client.post(reverse("cases:withdraw", args=[case.pk]), {"reason": "改期"})
    late = client.post(reverse("cases:confirm", args=[case.pk]), {"token": token}, follow=True)
    assert late.status_code == 200
    assert "已撤案" in late.content.decode()
    assert not Submission.objects.exists()
