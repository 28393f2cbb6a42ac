"""SQL conditions of a question, for one audience of the reader's chain.

Three seams differ between the databases: the text predicate, the placeholders, the source of a box's cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from datacoop.disclosure.compile.packing import instant, kind_code
from datacoop.disclosure.readers import Reader
from datacoop.disclosure.search.questions import Question
from datacoop.disclosure.search.withheld import condition
from datacoop.kinds.definition import Kind
from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.geo import Box, box_round


@dataclass
class Where:
    """Conditions on a row `e` of the index of records or of dates, with their parameters in order."""

    parts: list[str] = field(default_factory=list)
    parameters: list[object] = field(default_factory=list)

    def add(self, sql: str, *parameters: object) -> None:
        """Add one condition."""
        self.parts.append(sql)
        self.parameters.extend(parameters)

    def sql(self) -> str:
        """Return the conditions joined."""
        return " AND ".join(self.parts)


def masks(chain: Sequence[int], tier: int) -> list[str]:
    """Return LIKE patterns of the audiences of the chain below `tier`: their rows replace this one's."""
    return [f"%,{each},%" for each in chain[chain.index(tier) + 1 :]]


def replaced(vendor: str, reader: Reader, tier: int, row: str) -> tuple[str, list[object]]:
    """Return the condition, and its parameters, that no row below replaces a row (`e` or `v`) of one audience.

    Empty where nothing can. Of a reader that is held, what is held back decides.
    """
    by_masks = not (reader.held and tier == reader.chain[0])
    parameters: list[object] = [*masks(reader.chain, tier)] if by_masks else []
    said = [f"({row}.deeper = '' OR {row}.deeper NOT LIKE ?)"] * len(parameters)
    if reader.held:
        held, more = condition(vendor, reader, tier, f"{row}.record_id")
        said, parameters = [*said, held], [*parameters, *more]
    return " AND ".join(said), parameters


def of_audience(
    vendor: str, question: Question, reader: Reader, tier: int, *, placed: bool = True, dated: bool = False
) -> Where:
    """Return the conditions of everything but words, box and position; without `placed` also but places.

    Of rows of dates (`dated`) each has to lie in the time asked; of records, one of their dates.
    """
    kind = kind_named(question.kind)
    where = Where()
    themes = question.values_of(_slot(kind, "theme"))
    where.add("e.tier = ? AND e.kind = ? AND e.theme = ?", tier, kind_code(kind.name), _one(themes))
    places = question.values_of(_slot(kind, "place")) if placed else ()
    if len(places) == 1:
        where.add("e.place = ?", places[0])
    elif places:
        where.add(f"e.place IN ({_marks(places)})", *places)
    if len(themes) > 1:
        where.add(
            "EXISTS (SELECT 1 FROM disclosure_entry x WHERE x.record_id = e.record_id AND x.tier = e.tier"
            f" AND x.theme IN ({_marks(themes)}))",
            *themes,
        )
    _facets(where, question, kind)
    _time(where, question, dated=dated)
    sql, parameters = replaced(vendor, reader, tier, "e")
    if sql:
        where.add(sql, *parameters)
    return where


def _time(where: Where, question: Question, *, dated: bool) -> None:
    bounds = (("{}.start >= ?", question.since), ("{}.start < ?", question.until))
    asked = [(sql, instant(moment)) for sql, moment in bounds if moment]
    if dated:
        for sql, moment in asked:
            where.add(sql.format("e"), moment)
    elif asked:
        where.add(
            "EXISTS (SELECT 1 FROM disclosure_occurrence o WHERE o.record_id = e.record_id AND o.tier = e.tier"
            f" AND o.theme = '' AND {' AND '.join(sql.format('o') for sql, _ in asked)})",
            *(moment for _, moment in asked),
        )


def box_of(question: Question) -> Box | None:
    """Return the box asked for, or the one round the circle asked for, or what both share."""
    if question.near is None:
        return question.box
    west, south, east, north = box_round(*question.near)
    if question.box is None:
        return west, south, east, north
    w, s, e, n = question.box
    return max(w, west), max(s, south), min(e, east), min(n, north)


def add_box(where: Where, box: Box) -> None:
    """Add the exact test of a box (west may lie east of the date line)."""
    west, south, east, north = box
    where.add("e.lat >= ? AND e.lat <= ?", south, north)
    if west <= east:
        where.add("e.lon >= ? AND e.lon <= ?", west, east)
    else:
        where.add("(e.lon >= ? OR e.lon <= ?)", west, east)


def hint(vendor: str, table: str, index: str) -> str:
    """Return SQLite's index hint: its planner has no statistics of our skew. PostgreSQL plans by its own."""
    return f" INDEXED BY disclosure_{table}_{index}" if vendor == "sqlite" and index else ""


def _facets(where: Where, question: Question, kind: Kind) -> None:
    fixed = {_slot(kind, "theme"), _slot(kind, "place")}
    for name, values in question.facets:
        if name not in fixed:
            where.add(
                "EXISTS (SELECT 1 FROM disclosure_facet f WHERE f.record_id = e.record_id AND f.tier = e.tier"
                f" AND f.name = ? AND f.value IN ({_marks(values)}))",
                name,
                *values,
            )


def _slot(kind: Kind, slot: str) -> str:
    return kind.slots[slot].name if slot in kind.slots else ""


def _one(themes: Sequence[str]) -> str:
    return themes[0] if len(themes) == 1 else ""


def _marks(values: Sequence[object]) -> str:
    return ", ".join("?" * len(values))
