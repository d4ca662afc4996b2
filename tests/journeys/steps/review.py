"""Act 4: the office makes a panel, three experts declare and score on their tablets, the chair compares and closes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from core.rocdate import roc
from tests.journeys.people import TABLET, Person, pdf_text
from tests.journeys.play import APPROVED, COMPANY, OTHER_COMPANY, REQUESTED, TITLE, Play, figure
from tests.journeys.steps.office import OFFICE

CRITERIA = ("R1", "R2", "R3", "R4")
WEIGHTS = (40, 30, 20, 10)
# Person → (name, scores of our case). Our case leads; all three recommend the same amounts for it.
SCORES = {
    "reviewer@example.test": ("吳委員", (88, 85, 82, 80)),
    "reviewer2@example.test": ("鄭委員", (84, 86, 80, 82.5)),
    "chair@example.test": ("孫召集", (90, 84, 85, 81)),
}
OTHER = (78, 76, 75, 74)
ADVICE = "請補充實習期間的考核方式，並把講師費單價降到每小時 1,900 元以內。"


def weighted(scores: tuple[float, ...]) -> Decimal:
    """The weighted total of one sheet, exact."""
    return sum((Decimal(str(s)) * w / 100 for s, w in zip(scores, WEIGHTS, strict=True)), Decimal(0))


def mean_of_ours() -> Decimal:
    """The mean of our three sheets, as the meeting shows it."""
    return (sum((weighted(s) for _, s in SCORES.values()), Decimal(0)) / 3).quantize(Decimal("0.01"))


def act_four(play: Play) -> None:
    """From the empty panel to two cases that wait for the meeting."""
    office = play.person(OFFICE)
    _form_panel(play, office)
    experts = {email: play.person(email, viewport=TABLET) for email in SCORES}
    for email, me in experts.items():
        _accept(me, first=email == "reviewer@example.test")
    _assign_and_start(play, office)
    for email, me in experts.items():
        _score_all(play, me, email)
    _chair_collects(play, experts["chair@example.test"])
    for email, me in experts.items():
        _sign_off(me, first=email == "reviewer@example.test")
    _chair_closes(play, experts["chair@example.test"])
    for me in [office, *experts.values()]:
        me.close()


def _form_panel(play: Play, me: Person) -> None:
    me.go("/review/pool/")
    me.shot("office-pool")
    me.go("/review/panels/new/")
    me.page.select_option("select[name=call]", "ipas-114")
    me.page.fill("input[name=name]", "智慧製造組")
    me.page.fill("input[name=due_on]", roc(datetime.now(UTC).date() + timedelta(days=14)))
    me.shot("office-panel-new")
    me.press("建立小組")
    play.known["panel"] = me.page.url.removeprefix(play.stage.url)
    me.press("邀請委員")
    for box in me.page.locator("input[name=reviewer]").all():
        box.check()
    me.page.get_by_text("加入後共 3 位：女 2、男 1").wait_for()
    me.shot("office-panel-invite")
    me.press("寄出邀請")
    me.shot("office-panel-invited")


def _accept(me: Person, *, first: bool) -> None:
    me.go("/review/")
    if first:
        me.shot("reviewer-home-invited")
    me.press("回覆邀請")
    me.page.check("input[name=answer][value=accept]")
    if first:
        me.shot("reviewer-invitation")
    me.press("送出回覆")


def _assign_and_start(play: Play, me: Person) -> None:
    me.go(play.known["panel"])
    row = me.page.locator("tr", has_text="孫召集")
    me.press("設為召集人", within=row)
    me.press("排入案件")
    for box in me.page.locator("tbody input[name=case]").all():
        box.check()
    me.shot("office-panel-cases")
    me.press("排入小組")
    me.press("自動平均指派")
    me.see("將新增 6 人次")
    me.shot("office-panel-assign")
    me.press("套用這個指派")
    me.shot("office-panel-ready")
    me.page.on("dialog", lambda dialog: dialog.accept())
    me.press("開始評分")
    me.see("評分進度")
    me.shot("office-panel-scoring")


def _links(me: Person) -> list[str]:
    return me.page.locator(".case-list a.btn-primary").evaluate_all(
        "all => all.map(a => a.getAttribute('href'))"
    )


def _score_all(play: Play, me: Person, email: str) -> None:
    first = email == "reviewer@example.test"
    name, ours = SCORES[email]
    me.go("/review/")
    if first:
        me.shot("reviewer-home")
    for link in _links(me):
        me.go(link)
        if "/declare/" in me.page.url:
            me.page.check("input[name=has_conflict][value=no]")
            me.page.fill("input[name=signed_name]", name)
            if first:
                me.shot("reviewer-declare")
            me.press("簽署")
        mine = play.known["number"] in me.page.locator("h1").inner_text()
        _score(me, ours if mine else OTHER, ours=mine, picture=first and mine)


def _score(me: Person, scores: tuple[float, ...], *, ours: bool, picture: bool) -> None:
    page = me.page
    if ours and picture:
        # The merged file is bound by the worker; the sheet says so until it is there.
        for _ in range(60):
            if page.locator(".pdf canvas").count():
                break
            page.wait_for_timeout(1000)
            if page.locator(".pdf").count() == 0:
                page.reload()
        page.locator(".pdf canvas").first.wait_for()
    for code, score in zip(CRITERIA, scores, strict=True):
        page.locator(f"[aria-labelledby='c-{code}'] [data-score]").fill(str(score))
    page.check("input[name=recommends][value=yes]")
    if ours:
        for account, amount in APPROVED.items():
            page.locator(f"[data-amount][name*='{account}']").fill(figure(amount))
    else:
        page.locator("[data-fill-requested]").click()
    page.fill("[name=comment_for_applicant]", ADVICE if ours else "建議核定。")
    me.saved()
    total = weighted(scores)
    shown = page.locator("[data-total-figure]").first.inner_text()
    assert Decimal(shown) == total.quantize(Decimal("0.01")), f"{shown} isn't {total}"
    if ours:
        assert page.locator("[data-amount-sum]").inner_text() == figure(sum(APPROVED.values()))
        if picture:
            page.reload()
            me.look()
            assert page.locator("[data-total-figure]").first.inner_text() == shown
            page.locator(".pdf canvas").first.wait_for()
            me.shot("reviewer-sheet")
            me.tablet_shot("reviewer-sheet-tablet")
    me.press("檢查並送出")
    if ours:
        me.see(figure(sum(APPROVED.values())), figure(sum(REQUESTED.values())))
    if picture:
        me.shot("reviewer-submit")
    me.press("送出評分表")


def _chair_collects(play: Play, me: Person) -> None:
    me.go("/review/")
    me.page.locator("a[href*='/review/chair/']:not([href*='/cases/'])").first.click()
    me.look()
    play.known["chair"] = me.page.url.removeprefix(play.stage.url)
    me.shot("chair-panel")
    for row in me.page.locator("tbody a[href*='/review/chair/cases/']").evaluate_all(
        "all => all.map(a => a.getAttribute('href'))"
    ):
        me.go(row)
        if "/declare/" in me.page.url:
            me.page.check("input[name=has_conflict][value=no]")
            me.page.fill("input[name=signed_name]", "孫召集")
            me.press("簽署")
            me.go(row)
        if play.known["number"] in me.page.locator("h1").inner_text():
            me.see(str(mean_of_ours()), figure(sum(APPROVED.values())), ADVICE)
            me.shot("chair-case")
        me.press("請委員確認結果")
        me.page.locator("main form button[type=submit]").last.click()
        me.look()


def _sign_off(me: Person, *, first: bool) -> None:
    me.go("/review/")
    for link in _links(me):
        me.go(link)
        if "/confirm/" not in me.page.url:
            me.page.locator("a[href$='/confirm/']").first.click()
            me.look()
        if first:
            me.shot("reviewer-sign-off")
        me.press("確認這個結果")
        me.go("/review/")


def _chair_closes(play: Play, me: Person) -> None:
    me.go(play.known["chair"])
    links = me.page.locator("tbody a[href*='/review/chair/cases/']").evaluate_all(
        "all => all.map(a => a.getAttribute('href'))"
    )
    for link in links:
        me.go(link)
        if COMPANY in me.page.locator("h1").inner_text():
            me.shot("chair-case-signed")
            sheet = me.page.get_by_role("link", name="評分表 PDF").first.get_attribute("href") or ""
            words = pdf_text(me.fetch(f"{sheet}download/", wait=60))
            assert TITLE in words or COMPANY in words
        me.press("完成這件，送決審")
    me.go(play.known["chair"])
    me.page.on("dialog", lambda dialog: dialog.accept())
    me.press("結束小組審查")
    me.shot("chair-panel-closed")
    assert OTHER_COMPANY in me.text()
