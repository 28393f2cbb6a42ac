"""Facets and map clusters: counts over the same rows a list would show, each capped."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from datacoop.disclosure.compile.packing import key_of
from datacoop.disclosure.deliveries import delivering, note_deliveries
from datacoop.disclosure.readers import Reader
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.clock import check_clock
from datacoop.disclosure.search.conditions import Where, add_box, box_of, of_audience
from datacoop.disclosure.search.questions import COUNT_CAP, Question
from datacoop.disclosure.search.wording import matching
from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.geo import cluster_cell, haversine_km

#: Counts of no more records than this are noted as deliveries of each of them.
FEW = 200
#: Values of one facet in an answer.
MOST_VALUES = 100


@delivering
def facets(
    reading: Reading, reader: Reader, question: Question, names: Collection[str] | None = None
) -> dict[str, list[dict[str, object]]]:
    """Return for each facet (or those named) its values with capped counts, the most frequent first, then by value.

    A facet's own filter is left out of its counts, so that several of its values can be chosen.
    """
    check_clock(reading)
    _note_few(reading, reader, question)
    kind = kind_named(question.kind)
    answer: dict[str, list[dict[str, object]]] = {}
    for prop in kind.facets():
        if names is not None and prop.name not in names:
            continue
        others = tuple(each for each in question.facets if each[0] != prop.name)
        narrowed = Question(**{**question.__dict__, "facets": others})
        counts = _counts(reading, reader, narrowed, prop.name, prop.slot)
        top = sorted(counts.items(), key=lambda each: (-each[1], each[0]))[:MOST_VALUES]
        answer[prop.name] = [
            {"value": value, "count": min(n, COUNT_CAP), "count_relation": "gte" if n > COUNT_CAP else "eq"}
            for value, n in top
        ]
    return answer


@delivering
def clusters(reading: Reading, reader: Reader, question: Question, zoom: int) -> list[dict[str, object]]:
    """Return the places of a map at a zoom level: middle and capped number of records, by cell."""
    check_clock(reading)
    _note_few(reading, reader, question)
    cells: dict[int, list[float]] = {}
    for lat, lon in _points(reading, reader, question):
        found = cells.setdefault(cluster_cell(lat, lon, zoom), [0, 0.0, 0.0])
        found[0] += 1
        found[1] += lat
        found[2] += lon
    return [
        {
            "lat": round(lat / n, 5),
            "lon": round(lon / n, 5),
            "count": min(int(n), COUNT_CAP),
            "count_relation": "gte" if n > COUNT_CAP else "eq",
        }
        for _, (n, lat, lon) in sorted(cells.items())
    ]


def _note_few(reading: Reading, reader: Reader, question: Question) -> None:
    """Note that a client learnt of a few records: counts of so few are as good as their values."""
    if reader.agreement is None:
        return
    versions: dict[int, int] = {}
    for tier in reader.chain:
        where = _where(reading, reader, question, tier)
        sql = (
            f"SELECT v.key, v.version FROM disclosure_entry e JOIN disclosure_view v ON v.key = {key_of(tier, 0)}"
            f" + e.record_id WHERE {where.sql()} LIMIT {FEW + 1 - len(versions)}"
        )
        versions |= dict(reading.rows(sql, where.parameters))
        if len(versions) > FEW:
            return
    note_deliveries(reading, reader.leaf, versions)


def _counts(reading: Reading, reader: Reader, question: Question, name: str, slot: str | None) -> dict[str, int]:
    counts: dict[str, int] = {}
    for tier in reader.chain:
        where = _where(reading, reader, question, tier)
        if slot == "place":
            sql = (
                f"SELECT e.place, count(*) FROM disclosure_entry e WHERE {where.sql()} AND e.place <> ''"
                " GROUP BY e.place"
            )
            parameters = where.parameters
        elif slot == "theme":
            sql = (
                "SELECT t.theme, count(*) FROM disclosure_entry e JOIN disclosure_entry t ON t.record_id = e.record_id"
                f" AND t.tier = e.tier AND t.theme <> '' WHERE {where.sql()} GROUP BY t.theme"
            )
            parameters = where.parameters
        else:
            sql = (
                "SELECT f.value, count(*) FROM disclosure_entry e JOIN disclosure_facet f ON f.record_id = e.record_id"
                f" AND f.tier = e.tier AND f.name = ? WHERE {where.sql()} GROUP BY f.value"
            )
            parameters = [name, *where.parameters]
        for value, number in reading.rows(sql, parameters):
            counts[value] = counts.get(value, 0) + number
    return counts


def _points(reading: Reading, reader: Reader, question: Question) -> Iterable[tuple[float, float]]:
    for tier in reader.chain:
        where = _where(reading, reader, question, tier)
        sql = f"SELECT e.lat, e.lon FROM disclosure_entry e WHERE {where.sql()} AND e.cell IS NOT NULL"
        for lat, lon in reading.rows(sql, where.parameters):
            if question.near is None or haversine_km(*question.near[:2], lat, lon) <= question.near[2]:
                yield lat, lon


def _where(reading: Reading, reader: Reader, question: Question, tier: int) -> Where:
    where = of_audience(reading.vendor, question, reader, tier)
    box = box_of(question)
    if box:
        add_box(where, box)
    if question.text:
        matching(where, reading, reader, question, tier)
    return where
