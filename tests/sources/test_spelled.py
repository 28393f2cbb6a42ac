"""Dates as people write them in tables: read in four languages, or refused with the row and the reason."""

import pytest

from datacoop.kinds.definition import kind
from datacoop.sources.readers.table import Row
from datacoop.sources.rows import RowReader

ACTIVITY = kind("activity")
MAPPING: dict[str, str | None] = {
    "Titre": "title", "Quand": "start", "Fin": "end", "Répétition": "recurrence", "Fuseau": "tz",
}  # fmt: skip


def read(**cells: object) -> tuple[dict[str, object], list[tuple[int, str, str]]]:
    mapped = RowReader(MAPPING, ACTIVITY).read(Row(7, {"Titre": "Chœur", **cells}))
    said = {each.property: each.value for each in mapped.values if each.property != "title"}
    return said, [(each.row, each.column, each.code) for each in mapped.problems]


TUESDAY = {"start": "2027-01-12T19:00:00+01:00", "recurrence": {"rrule": "FREQ=WEEKLY;BYDAY=TU"}}
UNTIL_NINE = {**TUESDAY, "end": "2027-01-12T21:00:00+01:00"}


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        ("14-04-2027 08:30-20:00", {"start": "2027-04-14T08:30:00+02:00", "end": "2027-04-14T20:00:00+02:00"}),
        ("mercredi 14 avril 2027 de 19h à 21h30", {"start": "2027-04-14T19:00:00+02:00",
                                                   "end": "2027-04-14T21:30:00+02:00"}),
        ("Mittwoch, 14. April 2027, 19–21 Uhr", {"start": "2027-04-14T19:00:00+02:00",
                                                 "end": "2027-04-14T21:00:00+02:00"}),
        ("14 aprile 2027 dalle ore 19 alle ore 21", {"start": "2027-04-14T19:00:00+02:00",
                                                     "end": "2027-04-14T21:00:00+02:00"}),
        ("April 14 2027 7-9 pm", {"start": "2027-04-14T19:00:00+02:00", "end": "2027-04-14T21:00:00+02:00"}),
        # Several days: the last one is meant, the day after it is kept.
        ("12-13 mai 2027", {"start": "2027-05-12", "end": "2027-05-14"}),
        ("vom 12. bis 13. Mai 2027", {"start": "2027-05-12", "end": "2027-05-14"}),
        ("30.04.2027 - 02.05.2027", {"start": "2027-04-30", "end": "2027-05-03"}),
        # Every week, since a day that is said: the first of these days on or after it.
        ("chaque mardi 19h dès le 12.01.2027", TUESDAY),
        ("tous les mardis 19h-21h à partir du 11 janvier 2027", UNTIL_NINE),
        ("jeden Dienstag 19–21 Uhr, ab 12.01.2027", UNTIL_NINE),
        ("dienstags 19 Uhr ab 8. Januar 2027", TUESDAY),
        ("ogni martedì alle 19:00 dal 12.01.2027", TUESDAY),
        ("every Tuesday 7pm from 12 January 2027", TUESDAY),
        ("Tuesdays 19:00, starting January 12, 2027", TUESDAY),
        ("chaque mardi et jeudi 19h du 12.01.2027 au 30.06.2027",
         {**TUESDAY, "recurrence": {"rrule": "FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20270630"}}),
        ("chaque samedi dès le 9.1.2027", {"start": "2027-01-09", "recurrence": {"rrule": "FREQ=WEEKLY;BYDAY=SA"}}),
    ],
)  # fmt: skip
def test_reads_what_is_sure(cell: str, wanted: dict[str, object]) -> None:
    assert read(Quand=cell) == (wanted, [])


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("14-04 08:30-20:00", "date-incomplete"),  # which year?
        ("14-04 afternoon", "date-incomplete"),
        ("12-13 mai", "date-incomplete"),
        ("14. April 19 Uhr", "date-incomplete"),
        ("chaque mardi 19h", "begin-unsure"),  # since when?
        ("jeden Dienstag 19–21 Uhr", "begin-unsure"),
        ("ogni martedì 19:00", "begin-unsure"),
        ("every Tuesday 19:00", "begin-unsure"),
        ("every Tuesday 19:00 until 30 June 2027", "begin-unsure"),
        ("mardi 19h", "date-unreadable"),  # one Tuesday, or every one?
        ("un mardi sur deux 19h dès le 12.01.2027", "date-unreadable"),
        ("jeden zweiten Dienstag", "date-unreadable"),
        ("mardi 14 avril 2027 19h-21h", "date-impossible"),  # a Wednesday
        ("14.04.2027 19-21", "date-unreadable"),  # hours, or numbers?
        ("14.04.2027 20h-1h", "end-before-start"),
        ("14.04.2027 25:00-26:00", "date-impossible"),
        ("31.04.2027 19h-21h", "date-impossible"),
        ("13-12 mai 2027", "date-impossible"),
        ("sur demande", "date-unreadable"),
    ],
)
def test_refuses_what_is_not(cell: str, code: str) -> None:
    assert read(Quand=cell) == ({}, [(7, "Quand", code)])


@pytest.mark.parametrize(
    ("start", "rule", "wanted"),
    [
        ("12.01.2027", "chaque mardi 19h-21h", UNTIL_NINE),
        ("12.01.2027 19:00", "jeden Dienstag", TUESDAY),
        ("12.01.2027", "ogni martedì", {**TUESDAY, "start": "2027-01-12"}),
    ],
)
def test_a_rule_begins_at_the_first_date_of_its_row(start: str, rule: str, wanted: object) -> None:
    assert read(Quand=start, Répétition=rule) == (wanted, [])


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"Quand": "13.01.2027", "Répétition": "chaque mardi 19h"}, "recurrence-unreadable"),
        ({"Quand": "12.01.2027 20:00", "Répétition": "chaque mardi 19h"}, "recurrence-unreadable"),
        ({"Quand": "12.01.2027", "Répétition": "14.04.2027"}, "recurrence-unreadable"),
        ({"Répétition": "chaque mardi 19h"}, "begin-unsure"),
    ],
)
def test_refuses_a_rule_that_does_not_fit_its_row(cells: dict[str, str], code: str) -> None:
    said, problems = read(**cells)
    assert "recurrence" not in said
    assert problems == [(7, "Répétition", code)]


def test_an_hour_alone_ends_the_day_it_begins() -> None:
    assert read(Quand="14.04.2027 19:00", Fin="21:00")[0]["end"] == "2027-04-14T21:00:00+02:00"
    assert read(Quand="14.04.2027 19:00", Fin="1:00") == (
        {"start": "2027-04-14T19:00:00+02:00"}, [(7, "Fin", "end-before-start")]
    )  # fmt: skip
    assert read(Quand="14.04.2027", Fin="21:00")[1] == [(7, "Fin", "end-without-start")]


def test_days_of_other_kinds_have_no_hours() -> None:
    offer = kind("offer")
    mapped = RowReader({"Dès": offer.slots["start"].name}, offer).read(Row(7, {"Dès": "14.04.2027 08:30-20:00"}))
    assert [each.code for each in mapped.problems] == ["date-unreadable"]
    assert mapped.values == []


def test_hours_are_those_of_the_rows_zone() -> None:
    said, _ = read(Quand="12.01.2027 19h-21h", Fuseau="Europe/London")
    assert (said["start"], said["end"]) == ("2027-01-12T19:00:00+00:00", "2027-01-12T21:00:00+00:00")
