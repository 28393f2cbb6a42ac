"""Moments, zones and recurrences of lists: read whole or refused, never guessed."""

from datetime import datetime

import pytest

from datacoop.kinds.definition import kind
from datacoop.kinds.recurrence import recurrence_fault
from datacoop.sources.mapping import as_data, propose
from datacoop.sources.normalising import Setting, normalise
from datacoop.sources.readers.table import Row
from datacoop.sources.refusing import ValueRefused
from datacoop.sources.rows import RowReader

ACTIVITY = kind("activity")
TUESDAYS = "FREQ=WEEKLY;BYDAY=TU"


def read(zone: object = None, **cells: object) -> tuple[dict[str, object], list[tuple[str, str]]]:
    mapping = {"Titre": "title", "zone": "tz", "début": "start", "fin": "end", "heure": "start", "règle": "recurrence"}
    values = {"Titre": "Chœur", **({"zone": zone} if zone else {}), **cells}
    mapped = RowReader(mapping, ACTIVITY).read(Row(2, values))
    said = {each.property: each.value for each in mapped.values if each.property != "title"}
    return said, [(each.column, each.code) for each in mapped.problems]


def recurrence(cell: object, zone: str | None = None) -> object:
    return normalise(ACTIVITY.property("recurrence"), cell, Setting(), zone)


@pytest.mark.parametrize(
    ("cell", "wanted"),
    [
        (TUESDAYS, {"rrule": TUESDAYS}),
        ("rrule:freq=weekly; byday=tu;", {"rrule": TUESDAYS}),
        ({"rrule": TUESDAYS, "exdates": ["2026-12-29T19:30:00"]},
         {"rrule": TUESDAYS, "exdates": ["2026-12-29T19:30:00"]}),
        ('{"rdates": ["2026-12-01"]}', {"rdates": ["2026-12-01"]}),
        ("RDATE;VALUE=DATE:20261201,20261203\r\nRDATE;VALUE=DATE:20261202",
         {"rdates": ["2026-12-01", "2026-12-02", "2026-12-03"]}),
        (["RRULE:FREQ=DAILY", "EXDATE;TZID=Europe/Zurich:20261201T190000"],
         {"rrule": "FREQ=DAILY", "exdates": ["2026-12-01T19:00:00"]}),
        (f"RRULE:{TUESDAYS}\nRRULE:FREQ=WEEKLY;BYD\n AY=TU", {"rrule": TUESDAYS}),
        # Other zones: 18:30 in UTC is 19:30 in Zurich in winter, 20:30 in summer.
        (f"RRULE:{TUESDAYS}\nEXDATE:20261229T183000Z,20260630T183000Z",
         {"rrule": TUESDAYS, "exdates": ["2026-06-30T20:30:00", "2026-12-29T19:30:00"]}),
        ("RDATE;TZID=America/New_York:20261201T120000", {"rdates": ["2026-12-01T18:00:00"]}),
    ],
)  # fmt: skip
def test_reads_recurrences(cell: object, wanted: object) -> None:
    assert recurrence(cell) == [wanted]
    assert recurrence_fault(wanted) is None


def test_moments_are_wall_times_of_the_rows_zone() -> None:
    assert recurrence("RDATE:20261201T183000Z", "America/New_York") == [{"rdates": ["2026-12-01T13:30:00"]}]


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("chaque lundi", "Not a rule"),
        ("FREQ=HOURLY", "FREQ cannot be"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY cannot be"),
        ("FREQ=WEEKLY;COUNT=2;UNTIL=20270101", "exclude"),
        ("RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY", "Two different rules"),
        ("EXRULE:FREQ=DAILY", "EXRULE"),
        ("RDATE;VALUE=PERIOD:20261201T190000/PT1H", "list moments"),
        ("RDATE:20261301T190000", "that there are"),
        ("RDATE;TZID=Mars/Base:20261201T190000", "zone"),
        ('{"rrule": ', "not well formed"),
        ('{"regel": "x"}', "not a part"),
        ({"overrides": [{"recurrence_id": "2026-12-01"}]}, "what is different"),
        (7, "Neither a rule"),
    ],
)
def test_refuses_what_is_no_recurrence(cell: object, said: str) -> None:
    with pytest.raises(ValueRefused, match=said):
        recurrence(cell)


@pytest.mark.parametrize(
    ("zone", "start", "wanted"),
    [
        (None, "01.12.2026 19:00", "2026-12-01T19:00:00+01:00"),
        ("Europe/London", "01.12.2026 19:00", "2026-12-01T19:00:00+00:00"),
        ("America/New_York", "2026-12-01T19:00:00Z", "2026-12-01T19:00:00+00:00"),
        ("America/New_York", "01.12.2026", "2026-12-01"),
    ],
)
def test_hours_are_those_of_the_rows_zone(zone: str | None, start: str, wanted: str) -> None:
    assert read(zone, début=start) == ({"start": wanted, **({"tz": zone} if zone else {})}, [])


def test_refuses_a_zone_that_nobody_knows_and_the_hours_in_it() -> None:
    for zone in ("MEZ", "europe/zurich", "Mars/Base", "../etc/passwd"):
        said, problems = read(zone, début="01.12.2026 19:00")
        assert said == {}
        assert problems == [("début", "zone-unknown"), ("zone", "zone-unknown")]


@pytest.mark.parametrize(
    ("start", "end", "kept", "code"),
    [
        ("11.04.2026", "13.04.2026", "2026-04-14", None),
        ("11.04.2026", "11.04.2026", "2026-04-12", None),
        (datetime(2026, 4, 11), datetime(2026, 4, 13), "2026-04-14", None),
        ("11.04.2026 19:00", "11.04.2026 21:00", "2026-04-11T21:00:00+02:00", None),
        ("11.04.2026 19:00", "13.04.2026", "2026-04-14", None),
        ("11.04.2026 19:00", "11.04.2026", "2026-04-12", None),
        ("11.04.2026 19:00", "11.04.2026 18:00", None, "end-before-start"),
        ("11.04.2026", "09.04.2026", None, "end-before-start"),
        ("11.04.2026", "11.04.2026 18:00", None, "end-without-start"),
    ],
)
def test_the_end_fits_the_beginning(start: object, end: object, kept: str | None, code: str | None) -> None:
    said, problems = read(début=start, fin=end)

    assert said.get("end") == kept
    assert problems == ([("fin", code)] if code else [])


def test_a_midnight_of_a_workbook_is_joined_with_its_hour() -> None:
    assert read(début=datetime(2026, 12, 1), heure="20:15")[0] == {"start": "2026-12-01T20:15:00+01:00"}


def test_contacts_are_taken_out_of_single_dates() -> None:
    override = {"recurrence_id": "2026-12-01T19:00:00", "title": "Appeler le 079 555 12 34", "place": "Salle 2"}

    said, _ = read(règle={"rrule": TUESDAYS, "overrides": [override]})

    kept = said["recurrence"]["overrides"][0]  # type: ignore[index]
    assert kept == {**override, "title": "Appeler le …"}


def test_a_column_of_rules_is_recognised() -> None:
    rows = [Row(n, {"Titel": f"Chor {n}", "Wiederholung": TUESDAYS}) for n in range(5)]
    assert as_data(propose(["Titel", "Wiederholung"], rows, ACTIVITY))["Wiederholung"] == "recurrence"
