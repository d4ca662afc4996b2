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
