"""Two members at the same section, a login that runs out, a network that goes away: nobody loses a word."""

from __future__ import annotations

from collections.abc import Callable

from tests.journeys.people import Person
from tests.journeys.stage import Stage
from tests.journeys.steps.applicant import fill

SCENE = "team"
Open = Callable[..., Person]
COMPANY, COLLEAGUE = "company@example.test", "colleague@example.test"


def _plan(person: Open, email: str) -> Person:
    me = person(email)
    me.go("/cases/")
    me.page.locator("tbody a[href*='/cases/']").first.click()
    me.look()
    me.go(f"{me.page.url}plan/")
    return me


def _value(me: Person, name: str) -> str:
    return me.page.locator(f"#section-form [name={name}]").input_value()


def test_two_members_are_told_and_keep_every_word(person: Open) -> None:
    mine, theirs = _plan(person, COMPANY), _plan(person, COLLEAGUE)
    fill(mine, {"goals": "換線時間降到 30 分鐘（業主寫的）"})
    mine.saved()
    # The colleague's page is older now; what is typed there meets the owner's words.
    with theirs.expecting("409"):
        fill(theirs, {"goals": "換線時間降到 25 分鐘（同事寫的）", "site": "同事補上的實作場域"})
        theirs.page.locator("#conflict").get_by_text("也存了這一節").wait_for()
    theirs.shot("applicant-conflict-told")
    theirs.press("比對兩份內容")
    theirs.see("業主寫的", "同事寫的", "同事補上的實作場域")
    theirs.shot("applicant-conflict-compare")
    both = theirs.page.locator("input[type=radio][value=both]")
    both.first.check()
    theirs.press("依選擇合併並儲存")
    goals = _value(theirs, "goals")
    assert "業主寫的" in goals
    assert "同事寫的" in goals
    assert _value(theirs, "site") == "同事補上的實作場域"
    # The owner, coming back, is told that the colleague has been here, and sees all of it.
    mine.page.reload()
    mine.look()
    mine.see("也在編輯這一節")
    assert _value(mine, "goals") == goals
    mine.shot("applicant-section-presence")


def test_three_tabs_of_one_person_keep_what_each_typed(person: Open) -> None:
    """Each tab's words that can't be saved yet stand on the page as a draft of their own."""
    me = _plan(person, COMPANY)
    address = me.page.url
    tabs = [me.context.new_page() for _ in range(3)]
    with me.expecting("422"):
        for number, one in enumerate(tabs):
            one.goto(address)
            one.locator("#section-form [name=title]").fill(f"第{number}個分頁" + "長" * 121)
            one.locator("[data-save-status]").get_by_text("已保留草稿").first.wait_for()
        for one in tabs:
            one.close()
        me.page.reload()
        me.see("這一節還有 2 份沒存入申請書的輸入")
        me.shot("applicant-drafts-of-tabs")
        assert _value(me, "title").startswith("第2個分頁")
        me.page.get_by_role("link", name="打開來看").first.click()
        assert _value(me, "title").startswith("第0個分頁")
        fill(me, {"title": "第0個分頁的計畫名稱"})
        me.saved()
        for number in (2, 1):  # the later ones meet the saved words, one after the other
            me.go("/cases/")
            me.go(address)
            me.see(f"第{number}個分頁")
            me.page.on("dialog", lambda dialog: dialog.accept())
            me.press("捨棄我的版本，保留已儲存的")
        assert _value(me, "title") == "第0個分頁的計畫名稱"


def test_words_typed_after_the_login_ran_out_come_back(person: Open, stage: Stage) -> None:
    me = _plan(person, COMPANY)
    words = "登入逾時的時候寫的培育方式"
    me.context.clear_cookies(name="sessionid")
    with me.expecting("401"):
        fill(me, {"method": words})
        me.page.locator(".save-bar").get_by_text("登入已經過期").wait_for()
        me.shot("applicant-login-ran-out")
        # As the bar says: log in in another tab, come back, and it saves by itself.
        with me.context.expect_page() as opened:
            me.page.locator(".save-bar a").click()
        tab = opened.value
        tab.fill("input[name=login]", COMPANY)
        tab.fill("input[name=password]", "ipas-demo-114")
        tab.locator("main form button[type=submit]").first.click()
        tab.wait_for_url(lambda url: "/accounts/login" not in url)
        tab.close()
        me.page.bring_to_front()
        me.page.evaluate("window.dispatchEvent(new Event('focus'))")
        me.saved()
    me.page.reload()
    me.look()
    assert _value(me, "method") == words


def test_words_sent_to_the_login_page_wait_there(person: Open) -> None:
    """Pressing the button after the login ran out: the words stand in the form after the next login."""
    me = _plan(person, COMPANY)
    words = "按下儲存時登入已經過期的內容"
    me.context.clear_cookies(name="sessionid")
    with me.expecting("401"):
        fill(me, {"content": words})
        me.press("儲存")
        assert "/accounts/login" in me.page.url
    me.page.fill("input[name=login]", COMPANY)
    me.page.fill("input[name=password]", "ipas-demo-114")
    me.press("登入")
    me.see("登入逾時前輸入的內容還在")
    assert _value(me, "content") == words
    me.shot("applicant-kept-for-login")
    me.press("儲存")
    me.page.reload()
    assert _value(me, "content") == words


def test_without_a_network_the_words_stay_and_are_saved_later(person: Open) -> None:
    me = _plan(person, COMPANY)
    words = "斷線時寫的預期效益"
    with me.expecting("ERR_INTERNET_DISCONNECTED"):
        me.context.set_offline(True)
        fill(me, {"benefits": words})
        me.page.locator(".save-bar").get_by_text("目前連不上系統").wait_for()
    me.shot("applicant-offline")
    me.context.set_offline(False)
    me.saved()
    assert me.page.locator(".save-bar").count() == 0
    me.page.reload()
    me.look()
    assert _value(me, "benefits") == words


def test_one_is_warned_before_the_idle_logout_and_may_stay(person: Open) -> None:
    me = _plan(person, COMPANY)
    me.page.clock.install()
    me.page.reload()
    warning = me.page.locator("#idle-warning")
    assert warning.is_hidden()
    me.page.clock.fast_forward("25:00")
    warning.get_by_text("自動登出").wait_for()
    assert me.page.evaluate("document.activeElement.textContent") == "繼續使用"
    me.shot("idle-warning")
    with me.page.expect_response("**/session/keep/") as answer:
        me.page.keyboard.press("Enter")
    assert answer.value.status == 200
    warning.wait_for(state="hidden")
    # What somebody does in the page counts as well, without a warning.
    me.page.clock.fast_forward("15:00")
    with me.page.expect_response("**/session/keep/"):
        me.page.mouse.click(5, 300)
    me.page.clock.fast_forward("31:00")
    warning.get_by_text("已經登出").wait_for()
    assert warning.get_by_role("link", name="在新分頁重新登入").is_visible()


def test_a_form_with_too_much_is_not_sent_and_nothing_is_lost(person: Open) -> None:
    me = _plan(person, COMPANY)
    me.page.evaluate("document.body.dataset.mostBytes = '400'")
    sent = []
    me.page.on(
        "request", lambda request: sent.append(request.url) if request.is_navigation_request() else None
    )
    goals = _value(me, "goals")
    me.page.get_by_role("button", name="儲存", exact=True).click()
    me.page.locator("[data-too-much]").get_by_text("沒有送出").wait_for()
    assert not sent
    assert _value(me, "goals") == goals
