"""An editor is a whole section: its form, its tables, what was typed, and where each finding belongs."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms import BoundField

from applications.enums import Section
from applications.forms import sections as s
from applications.forms.fields import RowForm, RowFormSet, SectionForm, row_formset
from applications.models import Case
from applications.selectors.content import TABLES, Content, read_section
from core.findings import Finding
from programs.rules.check import is_missing

MAX_TRAINEES = 200
MAX_ROWS = 100
_NOT_CONTENT = {"csrfmiddlewaretoken", "version", "action", "draft", "tab"}
_WHERE = re.compile(r"\w+(?:\.(?P<name>\w+))?(?:\[(?P<index>\d+)\])?(?:\.(?P<column>\w+))?")


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its head, the fields stacked in its cell, and the unit in the head."""

    label: str
    fields: tuple[str, ...]
    unit: str = ""
    css: str = ""


@dataclass(frozen=True, slots=True)
class Spec:
    """How a section is edited. ``groups``: headings over fields; ``row_noun``: what one row is."""

    form: type[SectionForm] | None = None
    row: type[RowForm] | None = None
    columns: tuple[Column, ...] = ()
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    extra: int = 1
    most: int = MAX_ROWS
    row_noun: str = "列"


@dataclass(slots=True)
class FieldView:
    """A field with what is to be said at it."""

    bound: BoundField
    findings: list[Finding] = field(default_factory=list)

    @property
    def is_check(self) -> bool:
        """Whether it is a checkbox, whose label stands behind it."""
        return isinstance(self.bound.field.widget, forms.CheckboxInput)


@dataclass(slots=True)
class RowView:
    """A row of a table with what is to be said at it."""

    form: Any
    number: int
    cells: list[tuple[Column, list[BoundField]]]
    findings: list[Finding] = field(default_factory=list)

    @property
    def errors(self) -> list[tuple[str, str]]:
        """(label, message) of every field that can't be stored."""
        if not self.form.is_bound:
            return []
        return [
            (str(self.form.fields[name].label or "") if name in self.form.fields else "", str(error))
            for name, errors in self.form.errors.items()
            for error in errors
        ]


@dataclass(slots=True)
class TableView:
    """A table as the page draws it. ``key`` tells tables of one section apart (an account of the budget)."""

    key: str
    title: str
    formset: RowFormSet
    columns: tuple[Column, ...]
    rows: list[RowView]
    blank: RowView
    most: int
    noun: str
    findings: list[Finding] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        """The prefix of the formset."""
        return str(self.formset.prefix)


SPECS: dict[str, Spec] = {
    Section.COMPANY: Spec(
        form=s.CompanyForm,
        groups=(
            ("{applicant}", ("name", "business_codes", "heads", "representative")),
            ("地址", ("postal_code", "city", "township", "address")),
            ("聯絡人", ("contact_name", "contact_phone", "contact_email")),
        ),
    ),
    Section.ELIGIBILITY: Spec(form=s.EligibilityForm),
    Section.PLAN: Spec(form=s.PlanForm),
    Section.PARTNERS: Spec(
        row=s.PartnerForm,
        columns=(
            Column("名稱", ("name",), css="w-school"),
            Column("種類", ("kind",), css="w-kind"),
            Column("合作內容", ("subject",)),
            Column("申請員額", ("heads",), "名", "w-hours num"),
            Column("培訓期間", ("months",), "個月", "w-hours num"),
            Column("其中實習", ("practice_months",), "個月", "w-hours num"),
            Column("每人每年獎金", ("bonus",), "元", "w-wage num"),
        ),
        row_noun="個",
    ),
    Section.TRAINEES: Spec(
        row=s.TraineeForm,
        columns=(
            Column("姓名", ("name",), css="w-name"),
            Column("身分／性別", ("kind", "gender"), css="w-kind"),
            Column("學校／科系", ("school", "department"), css="w-school"),
            Column("年級或職稱", ("level", "post"), css="w-level"),
            Column("職務類別", ("job_role",), css="w-role"),
            Column("時數", ("planned_hours",), "小時", "w-hours num"),
            Column("薪資", ("hourly_wage", "monthly_wage"), "元", "w-wage num"),
            Column("勞保", ("insured",), css="w-insured"),
        ),
        extra=2,
        most=MAX_TRAINEES,
        row_noun="位",
    ),
    Section.COURSES: Spec(
        row=s.CourseForm,
        columns=(
            Column("課程名稱／類型", ("name", "kind")),
            Column("時數", ("hours",), "小時", "w-hours num"),
            Column("實作場域", ("site",)),
            Column("講師／來源", ("lecturer", "lecturer_affiliation")),
            Column("鐘點費", ("fee_per_hour",), "元／小時", "w-wage num"),
        ),
        row_noun="門",
    ),
    Section.SCHEDULE: Spec(
        form=s.PeriodForm,
        row=s.MilestoneForm,
        columns=(
            Column("工作項目", ("name",)),
            Column("開始日", ("starts_on",), css="w-date"),
            Column("結束日", ("ends_on",), css="w-date"),
            Column("查核點", ("checkpoint",)),
        ),
        row_noun="項",
    ),
    Section.BUDGET: Spec(
        row=s.BudgetLineForm,
        columns=(
            Column("項目", ("item",)),
            Column("單位", ("unit",), css="w-unit"),
            Column("數量", ("quantity",), css="w-hours num"),
            Column("單價", ("unit_price",), "元", "w-wage num"),
            Column("月數", ("months",), css="w-hours num"),
            Column("總額", ("=cost",), "元", "num"),
            Column("補助款", ("subsidy",), "元", "w-wage num"),
            Column("配合款", ("=share",), "元", "num"),
        ),
        row_noun="筆",
    ),
    Section.OUTCOMES: Spec(form=s.OutcomesForm),
    Section.ADVANTAGES: Spec(form=s.AdvantagesForm),
    Section.OTHER_FUNDING: Spec(
        form=s.OtherFundingForm,
        row=s.FundingForm,
        columns=(
            Column("補助機關", ("agency",)),
            Column("計畫名稱", ("programme",)),
            Column("金額", ("amount",), "元", "w-wage num"),
            Column("期間", ("period",)),
        ),
        row_noun="筆",
    ),
    Section.AVOID_REVIEWERS: Spec(
        row=s.ReviewerForm,
        columns=(
            Column("姓名", ("name",), css="w-name"),
            Column("服務單位", ("organisation",)),
            Column("理由", ("reason",), css="w-reason"),
        ),
        row_noun="位",
    ),
}


