"""Act 1: a newcomer signs up, registers a company, checks, fills in, mends, and hands in. Act 3: the supplement."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path

from openpyxl import load_workbook

from core.rocdate import roc
from tests.journeys.people import Person, paper, pdf_text
from tests.journeys.play import (
    APPLICANT,
    BUDGET,
    CALL,
    COMPANY,
    COST,
    HEAD_COUNT_CAP,
    MENDED_PERSONNEL,
    OVER,
    REQUESTED,
    TITLE,
    UBN,
    Play,
    figure,
)

PASSWORD = "Sunny-River-58"
TEXTS = {
    "company_profile": "本公司製造五軸加工機主軸，員工 86 人，產線稼動資料目前以紙本記錄。",
    "goals": "以產線數據改善換線時間，從 42 分鐘降到 30 分鐘。",
    "method": "由製程課長帶領，每週兩天課程、三天專案實作，每月考核一次。",
    "content": "課程對應智慧生產鑑定項目：感測資料蒐集、稼動率分析、排程改善。",
    "site": "臺中廠二樓實作教室，五軸加工機二部，學生每人一席。",
    "exam_coaching": "安排 24 小時考前輔導，全員報考智慧生產初級能力鑑定。",
    "benefits": "留用四位學生，換線時間縮短三成，良率提高 2 個百分點。",
    "budget_rationale": "學生薪資依時薪 260 元估算，講師費每小時 2,000 元。",
}


def act_one(play: Play) -> None:
    """From the sign-up to the receipt."""
    me = play.person()
    _look_around(me)
    _sign_up(play, me)
    _register_company(me)
    _start(play, me)
    _company_and_eligibility(me, play.case)
    _plan(me, play.case)
    _trainees(me, play.case)
    _courses_and_schedule(me, play.case)
    _budget(me, play.case)
    _outcomes_and_rest(me, play.case)
    _hand_in_too_early(me, play.case)
    _documents(me, play.case)
    _hand_in(play, me)
    me.close()


def _look_around(me: Person) -> None:
    me.go("/")
    me.shot("public-home")
    me.go("/calls/")
    me.shot("public-calls")
    me.go(f"/calls/{CALL}/")
    me.shot("public-call")
    me.go(f"/calls/{CALL}/self-check/")
    me.shot("public-self-check")
    page = me.page
    for name, value in (
        ("registered", "yes"), ("bank_rejected", "no"), ("net_worth", "positive"), ("industry", "C"),
        ("serves_manufacturing", "yes"), ("finishes_in_time", "yes"),
    ):  # fmt: skip
        page.check(f"input[name={name}][value={value}]")
    for name, value in (("students", "4"), ("employees", "2"), ("hours", "120"), ("student_wage", "260")):
        page.fill(f"input[name={name}]", value)
    me.press("看結果")
    me.see("依您的回答，可以申請", f"{figure(HEAD_COUNT_CAP)} 元")
    me.shot("public-self-check-result")


def _sign_up(play: Play, me: Person) -> None:
    me.go("/accounts/signup/")
    me.shot("account-sign-up")
    page = me.page
    page.fill("input[name=email]", APPLICANT)
    page.fill("input[name=name]", "蔡新人")
    page.fill("input[name=password1]", PASSWORD)
    page.fill("input[name=password2]", PASSWORD)
    page.locator("main form button[type=submit]").first.click()
    me.look()
    me.shot("account-verify-sent")
    link = re.search(r"http://\S+/accounts/confirm-email/\S+/", play.stage.wait_for_mail(APPLICANT))
    assert link, "the verification mail has no link"
    me.go(link[0])
    page.locator("main form button[type=submit]").first.click()
    me.look()
    if "/accounts/login" in page.url:
        me.log_in(APPLICANT, PASSWORD)
    me.go("/")
    me.shot("applicant-home-empty")


def _register_company(me: Person) -> None:
    me.go("/organisation/")
    me.press("登錄公司或單位")
    page = me.page
    page.fill("input[name=ubn]", "１２３４５６７４")  # full-width digits are read; the check digit is wrong
    page.fill("input[name=name]", COMPANY)
    with me.expecting("422"):
        page.locator("main form button[type=submit]").last.click()
        page.locator("[data-autofocus]").wait_for()
        me.page.wait_for_load_state()
    me.shot("applicant-company-errors")
    for name, value in (
        ("ubn", UBN), ("place", "臺中市西屯區"), ("address", "工業區八路 8 號"), ("heads", "86"),
        ("codes", "CB01010 CC01110"), ("representative", "許晴川"), ("contact_name", "蔡新人"),
        ("contact_phone", "04-2358-1234"), ("contact_email", APPLICANT),
    ):  # fmt: skip
        page.fill(f"[name={name}]", value)
    page.locator("main form button[type=submit]").last.click()
    me.look()
    me.see(COMPANY, UBN)
    me.shot("applicant-company")


def _start(play: Play, me: Person) -> None:
    me.go("/cases/")
    me.shot("applicant-cases-empty")
    me.press("開始申請")
    me.shot("applicant-start")
    me.press("開始申請")
    found = re.search(r"/cases/[0-9a-f-]{36}/", me.page.url)
    assert found, me.page.url
    play.known["case"] = found[0]
    me.go(play.case)
    me.shot("applicant-case-new")


def fill(me: Person, values: dict[str, str]) -> None:
    """Type into the fields by name, choose from lists, tick boxes."""
    for name, value in values.items():
        field = me.page.locator(f"#section-form [name='{name}']")
        kind = field.evaluate("e => e.tagName === 'SELECT' ? 'select' : e.type")
        if kind == "select":
            field.select_option(value)
        elif kind == "checkbox":
            field.set_checked(value == "yes")
        else:
            field.fill(value)


def _save_and_reload(me: Person, **expected: str) -> None:
    """Autosave keeps what was typed: it stands there after the page is loaded again."""
    me.saved()
    me.page.reload()
    me.look()
    for name, value in expected.items():
        held = me.page.locator(f"#section-form [name='{name}']").input_value()
        assert held == value, f"{name} is {held!r} after reloading, not {value!r}"


def _company_and_eligibility(me: Person, case: str) -> None:
    me.go(f"{case}company/")
    assert me.page.input_value("[name=name]") == COMPANY
    me.shot("applicant-section-company")
    me.go(f"{case}eligibility/")
    fill(me, {
        "founded_on": "94/6/1", "bank_rejected": "false", "net_worth": "52,000,000", "net_worth_basis": "cpa_report",
        "positive_after_increase": "false", "serves_manufacturing": "true", "public_servant_related": "false",
    })  # fmt: skip
    _save_and_reload(me, net_worth="52,000,000", net_worth_basis="cpa_report")
    me.shot("applicant-section-eligibility")


def _plan(me: Person, case: str) -> None:
    me.go(f"{case}plan/")
    me.page.locator("[name=title]").press_sequentially(TITLE, delay=5)
    fill(me, TEXTS)
    _save_and_reload(me, title=TITLE, **TEXTS)
    me.shot("applicant-section-plan")


def _trainees(me: Person, case: str) -> None:
    me.go(f"{case}trainees/")
    me.shot("applicant-section-trainees-empty")
    me.page.locator("details.sheet-tools summary").click()
    sheet = load_workbook(BytesIO(me.fetch(f"{case}trainees/template.xlsx")))
    table = sheet.active
    assert table is not None
    rows = [
        (f"學生{n}", "在學學生", "女" if n % 2 else "男", "示範科技大學", "機械工程系", "大四", "", "智慧生產", 120, 260, "", "是")
        for n in (1, 2, 3, 4)
    ] + [(f"員工{n}", "正職在職員工", "男", "", "", "", "製程工程師", "智慧生產", 120, "", 42000, "是") for n in (1, 2)]  # fmt: skip
    for number, row in enumerate(rows, start=2):
        for column, value in enumerate(row, start=1):
            table.cell(number, column, value or None)
    # First with a mistake in it: nothing may be half imported.
    table.cell(3, 9, "一百二十")
    _upload_sheet(me, _bytes(sheet))
    with me.expecting("422"):
        me.press("上傳並預覽")
        me.see("第 3 列")
        me.page.wait_for_load_state()
    me.shot("applicant-import-refused")
    table.cell(3, 9, 119)
    me.go(f"{case}trainees/")
    me.page.locator("details.sheet-tools summary").click()
    _upload_sheet(me, _bytes(sheet))
    me.press("上傳並預覽")
    me.see("新增 6 位")
    me.shot("applicant-import-preview")
    me.press("確定匯入，取代名單")
    me.see("T3")
    me.shot("applicant-section-trainees")
    fill(me, {"trainees-1-planned_hours": "120"})
    _save_and_reload(me, **{"trainees-1-planned_hours": "120"})
    assert me.page.locator(".row-note .finding.is-error, .row-note [data-severity=error]").count() == 0


def _bytes(workbook: object) -> bytes:
    out = BytesIO()
    workbook.save(out)  # type: ignore[attr-defined]
    return out.getvalue()


def _upload_sheet(me: Person, content: bytes) -> None:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    me.page.set_input_files("#sheet", {"name": "名單.xlsx", "mimeType": kind, "buffer": content})


def _courses_and_schedule(me: Person, case: str) -> None:
    me.go(f"{case}courses/")
    fill(me, {
        "courses-0-name": "智慧生產導論", "courses-0-kind": "lecture", "courses-0-hours": "40",
        "courses-0-site": "臺中廠二樓實作教室", "courses-0-lecturer": "馬講師",
        "courses-0-lecturer_affiliation": "outside", "courses-0-fee_per_hour": "2000",
    })  # fmt: skip
    me.press("增加一門", exact=False)
    fill(me, {
        "courses-1-name": "產線數據專案實作", "courses-1-kind": "practice", "courses-1-hours": "80",
        "courses-1-site": "臺中廠五軸加工區", "courses-1-lecturer": "丁課長", "courses-1-lecturer_affiliation": "inside",
    })  # fmt: skip
    _save_and_reload(me, **{"courses-1-name": "產線數據專案實作", "courses-1-hours": "80"})
    me.shot("applicant-section-courses")
    ends = datetime.now(UTC).date() + timedelta(days=200)  # as factories.plan_end(), the last day of the call
    starts = ends - timedelta(days=120)
    middle = starts + timedelta(days=50)
    me.go(f"{case}schedule/")
    fill(me, {
        "starts_on": roc(starts), "ends_on": roc(ends),
        "schedule-0-name": "課程講授", "schedule-0-starts_on": roc(starts), "schedule-0-ends_on": roc(middle),
        "schedule-0-checkpoint": "完成 40 小時課程",
    })  # fmt: skip
    me.page.locator("[data-row-add]").click()
    fill(me, {
        "schedule-1-name": "專案實作與報考", "schedule-1-starts_on": roc(middle + timedelta(days=1)),
        "schedule-1-ends_on": roc(ends), "schedule-1-checkpoint": "完成專案並報考 iPAS",
    })  # fmt: skip
    _save_and_reload(me, **{"schedule-1-name": "專案實作與報考"})
    me.shot("applicant-section-schedule")


def _budget(me: Person, case: str) -> None:
    me.go(f"{case}budget/")
    for account, lines in BUDGET.items():
        for number, line in enumerate(lines):
            if number:
                me.page.locator(f"[data-rows={account}] [data-row-add]").click()
            names = ("item", "unit", "quantity", "unit_price", "months", "subsidy")
            fill(
                me,
                {f"{account}-{number}-{name}": str(value) for name, value in zip(names, line, strict=True)},
            )
    me.saved()
    total = sum(line[5] for lines in BUDGET.values() for line in lines)
    totals = me.page.locator(".budget-totals").inner_text()
    assert total == HEAD_COUNT_CAP + OVER
    for words in (figure(COST), figure(total), figure(COST - total), f"超過 {figure(OVER)}"):
        assert words in totals, f"{words} isn't among the totals: {totals}"
    me.see(f"請減少 {figure(OVER)} 元")
    me.shot("applicant-section-budget-over")
    fill(me, {"personnel-0-subsidy": str(MENDED_PERSONNEL)})
    me.saved()
    me.page.reload()
    me.look()
    totals = me.page.locator(".budget-totals").inner_text()
    requested = sum(REQUESTED.values())
    for words in (figure(COST), figure(requested), figure(COST - requested), "尚餘 0"):
        assert words in totals, f"{words} isn't among the totals: {totals}"
    me.shot("applicant-section-budget")


def _outcomes_and_rest(me: Person, case: str) -> None:
    me.go(f"{case}outcomes/")
    required = me.page.locator("tbody:has(.asteriskField) input[name$='-target']")
    for field in required.all():
        field.fill("80" if "retention" in (field.get_attribute("name") or "") else "6")
    me.page.fill("[name='starting_pay_bachelor-target']", "41000")
    me.saved()
    me.shot("applicant-section-outcomes")
    me.go(f"{case}advantages/")
    fill(
        me,
        {
            "university_cooperation-claimed": "yes",
            "university_cooperation-note": "與示範科技大學簽訂產學合作",
        },
    )
    me.saved()
    me.shot("applicant-section-advantages")
    me.go(f"{case}other_funding/")
    fill(me, {"none": "yes"})
    me.saved()
    me.shot("applicant-section-other-funding")
    me.go(f"{case}avoid_reviewers/")
    fill(me, {"avoid_reviewers-0-name": "郭迴避", "avoid_reviewers-0-organisation": "競爭股份有限公司",
              "avoid_reviewers-0-reason": "任職於同業"})  # fmt: skip
    me.saved()
    me.shot("applicant-section-avoid-reviewers")


def _hand_in_too_early(me: Person, case: str) -> None:
    me.go(f"{case}submit/")
    me.see("送出前還有 3 件事要處理")
    me.shot("applicant-check-findings")


def add_file(me: Person, item: str, name: str, content: bytes, kind: str = "application/pdf") -> None:
    """Choose a file for a document item and send it."""
    place = me.page.locator(f"#item-{item}")
    place.locator(f"#files-{item}").set_input_files({"name": name, "mimeType": kind, "buffer": content})
    me.press("上傳", within=place)


def _documents(me: Person, case: str) -> None:
    me.go(f"{case}documents/")
    me.shot("applicant-section-documents-empty")
    with me.expecting("422"):
        add_file(me, "D4", "登記證明.pdf", b"MZ this is a program, whatever it is called")
        me.page.locator("#problem-D4").wait_for()
        me.page.wait_for_load_state()
    me.shot("applicant-document-refused")
    for item, name in (("D4", "登記證明.pdf"), ("D6", "財務報告.pdf"), ("D7", "信用查詢同意書.pdf")):
        add_file(me, item, name, paper(item))
    me.see("登記證明.pdf", "財務報告.pdf", "信用查詢同意書.pdf")
    me.shot("applicant-section-documents")


def _hand_in(play: Play, me: Person) -> None:
    me.go(play.case)
    me.shot("applicant-case-complete")
    me.go(f"{play.case}submit/")
    me.see("可以送出了", f"{figure(sum(REQUESTED.values()))} 元", f"{figure(COST)} 元")
    me.shot("applicant-check")
    plan = pdf_text(me.fetch(f"{play.case}plan.pdf"))
    assert TITLE in plan
    me.press("前往送出")
    me.see(f"{figure(sum(REQUESTED.values()))} 元", "3 個檔案")
    me.shot("applicant-confirm")
    me.press("送出申請")
    number = me.page.locator(".receipt-number").first.inner_text().strip()
    assert number.startswith("IPAS-114-"), number
    play.known["number"] = number
    me.page.get_by_role("link", name="下載收件回條").wait_for(timeout=60_000)
    me.shot("applicant-submitted")
    receipt = pdf_text(me.download("下載收件回條"))
    for words in (number, COMPANY, "登記證明.pdf", "財務報告.pdf", "信用查詢同意書.pdf"):
        assert words in receipt, f"{words} isn't on the receipt"
    for item in ("D4", "D6", "D7"):
        assert sha256(paper(item)).hexdigest() in receipt, f"the hash of {item} isn't on the receipt"
    me.go(f"{play.case}record/")
    me.shot("applicant-record")
    play.stage.wait_for_mail(APPLICANT, number)
    Path(play.stage.folder / "receipt.txt").write_text(receipt)


def act_three(play: Play) -> None:
    """Only what was asked for may be changed; the answer goes back before the deadline."""
    me = play.person()
    me.log_in(APPLICANT, PASSWORD)
    me.go("/")
    me.shot("applicant-home-supplement")
    me.go(f"{play.case}supplement/")
    me.see("財務報告缺少會計師查核意見頁")
    me.shot("applicant-supplement")
    me.go(f"{play.case}plan/")
    assert me.page.locator("#section-form").count() == 0, "the plan may not be changed during this supplement"
    me.shot("applicant-section-readonly")
    me.go(f"{play.case}documents/")
    assert me.page.locator("#files-D4").count() == 0
    place = me.page.locator("#item-D6")
    place.locator("summary", has_text="更換").first.click()
    name, content = "財務報告（完整）.pdf", paper("D6 complete")
    place.locator("input[type=file]").first.set_input_files(
        {"name": name, "mimeType": "application/pdf", "buffer": content}
    )
    me.press("上傳新版本", within=place)
    me.see(name)
    me.shot("applicant-supplement-document")
    me.go(f"{play.case}submit/")
    me.press("前往送出補件")
    me.press("送出補件")
    me.page.get_by_role("link", name="下載收件回條").wait_for(timeout=60_000)
    me.shot("applicant-supplement-sent")
    receipt = pdf_text(me.download("下載收件回條"))
    assert sha256(content).hexdigest() in receipt
    me.close()
