"""Events that web pages describe in schema.org's words, for search engines. Everybody here is invented."""

from pathlib import Path

import pytest

from datacoop.kinds.definition import kind
from datacoop.sources.mapping import as_data, propose
from datacoop.sources.readers.reading import ListRefused, read
from datacoop.sources.rows import MappedRow, RowReader

ACTIVITY = kind("activity")
EVENT = """{"@context": "https://schema.org", "@type": "MusicEvent", "name": "Concert", "url": "https://c.example.org/1",
 "startDate": "2026-12-01T19:30:00+01:00", "endDate": "2026-12-01T21:00:00+01:00",
 "eventStatus": "https://schema.org/EventCancelled", "description": "Chanter ensemble.",
 "location": {"@type": "Place", "name": "Temple", "address": {"@type": "PostalAddress",
   "streetAddress": "Rue Haute 3", "postalCode": "1005", "addressLocality": "Lausanne"}},
 "organizer": {"@type": "Person", "name": "Nora Exemple", "email": "nora@example.org"},
 "performer": {"@type": "Person", "name": "Ali Muster"}}"""
DAYS = """{"@graph": [{"@type": "WebPage", "name": "Agenda"}, {"@type": "Event", "name": "Fête",
 "startDate": "2026-12-24", "endDate": "2026-12-26", "location": "Parc"}]}"""


def rows_of(folder: Path, *scripts: str, table: str = "") -> tuple[list[MappedRow], list[str]]:
    inside = "".join(f'<script type="application/ld+json">{each}</script>' for each in scripts)
    path = folder / "page.html"
    path.write_text(f"<!doctype html><html><head>{inside}</head><body><p>Agenda</p>{table}</body></html>", "utf-8")
    opened = read(path)
    rows = list(opened.rows)
    reader = RowReader(as_data(propose(opened.columns, rows, ACTIVITY)), ACTIVITY)
    return [reader.read(row) for row in rows], opened.notes


def test_events_are_read_without_the_people(tmp_path: Path) -> None:
    (concert, days), notes = rows_of(tmp_path, EVENT, "{broken", DAYS)

    said = {each.property: each.value for each in concert.values}
    assert concert.problems == days.problems == []
    assert said == {
        "title": "Concert", "description": "Chanter ensemble.", "start": "2026-12-01T19:30:00+01:00",
        "end": "2026-12-01T21:00:00+01:00", "status": "cancelled", "place": "Temple",
        "website": "https://c.example.org/1",
        "addresses": {"street": "Rue Haute 3", "postal_code": "1005", "city": "Lausanne", "country": "CH"},
    }  # fmt: skip
    assert {"start": "2026-12-24", "end": "2026-12-27"}.items() <= {v.property: v.value for v in days.values}.items()
    assert notes[0] == "This is a web page: the 2 events it describes for search engines were read."
    everything = repr(list(read(tmp_path / "page.html").rows))
    assert not [word for word in ("Nora", "nora@", "Ali") if word in everything]


def test_an_event_is_read_once(tmp_path: Path) -> None:
    assert len(rows_of(tmp_path, EVENT, f"[{EVENT}]")[0]) == 1


def test_a_table_comes_first_and_a_page_without_events_is_none(tmp_path: Path) -> None:
    table = "<table><tr><th>Titre</th><th>Date</th></tr><tr><td>Jeu</td><td>1.12.2026</td></tr></table>"
    (row,), _ = rows_of(tmp_path, EVENT, table=table)
    assert {each.property: each.value for each in row.values} == {"title": "Jeu", "start": "2026-12-01"}
    with pytest.raises(ListRefused):
        rows_of(tmp_path, '{"@type": "Organization", "name": "Chœur"}')
