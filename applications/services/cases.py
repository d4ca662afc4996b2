"""Starting a case."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.enums import MemberRole
from accounts.models import Organisation, User
from applications.enums import CaseState, Section
from applications.models import Case, CaseCompany, CaseEligibility, SectionState
from applications.selectors.content import COMPANY_FIELDS
from core.rocdate import roc_datetime
from programs.models import Call


@transaction.atomic
def start_case(*, call: Call, organisation: Organisation, actor: User, now: datetime) -> Case:
    """Begin an application, or return the draft that the organisation already has for this call.

    The company's particulars are copied from the organisation. Raises ``PermissionDenied`` unless the
    actor is an owner or editor there, ``ValidationError`` outside the window (S1).
    """
    if actor.organisation_roles.get(organisation.pk) not in (MemberRole.OWNER, MemberRole.EDITOR):
        raise PermissionDenied("只有公司的擁有者或編輯者可以開始申請。")
    # The organisation's row is the lock that keeps a double click from making two drafts.
    organisation = Organisation.objects.select_for_update().get(pk=organisation.pk)
    draft = Case.objects.filter(call=call, organisation=organisation, state=CaseState.DRAFT).first()
    if draft is not None:
        return draft
    if not call.is_open(now):
        opens, closes = roc_datetime(call.opens_at), roc_datetime(call.effective_closes_at)
        raise ValidationError(f"這個徵案的受理期間是 {opens} 至 {closes}，現在不能開始申請（S1）。")
    if call.current_terms is None:
        raise ValidationError("這個徵案還沒有須知，不能開始申請。")
    case = Case.objects.create(
        call=call,
        terms=call.current_terms,
        organisation=organisation,
        created_by=actor,
        created_at=now,
        updated_at=now,
    )
    copied = {name: getattr(organisation, name) for name in COMPANY_FIELDS if name != "business_codes"}
    codes = " ".join(organisation.business_items.values_list("code", flat=True))
    CaseCompany.objects.create(case=case, business_codes=codes, **copied)
    CaseEligibility.objects.create(case=case)
    SectionState.objects.create(case=case, section=Section.COMPANY, version=1, saved_at=now, saved_by=actor)
    return case
