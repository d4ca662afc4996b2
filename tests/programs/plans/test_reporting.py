"""Reporting KPI values: whole or not at all, with cause and remedy where a KPI is behind, and history kept."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from core import clock
from core.workflow import TransitionRefused
from programs.models import KpiValue
from programs.services.kpis import (
    Entry,
    Reported,
    ReportRefused,
    lock_period,
    reopen_period,
    report_values,
    set_owner,
)
from tests import personas
from tests.programs.plans.builders import add_kpi, add_value, make_plan

pytestmark = pytest.mark.django_db
D = Decimal
#: In the plan's last year; June is over.
NOW = datetime(2025, 7, 20, 12, tzinfo=clock.TAIPEI)


@pytest.fixture
def plan():
    return make_plan()


def send(kpi, value, *, year=114, period=6, base=0, actor=None, now=NOW, **said):
    report = Reported(value=None if value is None else D(str(value)), **said)
    stored = report_values(
        plan=kpi.part.plan,
        year=year,
        period=period,
        entries={kpi.pk: Entry(report, base)},
        actor=actor or personas.make_office(),
        now=now,
    )
    return stored[0] if stored else kpi.values.current().get(year=year, period=period)


def refused(kpi, *args, **kwargs):
    with pytest.raises(ReportRefused) as caught:
        send(kpi, *args, **kwargs)
    problem = caught.value
    return {"period": problem.period} if problem.period else dict(problem.problems[kpi.pk])


def test_a_correction_keeps_what_was_there(plan):
    kpi = add_kpi(plan, targets={114: 100})
    send(kpi, 60, note="六月")
    send(kpi, 65, base=1, note="補登")
    rows = list(kpi.values.order_by("version"))
    assert [(r.version, r.value, r.note, r.superseded_at) for r in rows] == [
        (1, 60, "六月", NOW),
        (2, 65, "補登", None),
    ]
    assert rows[0].reported_by_name == rows[1].reported_by_name == "周承辦"


def test_the_same_again_stores_nothing(plan):
    kpi = add_kpi(plan, targets={114: 100})
    first = send(kpi, 60)
    assert send(kpi, 60) == first
    assert send(kpi, "60.0", base=1) == first
    assert KpiValue.objects.count() == 1


# 181 of 365 days have passed at the end of June: 365 → 181 are due, 90 % of it (162.9) is on track.
@pytest.mark.parametrize(("value", "asks"), [(163, False), (162, True)])
def test_behind_asks_for_cause_and_remedy_with_the_numbers(plan, value, asks):
    kpi = add_kpi(plan, targets={114: 365})
    if not asks:
        send(kpi, value)
        return
    words = refused(kpi, value)
    assert set(words) == {"cause", "remedy"}
    for part in ("落後", "應達 181 人", "目標 365 人", "目前 162 人", "少 19 人"):
        assert part in words["cause"]
    assert not KpiValue.objects.exists()
    assert set(refused(kpi, value, cause="報名不足")) == {"remedy"}
    assert send(kpi, value, cause="報名不足", remedy="加開兩班").cause == "報名不足"


@pytest.mark.parametrize(("value", "asks"), [(80, False), ("79.99", True)])
def test_a_year_that_is_over_is_judged_by_its_whole_target(plan, value, asks):
    kpi = add_kpi(plan, targets={113: 80}, unit="%", accumulation="latest")
    if asks:
        assert "未達成" in refused(kpi, value, year=113, period=14)["cause"]
    else:
        send(kpi, value, year=113, period=14)


def test_a_month_is_judged_at_its_own_end_not_today(plan):
    kpi = add_kpi(plan, targets={114: 365})
    send(kpi, 30, period=1)  # 31 were due at the end of January
    with pytest.raises(ReportRefused):
        send(kpi, 10, period=2)  # 40 of 59


def test_fewer_is_better_asks_the_other_way_round(plan):
    kpi = add_kpi(plan, targets={114: 10}, unit="天", direction="down", accumulation="latest")
    send(kpi, 11)
    words = refused(kpi, 12, base=1)
    assert "不應超過 10 天" in words["cause"]
    assert "多 2 天" in words["cause"]


def test_running_totals_count_the_years_before(plan):
    kpi = add_kpi(plan, targets={114: 300}, span="plan", unit="案")
    add_value(kpi, 112, 14, 100)
    add_value(kpi, 113, 14, 100)
    # At the end of June 2025 2 years and 181/365 of 3 have passed: 249.6 are due, 224.6 are on track.
    send(kpi, 25)
    with pytest.raises(ReportRefused):
        send(kpi, 24, base=1)


@pytest.mark.parametrize(
    ("year", "period", "words"),
    [
        (111, 6, "不在計畫期間內"),
        (115, 1, "不在計畫期間內"),
        (114, 8, "還沒到"),
        (114, 14, "還沒到"),
        (114, 15, "沒有這一期"),
        (114, 0, "沒有這一期"),
    ],
)
def test_periods_that_take_no_values(plan, year, period, words):
    kpi = add_kpi(plan, targets={114: 1})
    assert words in refused(kpi, 1, year=year, period=period)["period"]


def test_the_present_month_may_be_reported(plan):
    kpi = add_kpi(plan, targets={114: 10})
    send(kpi, 10, period=7)


def test_people_come_whole_and_their_parts_make_the_sum(plan):
    kpi = add_kpi(plan, targets={114: 10}, by_gender=True)
    assert "整數" in refused(kpi, "10.5", men=5, women=5, other=0)["value"]
    assert "分性別" in refused(kpi, 10)["men"]
    assert "合計 9 人" in refused(kpi, 10, men=4, women=5, other=0)["men"]
    assert send(kpi, 10, men=4, women=5, other=1).women == 5
    plain = add_kpi(plan, code="K2", targets={114: 1}, unit="億元")
    assert "不分性別" in refused(plain, 1, men=1)["value"]
    assert send(plain, "1.25").value == D("1.25")


def test_nothing_and_less_than_nothing(plan):
    kpi = add_kpi(plan, targets={114: 0})
    assert "沒有進度請填 0" in refused(kpi, None)["value"]
    assert "不可小於 0" in refused(kpi, -1)["value"]


def test_a_fed_kpi_takes_words_and_no_value(plan):
    kpi = add_kpi(plan, targets={114: 10}, feed="trainees")
    assert "自動計算" in refused(kpi, 3)["value"]
    assert "自動計算" in refused(kpi, None, women=3)["value"]
    row = send(kpi, None, note="案件六月核定")
    assert row.value is None
    assert row.note == "案件六月核定"


def test_a_kpi_that_calls_feed_in_part_takes_the_rest(plan):
    kpi = add_kpi(plan, targets={114: 10}, feed="trainees", adds_reports=True, by_gender=True)
    assert "分性別" in refused(kpi, 10)["men"]
    assert "實際值" in refused(kpi, None, men=3)["value"]
    assert send(kpi, 10, men=4, women=5, other=1).value == 10
    words_only = add_kpi(plan, code="K2", targets={114: 0}, feed="trainees", adds_reports=True)
    assert send(words_only, None, note="這一期沒有其他來源").value is None


def test_only_a_fed_sum_may_be_reported_beside(plan):
    for fields in ({"feed": ""}, {"feed": "women_share", "accumulation": "latest"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            add_kpi(plan, code="BAD", adds_reports=True, **fields)


def test_two_people_at_once_the_second_is_told(plan):
    kpi = add_kpi(plan, targets={114: 10})
    send(kpi, 10)
    with pytest.raises(ReportRefused) as caught:
        report_values(
            plan=plan,
            year=114,
            period=6,
            entries={kpi.pk: Entry(Reported(value=D(12)), 0)},
            actor=personas.make_office(),
            now=NOW,
        )
    assert "剛有別人填過" in caught.value.problems[kpi.pk]["value"]
    assert caught.value.newer[kpi.pk].value == 10
    assert kpi.values.count() == 1


def test_all_or_nothing(plan):
    good, bad = add_kpi(plan, targets={114: 1}), add_kpi(plan, code="K2", targets={114: 100})
    entries = {good.pk: Entry(Reported(value=D(1)), 0), bad.pk: Entry(Reported(value=D(1)), 0)}
    with pytest.raises(ReportRefused) as caught:
        report_values(plan=plan, year=114, period=6, entries=entries, actor=personas.make_office(), now=NOW)
    assert set(caught.value.problems) == {bad.pk}
    assert not KpiValue.objects.exists()


def test_who_may_report(plan):
    owner, other = personas.make_newcomer(), personas.make_outsider()
    kpi = add_kpi(plan, targets={114: 1})
    with pytest.raises(PermissionDenied):
        send(kpi, 1, actor=owner)
    set_owner(kpi=kpi, owner=owner, actor=personas.make_office())
    send(kpi, 1, actor=owner)
    for person in (other, personas.make_supervisor(), personas.make_auditor()):
        with pytest.raises(PermissionDenied):
            send(kpi, 2, base=1, actor=person)
    send(kpi, 2, base=1, actor=personas.make_office())
    owner.is_active = False
    with pytest.raises(PermissionDenied):
        send(kpi, 3, base=2, actor=owner)
    with pytest.raises(PermissionDenied):
        set_owner(kpi=kpi, owner=None, actor=personas.make_supervisor())


def test_a_kpi_of_another_plan_is_not_slipped_in(plan):
    foreign = add_kpi(make_plan("113-0000-02"), targets={114: 1})
    with pytest.raises(PermissionDenied):
        report_values(
            plan=plan,
            year=114,
            period=6,
            entries={foreign.pk: Entry(Reported(value=D(1)), 0)},
            actor=personas.make_office(),
            now=NOW,
        )


def test_a_locked_period_refuses_with_the_reason_until_it_is_reopened(plan):
    office = personas.make_office()
    kpi = add_kpi(plan, targets={114: 10})
    row = lock_period(plan=plan, year=114, period=6, reason="已報部", actor=office, now=NOW)
    words = refused(kpi, 10)["period"]
    for part in ("114 年6 月已鎖定", "周承辦", "已報部"):
        assert part in words
    send(kpi, 10, period=5)
    with pytest.raises(TransitionRefused):
        lock_period(plan=plan, year=114, period=6, actor=office, now=NOW)
    with pytest.raises(ValidationError):
        reopen_period(period=row, reason=" ", actor=office, now=NOW)
    reopen_period(period=row, reason="六月有補登", actor=office, now=NOW)
    send(kpi, 10)
    assert [t.reason for t in row.transitions.all()] == ["已報部", "六月有補登"]
