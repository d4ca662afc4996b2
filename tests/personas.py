"""The people of the tests, one for each role. Call a function, or ask for the fixture of the same name.

Each function may be called twice: it finds the person whom it made before. Organisations:
``acme()`` belongs to ``company`` (owner), ``colleague`` (editor) and ``viewer``; ``rival()`` to ``outsider``.
"""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.enums import MemberRole
from accounts.models import BusinessItem, Membership, Organisation, Role, User
from accounts.services.roles import load_roles

PASSWORD = "ipas-demo-114"


def make_user(email: str, name: str, *, roles: tuple[str, ...] = (), password: str = PASSWORD) -> User:
    """An account with a verified address and the roles named by code (roles.yaml is loaded when missing)."""
    from allauth.account.models import EmailAddress

    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, password, name=name)
        EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    if roles:
        if not Role.objects.exists():
            load_roles()
        user.roles.set(Role.objects.filter(code__in=roles))
    return User.objects.get(pk=user.pk)  # nothing cached


def make_organisation(ubn: str, name: str, **fields: Any) -> Organisation:
    """A complete organisation with one manufacturing code (E4); found again by its number."""
    values: dict[str, Any] = {
        "name": name,
        "postal_code": "407",
        "city": "臺中市",
        "township": "西屯區",
        "address": "工業區一路 1 號",
        "heads": 86,
        "representative": "林示範",
        "contact_name": "陳範例",
        "contact_phone": "04-2345-6789",
        "contact_email": "contact@example.test",
    } | fields
    organisation, created = Organisation.objects.get_or_create(ubn=ubn, defaults=values)
    if created:
        BusinessItem.objects.create(organisation=organisation, code="CC01080")
    return organisation


def join(user: User, organisation: Organisation, role: str) -> User:
    """Make the user a member and return a fresh copy, so that no cached membership lies."""
    Membership.objects.update_or_create(organisation=organisation, user=user, defaults={"role": role})
    return User.objects.get(pk=user.pk)


def acme() -> Organisation:
    """The organisation of ``company``, ``colleague`` and ``viewer``."""
    return make_organisation("04595257", "範例精密股份有限公司")


def rival() -> Organisation:
    """The organisation of ``outsider``."""
    return make_organisation("22099131", "對照科技有限公司", contact_email="rival@example.test")


def make_company() -> User:
    """Owner of ``acme()``."""
    return join(make_user("company@example.test", "王業主"), acme(), MemberRole.OWNER)


def make_colleague() -> User:
    """Editor of ``acme()``."""
    return join(make_user("colleague@example.test", "李同事"), acme(), MemberRole.EDITOR)


def make_viewer() -> User:
    """Viewer of ``acme()``."""
    return join(make_user("viewer@example.test", "張檢視"), acme(), MemberRole.VIEWER)


def make_outsider() -> User:
    """Owner of ``rival()``: must never see what belongs to ``acme()``."""
    return join(make_user("outsider@example.test", "趙外人"), rival(), MemberRole.OWNER)


def make_newcomer() -> User:
    """Signed up, member of nothing."""
    return make_user("newcomer@example.test", "新來的")


def make_office() -> User:
    """Staff of the programme office."""
    return make_user("office@example.test", "周承辦", roles=("office",))


def make_reviewer() -> User:
    """A reviewer."""
    return make_user("reviewer@example.test", "吳委員", roles=("reviewer",))


def make_reviewer2() -> User:
    """Another reviewer."""
    return make_user("reviewer2@example.test", "鄭委員", roles=("reviewer",))


def make_chair() -> User:
    """The panel's chair, who scores as well."""
    return make_user("chair@example.test", "孫召集", roles=("chair",))


def make_supervisor() -> User:
    """The ministry."""
    return make_user("supervisor@example.test", "錢督導", roles=("supervisor",))


def make_auditor() -> User:
    """Accounting."""
    return make_user("auditor@example.test", "馮查核", roles=("auditor",))


def make_administrator() -> User:
    """Administrator of accounts; sees no case."""
    return make_user("administrator@example.test", "楊管理", roles=("administrator",))


EVERYBODY = {
    "company": make_company,
    "colleague": make_colleague,
    "viewer": make_viewer,
    "outsider": make_outsider,
    "newcomer": make_newcomer,
    "office": make_office,
    "reviewer": make_reviewer,
    "reviewer2": make_reviewer2,
    "chair": make_chair,
    "supervisor": make_supervisor,
    "auditor": make_auditor,
    "administrator": make_administrator,
}
"""Persona name → function, for tests that walk through all roles."""


def client_for(user: User | None) -> Client:
    """A test client logged in as the user; anonymous for None. POSTs pass without a CSRF token."""
    client = Client()
    if user is not None:
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture
def organisation(db: None) -> Organisation:
    return acme()


@pytest.fixture
def company(db: None) -> User:
    return make_company()


@pytest.fixture
def colleague(db: None) -> User:
    return make_colleague()


@pytest.fixture
def viewer(db: None) -> User:
    return make_viewer()


@pytest.fixture
def outsider(db: None) -> User:
    return make_outsider()


@pytest.fixture
def newcomer(db: None) -> User:
    return make_newcomer()


@pytest.fixture
def office(db: None) -> User:
    return make_office()


@pytest.fixture
def reviewer(db: None) -> User:
    return make_reviewer()


@pytest.fixture
def reviewer2(db: None) -> User:
    return make_reviewer2()


@pytest.fixture
def chair(db: None) -> User:
    return make_chair()


@pytest.fixture
def supervisor(db: None) -> User:
    return make_supervisor()


@pytest.fixture
def auditor(db: None) -> User:
    return make_auditor()


@pytest.fixture
def administrator(db: None) -> User:
    return make_administrator()
