"""Events with a list of hours (OpenAgenda, Open Data Soft): all their dates are kept. Everything here is invented."""

from pathlib import Path

import orjson
import pytest

from datacoop.kinds.definition import kind
from datacoop.kinds.recurrence import recurrence_fault
from datacoop.sources.mapping import as_data, propose
from datacoop.sources.readers.agendas import is_of_agenda
from datacoop.sources.readers.reading import read
from datacoop.sources.rows import RowReader

ACTIVITY = kind("activity")
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "events-openagenda-dev" / "oa_v1_event_fixture.json"
HOURS = [
    {"start": "2026-12-08T18:30:00.000Z", "end": "2026-12-08T20:00:00.000Z"},
    {"start": "2026-12-01T18:30:00.000Z", "end": "2026-12-01T20:00:00.000Z"},
    {"start": "2027-07-06T17:30:00.000Z", "end": "2027-07-06T20:00:00.000Z"},
]
RECURRENCE = {
    "rdates": ["2026-12-08T19:30:00", "2027-07-06T19:30:00"],
    "overrides": [{"recurrence_id": "2027-07-06T19:30:00", "end": "2027-07-06T22:00:00"}],
}


def said(path: Path) -> dict[str, object]:
    table = read(path)
    rows = list(table.rows)
    mapped = RowReader(as_data(propose(table.columns, rows, ACTIVITY)), ACTIVITY).read(rows[0])
    assert mapped.problems == []
    return {each.property: each.value for each in mapped.values}


def event(**changed: object) -> dict[str, object]:
    own = {
        "uid": 7, "title": {"fr": "Répétition"}, "timings": HOURS, "firstDate": "2026-12-01", "firstTimeStart": "19:30",
        "lastDate": "2027-07-06", "range": {"fr": "1 décembre - 6 juillet"}, "updatedAt": "2026-11-13T10:34:30.000Z",
    }  # fmt: skip
    return {**own, **changed}


@pytest.mark.parametrize("changed", [
    {},
    {"timings": [{"begin": each["start"], "end": each["end"]} for each in HOURS]},
    {"timings": orjson.dumps(HOURS).decode(), "firstdate_begin": HOURS[1]["start"], "lastdate_end": HOURS[2]["end"],
     "daterange_fr": "1 décembre - 6 juillet"},
], ids=["version 1", "version 2", "Open Data Soft"])  # fmt: skip
def test_all_hours_are_read(tmp_path: Path, changed: dict[str, object]) -> None:
    path = tmp_path / "agenda.json"
    path.write_bytes(orjson.dumps([event(**changed), event(uid=8)]))

    found = said(path)

    assert (found["start"], found["end"]) == ("2026-12-01T19:30:00+01:00", "2026-12-01T21:00:00+01:00")
    assert found["recurrence"] == RECURRENCE
    assert recurrence_fault(found["recurrence"]) is None
    assert found["title"] == "Répétition"


def test_hours_are_those_of_the_events_zone(tmp_path: Path) -> None:
    path = tmp_path / "agenda.json"
    path.write_bytes(orjson.dumps([event(timezone="Europe/London", uid=n) for n in range(3)]))

    found = said(path)

    assert (found["start"], found["tz"]) == ("2026-12-01T18:30:00+00:00", "Europe/London")
    assert found["recurrence"]["rdates"] == ["2026-12-08T18:30:00", "2027-07-06T18:30:00"]  # type: ignore[index]


@pytest.mark.parametrize(
    "timings", ["demain", "[{", [], [{"start": "2026-12-01T18:30"}], [{"start": "x"}], ["x"], None]
)
def test_hours_that_cannot_be_read_stay_as_they_are(timings: object) -> None:
    assert not is_of_agenda(event(timings=timings))


@pytest.mark.skipif(not REAL.is_file(), reason="the real event is not on this machine")
def test_a_real_event_is_read() -> None:
    found = said(REAL)
    assert (found["start"], found["end"]) == ("2019-11-29T20:30:00+01:00", "2019-11-29T22:00:00+01:00")
