"""Somebody without an account, on a phone: registers for a full event, asks, follows, rates; the office answers and
makes the answer one of the frequent questions."""

from __future__ import annotations

from collections.abc import Callable

from tests.journeys.people import PHONE, Person

SCENE = "season"
Open = Callable[..., Person]


def _fits(me: Person) -> None:
    wide = me.page.evaluate("document.documentElement.scrollWidth")
    assert wide <= PHONE["width"], f"{me.page.url}: {wide} px wide"


def test_a_visitor_registers_asks_and_rates_and_the_office_answers(person: Open) -> None:
    me = person(viewport=PHONE)
    me.go("/")
    me.see("最新消息與活動")
    me.go("/events/")
    me.press("臺中實體說明會")
    me.see("名額已滿")
    with me.expecting("422"):
        me.press("報名候補")
    me.see("有資料需要修正")
    me.page.fill("#id_name", "江訪客")
    me.page.fill("#id_email", "visitor@example.test")
    me.press("報名候補")
    me.see("您在候補名單", "前面還有 2 人")
    _fits(me)
    me.page.once("dialog", lambda dialog: dialog.accept())
    me.press("取消報名")
    me.see("這筆報名已經取消")

    me.go("/find/?q=配合款")
    me.see("常見問題", "規定")
    assert me.page.locator("mark").count() > 1
    _fits(me)

    me.go("/inquiries/")
    me.page.fill("#id_name", "江訪客")
    me.page.fill("#id_email", "visitor@example.test")
    me.page.fill("#id_subject", "可以請外部講師嗎")
    me.page.fill("#id_text", "外部講師的鐘點費列在哪一個科目？")
    me.press("送出")
    me.see("以前答覆", "已收到")
    mine = me.page.url
    _fits(me)

    office = person("office@demo.test")
    office.go("/outreach/inquiries/?view=unassigned&q=外部講師")
    office.press("可以請外部講師嗎")
    office.press("由我承辦")
    office.page.fill("#id_text", "可以，列在業務費的講師鐘點費（貳.三(一)）。")
    office.press("送出答覆")
    office.see("已答覆")
    office.press("整理成常見問題")
    office.page.select_option("#id_topic", label="補助與經費")
    office.press("儲存並立即公開")
    office.see("已公開")

    me.page.goto(mine)
    me.see("列在業務費的講師鐘點費")
    me.page.get_by_label("5 非常滿意").check()
    me.press("送出評分並結案")
    me.see("已經結案")
    _fits(me)
    me.go("/faq/?q=外部講師")
    me.see("可以請外部講師嗎")

    office.go("/outreach/inquiries/report/")
    office.see("平均滿意度")
