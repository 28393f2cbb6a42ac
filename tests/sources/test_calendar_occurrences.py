"""What our calendars give beside what `recurring_ical_events` gives: the real files, and what Hypothesis makes up."""

import warnings
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import icalendar
import pytest
import recurring_ical_events
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from datacoop.lib.dates import ZURICH
from datacoop.lib.recurring import occurrences, zone_of
from datacoop.sources.lasting import fault_in_time
from datacoop.sources.readers.reading import ListRefused, read

CALENDARS = Path(__file__).resolve().parents[3] / "shared" / "data" / "events-ics-dev"
SINCE, UNTIL = datetime(2018, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)
Dates = dict[str, list[tuple[str, str | None]]]
#: Beginnings in which we differ: a single date of a whole day, in an event of hours, is from midnight to midnight.
DIFFERENT = {("recurring_events_changed_duration.ics", each) for each in ("2019-03-10", "2019-03-09T23:00:00+00:00")}


def ours(path: Path) -> tuple[Dates, set[str]]:
    """Beginning and end of each date by UID, and the UIDs that were refused."""
    found: Dates = {}
    refused = set()
    for row in read(path).rows:
        if row.faults:
            refused.add(str(row.values.get("UID")))
            continue
        values: Mapping[str, Any] = row.values
        if "DTEND" in values and fault_in_time(values["DTSTART"], values["DTEND"]):
            refused.add(str(values["UID"]))  # its end is told and left out; they let it begin where it ends
            continue
        event = {"start": values["DTSTART"], **({"end": values["DTEND"]} if "DTEND" in values else {})}
        zone = zone_of(values.get("TZID"), ZURICH)
        for each in occurrences(event, values.get("RRULE", {}), zone, SINCE, UNTIL):
            end = _utc(each.end) if each.end and not _is_one_day(each.start, each.end) else None
            found.setdefault(str(values["UID"]), []).append((_utc(each.start), end))
    return {uid: sorted(dates) for uid, dates in found.items()}, refused


def theirs(path: Path) -> Dates:
    found: Dates = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for calendar in icalendar.Calendar.from_ical(path.read_bytes(), multiple=True):
            for event in recurring_ical_events.of(calendar, keep_recurrence_attributes=True).between(SINCE, UNTIL):
                start, end = (_utc(event[name].dt.isoformat()) for name in ("DTSTART", "DTEND"))
                says_end = end != start and not _is_one_day(start, end)
                found.setdefault(str(event.get("UID", "")), []).append((start, end if says_end else None))
    return {uid: sorted(dates) for uid, dates in found.items()}


def _is_one_day(start: str, end: str) -> bool:
    return len(start) == 10 and date.fromisoformat(end) - date.fromisoformat(start) == timedelta(days=1)


def _utc(text: str) -> str:
    """An instant in UTC, a floating one taken in Zurich, a day as it is."""
    moment = datetime.fromisoformat(text)
    if len(text) == 10:
        return text
    return (moment if moment.tzinfo else moment.replace(tzinfo=ZURICH)).astimezone(UTC).isoformat()


def _agree(path: Path) -> None:
    """Say where both differ in an event that both take."""
    mine, refused = ours(path)
    other = theirs(path)
    left_out = {day for name, day in DIFFERENT if name == path.name}
    for uid in (mine.keys() | other.keys()) - refused:
        here, there = ([pair for pair in dates.get(uid, []) if pair[0] not in left_out] for dates in (mine, other))
        assert here == there, (path.name, uid)


@pytest.mark.skipif(not CALENDARS.is_dir(), reason="the real calendars are not on this machine")
class TestRealCalendars:
    @pytest.mark.parametrize(
        "name",
        [
            "Germany_Holidays", "discourse_no_dtend", "duplicated_rrule", "each_week_but_one_deleted",
            "end_before_start_event", "event_with_recurrence_exdates_on_different_lines", "fablab_cottbus",
            "forced_types", "issue_112_missing_tzinfo_on_exdate", "issue_20_exdate_ignored", "issue_218_bad_tzid",
            "issue_237_fail_to_parse_timezone_with_non_ascii_tzid", "issue_48_daylight_aware_repeats",
            "multiple_calendar_components", "multiple_rrules", "recurring_events_changed_duration", "timezoned",
            "x_wr_timezone_simple_events_issue_59",
        ],
    )  # fmt: skip
    def test_give_the_dates_that_others_give(self, name: str) -> None:
        _agree(CALENDARS / f"{name}.ics")

    def test_are_imported_or_refused_with_line_and_reason(self) -> None:
        refused = {}
        for path in sorted(CALENDARS.glob("*.ics")):
            try:
                rows = list(read(path).rows)
            except ListRefused as error:
                refused[path.stem] = [error.code]
                continue
            assert rows
            for row in rows:
                assert all(f"(line {row.number})" in message for _column, _code, message in row.faults)
            if codes := [code for row in rows for _column, code, _message in row.faults]:
                refused[path.stem] = codes

        assert refused == {
            "bom_calendar": ["empty"],
            "broken_ical": ["event-unreadable"],
            "calendar_with_unicode": ["empty"],
            "google_birthday": ["event-unreadable"],
            "multiple_rrules": ["recurrence-unreadable"],
            "multiple_timezones": ["event-unreadable"] * 3,
        }


