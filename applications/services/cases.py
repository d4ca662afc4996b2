"""Starting, copying and withdrawing a case."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.enums import MemberRole
from accounts.models import Organisation, User
from applications import permissions
from applications.enums import CaseState, Section, SupplementState
from applications.models import Case, CaseCompany, CaseEligibility, SectionState, Supplement
from applications.selectors.content import COMPANY_FIELDS, read_section
from applications.services.sections import save_section
from applications.workflow import CASE, SUPPLEMENT
from core import workflow
from core.rocdate import roc_datetime
from programs.models import Call


@transaction.atomic
def start_case(*, call: Call, organisation: Organisation, actor: User, now: datetime) -> Case:
    """Begin an application, or return the draft that the organisation already has for this call.

    The company's particulars are copied from the organisation. Raises ``PermissionDenied`` unless the
    actor is an owner or editor there, ``ValidationError`` outside the window (S1).
    """
    if actor.organisation_roles.get(organisation.pk) not in (MemberRole.OWNER, MemberRole.EDITOR):
        raise PermissionDenied("只有擁有者或編輯者可以開始申請。")
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
    return new_case(call, organisation, actor=actor, now=now)


def new_case(call: Call, organisation: Organisation, *, actor: User, now: datetime) -> Case:
    """A draft under the call's current terms with the organisation's particulars; callers have judged and locked."""
    assert call.current_terms is not None
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


@transaction.atomic
def withdraw(*, case: Case, reason: str, actor: User, now: datetime) -> Case:
    """Take the case back, at any time before the decision; an open supplement notice ends with it.

    Withdrawing twice does no harm. Raises ``PermissionDenied``, ``ValidationError`` (no reason),
    ``TransitionRefused``.
    """
    case = Case.objects.select_for_update().get(pk=case.pk)
    permissions.require_write(actor, case)
    if case.state == CaseState.WITHDRAWN:
        return case
    if not reason.strip():
        raise ValidationError({"reason": "請寫明撤案的原因。"})
    withdrawn = workflow.apply(
        CASE, case, "withdraw", actor=actor, at=now, reason=reason.strip(), closed_at=now
    )
    for supplement in Supplement.objects.filter(case=case, state=SupplementState.OPEN):
        workflow.apply(SUPPLEMENT, supplement, "expire", actor=actor, at=now, reason="撤案", ended_at=now)
    return withdrawn


NOT_COPIED = (Section.SCHEDULE, Section.DOCUMENTS, Section.OTHER_FUNDING)
"""What belongs to its year: dates, files, and what was declared about other public money."""


@transaction.atomic
def copy_case(*, source: Case, call: Call, actor: User, now: datetime) -> tuple[Case, list[str]]:
    """Begin an application to ``call`` with the content of an earlier case of the same company.

    Copied are the sections that the new draft has not saved yet, but for ``NOT_COPIED`` and for keys that the
    new call does not know; returns the draft and the labels of the sections copied. Eligibility is copied
    without its declarations: they must be made anew. Raises as :func:`start_case`.
    """
    permissions.require_write(actor, source)
    case = start_case(call=call, organisation=source.organisation, actor=actor, now=now)
    if case.pk == source.pk:
        raise ValidationError("這份草稿就是要複製的申請案，不能複製到自己。")
    saved = set(case.section_states.values_list("section", flat=True)) - {Section.COMPANY}
    copied = []
    for section in case.sections:
        if section in (*NOT_COPIED, Section.COMPANY) or section in saved:
            continue
        content = read_section(source, section)
        content["rows"] = [{**row, "id": None} for row in content["rows"]]
        if section == Section.ELIGIBILITY:
            kept = {"founded_on": content["fields"]["founded_on"]}
            content["fields"] = dict.fromkeys(content["fields"]) | kept
        if content["rows"] or any(content["fields"].values()):
            save_section(case=case, section=section, cleaned=content, base_version=0, actor=actor, now=now)
            copied.append(str(section.label))
    if case.copied_from_id is None and copied:
        case.copied_from = source
        case.save(update_fields=["copied_from"])
    return case, copied
