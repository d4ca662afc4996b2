"""Registering a company and keeping its data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F

from accounts import permissions
from accounts.enums import MemberRole
from accounts.models import BusinessItem, Membership, Organisation, User
from accounts.services.errors import OrganisationExists, Outdated, Refused
from core.identifiers import is_business_code, is_ubn

COMPANY_FIELDS = (
    "kind",
    "name",
    "postal_code",
    "city",
    "township",
    "address",
    "heads",
    "representative",
    "contact_name",
    "contact_phone",
    "contact_email",
)


def register_organisation(
    *,
    ubn: str,
    company: Mapping[str, Any],
    codes: Iterable[str],
    actor: User,
    now: datetime,
    as_owner: bool = True,
    ubn_override_reason: str = "",
) -> Organisation:
    """Register a company (E1) and make the actor its owner.

    ``company`` holds values for ``COMPANY_FIELDS``. Staff register for others with ``as_owner=False`` and
    may pass a number that fails the checksum with a reason, which stays with the organisation and in the
    log. Raises OrganisationExists when the number is taken, even when somebody was quicker by a moment.
    """
    if not is_ubn(ubn):
        if not (ubn_override_reason and permissions.may_register_for_others(actor)):
            raise Refused("統一編號的檢查碼不符，請核對 8 位數字有沒有打錯。")
    else:
        ubn_override_reason = ""
    existing = Organisation.objects.filter(ubn=ubn).first()
    if existing is not None:
        raise OrganisationExists(existing)
    try:
        with transaction.atomic():
            organisation = Organisation.objects.create(
                ubn=ubn,
                ubn_override_reason=ubn_override_reason,
                **{name: company[name] for name in COMPANY_FIELDS if name in company},
            )
            _set_codes(organisation, codes)
            if as_owner:
                Membership.objects.create(organisation=organisation, user=actor, role=MemberRole.OWNER)
    except IntegrityError:
        raise OrganisationExists(Organisation.objects.get(ubn=ubn)) from None
    return organisation


@transaction.atomic
def update_organisation(
    *,
    organisation: Organisation,
    company: Mapping[str, Any],
    codes: Iterable[str],
    base_revision: int,
    actor: User,
    now: datetime,
) -> Organisation:
    """Save the company's data; the 統一編號 never changes. Raises Outdated when somebody saved since."""
    locked = Organisation.objects.select_for_update().get(pk=organisation.pk)
    if reason := permissions.why_not_edit_organisation(actor, locked):
        raise PermissionDenied(reason)
    if locked.revision != base_revision:
        raise Outdated(
            "這份資料在您開啟之後已經被其他人改過。請重新整理，比對之後再儲存；您剛才填的內容還留在畫面上。"
        )
    for name in COMPANY_FIELDS:
        if name in company:
            setattr(locked, name, company[name])
    locked.save(update_fields=[*COMPANY_FIELDS])
    _set_codes(locked, codes)
    Organisation.objects.filter(pk=locked.pk).update(revision=F("revision") + 1)
    locked.refresh_from_db(fields=["revision"])
    return locked


def _set_codes(organisation: Organisation, codes: Iterable[str]) -> None:
    wanted = dict.fromkeys(codes)
    if bad := [code for code in wanted if not is_business_code(code)]:
        raise Refused(f"所營事業代碼「{bad[0]}」的格式不對。")
    have = {item.code: item for item in organisation.business_items.all()}
    for code, item in have.items():
        if code not in wanted:
            item.delete()  # one by one: each is in the log
    for code in wanted:
        if code not in have:
            BusinessItem.objects.create(organisation=organisation, code=code)
