"""From a form's answers to start, end and recurrence, and back: nothing guessed, nothing lost."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoop.agenda.rules.rhythms import KEPT, ONCE, REPEATS
from datacoop.agenda.rules.single import again, with_said, without
from datacoop.agenda.rules.timing import Timing, When, WhenRefused, answers_of, timing_of
from datacoop.kinds.recurrence import recurrence_fault

ZURICH = ZoneInfo("Europe/Zurich")
TUESDAYS = When("2026-12-01", "19:00", "21:00", repeats="weekly", until="2027-06-30")


def days(timing: Timing, count: int = 5) -> list[str]:
    begin = datetime(2026, 11, 1, tzinfo=UTC)
    return [each.start[:16] for each in timing.dates(ZURICH, begin, begin + timedelta(days=500))][:count]


def faults(when: When) -> dict[str, str]:
    with pytest.raises(WhenRefused) as refused:
        timing_of(when, ZURICH)
    return refused.value.faults


def test_every_tuesday_until_june_keeps_its_hour_when_clocks_change() -> None:
    timing = timing_of(TUESDAYS, ZURICH)

    assert days(timing, 2) == ["2026-12-01T19:00", "2026-12-08T19:00"]
    assert days(timing, 99)[-1] == "2027-06-29T19:00"
    assert {each[11:] for each in days(timing, 99)} == {"19:00"}


@pytest.mark.parametrize(
    ("repeats", "third"),
    [
        ("daily", "2026-12-10T19:00"),
        ("weekly", "2026-12-22T19:00"),
        ("fortnight", "2027-01-05T19:00"),
        ("month-weekday", "2027-02-09T19:00"),
        ("month-date", "2027-02-08T19:00"),
    ],
)
def test_each_rhythm_gives_its_dates(repeats: str, third: str) -> None:
    assert days(timing_of(When("2026-12-08", "19:00", "", repeats=repeats), ZURICH), 3)[2] == third


def test_the_fifth_tuesday_is_the_last_one() -> None:
    timing = timing_of(When("2026-12-29", "19:00", "", repeats="month-weekday"), ZURICH)

    assert days(timing, 3) == ["2026-12-29T19:00", "2027-01-26T19:00", "2027-02-23T19:00"]


def test_days_and_holidays_are_taken_out() -> None:
    timing = timing_of(When("2026-12-01", "19:00", "", repeats="weekly", not_on="8.12.2026",
                            ranges=(("2026-12-21", "2027-01-03"),)), ZURICH)  # fmt: skip

    assert days(timing, 4) == ["2026-12-01T19:00", "2026-12-15T19:00", "2027-01-05T19:00", "2027-01-12T19:00"]


def test_a_party_ends_on_the_next_day() -> None:
    assert timing_of(When("2026-12-31", "20h", "2:00"), ZURICH).end == "2027-01-01T02:00:00+01:00"


def test_whole_days_have_their_end_beyond() -> None:
    assert timing_of(When("2026-12-01", whole_day=True, last_day="2026-12-03"), ZURICH) == Timing(
        "2026-12-01", "2026-12-04"
    )


@pytest.mark.parametrize(
    ("when", "fault"),
    [
        (When(), {"day": "empty"}),
        (When("1.13.2026", "19:00"), {"day": "no_day"}),
        (When("2026-12-01"), {"start": "empty"}),
        (When("2026-12-01", "soon"), {"start": "no_hour"}),
        (When("2026-12-01", "19:00", "18:00"), {"end": "before"}),
        (When("2027-03-28", "2:30"), {"start": "no_such_hour"}),
        (When("2026-12-01", "19:00", "20:00", last_day="2026-11-30"), {"last_day": "before", "end": "before"}),
        (When("2026-12-01", "19:00", repeats="hourly"), {"repeats": "unknown"}),
        (When("2026-12-01", "19:00", repeats=KEPT), {"repeats": "unknown"}),
        (When("2026-12-01", "19:00", repeats="weekly", until="2026-11-30"), {"until": "before"}),
        (When("2026-12-01", "19:00", repeats="weekly", until="2027-01-01", times="3"), {"times": "both"}),
        (When("2026-12-01", "19:00", repeats="weekly", times="0"), {"times": "no_number"}),
        (When("2026-12-01", "19:00", repeats="weekly", times="²"), {"times": "no_number"}),
        (When("2026-12-01", "19:00", repeats="weekly", not_on="30.12.2026"), {"not_on": "no_date_of_it"}),
        (When("2026-12-01", "19:00", repeats="weekly", ranges=(("2026-12-20", ""),)), {"ranges": "empty"}),
        (When("2026-12-01", "19:00", repeats="weekly", ranges=(("2026-12-20", "2026-12-01"),)), {"ranges": "before"}),
        (When("2026-12-01", "19:00", repeats="weekly", times="1", not_on="1.12.2026"), {"not_on": "none_left"}),
    ],
)
def test_what_cannot_be_read_is_refused_beside_its_field(when: When, fault: dict[str, str]) -> None:
    assert faults(when) == fault


@given(
    day=st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    hour=st.integers(4, 23),
    lasts=st.integers(1, 12) | st.none(),
    repeats=st.sampled_from([each for each in REPEATS if each not in (ONCE, KEPT)]),
    times=st.integers(2, 60) | st.none(),
    whole_day=st.booleans(),
)
def test_what_a_form_said_fills_it_again_and_says_the_same(
    day: date, hour: int, lasts: int | None, repeats: str, times: int | None, whole_day: bool
) -> None:
    end = f"{(hour + lasts) % 24:02}:00" if lasts and not whole_day else ""
    typed = When(day.isoformat(), "" if whole_day else f"{hour:02}:00", end, whole_day, repeats=repeats,
                 times=str(times or ""))  # fmt: skip
    timing = timing_of(typed, ZURICH)

    assert answers_of(timing, ZURICH) == typed
    assert timing_of(answers_of(timing, ZURICH), ZURICH) == timing
    assert recurrence_fault(timing.recurrence) is None


class TestChanging:
    def test_another_hour_keeps_what_was_said_of_single_dates(self) -> None:
        before = timing_of(TUESDAYS, ZURICH)
        said = with_said(without(before.recurrence or {}, "2026-12-29T19:00:00"), "2026-12-08T19:00:00",
                         status="cancelled")  # fmt: skip
        before = Timing(before.start, before.end, said)

        after = timing_of(_at(answers_of(before, ZURICH), "20:00"), ZURICH, before=before)

        assert after.recurrence is not None
        assert after.recurrence["exdates"] == ["2026-12-29T20:00:00"]
        assert after.recurrence["overrides"] == [{"recurrence_id": "2026-12-08T20:00:00", "status": "cancelled"}]

    def test_another_weekday_drops_what_was_said_of_dates_that_are_none_any_more(self) -> None:
        before = timing_of(TUESDAYS, ZURICH)
        said = with_said(before.recurrence or {}, "2026-12-08T19:00:00", status="full")
        typed = When("2026-12-03", "19:00", "21:00", repeats="weekly")

        after = timing_of(typed, ZURICH, before=Timing(before.start, before.end, said))

        assert "overrides" not in (after.recurrence or {})

    def test_a_rule_without_words_in_the_form_stays(self) -> None:
        rule = {"rrule": "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=1", "rdates": ["2026-12-24T19:00:00"]}
        before = Timing("2026-12-01T19:00:00+01:00", None, rule)

        typed = answers_of(before, ZURICH)

        assert typed.repeats == KEPT
        after = timing_of(_at(typed, "20:00"), ZURICH, before=before)
        assert after.recurrence == {"rrule": rule["rrule"], "rdates": ["2026-12-24T20:00:00"]}

    def test_what_has_an_hour_of_its_own_keeps_it(self) -> None:
        rule = {
            "rrule": "FREQ=WEEKLY;BYDAY=TU,TH",
            "rdates": ["2026-12-08T10:00:00", "2026-12-15T10:00:00"],
            "exdates": ["2026-12-15T10:00:00", "2026-12-10T19:00:00"],
        }
        before = Timing("2026-12-01T19:00:00+01:00", None, rule)

        after = timing_of(_at(answers_of(before, ZURICH), "20:00"), ZURICH, before=before)

        assert after.recurrence is not None
        assert after.recurrence["rdates"] == rule["rdates"]
        assert after.recurrence["exdates"] == ["2026-12-10T20:00:00", "2026-12-15T10:00:00"]

    def test_answers_that_say_what_it_was_change_nothing(self) -> None:
        rule = {"rrule": "FREQ=WEEKLY", "overrides": [{"recurrence_id": "2026-12-02T07:00:00", "status": "full"}]}
        before = Timing("2026-12-01T19:00:00+01:00", None, rule)

        assert timing_of(answers_of(before, ZURICH), ZURICH, before=before) is before


class TestSingleDates:
    NAME = "2026-12-08T19:00:00"

    def test_taking_back_what_was_said_leaves_nothing(self) -> None:
        rule = {"rrule": "FREQ=WEEKLY"}

        assert with_said(with_said(rule, self.NAME, status="full"), self.NAME, status=None) == rule
        assert again(without(rule, self.NAME), self.NAME) == rule

    def test_a_date_taken_out_says_nothing_any_more(self) -> None:
        said = with_said({"rrule": "FREQ=WEEKLY"}, self.NAME, status="full")

        assert without(said, self.NAME) == {"rrule": "FREQ=WEEKLY", "exdates": [self.NAME]}


def _at(when: When, hour: str) -> When:
    return When(**{**vars(when), "start": hour, "end": ""})
