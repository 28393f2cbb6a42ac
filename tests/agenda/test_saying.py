"""Recurrences in words, in four languages."""

import doctest
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from datacoop.agenda import saying
from datacoop.agenda.rules import rhythms
from datacoop.agenda.saying import LANGUAGES, PHRASES, recurrence_said

ZURICH = ZoneInfo("Europe/Zurich")
START, END = "2026-12-01T19:00:00+01:00", "2026-12-01T21:30:00+01:00"
UNTIL_JUNE = {"rrule": "FREQ=WEEKLY;BYDAY=TU;UNTIL=20270630T215959Z", "exdates": ["2026-12-29T19:00:00"]}


def said(recurrence: dict[str, Any], language: str = "en", start: str = START, end: str | None = END) -> str:
    return recurrence_said(recurrence, start, end, ZURICH, language)


def test_every_language_says_all_of_it() -> None:
    assert [said(UNTIL_JUNE, each) for each in LANGUAGES] == [
        "Chaque mardi, de 19 h 00 à 21 h 30, jusqu’au 30 juin 2027, sauf le 29 décembre 2026",
        "Jeden Dienstag, 19.00–21.30 Uhr, bis 30. Juni 2027, ausser am 29. Dezember 2026",
        "Ogni martedì, ore 19:00–21:30, fino al 30 giugno 2027, eccetto: 29 dicembre 2026",
        "Every Tuesday, 19:00–21:30, until 30 June 2027, except on 29 December 2026",
    ]


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("FREQ=DAILY", "Every day"),
        ("FREQ=DAILY;INTERVAL=3", "Every three days"),
        ("FREQ=WEEKLY;INTERVAL=2", "Every two weeks on Tuesday"),
        ("FREQ=WEEKLY;BYDAY=TH,MO", "Every Monday and Thursday"),
        ("FREQ=MONTHLY;BYDAY=2TU,4TU", "The second Tuesday and the fourth Tuesday of every month"),
        ("FREQ=MONTHLY;BYDAY=-1SU", "The last Sunday of every month"),
        ("FREQ=MONTHLY", "On day 1 of every month"),
        ("FREQ=YEARLY", "Every year on 1 December"),
        ("FREQ=MONTHLY;BYDAY=MO;BYSETPOS=1", "Several dates"),
        ("FREQ=MONTHLY;BYDAY=MO", "Several dates"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "Several dates"),
        ("FREQ=YEARLY;BYMONTH=5", "Several dates"),
    ],
)
def test_rules_have_words(rule: str, words: str) -> None:
    assert said({"rrule": rule}, end=None) == f"{words}, 19:00"


def test_many_days_are_counted_and_whole_days_have_no_hour() -> None:
    many = {"rrule": "FREQ=DAILY;COUNT=20", "exdates": [f"2026-12-0{day}" for day in range(2, 8)]}

    assert said(many, start="2026-12-01", end="2026-12-02") == "Every day, 20 times, except on 6 dates"
    assert said({"rdates": ["2026-12-05T19:00:00"]}) == "Several dates, 19:00–21:30"


def test_italian_joins_its_article_and_knows_that_sunday_is_a_lady() -> None:
    rule = {"rrule": "FREQ=MONTHLY;BYDAY=2SU;UNTIL=20270308T225959Z"}

    assert said(rule, "it", end=None) == "La seconda domenica di ogni mese, ore 19:00, fino all’8 marzo 2027"


def test_what_happens_once_has_no_words() -> None:
    assert recurrence_said(None, START, END, ZURICH, "fr") == ""
    assert recurrence_said({"overrides": [{"recurrence_id": START, "status": "full"}]}, START, END, ZURICH, "fr") == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_every_text(language: str) -> None:
    assert PHRASES.of(language).keys() == PHRASES.of("fr").keys()


def test_examples() -> None:
    assert doctest.testmod(saying).failed == doctest.testmod(rhythms).failed == 0
