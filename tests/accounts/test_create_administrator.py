"""The first account of an installation is made on the host."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from accounts.services.roles import load_roles
from documents.models import OutgoingMail

pytestmark = pytest.mark.django_db


def test_it_may_manage_accounts_and_gets_a_link_instead_of_a_password() -> None:
    load_roles()
    call_command("create_administrator", "root@example.test", "楊管理")
    user = User.objects.get(email="root@example.test")
    assert user.has_permission("account.manage")
    assert not user.has_usable_password()
    assert OutgoingMail.objects.get().to == "root@example.test"


def test_without_roles_it_says_what_to_run_first() -> None:
    with pytest.raises(CommandError, match="load_reference"):
        call_command("create_administrator", "root@example.test", "楊管理")


def test_an_address_that_is_taken_is_refused() -> None:
    load_roles()
    call_command("create_administrator", "root@example.test", "楊管理")
    with pytest.raises(CommandError):
        call_command("create_administrator", "root@example.test", "楊管理")
