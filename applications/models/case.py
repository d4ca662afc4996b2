"""The case: one company's application to one call."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Organisation, User
from applications.enums import APPLICANT_LABELS, CaseState, Channel, Section
from applications.workflow import CASE
from core.workflow import TransitionRecord
from documents.models import OfficialDocument
from programs.models import Call, CallTerms
from programs.rules.sections import sections_of


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, user: User) -> CaseQuerySet:
        """Cases that the user may know of as a member or by a role that sees all submitted ones.

        A draft is the company's own until it is submitted; staff see only those that they type from paper (S2).
        Reviewers reach cases through their assignments (``review``), never through this.
        """
        mine = Q(organisation__in=user.organisation_roles)
        if user.has_permission("case.intake_paper"):
            mine |= ~Q(channel=Channel.ONLINE)
        if user.has_permission("case.view_all"):
            return self.filter(mine | Q(submitted_at__isnull=False))
        return self.filter(mine)

    def submitted(self) -> CaseQuerySet:
        """Cases that have been handed in."""
        return self.filter(submitted_at__isnull=False)

    def for_list(self) -> CaseQuerySet:
        """Join what a row of a list shows."""
        return self.select_related("organisation", "call", "terms")


class Case(models.Model):
    """An application. ``terms`` is the version under which it was started, and never changes by itself.

    ``received_at`` is the moment that counts for S1: the submission online, or what S2 derives for paper.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="cases")
    terms = models.ForeignKey(CallTerms, on_delete=models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="cases")
    state = models.CharField(max_length=20, choices=CaseState.choices, default=CaseState.DRAFT)
    number = models.CharField("案號", max_length=60, null=True, blank=True)  # noqa: DJ001 unique only once given
    title = models.CharField("計畫名稱", max_length=120, blank=True)
    starts_on = models.DateField("執行開始", null=True, blank=True)
    ends_on = models.DateField("執行結束", null=True, blank=True)
    declared_no_other_funding = models.BooleanField("本計畫無其他公部門補助", default=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True, blank=True)
    received_at = models.DateTimeField(null=True, blank=True)
    channel = models.CharField(max_length=20, choices=Channel.choices, default=Channel.ONLINE)
    posted_on = models.DateField("郵戳日期", null=True, blank=True)
    arrived_at = models.DateTimeField("紙本到達時間", null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    copied_from = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ("-updated_at",)
        constraints = [
            models.UniqueConstraint(fields=["call", "number"], name="one_case_number_in_a_call"),
            models.CheckConstraint(
                condition=Q(state="draft", submitted_at=None, number=None)
                | Q(state="withdrawn")
                | (
                    ~Q(state__in=["draft", "withdrawn"]) & Q(submitted_at__isnull=False, number__isnull=False)
                ),
                name="case_submitted_has_number_and_time",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at=None, received_at=None)
                | Q(submitted_at__isnull=False, received_at__isnull=False),
                name="case_received_when_submitted",
            ),
            models.CheckConstraint(
                condition=Q(starts_on=None) | Q(ends_on=None) | Q(starts_on__lte=F("ends_on")),
                name="case_period_in_order",
            ),
        ]
        indexes = [
            models.Index(fields=["call", "state", "submitted_at"], name="case_queue"),
            models.Index(fields=["organisation", "state"], name="case_by_organisation"),
        ]

    def __str__(self) -> str:
        return f"{self.number or '草稿'} {self.title}"

    @property
    def applicant_label(self) -> str:
        """The state in the applicant's words."""
        return APPLICANT_LABELS.get(self.state, self.get_state_display())

    @property
    def company_name(self) -> str:
        """The applicant's name as it applied; what its account is called while the case names none."""
        company = getattr(self, "company", None)
        return (company.name if company else "") or self.organisation.name

    @property
    def turn(self) -> str:
        """Whose turn it is: an audience, or "" when nobody has anything to do."""
        return CASE.turn.get(self.state, "")

    @property
    def is_draft(self) -> bool:
        return self.state == CaseState.DRAFT

    @property
    def sections(self) -> tuple[Section, ...]:
        """The sections that the case has by its terms, in order."""
        return tuple(Section(key) for key in sections_of(self.terms.terms))

    def section_label(self, section: str) -> str:
        """What a section is called in this case."""
        return sections_of(self.terms.terms).get(section, str(Section(section).label))

    def closes_at(self, extensions: list[CaseWindowExtension] | None = None) -> datetime:
        """End of the window for this case: the call's, or this case's own later one."""
        if extensions is None and "own_closes_at" in self.__dict__:  # the query has looked already
            own = [self.__dict__["own_closes_at"]] if self.__dict__["own_closes_at"] else []
        else:
            own = [e.closes_at for e in (self.window_extensions.all() if extensions is None else extensions)]
        return max([self.call.effective_closes_at, *own])


class CaseTransition(TransitionRecord):
    """What happened to a case."""

    subject = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="transitions")


class CaseWindowExtension(models.Model):
    """A longer window for one case; the reason is shown on the call's public page without the company's name."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="window_extensions")
    closes_at = models.DateTimeField()
    reason = models.CharField("公開理由", max_length=300)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        ordering = ("created_at",)

    def __str__(self) -> str:
        return f"{self.case_id} → {self.closes_at:%Y-%m-%d %H:%M}"


class CaseLetter(models.Model):
    """An official document that belongs to a case; ``for_applicant`` says whether the company may fetch it."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="letters")
    document = models.OneToOneField(OfficialDocument, on_delete=models.PROTECT, related_name="case_letter")
    for_applicant = models.BooleanField(default=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.case_id} {self.document_id}"
