"""Rules in the words of schema.org, HSDS and Atom."""

from typing import Any

import extruct
import orjson
import pytest

from datacoop.feeds.formats import atom, jsonld
from datacoop.feeds.hsds import written
from tests.feeds.test_calendars_out import EVENING, WEEKLY
from tests.feeds.test_formats import ACTIVITY, body_of, context_of


def thing(**changed: Any) -> dict[str, Any]:
    body = jsonld.render_one(body_of(ACTIVITY, **changed), context_of(ACTIVITY))
    page = f'<script type="application/ld+json">{body.decode()}</script>'
    (found,) = extruct.extract(page, syntaxes=["json-ld"], errors="strict")["json-ld"]
    return dict(found)


def hsds(**changed: Any) -> dict[str, Any]:
    (found,) = written(orjson.loads(body_of(ACTIVITY, **changed)), "fr")["schedules"]
    return dict(found)


def ruled(rule: str) -> dict[str, Any]:
    return {**EVENING, "recurrence": {"rrule": rule}}


def test_a_weekly_rule_is_a_schedule() -> None:
    assert thing(**WEEKLY)["eventSchedule"] == {
        "@type": "Schedule", "repeatFrequency": "P1W", "byDay": ["https://schema.org/Saturday"],
        "startDate": "2026-11-28", "endDate": "2027-06-30", "startTime": "19:30:00", "endTime": "21:00:00",
        "scheduleTimezone": "Europe/Zurich",
        "exceptDate": ["2026-12-05T19:30:00", "2026-12-12T19:30:00", "2026-12-26T19:30:00"],
    }  # fmt: skip


def test_days_numbers_and_counts() -> None:
    found = thing(**ruled("FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR;COUNT=5"))["eventSchedule"]
    assert (found["repeatFrequency"], found["byDay"], found["repeatCount"]) == ("P2M", ["-1FR"], 5)
    yearly = thing(**ruled("FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=6"))["eventSchedule"]
    assert (yearly["repeatFrequency"], yearly["byMonth"], yearly["byMonthDay"]) == ("P1Y", [12], [6])
    days = thing(start="2026-12-24", end="2026-12-27", tz=None, recurrence={"rrule": "FREQ=YEARLY"})
    assert days["endDate"] == "2026-12-26"
    assert not {"startTime", "scheduleTimezone"} & days["eventSchedule"].keys()


@pytest.mark.parametrize("recurrence", [
    None, {"rdates": ["2026-12-01T10:00:00"]}, {"rrule": "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=-1"},
    {"rrule": "FREQ=YEARLY;BYWEEKNO=20"},
])  # fmt: skip
def test_what_a_schedule_cannot_say_is_none(recurrence: object) -> None:
    found = thing(**EVENING, recurrence=recurrence)

    assert "eventSchedule" not in found
    assert ("datacoop:recurrence" in found) == (recurrence is not None)


def test_hsds_says_weekly_and_monthly_rules() -> None:
    found = hsds(**WEEKLY)

    del found["id"]
    assert found == {
        "dtstart": "2026-11-28", "freq": "WEEKLY", "interval": 1, "byday": "SA", "until": "2027-06-30", "timezone": 1.0,
        "opens_at": "19:30", "closes_at": "21:00",
    }  # fmt: skip
    assert hsds(**ruled("FREQ=MONTHLY;BYMONTHDAY=15;COUNT=3"))["bymonthday"] == 15
    assert hsds(**ruled("FREQ=YEARLY"))["notes"] == "RRULE:FREQ=YEARLY"
    assert not {"freq", "notes", "timezone"} & hsds(**EVENING, recurrence=None).keys()


def test_atom_says_that_it_repeats() -> None:
    for language, word in (("fr", "se répète"), ("de", "wiederholt sich"), ("it", "si ripete"), ("en", "repeats")):
        assert f"– {word} –" in atom.render_one(body_of(ACTIVITY), context_of(ACTIVITY, language=language)).decode()
    assert b"se r\xc3\xa9p\xc3\xa8te" not in atom.render_one(body_of(ACTIVITY, recurrence=None), context_of(ACTIVITY))
