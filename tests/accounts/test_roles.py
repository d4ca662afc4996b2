"""Roles are data."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import Role, User
from accounts.services.roles import load_roles
from ipas_portal.context import ENTRIES

pytestmark = pytest.mark.django_db


def test_loading_twice_changes_nothing_and_a_role_that_left_loses_its_power(office: User) -> None:
    assert load_roles() == load_roles() == Role.objects.count()
    Role.objects.create(code="ghost", name="舊角色", home="home", permissions=["account.manage"])
    load_roles()
    assert Role.objects.get(code="ghost").permissions == []


def test_permissions_come_from_roles_and_end_with_the_account(office: User, company: User) -> None:
    assert office.has_permission("qualification.decide")
    assert not office.has_permission("account.manage")
    assert not company.has_permission("case.view_all")
    office.is_active = False
    assert not office.has_permission("qualification.decide")


def test_the_administrator_sees_no_case_and_reviewers_see_none_by_role(
    administrator: User, reviewer: User, chair: User
) -> None:
    for person in (administrator, reviewer, chair):
        assert not person.has_permission("case.view_all")


def test_every_permission_of_the_navigation_belongs_to_a_role() -> None:
    load_roles()
    given = {code for role in Role.objects.all() for code in role.permissions}
    asked = {need for _, _, need in ENTRIES} - {"", "login", "member", "anonymous", "public"}
    assert asked <= given


def test_reference_data_loads_twice() -> None:
    out = StringIO()
    call_command("load_reference", stdout=out)
    call_command("load_reference", stdout=out)
    assert "calendar days: 0" in out.getvalue()
