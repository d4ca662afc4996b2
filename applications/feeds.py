"""What approved cases feed into the plans' KPIs, and the dollars that their awards commit.

A number and its rows come from the same querysets: the number is their sum, to the last row. Cases count once
their decision is confirmed; what was carried out is reported apart from what was promised.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal

from django.db.models import (
    BigIntegerField,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models import Case as Choice
from django.db.models.functions import Cast
from django.urls import reverse

from accounts.enums import Gender
from applications.enums import CaseState, TraineeKind
from applications.models import BudgetLine, Case, CaseOutcome, OutcomePromise, Trainee
from core.rocdate import roc_datetime
from core.text import half_width
from programs.feeds import Fed, Feed, FeedRow, RowsOf, Scope, Source

PEOPLE = (
    Feed("trainees", "培育人次", "人次", "核定通過案件的受訓者（學生與在職員工）。", people=True),
    Feed(
        "internships", "優質實習職缺數", "個", "核定通過案件中的學生受訓者，每位一個實習職缺。", people=True
    ),
    Feed(
        "women_share",
        "女性受訓者比例",
        "%",
        "核定通過案件的女性受訓者 ÷ 全部受訓者。",
        people=True,
        share=True,
    ),
)
GRANTED_HEADS = Feed(
    "granted_heads",
    "核定培訓員額",
    "名",
    "以員額核給的徵案中，核定給各申請單位的員額；繳回的已扣除，遞補的已加入。"
    "核定時還沒有受訓者名單，所以不分性別。",
)
COMPANIES = Feed("companies", "受補助公司數", "家", "有核定通過案件的公司，同一公司只計一次。", distinct=True)
COMPANY_SHARE = Feed(
    "company_share", "公司投入配合款", "元", "核定通過案件各經費列的配合款（總額減補助款）。"
)
PROMISES = (
    Feed("exam_entries", "iPAS 報考人次", "人次", "核定通過案件承諾的 iPAS 報考人次。"),
    Feed("exam_passes", "iPAS 獲證人次", "人次", "核定通過案件承諾的 iPAS 獲證人次。"),
    Feed(
        "hires",
        "預計聘用人數",
        "人",
        "核定通過案件承諾的聘用人數；只承諾留用率者，以學生人數 × 留用率計（捨去小數）。",
    ),
)
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def _approved(prefix: str, scope: Scope) -> Q:
    """Approved cases of the scope, seen from a table whose way to the case is ``prefix``."""
    found = Q(**{f"{prefix}state": CaseState.APPROVED, f"{prefix}call__in": scope.calls})
    return found if scope.case is None else found & Q(**{f"{prefix}pk": scope.case})


def _office(case: object) -> str:
    return reverse("office:case", args=[case])


def figure(text: str) -> Decimal:
    """The first number in what a company promised (``"12 人次"`` → 12); 0 where there is none."""
    match = _NUMBER.search(half_width(text).replace(",", ""))
    return Decimal(match[0]) if match else Decimal(0)


# People --------------------------------------------------------------------------------------------------


def _trainees(scope: Scope) -> QuerySet[Trainee]:
    return Trainee.objects.filter(_approved("case__", scope))


def _count_people(scope: Scope) -> Mapping[str, Mapping[int, Fed]]:
    found: dict[str, dict[int, Fed]] = {feed.key: {} for feed in PEOPLE}
    women, men = Q(gender=Gender.FEMALE), Q(gender=Gender.MALE)
    student = Q(kind=TraineeKind.STUDENT)
    rows = (
        _trainees(scope)
        .order_by()
        .values("case__call")
        .annotate(
            people=Count("pk"),
            women=Count("pk", filter=women),
            men=Count("pk", filter=men),
            students=Count("pk", filter=student),
            student_women=Count("pk", filter=student & women),
            student_men=Count("pk", filter=student & men),
        )
    )
    for row in rows:
        call, people, students = row["case__call"], row["people"], row["students"]
        split = row["men"], row["women"], people - row["men"] - row["women"]
        of_students = (
            row["student_men"],
            row["student_women"],
            students - row["student_men"] - row["student_women"],
        )
        found["trainees"][call] = Fed(Decimal(people), *split)
        found["internships"][call] = Fed(Decimal(students), *of_students)
        found["women_share"][call] = Fed(Decimal(row["women"]), *split, of=Decimal(people))
    return found


def _people(key: str, scope: Scope) -> Sequence[FeedRow]:
    trainees = (
        _trainees(scope).select_related("case__organisation").order_by("case__number", "position", "pk")
    )
    if key == "internships":
        trainees = trainees.filter(kind=TraineeKind.STUDENT)

    def row(t: Trainee) -> FeedRow:
        counts = t.gender == Gender.FEMALE if key == "women_share" else True
        detail = (
            f"第 {t.position + 1} 位受訓者・{t.get_kind_display()}・{t.get_gender_display() or '性別未填'}"
        )
        return FeedRow(
            f"{t.case.number} {t.case.organisation.name}",
            detail,
            Decimal(int(counts)),
            _office(t.case_id),
            t.case.call_id,
        )

    return RowsOf(trainees, row)


# Heads ---------------------------------------------------------------------------------------------------


def _heads(scope: Scope) -> QuerySet[CaseOutcome]:
    """Awards of calls that grant heads; what a call grants never changes with a version of its terms."""
    return CaseOutcome.objects.filter(
        _approved("case__", scope), case__call__current_terms__data__grant__counts="heads"
    )


def _count_heads(scope: Scope) -> Mapping[str, Mapping[int, Fed]]:
    rows = _heads(scope).order_by().values_list("case__call").annotate(total=Sum("granted"))
    return {GRANTED_HEADS.key: {call: Fed(Decimal(total)) for call, total in rows}}


def _head_rows(key: str, scope: Scope) -> Sequence[FeedRow]:
    def row(outcome: CaseOutcome) -> FeedRow:
        return FeedRow(
            f"{outcome.case.number} {outcome.case.organisation.name}",
            f"{roc_datetime(outcome.decided_at)} 核定",
            Decimal(outcome.granted),
            _office(outcome.case_id),
            outcome.case.call_id,
        )

    found = _heads(scope).select_related("case__organisation").order_by("case__number", "pk")
    return RowsOf(found, row)


# Companies and money -----------------------------------------------------------------------------------------


def _count_companies(scope: Scope) -> Mapping[str, Mapping[int, Fed]]:
    found: dict[int, set[int]] = defaultdict(set)
    if scope.case is not None:
        # A company's second case counts nothing, which only a look at its other cases tells.
        return {
            COMPANIES.key: {
                row.call: Fed(row.value, ones=frozenset(range(int(row.value))))
                for row in _companies(COMPANIES.key, scope)
            }
        }
    for call, organisation in Case.objects.filter(_approved("", scope)).values_list("call", "organisation"):
        found[call].add(organisation)
    return {
        COMPANIES.key: {call: Fed(Decimal(len(ones)), ones=frozenset(ones)) for call, ones in found.items()}
    }


def _companies(key: str, scope: Scope) -> Sequence[FeedRow]:
    cases = Case.objects.filter(_approved("", Scope(scope.calls)))
    if scope.case is not None:
        cases = cases.filter(organisation__in=Case.objects.filter(pk=scope.case).values("organisation"))
    seen: set[int] = set()
    found = []
    for case in cases.select_related("organisation").order_by("number", "pk"):
        again = case.organisation_id in seen
        seen.add(case.organisation_id)
        if scope.case is None or case.pk == scope.case:
            label = f"{case.number} {case.organisation.name}"
            detail = "同一公司已計入" if again else "計一家"
            found.append(FeedRow(label, detail, Decimal(int(not again)), _office(case.pk), case.call_id))
    return found


def _shares(scope: Scope) -> QuerySet[BudgetLine]:
    whole = BudgetLine.objects.filter(
        _approved("case__", scope),
        quantity__isnull=False,
        unit_price__isnull=False,
        months__isnull=False,
        subsidy__isnull=False,
    )
    # In eight bytes: PostgreSQL multiplies columns of four bytes in four, and a large line would be an error.
    price = Cast("unit_price", BigIntegerField())
    return whole.annotate(own=price * F("quantity") * F("months") - F("subsidy"))


def _count_shares(scope: Scope) -> Mapping[str, Mapping[int, Fed]]:
    rows = _shares(scope).order_by().values_list("case__call").annotate(total=Sum("own"))
    return {COMPANY_SHARE.key: {call: Fed(Decimal(total)) for call, total in rows}}


def _share_rows(key: str, scope: Scope) -> Sequence[FeedRow]:
    lines = _shares(scope).select_related("case__organisation").order_by("case__number", "position", "pk")

    def row(line: BudgetLine) -> FeedRow:
        return FeedRow(
            f"{line.case.number} {line.case.organisation.name}",
            line.item,
            Decimal(line.own),  # type: ignore[attr-defined]
            _office(line.case_id),
            line.case.call_id,
        )

    return RowsOf(lines, row)


# Promises ----------------------------------------------------------------------------------------------------


def _promises(scope: Scope) -> list[tuple[str, OutcomePromise, Decimal, str]]:
    """(feed, promise, how much it counts, its working) of every promise that counts. One query."""
    keys = ("exam_entries", "exam_passes", "hires", "retention_rate")
    students = Trainee.objects.filter(case=OuterRef("case"), kind=TraineeKind.STUDENT).order_by()
    heads = Subquery(students.values("case").annotate(n=Count("pk")).values("n"), IntegerField())
    rows = list(
        OutcomePromise.objects.filter(_approved("case__", scope), key__in=keys)
        .annotate(students=Choice(When(key="retention_rate", then=heads)))
        .select_related("case__organisation")
        .order_by("case__number", "position", "pk")
    )
    hires = {row.case_id for row in rows if row.key == "hires"}
    found: list[tuple[str, OutcomePromise, Decimal, str]] = []
    for row in rows:
        if row.key != "retention_rate":
            found.append((row.key, row, figure(row.target), f"承諾 {row.target} {row.unit}".strip()))
        elif row.case_id not in hires:
            number, rate = row.students or 0, figure(row.target)
            people = Decimal(int(number * rate / 100))
            found.append(("hires", row, people, f"學生 {number} 人 × 留用率 {rate}% = {people} 人"))
    return found


def _count_promises(scope: Scope) -> Mapping[str, Mapping[int, Fed]]:
    found: dict[str, dict[int, Fed]] = {feed.key: defaultdict(Fed) for feed in PROMISES}
    for key, row, value, _ in _promises(scope):
        found[key][row.case.call_id] += Fed(value)
    return found


def _promise_rows(key: str, scope: Scope) -> Sequence[FeedRow]:
    return [
        FeedRow(
            f"{row.case.number} {row.case.organisation.name}",
            working,
            value,
            _office(row.case_id),
            row.case.call_id,
        )
        for feed, row, value, working in _promises(scope)
        if feed == key
    ]


SOURCES = (
    Source(PEOPLE, _count_people, _people),
    Source((GRANTED_HEADS,), _count_heads, _head_rows),
    Source((COMPANIES,), _count_companies, _companies),
    Source((COMPANY_SHARE,), _count_shares, _share_rows),
    Source(PROMISES, _count_promises, _promise_rows),
)
