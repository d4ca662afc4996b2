"""Invitations, roles, leaving."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.urls import reverse

from accounts.models import Invitation, Membership, User
from accounts.services import members as services
from accounts.services.errors import Refused
from core.clock import now
from tests.personas import acme, client_for, join, make_company, make_newcomer, make_user

pytestmark = pytest.mark.django_db


def url(name: str, *args: Any) -> str:
    return reverse(f"organisation:{name}", args=args)


def invite(email: str = "newcomer@example.test", role: str = "editor") -> Invitation:
    return services.invite(organisation=acme(), email=email, role=role, actor=make_company(), now=now())


def accept(invitation: Invitation, person: User) -> Any:
    return client_for(person).post(url("accept_invitation", invitation.token), follow=True)


def test_an_invitation_is_mailed_and_accepted_once(
    company: User, newcomer: User, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        client_for(company).post(
            url("invite", acme().pk), {"email": "Newcomer@example.test", "role": "viewer"}
        )
    invitation = Invitation.objects.get()
    assert mail.outbox[0].to == ["newcomer@example.test"]
    assert invitation.token in mail.outbox[0].body
    assert (
        "查看邀請" in client_for(newcomer).get("/").content.decode()
        or "邀請" in client_for(newcomer).get("/").content.decode()
    )
    for _ in range(2):
        assert acme().name in accept(invitation, newcomer).content.decode()
    assert Membership.objects.get(user=newcomer).role == "viewer"


def test_the_wrong_address_does_not_get_in(company: User, outsider: User) -> None:
    invitation = invite()
    page = accept(invitation, outsider)
    assert "寄給另一個電子郵件" in page.content.decode()
    assert not Membership.objects.filter(organisation=acme(), user=outsider).exists()


def test_an_address_that_is_not_verified_does_not_get_in(company: User, newcomer: User) -> None:
    newcomer.emailaddress_set.update(verified=False)
    accept(invite(), newcomer)
    assert not Membership.objects.filter(user=newcomer).exists()


def test_a_used_invitation_lets_nobody_else_in(company: User, newcomer: User) -> None:
    invitation = invite()
    accept(invitation, newcomer)
    Membership.objects.filter(user=newcomer).delete()
    page = accept(invitation, User.objects.get(pk=newcomer.pk))
    assert "已經使用過" in page.content.decode()
    assert not Membership.objects.filter(user=newcomer).exists()


def test_an_invitation_ends_after_seven_days_to_the_second(company: User, newcomer: User) -> None:
    invitation = invite()
    with pytest.raises(Refused, match="超過 7 天"):
        services.accept_invitation(token=invitation.token, actor=newcomer, now=invitation.expires_at)
    services.accept_invitation(
        token=invitation.token, actor=newcomer, now=invitation.expires_at - timedelta(seconds=1)
    )
    assert invitation.expires_at - invitation.created_at == timedelta(days=7)


def test_a_revoked_invitation_is_dead(company: User, newcomer: User) -> None:
    invitation = invite()
    for _ in range(2):
        client_for(company).post(url("revoke_invitation", acme().pk, invitation.pk))
    assert "已被撤回" in accept(invitation, newcomer).content.decode()


def test_a_visitor_sees_where_to_log_in_and_unknown_links_are_not_found(company: User, client: Any) -> None:
    invitation = invite()
    page = client.get(url("accept_invitation", invitation.token))
    assert "註冊新帳號" in page.content.decode()
    assert client.post(url("accept_invitation", invitation.token)).status_code == 200
    assert client.get(url("accept_invitation", "nonsense")).status_code == 404
    assert client.get("/organisation/invitation/☃/").status_code == 404


def test_inviting_again_keeps_one_invitation_and_members_are_not_invited(
    company: User, colleague: User
) -> None:
    assert invite().pk == invite(role="viewer").pk
    page = client_for(company).post(url("invite", acme().pk), {"email": colleague.email, "role": "viewer"})
    assert page.status_code == 422
    assert "已經是成員" in page.content.decode()


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"email": "x"},
        {"email": "a\x00@example.test", "role": "owner"},
        {"email": "a@b.test", "role": "god"},
    ],
)
def test_a_bad_invitation_form_is_answered_at_the_field(company: User, data: dict[str, str]) -> None:
    page = client_for(company).post(url("invite", acme().pk), data)
    assert page.status_code == 422
    assert not Invitation.objects.exists()


def test_only_owners_manage(
    company: User, colleague: User, viewer: User, outsider: User, office: User
) -> None:
    mine = Membership.objects.get(user=company)
    invitation = invite()
    posts = [
        (url("invite", acme().pk), {"email": "x@example.test", "role": "owner"}),
        (url("change_role", acme().pk, mine.pk), {"role": "viewer"}),
        (url("remove", acme().pk, mine.pk), {}),
        (url("revoke_invitation", acme().pk, invitation.pk), {}),
    ]
    for person, status in ((colleague, 403), (viewer, 403), (office, 403), (outsider, 404)):
        for address, data in posts:
            assert client_for(person).post(address, data).status_code == status, (person, address)
    invitation.refresh_from_db()
    assert invitation.revoked_at is None


def test_members_of_another_company_are_out_of_reach(company: User, outsider: User) -> None:
    theirs = Membership.objects.get(user=outsider)
    client = client_for(company)
    assert client.post(url("change_role", acme().pk, theirs.pk), {"role": "viewer"}).status_code == 404
    client.post(url("remove", acme().pk, theirs.pk))
    theirs.refresh_from_db()
    assert theirs.role == "owner"


def test_the_last_owner_stays_until_there_is_another(company: User, colleague: User) -> None:
    mine = Membership.objects.get(user=company)
    client = client_for(company)
    for address, data in (
        (url("change_role", acme().pk, mine.pk), {"role": "editor"}),
        (url("remove", acme().pk, mine.pk), {}),
    ):
        assert "至少要有一位擁有者" in client.post(address, data, follow=True).content.decode()
    other = Membership.objects.get(user=colleague)
    client.post(url("change_role", acme().pk, other.pk), {"role": "owner"})
    assert "您已離開" in client.post(url("remove", acme().pk, mine.pk), follow=True).content.decode()
    assert not Membership.objects.filter(user=company).exists()


def test_an_owner_who_is_disabled_does_not_count(company: User, colleague: User) -> None:
    join(colleague, acme(), "owner")
    colleague.is_active = False
    colleague.save()
    mine = Membership.objects.get(user=company)
    with pytest.raises(Refused):
        services.remove_member(membership=mine, actor=company, now=now())


def test_removing_is_asked_first_and_harmless_twice(company: User, viewer: User) -> None:
    theirs = Membership.objects.get(user=viewer)
    client = client_for(company)
    address = url("remove", acme().pk, theirs.pk)
    assert "確定移除" in client.get(address).content.decode()
    for _ in range(2):
        assert client.post(address).status_code == 302
    assert client_for(viewer).get(url("members", acme().pk)).status_code == 404


def test_a_member_may_leave(viewer: User, company: User) -> None:
    theirs = Membership.objects.get(user=viewer)
    assert client_for(viewer).post(url("remove", acme().pk, theirs.pk)).headers["Location"] == "/"


@pytest.mark.parametrize("count", [1, 3])
def test_the_members_page_costs_the_same_for_one_and_three(
    count: int, company: User, django_assert_max_num_queries: Any
) -> None:
    for number in range(count - 1):
        join(make_user(f"m{number}@example.test", f"同仁{number}"), acme(), "viewer")
    for number in range(count):
        invite(f"i{number}@example.test")
        services.request_to_join(
            organisation=acme(),
            message="",
            actor=make_user(f"j{number}@example.test", f"申請{number}"),
            now=now(),
        )
    client = client_for(company)
    address = url("members", acme().pk)
    with django_assert_max_num_queries(10):
        page = client.get(address)
    assert len(page.context["memberships"]) == len(page.context["invitations"]) == count


def test_who_was_invited_and_asked_too_ends_as_one_member(company: User) -> None:
    person = make_newcomer()
    services.request_to_join(organisation=acme(), message="", actor=person, now=now())
    accept(invite(), person)
    assert Membership.objects.filter(user=person).count() == 1
    assert person.join_requests.get().answer == "accepted"
