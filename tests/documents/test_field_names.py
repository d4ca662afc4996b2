"""The fields that a clerk may use: listed beside the texts; and how wordings of old came by their names."""

from __future__ import annotations

import importlib

import pytest
from django.apps import apps
from django.urls import reverse

from documents.contexts import CONTEXTS
from documents.contexts.names import FIELDS, TABLES
from documents.enums import WORDED_KINDS
from documents.migrations import _field_names as old
from documents.models import LetterTemplate
from programs.models import CallTerms
from tests import factories

pytestmark = pytest.mark.django_db


def test_each_name_is_one_field_and_can_be_written_in_braces():
    names = [name for name, _ in (*FIELDS.values(), *TABLES.values())]
    assert len(set(names)) == len(names)
    assert not [name for name in names if set(name) & set("{}｛｝ \n")]


@pytest.mark.parametrize("kind", WORDED_KINDS)
def test_the_editor_lists_what_its_kind_may_use_and_nothing_else(kind, client, office, letters):
    client.force_login(office)
    page = client.get(reverse("documents:template_edit", args=[kind])).content.decode()
    cls = CONTEXTS[kind]
    expected = [FIELDS[code].name for code in cls.PLACEHOLDERS] + [TABLES[code].name for code in cls.BLOCKS]
    assert [part.split('"')[0] for part in page.split('data-insert="')[1:]] == expected
    assert "js/fields.js" in page


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{{you}}申請（案號{{ case_number }}）", "{受文者稱呼}申請（案號{案號}）"),
        ("一、甲\n{{amounts_table}}\n二、{{nonsense}}", "一、甲\n{經費表}\n二、{nonsense}"),
        ("集合{甲、乙}", "集合（甲、乙）"),  # a brace was a sign once; now it is a field
        ("沒有欄位", "沒有欄位"),
    ],
)
def test_a_wording_is_renamed(before, after):
    assert old.renamed(before) == after


def test_a_filled_wording_keeps_its_values_and_its_tables():
    text = "一、「{{total}}」公司{甲}\n{{items_table}}\n{{total}}"
    assert old.tables_renamed(text) == "一、「{{total}}」公司{甲}\n{補正項目表}\n{{total}}"


def test_stored_wordings_and_terms_are_renamed(letters):
    LetterTemplate.objects.filter(kind="return").update(
        subject="{{you}}退件", body="一、{{received_on}}\n{{reasons_list}}"
    )
    call = factories.make_call(slug="own", letters=[{"kind": "return", "subject": "{案號}退件"}])
    terms = CallTerms.objects.get(call=call)
    terms.data["letters"][0]["subject"] = "{{case_number}}退件"
    CallTerms.objects.filter(pk=terms.pk).update(data=terms.data, digest="old")
    importlib.import_module("documents.migrations.0005_field_names").rename(apps, None)
    importlib.import_module("programs.migrations.0010_field_names").rename(apps, None)
    template = LetterTemplate.objects.get(kind="return")
    assert (template.subject, template.body) == ("{受文者稱呼}退件", "一、{收件日期}\n{理由清單}")
    found = CallTerms.objects.get(pk=terms.pk)
    assert found.terms.letters[0].subject == "{案號}退件"
    assert found.digest != "old"
