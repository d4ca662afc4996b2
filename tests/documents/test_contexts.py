"""Contexts: what is wrong is refused at once, what is right survives JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from documents import contexts, samples
from documents.enums import DocumentKind

TODAY = date(2025, 3, 3)


@pytest.mark.parametrize("kind", list(DocumentKind))
def test_every_kind_survives_json(kind):
    context = samples.context(kind, today=TODAY)
    again = contexts.load(kind, json.loads(json.dumps(context.as_json())))
    assert again == context


@pytest.mark.parametrize("kind", [k for k in DocumentKind if contexts.CONTEXTS[k].PLACEHOLDERS])
def test_every_placeholder_has_a_value(kind):
    context = samples.context(kind, today=TODAY)
    assert set(context.values()) == set(context.PLACEHOLDERS)
    assert len(context.named_values()) == len(context.PLACEHOLDERS), "two fields of one name"


def test_instalments_leave_the_odd_dollar_to_the_second():
    context = samples.context("approval", today=TODAY)
    odd = replace(context, amounts=(contexts.AccountAmount("人事費", 1_000_001, 1_000_001),))
    assert (odd.first_instalment, odd.second_instalment) == (500_000, 500_001)


def test_minutes_that_spend_more_than_the_envelope_are_refused():
    minutes = samples.context("minutes", today=TODAY)
    replace(minutes, envelope=minutes.approved_total)
    with pytest.raises(contexts.ContextError, match="超過可用經費"):
        replace(minutes, envelope=minutes.approved_total - 1)


@pytest.mark.parametrize("amount", [-1, 1.5, True])
def test_amounts_are_whole_dollars(amount):
    with pytest.raises(contexts.ContextError):
        contexts.AccountAmount("人事費", amount, 0)


def test_a_missing_value_is_named():
    with pytest.raises(contexts.ContextError, match="不完整"):
        contexts.load("return", {"case_number": "1"})


def test_a_table_row_of_the_wrong_length_is_refused():
    with pytest.raises(contexts.ContextError, match="欄數不符"):
        contexts.table("表", ["甲", "乙"], [("1",)])


def test_a_call_of_another_agency_has_its_own_letterhead_and_party():
    own = contexts.OwnLetterhead("示範計畫辦公室", "", "承辦人：示範", party="示範部")
    letter = replace(samples.context("return", today=TODAY), letterhead=own)
    assert letter.own_texts() == {
        "agency": "示範計畫辦公室",
        "agency_address": "",  # nothing of the general wording's agency is left
        "contact": "承辦人：示範",
        "signature": "示範計畫辦公室",
    }
    contract = replace(samples.context("contract", today=TODAY), letterhead=own)
    assert (contract.own_texts()["agency"], contract.own_texts()["signature"]) == ("示範部", "示範部")
    signed = replace(letter, wordings=(contexts.OwnWording("return", signature="主任"),))
    assert signed.own_texts()["signature"] == "主任"
    assert samples.context("return", today=TODAY).own_texts() == {}


def test_minutes_name_who_was_absent_and_the_contract_is_no_annex_of_itself():
    minutes = samples.context("minutes", today=TODAY)
    assert [person.name for person in minutes.absent] == ["葉委員"]
    assert "補助款契約書" not in samples.context("contract", today=TODAY).annex_titles
