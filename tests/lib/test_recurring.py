"""Dates of recurring events: by RFC 5545, in wall time, whatever clocks do."""

from datetime import UTC, datetime
from time import process_time
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr

from datacoop.kinds.recurrence import recurrence_fault
from datacoop.lib.recurring import Occurrence, RuleError, check_rule, next_dates, occurrence_at, occurrences

ZURICH = ZoneInfo("Europe/Zurich")
CHOIR = {"start": "2026-10-20T19:00:00+02:00", "end": "2026-10-20T21:00:00+02:00"}
TUESDAYS = {"rrule": "FREQ=WEEKLY;BYDAY=TU;UNTIL=20261110T180000Z"}


def dates(event: dict[str, str], recurrence: dict[str, object], since: str = "2026-01-01", until: str = "2027-12-31"):
    first, last = (datetime.fromisoformat(each).replace(tzinfo=UTC) for each in (since, until))
    return occurrences(event, recurrence, ZURICH, first, last)


def starts(found: list[Occurrence]) -> list[str]:
    return [each.start for each in found]


def test_keeps_the_hour_when_clocks_change():
    assert starts(dates(CHOIR, TUESDAYS)) == [
        "2026-10-20T19:00:00+02:00", "2026-10-27T19:00:00+01:00", "2026-11-03T19:00:00+01:00",
        "2026-11-10T19:00:00+01:00",
    ]  # fmt: skip
    assert [each.end for each in dates(CHOIR, TUESDAYS)][:2] == [
        "2026-10-20T21:00:00+02:00", "2026-10-27T21:00:00+01:00",
    ]  # fmt: skip


def test_leaves_out_and_adds_dates():
    said = {**TUESDAYS, "exdates": ["2026-10-27T19:00:00"], "rdates": ["2026-11-05T18:00:00"]}
    assert [each[:10] for each in starts(dates(CHOIR, said))] == [
        "2026-10-20", "2026-11-03", "2026-11-05", "2026-11-10",
    ]  # fmt: skip


def test_an_override_moves_cancels_and_renames_one_date():
    moved = {"recurrence_id": "2026-11-03T19:00:00", "start": "2026-11-04T20:00:00", "title": "À Renens"}
    cancelled = {"recurrence_id": "2026-10-27T19:00:00", "status": "cancelled"}
    found = dates(CHOIR, {**TUESDAYS, "overrides": [moved, cancelled]})

    assert starts(found)[1:3] == ["2026-10-27T19:00:00+01:00", "2026-11-04T20:00:00+01:00"]
    assert found[1].said == {"status": "cancelled"}
    assert (found[2].said, found[2].end) == ({"title": "À Renens"}, "2026-11-04T22:00:00+01:00")
    assert found[2].recurrence_id == "2026-11-03T19:00:00"


def test_days_stay_days():
    found = dates({"start": "2026-12-24", "end": "2026-12-27"}, {"rrule": "FREQ=YEARLY;COUNT=2"})

    assert [(each.start, each.end) for each in found] == [("2026-12-24", "2026-12-27"), ("2027-12-24", "2027-12-27")]


def test_what_began_before_and_lasts_is_there():
    found = dates({"start": "2026-12-24", "end": "2026-12-27"}, {"rrule": "FREQ=YEARLY"}, since="2026-12-26T12:00:00")
    assert found[0].start == "2026-12-24"


def test_one_date_is_found_again_by_its_start():
    moved = {"recurrence_id": "2026-11-03T19:00:00", "start": "2026-11-04T20:00:00", "place": "Renens"}
    said = {**TUESDAYS, "overrides": [moved, {"recurrence_id": "2026-10-27T19:00:00", "status": "full"}]}
    found = dates(CHOIR, said)

    assert [occurrence_at(CHOIR, said, ZURICH, each.instant) for each in found] == found


def test_gives_the_next_dates():
    now = datetime(2026, 10, 30, tzinfo=UTC)
    said = list(next_dates(CHOIR, {"rrule": "FREQ=WEEKLY;BYDAY=TU"}, ZURICH, now, 3))
    assert [each[:10] for each in starts(said)] == ["2026-11-03", "2026-11-10", "2026-11-17"]


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("FREQ=SECONDLY", "one of DAILY"),
        ("BYDAY=TU", "no FREQ"),
        ("FREQ=WEEKLY;BYEASTER=1", "no part BYEASTER"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "no date"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY cannot be"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "exclude each other"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL cannot be"),
        ("FREQ=", "one of DAILY"),
        ("FREQ=DAILY;UNTIL=tomorrow", "UNTIL cannot be"),
        ("FREQ=DAILY;COUNT=-1", "COUNT cannot be"),
        ("FREQ=WEEKLY;UNTIL=20261399", "no moment"),
        ("FREQ=WEEKLY;UNTIL=20261201T250000Z", "no moment"),
        ("FREQ=WEEKLY;UNTIL=20261201;UNTIL=20261399", "no moment"),
        ("FREQ=WEEKLY;UNTIL=00010101", "UNTIL cannot be"),
        ("FREQ=WEEKLY;UNTIL= 20261201T000000Z", "UNTIL cannot be"),
    ],
)
def test_refuses_a_rule_in_a_sentence(rule, says):
    with pytest.raises(RuleError, match=says):
        check_rule(rule)


