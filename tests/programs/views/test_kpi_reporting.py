"""The reporting page and the page of a KPI: nothing typed is lost, everything asked for in a bounded way."""

from __future__ import annotations

from datetime import datetime
from unittest import mock

import pytest
from django.urls import reverse

from core import clock
from programs.models import KpiValue
from tests import personas
from tests.programs.plans.builders import add_kpi, add_value, make_plan

pytestmark = pytest.mark.django_db
NOW = datetime(2025, 7, 20, 12, tzinfo=clock.TAIPEI)


@pytest.fixture(autouse=True)
def _summer():
    with (
        mock.patch("programs.views.reporting.clock.now", return_value=NOW),
        mock.patch("programs.templatetags.kpis.clock.today", return_value=NOW.date()),
    ):
        yield


@pytest.fixture
def plan():
    return make_plan()


@pytest.fixture
def office():
    return personas.client_for(personas.make_office())


def url(plan, period=6, year=114, **more):
    query = "&".join(f"{k}={v}" for k, v in {"year": year, "period": period, **more}.items())
    return f"{reverse('kpis:report', args=[plan.code])}?{query}"


def fields(kpi, **values):
    return {f"kpi{kpi.pk}-{name}": value for name, value in {"version": 0, **values}.items()}


def text(response):
    return response.content.decode()


def test_many_at_once_and_full_width_digits_are_understood(plan, office):
    one = add_kpi(plan, targets={114: 1000})
    two = add_kpi(plan, code="K2", targets={114: 2}, by_gender=True)
    blank = add_kpi(plan, code="K3", targets={114: 2})
    data = (
        fields(one, value="１,０００", note="含補登")
        | fields(two, value="2", men="1", women="1", other="0")
        | fields(blank)
    )
    response = office.post(url(plan), data, follow=True)
    assert "已儲存 114 年6 月的 2 項指標" in text(response)
    assert {(v.kpi_id, v.value, v.women) for v in KpiValue.objects.all()} == {
        (one.pk, 1000, None),
        (two.pk, 2, 1),
    }
    again = office.post(url(plan), data, follow=True)
    assert "和原來一樣" in text(again)
    assert KpiValue.objects.count() == 2


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("很多", "請填數字"),
        ("-3", "不能是負數"),
        ("1.5", "請填整數"),
        ("1e3", "請填數字"),
        ("1" * 30, "數字太大"),
        ("NaN", "請填數字"),
    ],
)
def test_what_is_no_number_is_told_at_the_field_and_kept(plan, office, typed, words):
    good, bad = add_kpi(plan, targets={114: 10}), add_kpi(plan, code="K2", targets={114: 10})
    response = office.post(url(plan), fields(good, value="10", note="寫好的話") | fields(bad, value=typed))
    assert response.status_code == 422
    page = text(response)
    assert words in page
    assert f'value="{typed}"' in page
    assert "寫好的話" in page
    assert "<title>錯誤：" in page
    assert not KpiValue.objects.exists()


def test_behind_the_same_form_asks_for_cause_and_remedy(plan, office):
    kpi = add_kpi(plan, targets={114: 365})
    page = text(office.post(url(plan), fields(kpi, value="100", note="進度慢")))
    assert "應達 181 人" in page
    assert "少 81 人" in page
    assert f'name="kpi{kpi.pk}-cause"' in page
    assert "進度慢" in page
    done = office.post(url(plan), fields(kpi, value="100", cause="報名不足", remedy="八月加開"), follow=True)
    assert "已儲存" in text(done)
    shown = text(office.get(reverse("kpis:page", args=[plan.code, kpi.code])))
    assert "報名不足" in shown
    assert "八月加開" in shown


def test_a_conflict_shows_both_and_a_second_save_corrects(plan, office):
    kpi = add_kpi(plan, targets={114: 10})
    add_value(kpi, 114, 6, 10, note="先填的")
    page = text(office.post(url(plan), fields(kpi, value="12", note="我填的")))
    for part in (
        "剛有別人填過",
        "目前的值是 10",
        "先填的",
        "我填的",
        f'name="kpi{kpi.pk}-version" value="1"',
    ):
        assert part in page
    office.post(url(plan), fields(kpi, value="12", note="我填的", version=1))
    assert kpi.values.current().get().value == 12


def test_a_fed_kpi_has_no_field_for_a_value(plan, office):
    kpi = add_kpi(plan, targets={114: 0}, feed="trainees")
    page = text(office.get(url(plan)))
    assert "自動計算" in page
    assert f"kpi{kpi.pk}-value" not in page
    office.post(url(plan), fields(kpi, value="99", note="已核定"))
    row = kpi.values.get()
    assert (row.value, row.note) == (None, "已核定")


