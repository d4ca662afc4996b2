"""Before act 1: an office worker who has never seen code makes the call, in the designer alone."""

from __future__ import annotations

from datetime import timedelta

from core.rocdate import roc
from tests.journeys.people import Person
from tests.journeys.play import CALL, Play, today
from tests.journeys.steps.office import OFFICE

NAME = "114年度經濟部產業人才能力鑑定(iPAS)企業數位人才實作培育補助"
EXECUTION_DAYS = 200


def act_zero(play: Play) -> None:
    """From an empty portal to a public call: copy the scheme, set dates and numbers, look, publish."""
    me = play.person(OFFICE)
    me.go("/designer/")
    me.shot("designer-list-empty")
    _begin(me)
    home = me.page.url.removeprefix(play.stage.url)
    _dates(me, home)
    _weights(me, home)
    _rules(me, home)
    _look(me, home)
    _publish(me, home)
    me.close()


def _begin(me: Person) -> None:
    me.press("設計新徵案")
    me.page.select_option("#id_source", "scheme:ipas_114")
    for name, value in (
        ("name", NAME),
        ("roc_year", "114"),
        ("opens_on", roc(today() - timedelta(days=5))),
    ):
        me.page.fill(f"#id_{name}", value)
    me.shot("designer-new")
    me.press("建立草稿")
    me.see("基本資料", "目前沒有要修正的地方")
    me.shot("designer-draft")


def _dates(me: Person, home: str) -> None:
    me.go(f"{home}part/timetable/")
    me.page.fill("[name=window-closes_at]", "明年春天")
    with me.expecting("422"):
        me.page.locator(".field-error").get_by_text("日期看不懂").wait_for()
    me.page.fill("[name=window-closes_at]", f"{roc(today() + timedelta(days=40))} 23:59:59")
    me.saved()
    me.shot("designer-timetable")


def _weights(me: Person, home: str) -> None:
    me.go(f"{home}part/criteria/")
    first = me.page.locator("[name=criteria-0-weight]")
    was = first.input_value()
    first.fill("39.5")
    with me.expecting("422"):
        me.page.locator(".field-error").get_by_text("請填整數，不含小數").wait_for()
    me.shot("designer-criteria-wrong")
    first.fill(str(int(was) - 1))
    with me.expecting("422"):
        me.page.locator(".field-error").get_by_text("合計應為 100，現為 99").wait_for()
    first.fill(was)
    me.saved()


def _rules(me: Person, home: str) -> None:
    me.go(f"{home}rules/")
    me.shot("designer-rules")
    me.page.locator(".rule-list a", has_text="T5").click()
    me.look()
    last = today() + timedelta(days=EXECUTION_DAYS)
    me.page.fill("[name=params-latest_end]", roc(last))
    me.page.fill("[name=rule-text]", f"自簽約日起執行，最晚到 {roc(last)}。")
    me.saved()
    me.shot("designer-rule")
    me.press("儲存並回到規則清單")
    me.press("加入一條規則")
    me.shot("designer-rule-kinds")
    me.page.get_by_role("button", name="加入「受訓人數下限」").click()
    me.look()
    with me.expecting("422"):
        me.page.fill("[name=rule-title]", "至少 3 名受訓者")
        me.page.locator(".field-error").get_by_text("請填寫這一欄").first.wait_for()
    for name, value in (
        ("rule-clause", "貳.二(一)"),
        ("rule-text", "學生與在職員工合計至少 3 名。"),
        ("params-minimum", "3"),
    ):
        me.page.fill(f"[name={name}]", value)
    me.saved()
    me.press("儲存並回到規則清單")
    me.see("至少 3 名受訓者")


def _look(me: Person, home: str) -> None:
    for key, words in (
        ("call", "審查項目與權重"),
        ("self-check", "10 個問題"),
        ("sections", "公司資料"),
        ("sheet", "建議補助款"),
    ):
        me.go(f"{home}preview/{key}/")
        me.see("預覽：", words)
        me.shot(f"designer-preview-{key}")
    me.go(f"{home}compare/")
    me.see("T9 至少 3 名受訓者")
    me.shot("designer-compare")


def _publish(me: Person, home: str) -> None:
    me.go(f"{home}publish/")
    me.see("條件完整，可以公告")
    me.shot("designer-publish")
    me.press("公告這個徵案")
    me.see("公告了這份草稿")
    me.go(f"/calls/{CALL}/")
    me.see("受理中", "至少 3 名受訓者")
