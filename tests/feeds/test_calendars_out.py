"""Calendars that leave: a strict parser reads them, others give the dates we give, and our own reader what we wrote."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import orjson
import pytest
import recurring_ical_events
from ical.calendar_stream import IcsCalendarStream

from datacoop.feeds.formats import ical
from datacoop.feeds.formatting import render_list, stream
from datacoop.feeds.zones import described
from datacoop.lib.recurring import occurrences, zone_of
from datacoop.sources.mapping import as_data, propose
from datacoop.sources.readers.reading import read
from datacoop.sources.rows import RowReader
from tests.feeds.test_formats import ACTIVITY, body_of, context_of

EVENING = {"start": "2026-11-28T19:30:00+01:00", "end": "2026-11-28T21:00:00+01:00", "tz": "Europe/Zurich"}
WEEKLY = {**EVENING, "recurrence": {
    "rrule": "FREQ=WEEKLY;BYDAY=SA;UNTIL=20270630T170000Z", "rdates": ["2026-12-01T10:00:00"],
    "exdates": ["2026-12-26T19:30:00"],
    "overrides": [
        {"recurrence_id": "2026-12-05T19:30:00", "start": "2026-12-06T18:00:00", "title": "Ailleurs", "place": "Parc"},
        {"recurrence_id": "2026-12-12T19:30:00", "status": "cancelled"},
    ],
}}  # fmt: skip
TIMES: dict[str, dict[str, Any]] = {
    "once": {**EVENING, "recurrence": None},
    "once, no zone said": {**EVENING, "tz": None, "recurrence": None},
    "without an end": {**EVENING, "end": None, "recurrence": None},
    "one day": {"start": "2026-11-28", "end": None, "tz": None, "recurrence": None},
    "three days": {"start": "2026-11-28", "end": "2026-12-01", "tz": None, "recurrence": None},
    "weekly": WEEKLY,
    "in New York": {**WEEKLY, "start": "2026-11-28T13:30:00-05:00", "end": None, "tz": "America/New_York"},
    "in UTC": {**WEEKLY, "start": "2026-11-28T19:30:00+00:00", "end": None, "tz": "UTC"},
    "days of a year": {"start": "2026-12-24", "end": "2026-12-27", "tz": None, "recurrence": {
        "rrule": "FREQ=YEARLY;UNTIL=20291231", "rdates": ["2027-01-06"], "exdates": ["2028-12-24"]}},
    "full": {**EVENING, "recurrence": None, "status": "full"},
    "postponed": {**EVENING, "recurrence": None, "status": "postponed"},
}  # fmt: skip


def written(**changed: Any) -> bytes:
    return ical.render_one(body_of(ACTIVITY, **changed), context_of(ACTIVITY))


def read_back(content: bytes, folder: Path) -> dict[str, Any]:
    path = folder / "agenda.ics"
    path.write_bytes(content)
    table = read(path)
    (row,) = table.rows
    mapped = RowReader(as_data(propose(table.columns, [row], ACTIVITY)), ACTIVITY).read(row)
    assert mapped.problems == []
    return {each.property: each.value for each in mapped.values}


@pytest.mark.parametrize("changed", TIMES.values(), ids=TIMES.keys())
class TestEveryTime:
    def test_passes_a_strict_parser(self, changed: dict[str, Any]) -> None:
        calendar = IcsCalendarStream.calendar_from_ics(written(**changed).decode())

        assert len(calendar.events) == 1 + len((changed["recurrence"] or {}).get("overrides", ()))

    def test_comes_back(self, changed: dict[str, Any], tmp_path: Path) -> None:
        before = orjson.loads(body_of(ACTIVITY, **changed))

        back = read_back(written(**changed), tmp_path)

        for name in ("title", "start", "end", "tz", "recurrence", "status", "website"):
            assert back.get(name) == before.get(name), name

    def test_gives_others_the_dates_it_gives_us(self, changed: dict[str, Any]) -> None:
        since, until = datetime(2026, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
        item = orjson.loads(body_of(ACTIVITY, **changed))
        ours = occurrences(
            item, item.get("recurrence", {}), zone_of(item.get("tz"), ZoneInfo("Europe/Zurich")), since, until
        )
        calendar = icalendar.Calendar.from_ical(written(**changed))

        theirs = recurring_ical_events.of(calendar).between(since, until)

        assert sorted(_instant(each["DTSTART"].dt.isoformat()) for each in theirs) == sorted(
            _instant(each.start) for each in ours
        )


def _instant(text: str) -> str:
    return text if len(text) == 10 else datetime.fromisoformat(text).astimezone(UTC).isoformat()


def test_says_what_is_full_behind_the_title_in_the_readers_language() -> None:
    for language, word in (("fr", "Complète"), ("de", "Ausgebucht"), ("it", "Al completo"), ("en", "Full")):
        content = ical.render_one(body_of(ACTIVITY, status="full"), context_of(ACTIVITY, language=language)).decode()
        assert f"SUMMARY:{ACTIVITY.example['title']} ({word})" in content
        assert "STATUS:CONFIRMED" in content


def test_a_zone_is_described_once_before_its_first_event() -> None:
    bodies = [body_of(ACTIVITY, **TIMES[name]) for name in ("in UTC", "weekly", "weekly", "in New York", "weekly")]

    content = render_list(ical, bodies, context_of(ACTIVITY))

    assert content.count(b"BEGIN:VTIMEZONE") == 2
    assert content.index(b"TZID:Europe/Zurich") < content.index(b";TZID=Europe/Zurich")
    assert content == b"".join(stream(ical, iter([bodies[:2], [], bodies[2:]]), context_of(ACTIVITY)))
    assert len(IcsCalendarStream.calendar_from_ics(content.decode()).events) == 15


@pytest.mark.parametrize("name", ["Europe/Zurich", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"])
def test_zones_are_described_as_their_clocks_go(name: str) -> None:
    zone = icalendar.Timezone.from_ical(described(name)).to_tz(lookup_tzid=False)  # type: ignore[attr-defined]
    moment = datetime(2008, 1, 1, 5, 30)
    while moment.year < 2024:
        assert moment.replace(tzinfo=zone).utcoffset() == moment.replace(tzinfo=ZoneInfo(name)).utcoffset(), moment
        moment += timedelta(days=1)


def test_a_rule_makes_no_line_of_its_own() -> None:
    content = written(**{**EVENING, "recurrence": {"rrule": "FREQ=DAILY\r\nATTENDEE:mailto:x@example.org"}})
    assert b"\r\nATTENDEE" not in content
