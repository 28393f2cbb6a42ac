"""Items of a list by start: tables say the date each stands for, calendars and feeds each record once."""

import csv
import io

import orjson
import pytest
from icalendar import Calendar

from datacoop.feeds.formats import atom, ical, jsonld
from datacoop.feeds.formats import csv as csv_format
from datacoop.feeds.formats import json as json_format
from datacoop.feeds.formatting import Format, on_its_date, render_list
from datacoop.kinds.schema import item_schema
from tests.feeds.test_formats import ACTIVITY, body_of, context_of

EVENT = {
    "start": "2026-12-01T19:00:00+01:00", "end": "2026-12-01T21:00:00+01:00", "recurrence": {"rrule": "FREQ=WEEKLY"},
}  # fmt: skip
FIRST = {"start": EVENT["start"], "end": EVENT["end"], "recurrence_id": "2026-12-01T19:00:00"}
SECOND = {
    "start": "2026-12-08T20:00:00+01:00", "end": "2026-12-08T22:00:00+01:00", "recurrence_id": "2026-12-08T19:00:00",
    "status": "cancelled", "title": "À Renens", "place": "Renens",
}  # fmt: skip
BODIES = [body_of(ACTIVITY, **EVENT, occurrence=each) for each in (FIRST, SECOND)]


def test_a_table_has_a_line_for_each_date_as_it_is_then() -> None:
    lines = list(csv.DictReader(io.StringIO(render_list(csv_format, BODIES, context_of(ACTIVITY)).decode("utf-8-sig"))))
    assert [each["start"] for each in lines] == [FIRST["start"], SECOND["start"]]
    assert [each["title"] for each in lines] == [ACTIVITY.example["title"], "À Renens"]
    assert [each["status"] for each in lines] == [ACTIVITY.example["status"], "cancelled"]
    assert len({each["recurrence"] for each in lines}) == 1


def test_json_ld_describes_the_date() -> None:
    things = orjson.loads(render_list(jsonld, BODIES, context_of(ACTIVITY)))["dataFeedElement"]
    assert [each["startDate"] for each in things] == [FIRST["start"], SECOND["start"]]
    assert things[1]["eventStatus"] == "https://schema.org/EventCancelled"


def test_json_keeps_the_date_beside_the_record_whatever_fields_are_asked() -> None:
    found = orjson.loads(render_list(json_format, BODIES, context_of(ACTIVITY, fields=frozenset({"title"}))))["items"]
    assert [each["occurrence"] for each in found] == [FIRST, SECOND]
    assert set(found[0]) == {"id", "kind", "title", "occurrence"}
    assert "occurrence" in item_schema(ACTIVITY)["properties"]  # type: ignore[operator]


@pytest.mark.parametrize(("layout", "mark"), [(ical, b"BEGIN:VEVENT"), (atom, b"<entry>")])
def test_calendars_and_feeds_have_each_record_once(layout: Format, mark: bytes) -> None:
    other = body_of(ACTIVITY, id="6f1c9c7e-4d0a-4b1e-9d53-2a7f0c8e1b65")
    assert render_list(layout, [*BODIES, other], context_of(ACTIVITY)).count(mark) == 2


def test_a_calendar_has_the_whole_rule() -> None:
    (event,) = Calendar.from_ical(render_list(ical, BODIES, context_of(ACTIVITY))).walk("VEVENT")
    assert event.decoded("DTSTART").isoformat() == EVENT["start"]
    assert event["RRULE"]["FREQ"] == ["WEEKLY"]


def test_an_item_without_a_date_of_its_own_is_as_it_is() -> None:
    item = {"id": "x", "kind": "activity", "start": EVENT["start"]}
    assert on_its_date(item, ACTIVITY) is item
