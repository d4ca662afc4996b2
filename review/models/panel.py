"""The reviewer pool, panels, and who reviews which case."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.enums import Gender
from accounts.models import User
from applications.models import Case
from core.workflow import TransitionRecord
from programs.models import Call
from review.enums import AssignmentState, InvitationState, PanelCaseState, PanelState


class ReviewerProfile(models.Model):
    """An expert of the pool. ``capacity`` is the most cases that he or she takes in a call."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="reviewer_profile")
    title = models.CharField("職稱", max_length=60, blank=True)
    organisation_name = models.CharField("服務單位", max_length=120)
    organisation_ubn = models.CharField("單位統編", max_length=8, blank=True)
    gender = models.CharField("性別", max_length=10, choices=Gender.choices)
    field = models.CharField("專長領域", max_length=200, blank=True)
    capacity = models.PositiveSmallIntegerField("可審件數上限", default=40)
    active = models.BooleanField("在庫", default=True)

    class Meta:
        ordering = ("user__name",)

    def __str__(self) -> str:
        return self.user.name


class ReviewerSkill(models.Model):
    """A job role (T4) that the expert can judge."""

    reviewer = models.ForeignKey(ReviewerProfile, on_delete=models.CASCADE, related_name="skills")
    job_role = models.CharField(max_length=30)

    class Meta:
        ordering = ("pk",)
        constraints = [models.UniqueConstraint(fields=["reviewer", "job_role"], name="one_skill_once")]

    def __str__(self) -> str:
        return self.job_role


class ReviewerTie(models.Model):
    """A tie that the expert declared once for all: a company where he or she advises, a relative works …"""

    reviewer = models.ForeignKey(ReviewerProfile, on_delete=models.CASCADE, related_name="ties")
    organisation_name = models.CharField("單位名稱", max_length=120)
    organisation_ubn = models.CharField("統一編號", max_length=8, blank=True)
    note = models.CharField("關係", max_length=200, blank=True)

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.organisation_name