def test_an_owner_without_any_role_sees_their_own_and_nothing_else(plan):
    owner = personas.make_newcomer()
    mine = add_kpi(plan, targets={114: 10}, owner=owner)
    other = add_kpi(plan, code="K2", targets={114: 10})
    client = personas.client_for(owner)
    page = text(client.get(url(plan)))
    assert "指標 K1" in page
    assert "指標 K2" not in page
    assert "鎖定" not in page
    client.post(url(plan), fields(mine, value="10") | fields(other, value="10"))
    assert list(KpiValue.objects.values_list("kpi", flat=True)) == [mine.pk]
    assert client.get(reverse("kpis:page", args=[plan.code, other.code])).status_code == 404
    home = text(client.get(reverse("home")))
    assert "114 年6 月：示範人才計畫" not in home
    assert "114 年期中：示範人才計畫" in home
    client.post(url(plan, period=13), fields(mine, value="10"))
    assert "要填報的指標" not in text(client.get(reverse("home")))
    mine.values.all().delete()
    assert "114 年6 月：示範人才計畫" in text(client.get(reverse("home")))


def test_lock_and_reopen(plan, office):
    kpi = add_kpi(plan, targets={114: 10})
    page = office.post(
        reverse("kpis:lock", args=[plan.code]), {"year": 114, "period": 6, "reason": "已報部"}, follow=True
    )
    assert "已鎖定，不再接受填報" in text(page)
    assert "已報部" in text(page)
    refused = office.post(url(plan), fields(kpi, value="10", note="我的說明"))
    assert refused.status_code == 422
    assert "已報部" in text(refused)
    assert "我的說明" in text(refused)
    again = office.post(reverse("kpis:lock", args=[plan.code]), {"year": 114, "period": 6}, follow=True)
    assert "已經鎖定了" in text(again)
    row = plan.periods.get()
    reopen = reverse("kpis:reopen", args=[plan.code, row.pk])
    assert office.post(reopen, {"reason": ""}).status_code == 422
    assert "重新開放填報" in text(office.post(reopen, {"reason": "補登"}, follow=True))
    for bad in ({}, {"year": "甲", "period": "6"}, {"year": "114", "period": "99"}):
        assert "沒有這一期" in text(office.post(reverse("kpis:lock", args=[plan.code]), bad, follow=True))


def test_an_owner_is_named_by_mail(plan, office):
    kpi = add_kpi(plan, targets={114: 10})
    address = reverse("kpis:owner", args=[plan.code, kpi.code])
    assert "沒有這個電子郵件的帳號" in text(office.post(address, {"email": "nobody@example.test"}))
    personas.make_newcomer()
    office.post(address, {"email": "NEWCOMER@example.test"})
    kpi.refresh_from_db()
    assert kpi.owner.email == "newcomer@example.test"
    office.post(address, {"email": ""})
    kpi.refresh_from_db()
    assert kpi.owner is None


@pytest.mark.parametrize(
    "address", ["?year=甲&period=6", "?year=999", "?period=-1", "?kpi=%00x", "?year=112&period=14"]
)
def test_odd_addresses_answer(plan, office, address):
    add_kpi(plan, targets={112: 10, 114: 10})
    response = office.get(f"{reverse('kpis:report', args=[plan.code])}{address}")
    assert response.status_code in (200, 404)


@pytest.mark.parametrize("number", [1, 3])
def test_queries_do_not_grow(plan, office, number, django_assert_max_num_queries):
    for i in range(number):
        kpi = add_kpi(plan, code=f"K{i + 1}", targets=dict.fromkeys(plan.years, 10), by_gender=True)
        for period in range(1, 1 + number * 2):
            add_value(kpi, 114, period, 10, men=5, women=5, other=0)
    add_kpi(plan, code="F1", targets={114: 10}, feed="trainees")
    office.get(reverse("home"))
    for address in (url(plan), reverse("kpis:page", args=[plan.code, "K1"])):
        with django_assert_max_num_queries(18) as captured:
            assert office.get(address).status_code == 200
        print(address, len(captured))


def test_reminders_go_once_from_the_tenth_on(plan):
    from documents.models import OutgoingMail
    from programs.services.reminders import remind_owners

    owner = personas.make_newcomer()
    add_kpi(plan, targets={114: 10}, owner=owner)
    add_kpi(plan, code="K2", targets={114: 10})
    assert remind_owners(now=NOW.replace(day=9)) == 0
    assert remind_owners(now=NOW.replace(day=10)) == 1
    remind_owners(now=NOW)
    mails = list(OutgoingMail.objects.values_list("to", "subject"))
    assert sorted(mails) == [
        ("newcomer@example.test", "請填報 114 年6 月的計畫指標（112-0000-01）"),
        ("newcomer@example.test", "請填報 114 年期中的計畫指標（112-0000-01）"),
    ]
