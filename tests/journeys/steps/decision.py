"""Act 5: the meeting decides and the ministry confirms. Act 6: letters, contracts, and what anybody may verify."""

from __future__ import annotations

import re

from core.money import in_words
from core.rocdate import roc
from tests.journeys.people import Person, pdf_text
from tests.journeys.play import (
    APPLICANT,
    APPROVED,
    CALL,
    COMPANY,
    OTHER_REQUESTED,
    REQUESTED,
    TITLE,
    Play,
    figure,
    today,
)
from tests.journeys.steps.applicant import PASSWORD
from tests.journeys.steps.office import OFFICE
from tests.journeys.steps.review import ADVICE, mean_of_ours

SUPERVISOR = "supervisor@example.test"
OURS, THEIRS = sum(APPROVED.values()), OTHER_REQUESTED
MEETING = "智慧生產人才培育第一次決審會議"


def act_five(play: Play) -> None:
    """Ranking, a scenario, minutes, adoption, confirmation."""
    office, ministry = play.person(OFFICE), play.person(SUPERVISOR)
    _open_meeting(play, office)
    _scenario(play, office)
    _cut(play, office)
    _record(play, office)
    _adopt(play, office)
    _confirm(play, ministry)
    office.close()
    ministry.close()


def _open_meeting(play: Play, me: Person) -> None:
    me.go("/meetings/open/")
    me.page.fill("input[name=name]", MEETING)
    me.shot("meeting-open")
    me.press("召開會議")
    play.known["meeting"] = me.page.url.removeprefix(play.stage.url)
    me.see(play.known["number"], str(mean_of_ours()))
    me.shot("meeting")


def _scenario(play: Play, me: Person) -> None:
    me.page.locator("table a[href*='/scenarios/']").first.click()
    me.look()
    play.known["scenario"] = me.page.url.removeprefix(play.stage.url)
    row = me.page.locator(f"tr[data-case='{play.known['number']}']")
    cells = row.locator("input[data-was]")
    assert cells.count() == len(APPROVED)
    # One dollar more than what was asked for breaks a rule at once; then the amounts that the experts recommend.
    cells.first.fill(figure(REQUESTED["personnel"] + 1))
    me.saved()
    me.page.locator("#board-summary .text-problem").first.wait_for()
    me.shot("meeting-scenario-broken")
    for cell, amount in zip(cells.all(), APPROVED.values(), strict=True):
        cell.fill(figure(amount))
    me.saved()
    me.page.locator("#board-summary dd.text-done").wait_for()
    assert row.locator("[data-sum-row]").inner_text() == figure(OURS)
    assert me.page.locator("[data-sum-all]").inner_text() == figure(OURS + THEIRS)
    me.page.reload()
    me.look()
    assert me.page.locator("[data-sum-all]").inner_text() == figure(OURS + THEIRS)
    assert me.page.locator("[data-spent]").inner_text() == figure(OURS + THEIRS)
    me.shot("meeting-scenario")


def _cut(play: Play, me: Person) -> None:
    """A second scenario with an envelope so small that the second case falls out, compared with the first."""
    me.go(f"{play.known['meeting']}scenarios/add/")
    me.page.fill("input[name=name]", "經費刪減 97%")
    me.page.fill("input[name=cut_percent]", "97")
    me.shot("meeting-scenario-add")
    me.press("新增方案")
    me.shot("meeting-scenario-cut")
    me.go(f"{play.known['meeting']}compare/")
    me.shot("meeting-compare")


def _record(play: Play, me: Person) -> None:
    me.go(f"{play.known['meeting']}record/")
    page = me.page
    for name, value in (
        ("held_on", roc(today())), ("held_time", "14:00"), ("place", "計畫辦公室 301 會議室"),
        ("chaired_by", "沈主席"), ("recorded_by", "周承辦"),
    ):  # fmt: skip
        page.fill(f"[name={name}]", value)
    names = page.locator("[data-rows=people] input[name$='-name']")
    titles = page.locator("[data-rows=people] input[name$='-title']")
    for number, (name, title) in enumerate(
        (("沈主席", "計畫主持人"), ("孫召集", "東坡大學教授"), ("錢督導", "產業發展署"))
    ):
        names.nth(number).fill(name)
        titles.nth(number).fill(title)
    page.fill("[name=minutes_text]", "委員一致同意依建議金額核定，晴川精密之講師費單價應予調降。")
    me.saved()
    me.shot("meeting-record")
    me.press("儲存並返回會議")


def _adopt(play: Play, me: Person) -> None:
    me.go(play.known["scenario"])
    me.press("採用這個方案…")
    me.see(figure(OURS + THEIRS))
    me.shot("meeting-adopt")
    box = me.page.locator("input[name=acknowledged]")
    if box.count():
        box.check()
    me.press("採用並送核定")
    me.go(play.known["meeting"])
    me.shot("meeting-adopted")


