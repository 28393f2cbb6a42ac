"""Dates: each of a recurring activity is found, said and withdrawn; what is not shown gives none."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from datacoop.consent.actions import Wish, decide
from datacoop.disclosure.asking import ask
from datacoop.disclosure.compile.rolling import roll
from datacoop.disclosure.models import Occurrence, Rolling
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.questions import Question
from datacoop.disclosure.verify import differences
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, create_record, state
from datacoop.records.rules import Origin

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)
LAUSANNE = {"bfs": 5586, "name": "Lausanne"}
CHOIR = {
    "title": "Chœur du mardi", "start": "2026-12-01T19:00:00+01:00", "end": "2026-12-01T21:00:00+01:00",
    "commune": LAUSANNE, "theme": "culture/chant",
    "recurrence": {
        "rrule": "FREQ=WEEKLY;BYDAY=TU;COUNT=4", "exdates": ["2026-12-08T19:00:00"],
        "overrides": [{"recurrence_id": "2026-12-15T19:00:00", "status": "cancelled"}],
    },
}  # fmt: skip
MARKET = {
    "title": "Marché", "start": "2026-12-16T10:00:00+01:00", "commune": LAUSANNE, "theme": "culture",
}  # fmt: skip


def held(values: dict[str, Any], now: datetime = NOW) -> uuid.UUID:
    """A new activity of which its organiser says these values."""
    with revision(actor="subject:1", now=now, why="test") as draft:
        record = create_record(draft, kind="activity")
        said = [Said(name, value) for name, value in values.items()]
        state(draft, record_id=record.id, said=said, origin=Origin.SUBJECT)
        uid: uuid.UUID = record.uid
    return uid


def listed(**asked: Any) -> list[dict[str, Any]]:
    question = Question("activity", **{"sort": "start", "counted": False, **asked})
    return [orjson.loads(body) for body in ask(lambda own: find(own, PUBLIC, question), now=NOW).bodies]


def days(items: list[dict[str, Any]]) -> list[str]:
    return [each.get("occurrence", each)["start"][:10] for each in items]


def test_a_list_by_start_has_every_date_and_says_which():
    held(CHOIR)
    held(MARKET)

    found = listed()

    assert days(found) == ["2026-12-01", "2026-12-15", "2026-12-16", "2026-12-22"]
    assert found[1]["occurrence"] == {
        "start": "2026-12-15T19:00:00+01:00", "end": "2026-12-15T21:00:00+01:00",
        "recurrence_id": "2026-12-15T19:00:00", "status": "cancelled",
    }  # fmt: skip
    assert "occurrence" not in found[2]


@pytest.mark.parametrize(
    "filters",
    [
        {"facets": (("commune", ("5586",)),)}, {"facets": (("theme", ("culture",)), ("commune", ("5586",)))},
        {"facets": (("commune", ("5586", "5591")),)}, {"text": "mardi"}, {"facets": (("theme", ("culture/chant",)),)},
    ],
)  # fmt: skip
def test_filters_meet_every_date(filters):
    held(CHOIR)
    assert days(listed(**filters)) == ["2026-12-01", "2026-12-15", "2026-12-22"]
    assert days(listed(**filters, sort="-start")) == ["2026-12-22", "2026-12-15", "2026-12-01"]


def test_pages_follow_each_other_through_dates_of_one_record():
    held(CHOIR)
    held(MARKET)
    seen, after = [], None
    for _ in range(5):
        question = Question("activity", sort="start", limit=1, after=after)
        page = ask(lambda own, question=question: find(own, PUBLIC, question), now=NOW)
        seen += [orjson.loads(body) for body in page.bodies]
        assert page.count == 4
        after = page.position
        if after is None:
            break
    assert days(seen) == ["2026-12-01", "2026-12-15", "2026-12-16", "2026-12-22"]


def test_a_list_of_records_has_each_once_whatever_its_dates():
    held(CHOIR)
    held(MARKET)
    names = {"sort": "name", "since": "2026-12-10T00:00:00+01:00", "until": "2026-12-16T00:00:00+01:00"}

    assert [each["title"] for each in listed(**names)] == ["Chœur du mardi"]
    assert [each["title"] for each in listed(**names, text="marché")] == []
    assert "occurrence" not in listed(**names)[0]


def test_hidden_dates_are_not_there():
    uid = held(CHOIR)

    decide(uid=uid, wish=Wish("public", shows=False, property="recurrence"), actor="subject", reason="asked", now=NOW)

    found = listed()
    assert days(found) == ["2026-12-01"]
    assert "recurrence" not in found[0]
    assert not Rolling.objects.exists()


@pytest.mark.parametrize(
    ("hidden", "left"),
    [
        ("place", [{"recurrence_id": "2026-12-15T19:00:00", "status": "cancelled", "end": "2026-12-15T20:00:00"}]),
        ("status", [{"recurrence_id": "2026-12-15T19:00:00", "place": "Rue Cachée 7", "end": "2026-12-15T20:00:00"}]),
        ("end", [{"recurrence_id": "2026-12-15T19:00:00", "place": "Rue Cachée 7", "status": "cancelled"}]),
    ],
)
def test_what_is_hidden_is_hidden_on_each_date(hidden: str, left: list[dict[str, str]]):
    more = {"place": "Rue Cachée 7", "status": "cancelled", "end": "2026-12-15T20:00:00"}
    told = {"rrule": "FREQ=WEEKLY;COUNT=4", "overrides": [{"recurrence_id": "2026-12-15T19:00:00", **more}]}
    uid = held({**CHOIR, "recurrence": told})

    decide(uid=uid, wish=Wish("public", shows=False, property=hidden), actor="subject", reason="asked", now=NOW)

    found = listed()
    assert [each["recurrence"]["overrides"] for each in found] == [left] * len(found)
    assert hidden not in found[2]["occurrence"]
    assert list(differences(NOW)) == []


def test_counts_say_dates_where_dates_are_listed():
    held(CHOIR)
    for asked in ({}, {"text": "mardi"}):
        page = ask(lambda own, a=asked: find(own, PUBLIC, Question("activity", sort="start", **a)), now=NOW)
        assert page.count == len(page.bodies) == 3


def test_a_rule_that_cannot_be_worked_out_keeps_nobody_else_away():
    with revision(actor="subject:1", now=NOW, why="test") as draft:
        record = create_record(draft, kind="activity")
        broken = {**CHOIR, "recurrence": {"rrule": "FREQ=WEEKLY;UNTIL=20261399"}}
        state(draft, record_id=record.id, said=[Said(n, v) for n, v in broken.items()], origin=Origin.SUBJECT)
    held(MARKET)
    assert days(listed()) == ["2026-12-16"]


def test_without_a_start_no_rule_tells_the_dates():
    uid = held(CHOIR)
    decide(uid=uid, wish=Wish("public", shows=False, property="start"), actor="subject", reason="asked", now=NOW)
    assert listed() == []
    assert "recurrence" not in listed(sort="name")[0]


def test_a_withdrawn_activity_has_no_date_left():
    uid = held(CHOIR)
    decide(uid=uid, wish=Wish("public", shows=False), actor="subject", reason="asked", now=NOW)
    assert listed() == []
    assert not Occurrence.objects.exists()


def test_dates_come_within_two_years_and_pass():
    endless = {**CHOIR, "recurrence": {"rrule": "FREQ=WEEKLY"}}
    held(endless)
    last = max(days(listed(limit=500)))
    assert last == "2028-11-28"  # Two years ahead, and the month that runs.

    assert roll(now=NOW) == 0
    assert roll(now=NOW + timedelta(days=400)) == 1
    assert list(differences(NOW)) == []

    found = days(listed(limit=500))
    assert max(found) == "2029-12-25"
    assert min(found) == "2026-12-01"
    roll(now=NOW + timedelta(days=800))
    assert min(days(listed(limit=500))) == "2028-02-01"


def test_verify_finds_a_date_that_nothing_gives():
    held(CHOIR)
    assert list(differences(NOW)) == []
    Occurrence.objects.filter(theme="", start__gt=0).order_by("start")[:1].get().delete()
    assert any("dates of audience" in each for each in differences(NOW))
