"""Work without a mouse: the office's list and check, and a score sheet."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from tests.journeys.people import Person

SCENE = "season"
Open = Callable[..., Person]


def _at(me: Person) -> str:
    """What has the focus, in words that a failing test can show."""
    return str(
        me.page.evaluate("document.activeElement.id || document.activeElement.outerHTML.slice(0, 120)")
    )


def test_the_offices_list_is_walked_with_j_and_k(person: Open) -> None:
    me = person("office@demo.test")
    me.go("/office/cases/")
    numbers = me.page.locator("tbody th a").all_inner_texts()
    assert len(numbers) > 3
    press = me.page.keyboard.press
    for key in ("j", "j", "j", "k"):
        press(key)
    assert me.page.locator("tr.is-cursor th a").inner_text() == numbers[1]
    press("Enter")
    me.page.wait_for_url("**/office/cases/*-*/")
    assert numbers[1] in me.text()
    # Back in the list the row is still marked, and "/" goes to the search.
    me.page.go_back()
    me.page.locator("tr.is-cursor").wait_for()
    assert me.page.locator("tr.is-cursor th a").inner_text() == numbers[1]
    press("/")
    assert me.page.evaluate("document.activeElement.name") == "q", _at(me)
    me.page.keyboard.type("jk")
    assert me.page.locator("input[name=q]").input_value().endswith("jk"), (
        "letters typed in a field are no commands"
    )


def test_a_qualification_check_is_done_with_p_s_and_f(person: Open) -> None:
    me = person("office@demo.test")
    me.go("/office/cases/?view=to_check")
    me.page.keyboard.press("j")
    me.page.keyboard.press("Enter")
    me.page.wait_for_url("**/office/cases/*-*/")
    me.go(f"{me.page.url}qualification/")
    press = me.page.keyboard.press
    items = me.page.locator(".check-item")
    for number, (key, word) in enumerate((("p", "pass"), ("s", "supplement"), ("f", "fail"))):
        press("j")
        present = items.nth(number)
        assert present.evaluate("item => item.classList.contains('is-cursor')"), _at(me)
        code = (present.get_attribute("id") or "").removeprefix("item-")
        with me.expecting("422"):  # a verdict against the company waits for its reason
            press(key)
            me.page.locator(f"#{code}-{word}:checked").wait_for()
            if key == "p":
                me.page.wait_for_function(
                    "code => document.getElementById(`body-${code}`).querySelector('.is-pass')", arg=code
                )
            else:
                me.page.wait_for_function("code => document.activeElement.id === `${code}-reason`", arg=code)
                me.page.keyboard.type("請補正這一項。")
                press("Tab")
                me.page.locator("#letter-draft").get_by_text(code).first.wait_for()
    press("k")
    assert items.nth(1).evaluate("item => item.classList.contains('is-cursor')"), _at(me)


def test_a_score_sheet_is_filled_with_the_keyboard_alone(person: Open) -> None:
    me = person("reviewer@demo.test")
    me.go("/review/")
    sheets = me.page.locator(".case-list a[href*='/review/assignments/']")
    for link in sheets.evaluate_all("all => all.map(a => a.getAttribute('href'))"):
        me.go(link)
        if "/declare/" in me.page.url:
            me.page.check("input[name=has_conflict][value=no]")
            me.page.fill("input[name=signed_name]", "吳明德")
            me.press("簽署")
        if me.page.locator("form[data-scoring]").count():
            break
    press, type_ = me.page.keyboard.press, me.page.keyboard.type
    first = me.page.locator("[data-score]").first
    for _ in range(80):  # Tab alone reaches the first score
        press("Tab")
        if first.evaluate("field => field === document.activeElement"):
            break
    else:
        raise AssertionError(f"Tab never came to the first score: {_at(me)}")
    scores = ("80", "70", "60", "50")
    for number, score in enumerate(scores):
        press("Control+a")
        type_(score)
        press("Tab")  # the slider: arrows move it by one
        assert me.page.evaluate("document.activeElement.type") == "range", _at(me)
        press("ArrowRight")
        field = me.page.locator("[data-score]").nth(number)
        assert field.input_value() == str(int(score) + 1)
        press("ArrowLeft")
        assert field.input_value() == score
        press("Tab")  # the comment
        type_("意見")
        press("Tab")
    total = sum(Decimal(s) * w / 100 for s, w in zip(scores, (40, 30, 20, 10), strict=True))
    assert Decimal(me.page.locator("[data-total-figure]").first.inner_text()) == total
    assert me.page.evaluate("document.activeElement.name") == "recommends", _at(me)
    press("Space")
    press("Tab")
    assert me.page.evaluate("'amount' in document.activeElement.dataset"), _at(me)
    me.saved()


def test_all_rows_are_picked_on_a_phone_where_the_table_has_no_head(person: Open) -> None:
    me = person("office@demo.test")
    me.page.set_viewport_size({"width": 390, "height": 800})
    me.go("/review/panels/")
    panels = me.page.locator("a[href*='/review/panels/']").evaluate_all("all => all.map(a => a.pathname)")
    for path in sorted({p for p in panels if p.split("/")[3].isdigit()}):
        me.go(path)
        if not me.page.locator(f"a[href='{path}invite/']").count():
            continue  # a panel that is closed
        me.go(f"{path}invite/")
        boxes = me.page.locator("tbody input[name=reviewer]")
        if boxes.count() > 1:
            break
    else:
        raise AssertionError("no panel has two experts to invite")
    total, said = boxes.count(), me.page.get_by_role("status").filter(has_text="已選")
    everything = me.page.get_by_role("checkbox", name="全選")
    assert everything.bounding_box(), "the box for all isn't to be seen"
    assert said.inner_text() == f"已選 0 位，共 {total} 位可選"
    everything.focus()
    me.page.keyboard.press("Space")
    assert boxes.evaluate_all("all => all.every(box => box.checked)")
    assert said.inner_text() == f"已選 {total} 位，共 {total} 位可選"
    boxes.first.uncheck()
    assert everything.evaluate("box => box.indeterminate && !box.checked")
    assert said.inner_text() == f"已選 {total - 1} 位，共 {total} 位可選"


def test_a_field_is_put_into_a_letter_at_the_cursor(person: Open) -> None:
    me = person("office@demo.test")
    me.go("/documents/templates/return/")
    text, press = me.page.locator("[name=subject]"), me.page.keyboard.press
    text.fill("前後")
    text.focus()
    press("Home")
    press("ArrowRight")
    for key in ("Alt+ArrowDown", "ArrowDown", "Enter"):
        press(key)
    assert text.input_value() == "前{申請單位名稱}後"
    assert me.page.evaluate("document.activeElement.name") == "subject", _at(me)
    me.page.get_by_role("button", name="案號", exact=True).click()
    assert text.input_value() == "前{申請單位名稱}{案號}後"
    press("Control+z")
    assert text.input_value() == "前{申請單位名稱}後"
    body = me.page.locator("[name=body]")
    body.fill("一、甲")
    me.page.get_by_role("button", name="理由清單", exact=True).click()
    assert body.input_value() == "一、甲\n{理由清單}"
