"""Days and hours of real lists; what may be two days is refused."""

from datetime import date, datetime

import pytest

from datacoop.lib.dates import DateRefusedError, parse_date, parse_datetime, parse_moment


@pytest.mark.parametrize(
    "cell",
    ["2026-11-23", "23.11.2026", "23/11/2026", "23-11-2026", "23.11.26", "23 novembre 2026", "23. November 2026",
     "November 23, 2026", "lundi 23 novembre 2026", "20261123", 46349, "2026-11-23T10:00:00Z", "2026/11/23"],
)  # fmt: skip
def test_reads_one_day_in_many_notations(cell):
    assert parse_date(cell) == date(2026, 11, 23)


@pytest.mark.parametrize(
    ("cell", "code"),
    [("12-13 mai", "unreadable"), ("14-04 afternoon", "unreadable"), ("04/16/2016", "swapped"), ("1987", "incomplete"),
     ("31.02.2024", "impossible"), ("12/03/24", "incomplete"), ("mars 2024", "incomplete")],
)  # fmt: skip
def test_refuses_what_is_not_one_day(cell, code):
    with pytest.raises(DateRefusedError) as refused:
        parse_date(cell)
    assert refused.value.code == code


@pytest.mark.parametrize("cell", ["", None, "0001-01-01", "0000-00-00"])
def test_knows_days_that_nobody_knows(cell):
    assert parse_date(cell) is None


@pytest.mark.parametrize(
    ("cell", "instant"),
    [("11-04-2018 08:30", "2018-04-11T08:30:00+02:00"), ("2026-12-01 20h", "2026-12-01T20:00:00+01:00"),
     ("2026-12-01T20:00:00Z", "2026-12-01T20:00:00+00:00"), ("1.12.2026, 20.15 Uhr", "2026-12-01T20:15:00+01:00"),
     ("2026-07-01 7:00 pm", "2026-07-01T19:00:00+02:00")],
)  # fmt: skip
def test_reads_hours_in_zurich(cell, instant):
    assert parse_datetime(cell).isoformat() == instant


def test_refuses_the_hour_that_does_not_exist():
    with pytest.raises(DateRefusedError):
        parse_datetime("2026-03-29 02:30")


@pytest.mark.parametrize(
    ("cell", "moment"),
    [("11-04-2018", "2018-04-11"), ("12 mai 2018", "2018-05-12"), (datetime(2018, 4, 11), "2018-04-11"),
     (43201, "2018-04-11"), ("43201.0", "2018-04-11"), (43201.5, "2018-04-11T12:00:00+02:00"),
     ("2018-04-11 00:00", "2018-04-11T00:00:00+02:00"), (datetime(2018, 4, 11, 8, 30), "2018-04-11T08:30:00+02:00"),
     ("2026-12-01T20:00:00Z", "2026-12-01T20:00:00+00:00")],
)  # fmt: skip
def test_a_day_without_an_hour_stays_a_day(cell, moment):
    assert parse_moment(cell).isoformat() == moment


@pytest.mark.parametrize("cell", ["14.04.2027 08:30-20:00", "14.04.2027 08:30-10:00", "2027-04-14 08:30-10:00"])
def test_from_and_until_are_no_offset(cell):
    with pytest.raises(DateRefusedError):
        parse_moment(cell)


@pytest.mark.parametrize("cell", ["2027-04-14T08:30-05:00", "2027-04-14 08:30:00-05:00", "2027-04-14T08:30:00-0500"])
def test_an_offset_is_no_end(cell):
    assert parse_moment(cell).isoformat() == "2027-04-14T08:30:00-05:00"


def test_a_moment_lies_where_somebody_may_still_go():
    with pytest.raises(DateRefusedError):
        parse_moment("11-04-1018")
