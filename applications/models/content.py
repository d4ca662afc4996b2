"""What an applicant enters, one table a section, so that every number can be asked for."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.enums import Gender
from accounts.models import CompanyFields
from applications.enums import CourseKind, Section, TraineeKind
from applications.models.case import Case
from documents.models import StoredFile


class SectionState(models.Model):
    """How often a section was saved and by whom: the optimistic lock of two members who edit at once.

    ``tab``: the open page that saved last, so that two saves of one page can't conflict with each other.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="section_states")
    section = models.CharField(max_length=20, choices=Section.choices)
    version = models.PositiveIntegerField(default=0)
    tab = models.CharField(max_length=40, blank=True)
    saved_at = models.DateTimeField()
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "section"], name="one_state_for_each_section")]

    def __str__(self) -> str:
        return f"{self.section} v{self.version}"


class SectionDraft(models.Model):
    """What somebody typed that could not be saved as it is (invalid, or against a newer version): nothing is lost.

    One for each open page (``tab``). A row is never changed: what a page keeps next is a new row, so that a
    draft's id names exactly the words that were shown and nothing newer is thrown away with them.
    ``began_with``: the draft that the page had opened; both are used up when the page is saved.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="section_drafts")
    section = models.CharField(max_length=20, choices=Section.choices)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    tab = models.CharField(max_length=40, blank=True)
    began_with = models.PositiveBigIntegerField(null=True, blank=True)
    payload = models.JSONField()
    base_version = models.PositiveIntegerField()
    saved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "section", "user", "tab"], name="one_draft_for_each_tab")
        ]

    def __str__(self) -> str:
        return f"{self.section} {self.user_id}"


class CaseCompany(CompanyFields):
    """The company as it was when it applied; the organisation may change later, the case does not."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="company")
    business_codes = models.CharField("所營事業代碼", max_length=800, blank=True, help_text="以空白分隔")

    def __str__(self) -> str:
        return self.name

    @property
    def codes(self) -> tuple[str, ...]:
        """Business item codes, in the order typed."""
        return tuple(self.business_codes.split())


class CaseEligibility(models.Model):
    """What the company declares about E1–E4 and D8."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="eligibility")
    founded_on = models.DateField("設立日期", null=True, blank=True)
    bank_rejected = models.BooleanField("是否為銀行拒絕往來戶", null=True, blank=True)
    net_worth = models.BigIntegerField("公司淨值（元）", null=True, blank=True)
    net_worth_basis = models.CharField("淨值依據", max_length=30, blank=True)
    positive_after_increase = models.BooleanField("增資後轉正", null=True, blank=True)
    serves_manufacturing = models.BooleanField("三年內曾服務製造業", null=True, blank=True)
    public_servant_related = models.BooleanField("為公職人員或關係人", null=True, blank=True)
    special_approval = models.BooleanField("已經專案核定", null=True, blank=True)
    consultant_visited = models.BooleanField("輔導顧問已進場", null=True, blank=True)

    def __str__(self) -> str:
        return str(self.case_id)


class PlanText(models.Model):
    """One text of the plan; the keys are those of the call's terms (T6)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="plan_texts")
    key = models.CharField(max_length=40)
    body = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "key"], name="one_plan_text_each")]

    def __str__(self) -> str:
        return self.key


class Row(models.Model):
    """A row of a section's table; ``position`` is its place, as typed."""

    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        abstract = True
        ordering = ("position", "pk")


class Partner(Row):
    """A body that the plan is carried out with (RE2), and the head-count asked for with it (RA2, RA4, RA9)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="partners")
    name = models.CharField("名稱", max_length=120, blank=True)
    kind = models.CharField("種類", max_length=20, blank=True)
    subject = models.CharField("合作內容", max_length=200, blank=True)
    heads = models.PositiveIntegerField("申請員額（名）", null=True, blank=True)
    months = models.PositiveIntegerField("培訓月數", null=True, blank=True)
    practice_months = models.PositiveIntegerField("實習月數", null=True, blank=True)
    bonus = models.PositiveBigIntegerField("每人每年獎金（元）", null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Trainee(Row):
    """One person to be trained (T1–T4, T7)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="trainees")
    name = models.CharField("姓名", max_length=60, blank=True)
    kind = models.CharField("身分", max_length=10, choices=TraineeKind.choices, blank=True)
    gender = models.CharField("性別", max_length=10, choices=Gender.choices, blank=True)
    school = models.CharField("學校", max_length=60, blank=True)
    department = models.CharField("科系", max_length=60, blank=True)
    level = models.CharField("年級／學位", max_length=20, blank=True)
    post = models.CharField("職稱", max_length=60, blank=True)
    job_role = models.CharField("職務類別", max_length=30, blank=True)
    planned_hours = models.PositiveIntegerField("預計培訓時數", null=True, blank=True)
    hourly_wage = models.PositiveIntegerField("時薪（元）", null=True, blank=True)
    monthly_wage = models.PositiveIntegerField("月薪（元）", null=True, blank=True)
    insured = models.BooleanField("投保勞保", null=True, blank=True)

    class Meta(Row.Meta):
        indexes = [models.Index(fields=["case", "kind"], name="trainee_by_kind")]

    def __str__(self) -> str:
        return self.name