@pytest.mark.parametrize(
    "value",
    [
        {}, "FREQ=DAILY", {"rule": "FREQ=DAILY"}, {"rrule": 3}, {"rdates": []}, {"rdates": ["tomorrow"]},
        {"rdates": ["2026-13-01"]}, {"exdates": ["2026-12-01T19:00:00+01:00"]}, {"overrides": [{"status": "full"}]},
        {"overrides": [{"recurrence_id": "2026-12-01"}]},
        {"overrides": [{"recurrence_id": "2026-12-01", "email": "x"}]},
        {"overrides": [{"recurrence_id": "2026-12-01", "status": "gone"}]}, {"overrides": ["2026-12-01"]},
        {"overrides": [{"recurrence_id": "2026-12-01", "title": " "}]}, {"rdates": "2026-12-01"},
        {"overrides": [{"recurrence_id": "2026-12-01", "start": "noon"}]}, {"rdates": ["0001-01-01"]},
        {"overrides": [{"recurrence_id": "2026-12-01T19:00:00", "start": "9999-12-31T23:00:00"}]},
    ],
)  # fmt: skip
def test_a_recurrence_that_is_none_is_refused(value):
    assert recurrence_fault(value)


def test_a_rule_whose_interval_begins_on_another_day_is_accepted():
    check_rule("FREQ=MONTHLY;INTERVAL=12;BYMONTH=6;BYMONTHDAY=21")
    check_rule("FREQ=DAILY;INTERVAL=14;BYDAY=TH")


def test_a_rule_that_gives_no_date_is_soon_refused():
    begun = process_time()
    with pytest.raises(RuleError, match="no date"):
        check_rule("FREQ=DAILY;BYSETPOS=366")
    assert process_time() - begun < 3


def test_a_rule_that_gives_no_more_dates_soon_ends():
    begun = process_time()
    for _ in range(10):
        # It passes its first date, a Tuesday, and all Mondays.
        assert len(dates(CHOIR, {"rrule": "FREQ=DAILY;INTERVAL=7;BYDAY=MO"})) == 1
    assert process_time() - begun < 2


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,FR", "FREQ=MONTHLY;BYDAY=-1MO", "FREQ=YEARLY", "FREQ=DAILY;INTERVAL=3;COUNT=9",
        "FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO", "FREQ=MONTHLY;BYMONTHDAY=29,30,31;BYSETPOS=-1", "FREQ=MONTHLY",
        "FREQ=WEEKLY;UNTIL=20270228T235959", "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", "FREQ=WEEKLY;UNTIL=99991231",
        "FREQ=DAILY;UNTIL=20280229T190000", "FREQ=YEARLY;BYYEARDAY=366,-1",
    ],
)  # fmt: skip
@pytest.mark.parametrize("first", ["2024-02-29T19:00:00", "2026-10-20T19:00:00", "1999-12-31T19:00:00"])
def test_gives_the_dates_of_dateutil(rule: str, first: str):
    event, start = {"start": first}, datetime.fromisoformat(first)
    whole = rrulestr(rule, dtstart=start)
    wanted = set(whole.between(datetime(2026, 1, 1), datetime(2036, 1, 1), inc=True))
    wanted |= {start} if start.year >= 2026 else set()

    found = {datetime.fromisoformat(each.recurrence_id) for each in dates(event, {"rrule": rule}, until="2036-01-01")}

    assert found == wanted


@pytest.mark.parametrize("zone", ["Europe/Zurich", "America/Los_Angeles", "Pacific/Kiritimati"])
@pytest.mark.parametrize("end", ["99991231T235959Z", "99991231", "11000101T000000Z", "99991231T235959"])
def test_a_rule_may_end_at_the_end_of_all_calendars(end: str, zone: str):
    rule = {"rrule": f"FREQ=WEEKLY;UNTIL={end}"}
    since, until = datetime(2026, 11, 1, tzinfo=UTC), datetime(2026, 12, 1, tzinfo=UTC)

    assert recurrence_fault(rule) is None
    # The first date is one whatever the rule says.
    found = occurrences({"start": "2026-11-03T12:00:00Z"}, rule, ZoneInfo(zone), since, until)
    assert len(found) == (1 if end.startswith("1") else 4)


@pytest.mark.parametrize("start", ["1000-01-01T00:00:00+01:00", "2026-11-03T19:00:00+01:00", "2026-11-03"])
def test_dates_that_last_as_long_as_may_be_are_given(start: str):
    event = {"start": start, "end": "2999-12-31" if len(start) == len("2026-11-03") else "2999-12-31T23:59:59-12:00"}

    assert dates(event, {"rrule": "FREQ=YEARLY", "rdates": ["2999-12-31"]}, until="2028-01-01")


def test_a_recurrence_is_accepted():
    said = {"rrule": "FREQ=MONTHLY;BYDAY=2TU", "rdates": ["2026-12-01T19:00:00"], "exdates": ["2026-12-08T19:00:00"]}
    longer = {"recurrence_id": "2027-01-12T19:00:00", "end": "2027-01-12T22:00:00"}
    assert recurrence_fault({**said, "overrides": [longer]}) is None
