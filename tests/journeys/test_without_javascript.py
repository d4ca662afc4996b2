"""The applicant's way with JavaScript switched off, from the login to the receipt."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from core.rocdate import roc
from tests.journeys.people import Person, paper, pdf_text
from tests.journeys.play import CALL
from tests.journeys.stage import Stage

SCENE = "company"
Open = Callable[..., Person]


def _fill(me: Person, values: dict[str, str]) -> None:
    for name, value in values.items():
        field = me.page.locator(f"#section-form [name='{name}']")
        kind = field.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
        if kind == "select":
            field.select_option(value)
        elif kind == "checkbox":
            field.set_checked(value == "yes")
        else:
            field.fill(value)


def _save(me: Person) -> None:
    me.press("儲存")
    me.see("已儲存")


def _trainee(number: int) -> dict[str, str]:
    values = {
        "name": f"學生{number}", "kind": "student", "gender": "female", "school": "示範科技大學",
        "department": "機械工程系", "level": "university4", "job_role": "smart_production", "planned_hours": "120",
        "hourly_wage": "260", "insured": "true",
    }  # fmt: skip
    return {f"trainees-{number}-{name}": value for name, value in values.items()}


def _line(account: str, item: str, price: int, subsidy: int) -> dict[str, str]:
    values = {
        "item": item,
        "unit": "式",
        "quantity": "1",
        "unit_price": str(price),
        "months": "1",
        "subsidy": str(subsidy),
    }
    return {f"{account}-0-{name}": value for name, value in values.items()}


def test_a_case_is_handed_in_without_javascript(person: Open, stage: Stage) -> None:
    me = person("company@example.test", java_script_enabled=False)
    me.go(f"/cases/start/{CALL}/")
    me.press("開始申請")
    found = re.search(r"/cases/[0-9a-f-]{36}/", me.page.url)
    assert found
    case = found[0]
    ends = datetime.now(UTC).date() + timedelta(days=200)
    starts = ends - timedelta(days=100)
    sections: dict[str, dict[str, str]] = {
        "eligibility": {
            "founded_on": "94/6/1", "bank_rejected": "false", "net_worth": "52000000", "net_worth_basis": "cpa_report",
            "positive_after_increase": "false", "public_servant_related": "false",
        },
        "trainees": _trainee(0) | _trainee(1),
        "courses": {
            "courses-0-name": "產線數據實作", "courses-0-kind": "practice", "courses-0-hours": "120",
            "courses-0-site": "臺中廠", "courses-0-lecturer": "馬講師", "courses-0-lecturer_affiliation": "inside",
        },
        "schedule": {
            "starts_on": roc(starts), "ends_on": roc(ends), "schedule-0-name": "培訓", "schedule-0-starts_on": roc(starts),
            "schedule-0-ends_on": roc(ends), "schedule-0-checkpoint": "完成培訓並報考",
        },
        "budget": _line("personnel", "學生薪資", 200_000, 100_000)
        | _line("operations", "講師費", 120_000, 60_000)
        | _line("equipment", "軟體使用費", 60_000, 30_000),
        "advantages": {},
        "other_funding": {"none": "yes"},
        "avoid_reviewers": {},
    }  # fmt: skip
    me.go(f"{case}plan/")
    me.page.fill("[name=title]", "沒有 JavaScript 也能送的計畫")
    for field in me.page.locator("#section-form textarea").all():
        field.fill("以產線專案帶領學員實作，每週考核。")
    _save(me)
    for section, values in sections.items():
        me.go(f"{case}{section}/")
        _fill(me, values)
        _save(me)
    me.go(f"{case}outcomes/")
    for field in me.page.locator("tbody:has(.asteriskField) input[name$='-target']").all():
        field.fill("80" if "retention" in (field.get_attribute("name") or "") else "2")
    _save(me)
    me.go(f"{case}documents/")
    for item in ("D4", "D6", "D7"):
        place = me.page.locator(f"#item-{item}")
        upload = {"name": f"{item}.pdf", "mimeType": "application/pdf", "buffer": paper(item)}
        place.locator(f"#files-{item}").set_input_files(upload)
        me.press("上傳", within=place)
    me.go(f"{case}submit/")
    me.see("可以送出了", "190,000 元", "380,000 元")
    me.shot("applicant-check-without-javascript")
    me.press("前往送出")
    me.press("送出申請")
    number = me.page.locator(".receipt-number").first.inner_text().strip()
    for _ in range(60):  # the page says to load it again
        if me.page.get_by_role("link", name="下載收件回條").count():
            break
        me.page.wait_for_timeout(1000)
        me.page.reload()
    receipt = pdf_text(me.download("下載收件回條"))
    assert number in receipt
    for item in ("D4", "D6", "D7"):
        assert f"{item}.pdf" in receipt