class Editor:
    """The forms of one section, bound to what was typed (``data``) or showing what is saved."""

    def __init__(
        self, case: Case, section: str, data: Mapping[str, Any] | None = None, content: Content | None = None
    ) -> None:
        self.case, self.section, self.spec = case, section, SPECS[section]
        self.terms = case.terms.terms
        self.data = data
        self.content = content if content is not None else read_section(case, section)
        self.form: SectionForm | None = None
        if self.spec.form is not None:
            self.form = self.spec.form(
                data, initial=None if data is not None else self.content["fields"], terms=self.terms
            )
        self.formsets = self._formsets()

    def _formsets(self) -> dict[str, RowFormSet]:
        """Key → formset; the budget has one for each account, other sections one in all."""
        if self.spec.row is None:
            return {}
        made = row_formset(self.spec.row, extra=self.spec.extra, most=self.spec.most)
        rows = self.content["rows"]
        options: dict[str, Any] = {"form_kwargs": {"terms": self.terms}}
        if self.section != Section.BUDGET:
            return {"": made(self.data, initial=self._initial(rows), prefix=self.section, **options)}
        return {
            account.key: made(
                self.data,
                initial=self._initial([row for row in rows if row.get("account") == account.key]),
                prefix=account.key,
                **options,
            )
            for account in self.terms.accounts
        }

    def _initial(self, rows: list[Content]) -> list[Content] | None:
        """The saved rows to show; nothing once typed rows are bound, or an unchanged row would count as blank."""
        return rows if self.data is None else None

    def is_valid(self) -> bool:
        """Whether everything typed can be stored; evaluates every part, so that every error shows."""
        parts = [] if self.form is None else [self.form.is_valid()]
        parts += [formset.is_valid() for formset in self.formsets.values()]
        return all(parts)

    @property
    def cleaned(self) -> Content:
        """What was typed, in the shape of ``selectors.content``; after ``is_valid``."""
        fields = dict(self.form.cleaned_data) if self.form is not None else {}
        rows = []
        for key, formset in self.formsets.items():
            for _, values in formset.rows():
                rows.append({**values, "account": key} if self.section == Section.BUDGET else values)
        return {"fields": fields, "rows": rows}

    @property
    def forms(self) -> list[Any]:
        """Every form, for the error summary."""
        return [f for f in (self.form,) if f] + [f for fs in self.formsets.values() for f in fs.forms]

    def payload(self) -> dict[str, str]:
        """What the forms hold as texts by name: as typed, or as a browser would send what is saved."""
        if self.data is not None:
            return payload_of(self.data)
        values: dict[str, str] = {}
        for formset in self.formsets.values():
            values[f"{formset.prefix}-TOTAL_FORMS"] = str(len(formset.forms))
            values[f"{formset.prefix}-INITIAL_FORMS"] = "0"
        for form in self.forms:
            for bound in form:
                value = bound.value()
                if isinstance(bound.field.widget, forms.CheckboxInput):
                    if value:
                        values[bound.html_name] = "on"
                else:
                    values[bound.html_name] = "" if value is None else str(value)
        return values

    # What the page draws -------------------------------------------------------------------------------

    def arrange(self, findings: Iterable[Finding]) -> Arranged:
        """Put each finding at the field, the row or the table that it speaks of; the rest on top."""
        at_field: dict[str, list[Finding]] = defaultdict(list)
        at_row: dict[tuple[str, int], list[Finding]] = defaultdict(list)
        at_table: dict[str, list[Finding]] = defaultdict(list)
        general: list[Finding] = []
        places = self._row_places()
        for finding in findings:
            name, index = self._place(finding.where)
            if is_missing(finding) and self._typed_unsaved(name):
                continue
            if index is not None and index < len(places):
                at_row[places[index]].append(finding)
            elif self.form is not None and name in self.form.fields:
                at_field[name].append(finding)
            elif name in self.formsets:
                at_table[name].append(finding)
            else:
                general.append(finding)
        return Arranged(self._groups(at_field), self._tables(at_row, at_table), general)

    def _typed_unsaved(self, name: str) -> bool:
        """Whether a field (else any row) holds something that waits for a mistake elsewhere to be mended.

        Findings speak of what is saved; asking for what one has just typed would only confuse.
        """
        if self.data is None or self.is_valid():
            return False
        if self.form is not None and name in self.form.fields:
            return bool(str(self.form[name].value() or "").strip())
        return any(form.has_changed() for formset in self.formsets.values() for form in formset.forms)

    def _place(self, where: str) -> tuple[str, int | None]:
        """(field, None), (table, None) or ("", index of the saved row)."""
        match = _WHERE.fullmatch(where)
        if match is None:
            return "", None
        index = int(match["index"]) if match["index"] is not None else None
        if self.section == Section.COMPANY and match["name"] == "codes":
            return "business_codes", None
        if index is not None and self.section == Section.OUTCOMES:
            keys = [i.key for i in self.terms.outcomes if self._typed_outcome(i.key)]
            return (f"{keys[index]}-{match['column'] or 'target'}" if index < len(keys) else ""), None
        if index is not None and self.section == Section.ADVANTAGES:
            keys = [i.key for i in self.terms.advantages if i.source == "claimed"]
            return (f"{keys[index]}-note" if index < len(keys) else ""), None
        if index is not None and self.section in TABLES:
            return "", index
        return match["name"] or "", None

    def _typed_outcome(self, key: str) -> bool:
        return any(self.content["fields"].get(f"{key}-{column}") for column in ("baseline", "target", "note"))

    def _row_places(self) -> list[tuple[str, int]]:
        """(table, number of the form) of each saved row, in the order of the facts."""
        if self.data is not None and all(fs.is_valid() for fs in self.formsets.values()):
            return [(key, n) for key, fs in self.formsets.items() for n, _ in fs.rows()]
        # What was typed is not what is saved: saved rows are found again by their ids.
        typed = {
            form["id"].data: (key, number)
            for key, formset in self.formsets.items()
            if self.data is not None
            for number, form in enumerate(formset.forms)
        }
        counts: dict[str, int] = defaultdict(int)
        places = []
        for row in self.content["rows"]:
            key = row.get("account", "") if self.section == Section.BUDGET else ""
            places.append(typed.get(str(row.get("id")), (key, counts[key])))
            counts[key] += 1
        return places

    def _groups(self, at_field: Mapping[str, list[Finding]]) -> list[tuple[str, list[FieldView]]]:
        if self.form is None:
            return []
        groups = self.spec.groups or (("", tuple(self.form.fields)),)
        fields = self.form.fields
        return [
            (
                title.format(applicant=self.terms.applicant),
                [FieldView(self.form[name], at_field.get(name, [])) for name in names if name in fields],
            )
            for title, names in groups
        ]

    def _tables(
        self,
        at_row: Mapping[tuple[str, int], list[Finding]],
        at_table: Mapping[str, list[Finding]],
    ) -> list[TableView]:
        tables = []
        for key, formset in self.formsets.items():
            title = self.terms.account(key).label if key else ""
            rows = [
                RowView(form, number + 1, self._cells(form), at_row.get((key, number), []))
                for number, form in enumerate(formset.forms)
            ]
            blank = formset.empty_form
            tables.append(
                TableView(
                    key,
                    title,
                    formset,
                    tuple(column for column, _ in self._cells(blank)),
                    rows,
                    RowView(blank, 0, self._cells(blank)),
                    self.spec.most,
                    self.spec.row_noun,
                    at_table.get(key, []),
                )
            )
        return tables

    def _cells(self, form: Any) -> list[tuple[Column, list[BoundField]]]:
        """The columns of a row: those that the call asks about, and derived ones."""
        cells = [
            (column, [form[name] for name in column.fields if name in form.fields])
            for column in self.spec.columns
        ]
        return [(column, bounds) for column, bounds in cells if bounds or column.fields[0].startswith("=")]


@dataclass(slots=True)
class Arranged:
    """A section laid out for the page."""

    groups: list[tuple[str, list[FieldView]]]
    tables: list[TableView]
    general: list[Finding]

    @property
    def fields(self) -> list[FieldView]:
        """Every field of every group."""
        return [view for _, views in self.groups for view in views]


def payload_of(data: Mapping[str, Any]) -> dict[str, str]:
    """What was typed, as text by name, without what belongs to the request."""
    return {str(name): str(data[name]) for name in data if name not in _NOT_CONTENT}