def _confirm(play: Play, me: Person) -> None:
    me.go("/supervisor/")
    me.see(MEETING)
    me.shot("supervisor-home")
    me.go(f"{play.known['meeting']}confirm/")
    me.see(figure(OURS), figure(THEIRS), figure(OURS + THEIRS))
    me.shot("supervisor-confirm")
    minutes = me.page.get_by_role("link", name="會議紀錄（PDF）").get_attribute("href") or ""
    words = pdf_text(me.fetch(f"{minutes}download/", wait=60))
    for one in (MEETING, figure(OURS), figure(THEIRS), figure(OURS + THEIRS), "沈主席", str(mean_of_ours())):
        assert one in words, f"{one} isn't in the minutes"
    me.press("核定並公告")
    me.page.locator(".meeting-history").get_by_text("核定").last.wait_for()
    # The worker is done, and the page has loaded itself anew; other papers may wait before it in the queue.
    me.page.get_by_text("公開的核定名單").wait_for(timeout=60_000)
    me.go("/supervisor/")
    me.see(figure(OURS + THEIRS))
    me.shot("supervisor-home-confirmed")


def act_six(play: Play) -> None:
    """Approval letters and contracts in batches; the company fetches them; anybody verifies them."""
    office = play.person(OFFICE)
    for kind, name in (("approval", "letters-approval"), ("contract", "letters-contract")):
        _issue(play, office, kind, name)
    office.close()
    _company_reads(play)
    _anybody_verifies(play)


def _issue(play: Play, me: Person, kind: str, name: str) -> None:
    me.go(f"{play.known['meeting']}letters/{kind}/")
    me.see(figure(OURS), figure(THEIRS))
    me.shot(f"office-{name}")
    link = me.page.locator("a", has_text="預覽").first.get_attribute("href") or ""
    assert me.fetch(link).startswith(b"%PDF")
    me.page.locator(".bulk-bar button[type=submit]").click()
    me.look()
    me.see("/ 2")
    me.page.get_by_text("全部完成").wait_for(timeout=90_000)
    me.page.reload()
    me.look()
    me.shot(f"office-{name}-batch")
    for _ in range(30):
        merged = me.page.get_by_role("link", name="下載列印檔")
        if merged.count():
            break
        me.page.wait_for_timeout(1000)
        me.page.reload()
    assert me.download("下載列印檔").startswith(b"%PDF")


def _company_reads(play: Play) -> None:
    me = play.person()
    me.log_in(APPLICANT, PASSWORD)
    me.go(play.case)
    me.see(figure(OURS))
    me.shot("applicant-case-approved")
    links = {
        "approval": me.page.locator(".file-list a", has_text="核定").first,
        "contract": me.page.locator(".file-list a", has_text="契約").first,
    }
    addresses = {kind: link.get_attribute("href") or "" for kind, link in links.items()}
    files = {kind: me.fetch(address) for kind, address in addresses.items()}
    for kind, content in files.items():
        (play.stage.folder / f"{kind}.pdf").write_bytes(content)
    letter, contract = pdf_text(files["approval"]), pdf_text(files["contract"])
    for words in (COMPANY, TITLE, play.known["number"], figure(OURS), *map(figure, APPROVED.values())):
        assert words in letter, f"{words} isn't in the approval letter"
    assert ADVICE.replace(" ", "") in letter
    for words in (COMPANY, TITLE, figure(OURS), in_words(OURS)):
        assert words in contract, f"{words} isn't in the contract"
    assert str(mean_of_ours()) not in letter, "the letter tells no scores"
    play.stage.wait_for_mail(APPLICANT, play.known["number"])
    for message in play.stage.mails(APPLICANT):
        body = message.get_body()
        assert figure(OURS) not in str(body.get_content() if body else ""), "a mail tells no amounts"
    play.known["letter_address"] = addresses["approval"]
    code = re.search(r"查驗碼([0-9A-Z]{5}-[0-9A-Z]{5})", letter)
    assert code, "the letter shows no code"
    play.known["code"] = code[1]
    me.close()


def _anybody_verifies(play: Play) -> None:
    me = play.person()
    me.go("/verify/")
    me.shot("public-verify")
    me.page.fill("input[name=code]", play.known["code"])
    me.press("查驗")
    me.see("這份文件確實由本入口發出")
    words = me.text()
    assert COMPANY not in words, "the recipient is masked"
    original = (play.stage.folder / "approval.pdf").read_bytes()
    for content, answer in (
        (original, "這個檔案就是原件，內容沒有被更動。"),
        (original.replace(b"%%EOF", b"%%EOG"), "這個檔案和原件不同。"),
    ):
        me.page.set_input_files(
            "input[type=file]", {"name": "letter.pdf", "mimeType": "application/pdf", "buffer": content}
        )
        me.press("比對檔案")
        me.see(answer)
        me.shot("public-verify-original" if content is original else "public-verify-changed")
    me.go(f"/calls/{CALL}/results/")
    me.see(COMPANY, figure(OURS), figure(THEIRS), f"{figure(OURS + THEIRS)} 元")
    me.shot("public-results")
    table = me.fetch(f"/calls/{CALL}/results.csv").decode("utf-8-sig")
    assert str(OURS) in table
    with me.expecting("404"):
        answer = me.context.request.get(play.known["letter_address"], max_redirects=0)
    assert answer.status in (302, 403, 404), "a stranger can't fetch a letter"
    me.close()
