"""Terms moved in time keep their sense: fields, sentences, and what belongs to the calendar."""

from datetime import date

import yaml

from programs.rules.moving import moved
from programs.rules.terms import parse_terms


def original() -> dict:
    with open("fixtures/schemes/ipas_114.yaml", encoding="utf-8") as source:
        return yaml.safe_load(source)


def test_window_timetable_and_period_move_by_the_same_days() -> None:
    before, after = parse_terms(original()), parse_terms(moved(original(), days=600))
    assert (after.window.closes_at - before.window.closes_at).days == 600
    assert (after.timetable[0].starts_on - before.timetable[0].starts_on).days == 600
    assert (after.rule("T5").params.latest_end - before.rule("T5").params.latest_end).days == 600


def test_sentences_name_the_new_dates() -> None:
    terms = parse_terms(moved(original(), days=600))
    assert "116 年 3 月 2 日" in terms.rule("T5").text
    assert any("116/3/2" in question.text for question in terms.selfcheck)


def test_amounts_hours_and_the_wage_table_stay() -> None:
    before, after = parse_terms(original()), parse_terms(moved(original(), days=600))
    assert "100,000 元" in after.rule("B3").text
    assert after.rule("T8").params == before.rule("T8").params
    assert after.rule("T3").params == before.rule("T3").params


def test_moving_by_nothing_changes_only_the_words_of_the_timetable() -> None:
    data = moved(original(), days=0)
    expected = original()
    for stage in [*data["timetable"], *expected["timetable"]]:
        stage.pop("when")
    assert data == expected


def test_a_stage_of_one_day_is_told_as_one_day() -> None:
    first, second = moved(original(), days=365)["timetable"][:2]
    assert (first["when"], second["when"]) == ("115/2/10", "115/2/10–115/3/28")


def test_a_leap_day_is_no_obstacle() -> None:
    terms = parse_terms(moved(original(), days=(date(2028, 2, 29) - date(2025, 7, 10)).days))
    assert terms.rule("T5").params.latest_end == date(2028, 2, 29)