class Panel(models.Model):
    """A group of experts with a chair, at least one third of each gender or a recorded reason."""

    call = models.ForeignKey(Call, on_delete=models.PROTECT, related_name="panels")
    name = models.CharField("小組名稱", max_length=60)
    state = models.CharField(max_length=10, choices=PanelState.choices, default=PanelState.FORMING)
    gender_exception_reason = models.CharField("性別比例未達三分之一的理由", max_length=300, blank=True)
    due_on = models.DateField("評分期限", null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("call", "name")
        constraints = [models.UniqueConstraint(fields=["call", "name"], name="one_panel_name_in_a_call")]

    def __str__(self) -> str:
        return self.name


class PanelTransition(TransitionRecord):
    subject = models.ForeignKey(Panel, on_delete=models.CASCADE, related_name="transitions")


class PanelMember(models.Model):
    """An expert's seat on a panel, from invitation to acceptance."""

    panel = models.ForeignKey(Panel, on_delete=models.CASCADE, related_name="members")
    reviewer = models.ForeignKey(ReviewerProfile, on_delete=models.PROTECT, related_name="seats")
    is_chair = models.BooleanField("召集人", default=False)
    state = models.CharField(max_length=10, choices=InvitationState.choices, default=InvitationState.INVITED)
    reminded_at = models.DateTimeField(null=True, blank=True)
    invited_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ("-is_chair", "pk")
        constraints = [
            models.UniqueConstraint(fields=["panel", "reviewer"], name="one_seat_each"),
            models.UniqueConstraint(fields=["panel"], condition=Q(is_chair=True), name="one_chair_a_panel"),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer} @ {self.panel}"


class PanelMemberTransition(TransitionRecord):
    subject = models.ForeignKey(PanelMember, on_delete=models.CASCADE, related_name="transitions")


class PanelCase(models.Model):
    """A case before a panel; closed by everyone's sign-off."""

    panel = models.ForeignKey(Panel, on_delete=models.PROTECT, related_name="panel_cases")
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="panel_case")
    state = models.CharField(max_length=10, choices=PanelCaseState.choices, default=PanelCaseState.OPEN)
    book = models.ForeignKey(
        "documents.OfficialDocument", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("case__number",)
        constraints = [
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False)
                | (~Q(state="closed") & Q(closed_at=None)),
                name="panel_case_closed_has_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} @ {self.panel_id}"


class PanelCaseTransition(TransitionRecord):
    subject = models.ForeignKey(PanelCase, on_delete=models.CASCADE, related_name="transitions")


class AssignmentQuerySet(models.QuerySet["Assignment"]):
    def visible_to(self, user: User) -> AssignmentQuerySet:
        """Own assignments; all of them for those who manage panels; a chair's whole panel comes by the panel."""
        if user.has_permission("panel.manage"):
            return self
        return self.filter(reviewer__user=user)

    def mine(self, user: User) -> AssignmentQuerySet:
        """The expert's own work, once the panel has started; what the office took back is gone."""
        return self.filter(
            reviewer__user=user, panel_case__panel__state__in=[PanelState.SCORING, PanelState.CLOSED]
        ).exclude(state=AssignmentState.REMOVED)

    def active(self) -> AssignmentQuerySet:
        """Assignments that count: not removed, not recused."""
        return self.exclude(state__in=[AssignmentState.REMOVED, AssignmentState.RECUSED])


class Assignment(models.Model):
    """One expert's work on one case. ``explanation`` says why the automatic assignment chose him or her."""

    panel_case = models.ForeignKey(PanelCase, on_delete=models.CASCADE, related_name="assignments")
    reviewer = models.ForeignKey(ReviewerProfile, on_delete=models.PROTECT, related_name="assignments")
    state = models.CharField(max_length=10, choices=AssignmentState.choices, default=AssignmentState.ASSIGNED)
    automatic = models.BooleanField(default=False)
    explanation = models.CharField(max_length=300, blank=True)
    assigned_at = models.DateTimeField()
    assigned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)

    objects = AssignmentQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["panel_case", "reviewer"], name="one_assignment_each"),
            models.CheckConstraint(
                condition=Q(state="submitted", submitted_at__isnull=False) | ~Q(state="submitted"),
                name="assignment_submitted_has_time",
            ),
        ]
        indexes = [models.Index(fields=["reviewer", "state"], name="assignment_by_reviewer")]

    def __str__(self) -> str:
        return f"{self.reviewer_id} → {self.panel_case_id}"


class AssignmentTransition(TransitionRecord):
    subject = models.ForeignKey(Assignment, on_delete=models.CASCADE, related_name="transitions")


class Declaration(models.Model):
    """A signed statement about one's own interests in a case."""

    has_conflict = models.BooleanField()
    explanation = models.CharField(max_length=300, blank=True)
    signed_name = models.CharField("簽名", max_length=60)
    signed_at = models.DateTimeField()

    class Meta:
        abstract = True


class ConflictDeclaration(Declaration):
    """The signed statement that comes before a reviewer's first look at a case."""

    assignment = models.OneToOneField(Assignment, on_delete=models.CASCADE, related_name="declaration")

    def __str__(self) -> str:
        return f"{self.assignment_id} {'迴避' if self.has_conflict else '無利益衝突'}"


class ChairDeclaration(Declaration):
    """The same for a chair who leads a case without scoring it."""

    panel_case = models.ForeignKey(PanelCase, on_delete=models.CASCADE, related_name="chair_declarations")
    reviewer = models.ForeignKey(ReviewerProfile, on_delete=models.PROTECT, related_name="chair_declarations")

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(fields=["panel_case", "reviewer"], name="one_chair_declaration_each")
        ]

    def __str__(self) -> str:
        return f"{self.panel_case_id} {'迴避' if self.has_conflict else '無利益衝突'}"
