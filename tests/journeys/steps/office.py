"""Act 2: the office checks the case with the keyboard and asks for a supplement. Act 3: what came back is right."""

from __future__ import annotations

from tests.journeys.people import Person, pdf_text
from tests.journeys.play import APPLICANT, COMPANY, REQUESTED, Play, figure

OFFICE = "office@example.test"
ASKED = "財務報告缺少會計師查核意見頁，請補正完整的查核報告書。"


def _open_check(play: Play, me: Person) -> None:
    me.go("/office/")
    me.shot("office-home")
    me.go("/office/cases/?view=to_check")
    me.shot("office-cases")
    # Keys only: j marks the first row, Enter opens it.
    me.page.keyboard.press("j")
    me.page.keyboard.press("Enter")
    me.page.wait_for_url("**/office/cases/*-*/")
    me.look()
    me.see(play.known["number"], COMPANY, figure(sum(REQUESTED.values())))
    play.known["office_case"] = me.page.url.removeprefix(play.stage.url)


def judge(me: Person, code: str, key: str) -> None:
    """Press ``key`` at an item of the checklist and wait until it is written."""
    item = me.page.locator(f"#item-{code}")
    item.focus()
    before = me.page.locator("#check-summary strong").inner_text()
    version = item.locator(f"[name='{code}-version']").input_value()
    me.page.keyboard.press(key)
    me.page.wait_for_function(
        "([name, old]) => document.querySelector(`[name='${name}-version']`)?.value !== old",
        arg=[code, version],
    )
    assert me.page.locator("#check-summary strong").inner_text() != before or version != "0"


def _codes(me: Person) -> list[str]:
    ids = me.page.locator(".check-item").evaluate_all("items => items.map(item => item.id)")
    return [one.removeprefix("item-") for one in ids]


def act_two(play: Play) -> None:
    """The first check: everything passes but the financial report."""
    me = play.person(OFFICE)
    _open_check(play, me)
    me.shot("office-case")
    me.go(f"{play.known['office_case']}qualification/")
    me.page.locator(".pdf canvas").first.wait_for()
    for code in _codes(me):
        item = me.page.locator(f"#item-{code}")
        if code == "D6" or item.locator("details.check-anyway").count():
            continue
        judge(me, code, "p")
    item = me.page.locator("#item-D6")
    item.focus()
    me.page.keyboard.press("s")
    reason = item.locator("textarea")
    reason.wait_for()
    with me.expecting("422"):  # a supplement without a reason is asked for one
        me.page.wait_for_timeout(700)
    reason.fill(ASKED)
    reason.blur()
    me.page.locator("#letter-draft").get_by_text(ASKED).wait_for()
    me.shot("office-qualification")
    letter = pdf_text(me.fetch(f"{play.known['office_case']}qualification/letter.pdf"))
    assert ASKED in letter
    assert COMPANY in letter
    me.press("預覽並發出補件通知")
    me.page.locator(".pdf canvas").first.wait_for()
    me.shot("office-supplement-notice")
    me.page.locator("main form button[type=submit]").last.click()
    me.look()
    play.stage.wait_for_mail(APPLICANT, play.known["number"])
    me.close()


def act_three_office(play: Play) -> None:
    """What was asked for has come; the case is qualified."""
    me = play.person(OFFICE)
    me.go(f"{play.known['office_case']}qualification/")
    me.see("補件改了什麼")
    me.page.locator(".pdf canvas").first.wait_for()
    me.shot("office-qualification-supplement")
    judge(me, "D6", "p")
    for code in _codes(me):
        todo = me.page.locator(f"#item-{code} .check-todo")
        if todo.count():
            judge(me, code, "p")
    me.press("初審符合")
    me.shot("office-qualify")
    me.page.locator("main form button[type=submit]").last.click()
    me.look()
    me.see("初審符合")
    me.go(play.known["office_case"])
    me.shot("office-case-qualified")
    me.close()
