"""A call's own wording of letters takes the place of the general template, for its cases alone."""

from __future__ import annotations

import pytest

from applications.letters import heads_of_paper
from documents import contexts as c
from documents.services import load_letter_templates
from documents.services.templates import resolve_wording
from tests import factories, personas

pytestmark = pytest.mark.django_db
OWN = {
    "kind": "return",
    "subject": "「{補助名稱}」案號{案號}依本徵案規定退件，請查照。",
    "body": "",
}


def wording(case):
    reasons = (c.Reason("淨值為負。", "E3", "貳.一(二)"),)
    context = c.ReturnContext(**heads_of_paper(case), received_on=factories.now().date(), reasons=reasons)
    again = c.load("return", context.as_json())
    assert again == context
    return resolve_wording(context=context)


def test_only_the_texts_that_the_call_has_are_its_own():
    load_letter_templates(now=factories.now())
    plain = wording(factories.make_case(call=factories.make_call(slug="plain")))
    own = wording(
        factories.make_case(
            call=factories.make_call(slug="own", letters=[OWN]), organisation=personas.rival()
        )
    )
    assert "依本徵案規定退件" in own.subject
    assert "依本徵案規定退件" not in plain.subject
    assert (own.body.splitlines()[0], own.agency) == (plain.body.splitlines()[0], plain.agency)


def test_a_letter_of_another_kind_stays_general():
    load_letter_templates(now=factories.now())
    call = factories.make_call(slug="own", letters=[OWN | {"kind": "approval"}])
    assert "依本徵案規定退件" not in wording(factories.make_case(call=call)).subject
