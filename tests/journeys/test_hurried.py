"""Handing in with shaking hands: a second click, the back button, a laptop that closes and opens again."""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.journeys.people import Person

SCENE = "team"
Open = Callable[..., Person]
COMPANY = "company@example.test"


def test_a_double_click_and_the_way_back_hand_in_once(person: Open) -> None:
    me = person(COMPANY)
    me.go("/cases/")
    me.page.locator("tbody a[href*='/cases/']").first.click()
    me.look()
    found = re.search(r"/cases/[0-9a-f-]{36}/", me.page.url)
    assert found, me.page.url
    case = found[0]
    me.go(f"{case}submit/")
    me.press("前往送出")
    confirm = me.page.url
    posts: list[str] = []
    me.page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    # A tab that stood open at the same question while the laptop was closed.
    asleep = me.open_page()
    asleep.goto(confirm)

    me.page.get_by_role("button", name="送出申請", exact=True).dblclick()
    me.page.wait_for_url(f"**{case}submitted/")
    me.look()
    me.see("申請已送出", "IPAS-114-")
    assert posts == [confirm], "the second click of a double click sends nothing"
    number = re.search(r"IPAS-114-\d{4}", me.text())
    assert number

    # Back: the question is asked no more, and what the browser shows leads on without an alarm.
    me.page.go_back()
    me.look()
    if me.page.url == confirm:  # kept by the browser as it was: sending it again finds the first submission
        me.press("送出申請")
    assert me.page.url.endswith((f"{case}record/", f"{case}submitted/")), me.page.url
    me.see(number[0])
    assert me.page.locator("main .is-problem, main [role=alert]").count() == 0
    me.shot("applicant-back-after-handing-in")

    # The laptop opens again: the old question is answered with the record.
    asleep.bring_to_front()
    asleep.get_by_role("button", name="送出申請", exact=True).click()
    asleep.wait_for_url(f"**{case}record/")
    asleep.get_by_text("不需要再送出").wait_for()
    assert number[0] in asleep.locator("main").inner_text()

    statuses = [me.context.request.get(f"{case}submissions/{n}/case.json").status for n in (1, 2)]
    assert statuses == [200, 404], "one submission"
    me.close()