ZONES = ("Europe/Zurich", "America/New_York", "UTC", "Australia/Lord_Howe")
DAYS = st.sampled_from(["MO", "TU", "WE", "TH", "FR", "SA", "SU"])
_RULES = st.one_of(
    st.builds("FREQ=DAILY;INTERVAL={}".format, st.integers(1, 40)),
    st.builds("FREQ=WEEKLY;INTERVAL={};BYDAY={}".format, st.integers(1, 3), st.lists(DAYS, min_size=1, max_size=3,
                                                                                     unique=True).map(",".join)),
    st.builds("FREQ=MONTHLY;BYDAY={}{}".format, st.sampled_from([1, 2, 4, -1]), DAYS),
    st.builds("FREQ=MONTHLY;BYMONTHDAY={}".format, st.sampled_from([1, 15, 31, -1])),
    st.builds("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS={}".format, st.sampled_from([1, -1])),
    st.builds("FREQ=YEARLY;BYMONTH={};BYDAY={}SU".format, st.integers(1, 12), st.sampled_from([1, -1])),
    st.just("FREQ=YEARLY"),
)  # fmt: skip


def _stamp(moment: datetime) -> str:
    return f"{moment:%Y%m%dT%H%M%S}"


@st.composite
def calendars(draw: st.DrawFn) -> str:
    """One event with a rule and its exceptions, in some zone, around the days on which clocks change."""
    zone = draw(st.sampled_from(ZONES))
    start = draw(st.datetimes(datetime(2026, 3, 20), datetime(2026, 11, 5))).replace(second=0, microsecond=0)
    lasts = timedelta(minutes=draw(st.sampled_from([0, 30, 120, 600, 1500])))
    tzid = f";TZID={zone}"
    until = start + timedelta(days=draw(st.integers(1, 900)), minutes=draw(st.integers(0, 1440)))
    rule = draw(_RULES) + draw(st.sampled_from(["", ";COUNT=1", ";COUNT=17", f";UNTIL={_stamp(until)}Z"]))
    lines = [f"DTSTART{tzid}:{_stamp(start)}", f"RRULE:{rule}"]
    lines += [f"DTEND{tzid}:{_stamp(start + lasts)}"] if lasts else []
    given = [start + timedelta(days=n) for n in (1, 2, 7, 14, 28, 29)]
    lines += [f"EXDATE{tzid}:{_stamp(each)}" for each in draw(st.lists(st.sampled_from(given), max_size=3))]
    lines += [
        f"RDATE{tzid}:{_stamp(each + timedelta(minutes=7))}"
        for each in draw(st.lists(st.sampled_from(given), max_size=2, unique=True))
    ]
    events = [f"UID:a\nSUMMARY:A\n{chr(10).join(lines)}"]
    if draw(st.booleans()):
        moved = start + timedelta(hours=draw(st.integers(-30, 30)))
        events.append(f"UID:a\nSUMMARY:A\nRECURRENCE-ID{tzid}:{_stamp(start)}\nDTSTART{tzid}:{_stamp(moved)}\n"
                      f"DTEND{tzid}:{_stamp(moved + timedelta(hours=1))}")  # fmt: skip
    inside = "".join(f"BEGIN:VEVENT\n{each}\nEND:VEVENT\n" for each in events)
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:x\n{inside}END:VCALENDAR\n"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(calendars())
def test_any_rule_gives_the_dates_that_others_give(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.ics"
    path.write_bytes(text.replace("\n", "\r\n").encode())

    _agree(path)