class Course(Row):
    """One course, with its site and lecturer."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="courses")
    name = models.CharField("課程名稱", max_length=120, blank=True)
    kind = models.CharField("類型", max_length=10, choices=CourseKind.choices, blank=True)
    hours = models.PositiveIntegerField("時數", null=True, blank=True)
    site = models.CharField("場域", max_length=120, blank=True)
    lecturer = models.CharField("講師", max_length=60, blank=True)
    lecturer_affiliation = models.CharField("講師單位", max_length=120, blank=True)
    fee_per_hour = models.PositiveIntegerField("鐘點費（元）", null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class Milestone(Row):
    """One bar of the schedule, with the checkpoint at its end."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="milestones")
    name = models.CharField("工作項目", max_length=120, blank=True)
    starts_on = models.DateField("開始", null=True, blank=True)
    ends_on = models.DateField("結束", null=True, blank=True)
    checkpoint = models.CharField("查核點", max_length=200, blank=True)

    def __str__(self) -> str:
        return self.name


class BudgetLine(Row):
    """quantity × unit price × months, and how much of it the subsidy pays (B1, B2)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="budget_lines")
    account = models.CharField("會計科目", max_length=30, blank=True)
    item = models.CharField("項目", max_length=120, blank=True)
    unit = models.CharField("單位", max_length=20, blank=True)
    quantity = models.PositiveIntegerField("數量", null=True, blank=True)
    unit_price = models.PositiveIntegerField("單價（元）", null=True, blank=True)
    months = models.PositiveIntegerField("月數", null=True, blank=True)
    subsidy = models.PositiveBigIntegerField("補助款（元）", null=True, blank=True)

    class Meta(Row.Meta):
        indexes = [models.Index(fields=["case", "account"], name="budget_by_account")]

    def __str__(self) -> str:
        return self.item


class OutcomePromise(Row):
    """One expected outcome: what the company promises (C2 holds the contract to it)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="outcome_promises")
    key = models.CharField("指標", max_length=40, blank=True)
    baseline = models.CharField("現況", max_length=60, blank=True)
    target = models.CharField("目標", max_length=60, blank=True)
    unit = models.CharField("單位", max_length=20, blank=True)
    note = models.CharField("說明", max_length=300, blank=True)

    def __str__(self) -> str:
        return self.key


class AdvantageClaim(models.Model):
    """One advantage of R5/R6 that the company claims."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="advantage_claims")
    key = models.CharField(max_length=40)
    claimed = models.BooleanField(default=False)
    note = models.CharField("說明與佐證", max_length=500, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "key"], name="one_claim_for_each_advantage")]

    def __str__(self) -> str:
        return self.key


class OtherFunding(Row):
    """Other public money for the same plan."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="other_fundings")
    agency = models.CharField("補助機關", max_length=120, blank=True)
    programme = models.CharField("計畫名稱", max_length=120, blank=True)
    amount = models.PositiveBigIntegerField("金額（元）", null=True, blank=True)
    period = models.CharField("期間", max_length=60, blank=True)

    def __str__(self) -> str:
        return self.programme


class AvoidedReviewer(Row):
    """Somebody whom the company asks not to have as a reviewer; seen by the office only."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="avoided_reviewers")
    name = models.CharField("姓名", max_length=60, blank=True)
    organisation = models.CharField("服務單位", max_length=120, blank=True)
    reason = models.CharField("理由", max_length=300, blank=True)

    def __str__(self) -> str:
        return self.name


class CaseDocumentQuerySet(models.QuerySet["CaseDocument"]):
    def current(self) -> CaseDocumentQuerySet:
        """Files that count now: neither replaced nor removed."""
        return self.filter(ended_at__isnull=True)


class CaseDocument(models.Model):
    """One file for a document item (D1–D8). A replaced or removed file stays, with the time it ended."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="case_documents")
    item = models.CharField(max_length=10)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    replaced_by = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replaces"
    )

    objects = CaseDocumentQuerySet.as_manager()

    class Meta:
        ordering = ("item", "added_at", "pk")
        indexes = [models.Index(fields=["case", "item"], name="case_document_by_item")]
        constraints = [
            models.CheckConstraint(
                condition=Q(replaced_by=None) | Q(ended_at__isnull=False), name="replaced_document_has_ended"
            )
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.file_id}"
