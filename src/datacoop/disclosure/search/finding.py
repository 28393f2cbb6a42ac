"""Lists: filter, order, page. Words are searched by `wording`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from datacoop.disclosure.deliveries import delivering
from datacoop.disclosure.readers import Reader
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.bodies import Order, bodies, columns, listed, merged, page_of
from datacoop.disclosure.search.clock import check_clock
from datacoop.disclosure.search.conditions import Where, add_box, box_of, hint, of_audience
from datacoop.disclosure.search.questions import COUNT_CAP, Page, Question
from datacoop.disclosure.search.wording import words_page
from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.geo import Box, cell_rows_of_box, cells_of_box, haversine_km

#: A box of at most so many cells is read cell by cell, each in the order of names.
FEW_CELLS = 36
#: So many places are read one by one, each in the order of the list.
FEW_PLACES = 12
#: A box of more cells is so large that the list in the order of names meets it soon.
MANY_CELLS = 900


@delivering
def find(reading: Reading, reader: Reader, question: Question) -> Page:
    """Return one page of a list, in the order asked; ties by id. Raises `Due`."""
    if question.text or question.near is not None or question.counted:
        # Several statements, one world.
        with reading.snapshot():
            return _find(reading, reader, question)
    return _find(reading, reader, question)


def _find(reading: Reading, reader: Reader, question: Question) -> Page:
    if question.text:
        return words_page(reading, reader, question)
    if question.near is not None:
        check_clock(reading)
        return _near_page(reading, reader, question)
    order = _order(question.sort or "name")
    sql, parameters = _composed(reading.vendor, reader, question, order)
    rows = listed(reading, reader, sql, parameters, order)
    count, relation = counted(reading, reader, question) if question.counted else (None, None)
    return page_of(reading, reader, rows, question, order, count, relation)


def counted(reading: Reading, reader: Reader, question: Question) -> tuple[int, str]:
    """Return the number of records a list has, up to the cap, and whether it is exact (`eq`) or more (`gte`).

    Of a list by start, the number of dates.
    """
    parts, parameters = [], []
    table = _order(question.sort or "name").table
    for tier in reader.chain:
        where = of_audience(reading.vendor, question, reader, tier, dated=table == "occurrence")
        box = box_of(question)
        if box:
            _cells(where, reading.vendor, box)
            add_box(where, box)
        parts.append(f"SELECT 1 FROM disclosure_{table} e WHERE {where.sql()}")
        parameters += where.parameters
    sql = " UNION ALL ".join(parts)
    total = reading.rows(f"SELECT count(*) FROM ({sql} LIMIT {COUNT_CAP + 1}) AS c", parameters)[0][0]
    return (COUNT_CAP, "gte") if total > COUNT_CAP else (total, "eq")


@cache
def _order(sort: str) -> Order:
    return Order("start" if sort.endswith("start") else "name", sort.startswith("-"))


@lru_cache(maxsize=1024)
def _composed(vendor: str, reader: Reader, question: Question, order: Order) -> tuple[str, list[object]]:
    """Return the query of a page's rows and its parameters: of the question alone, so that it is composed once."""
    selects, parameters = _selects(vendor, reader, question, order)
    return merged(vendor, selects, order, question.limit + 1), parameters


def _selects(vendor: str, reader: Reader, question: Question, order: Order) -> tuple[list[str], list[object]]:
    """Return the selects whose union is the list: one for each audience of the chain, and of these one for
    each cell or place, where few are asked, so that an index gives each in order.
    """
    box = box_of(question)
    cells: Sequence[object] = _few_cells(box) if box and order.column == "name" else ()
    arms = _Arms("e.cell", "cell", cells) if cells else _places(question, boxed=bool(box), order=order)
    selects: list[str] = []
    parameters: list[object] = []
    for tier in reader.chain:
        placed = arms is None or arms.index == "cell"
        where = of_audience(vendor, question, reader, tier, placed=placed, dated=order.column == "start")
        index = arms.index if arms else _index(question, order, boxed=bool(box))
        if box:
            if arms is None and not _is_wide(box):
                index = _cells(where, vendor, box) if order.column == "name" else ""
            add_box(where, box)
        _beyond(where, order, question.after)
        start = f"SELECT e.{order.column}, e.record_id, e.tier FROM disclosure_{order.table} e" + hint(
            vendor, order.table, index
        )
        for value in arms.values if arms else (None,):
            condition = f"{arms.column} = ? AND " if arms else ""
            selects.append(f"{start} WHERE {condition}{where.sql()}")
            parameters += [*((value,) if arms else ()), *where.parameters]
    return selects, parameters


@dataclass(frozen=True)
class _Arms:
    """Values of one column, each of which an index holds in the order of the list."""

    column: str
    index: str
    values: Sequence[object]


def _places(question: Question, *, boxed: bool, order: Order) -> _Arms | None:
    """Return the places asked, where they are several but few: one name may stand for two of them."""
    kind = kind_named(question.kind)
    places = question.values_of(kind.slots["place"].name) if "place" in kind.slots else ()
    if boxed or not 1 < len(places) <= FEW_PLACES:
        return None
    if order.column == "start":
        return _Arms("e.place", "place", places)
    return None if question.since or question.until else _Arms("e.place", "place", places)


def _beyond(where: Where, order: Order, after: Sequence[object] | None) -> None:
    if after is None:
        return
    value, record_id = after[0], after[1]
    if order.column == "name":
        value = bytes.fromhex(str(value))
    where.add(order.beyond, *((value, value, record_id) if order.descending else (value, record_id)))


def _index(question: Question, order: Order, *, boxed: bool) -> str:
    """Return the index that gives the order without sorting, "" where the planner had better choose."""
    kind = kind_named(question.kind)
    places = question.values_of(kind.slots["place"].name) if "place" in kind.slots else ()
    if len(places) > 1 or boxed:
        return ""
    if order.column == "start":
        return "place" if places else "start"
    if question.since or question.until:
        return ""
    return "place" if places else "name"


def _few_cells(box: Box) -> list[int]:
    ranges = cell_rows_of_box(*box) if box[0] <= box[2] else []
    if sum(last - first + 1 for first, last in ranges) > FEW_CELLS:
        return []
    return cells_of_box(*box) if ranges else []


def _is_wide(box: Box) -> bool:
    return box[0] > box[2] or sum(last - first + 1 for first, last in cell_rows_of_box(*box)) > MANY_CELLS


def _cells(where: Where, vendor: str, box: Box) -> str:
    """Add the cells of a box as ranges, one for each row of the grid, and return the index that serves them."""
    if _is_wide(box):
        return ""
    ranges = cell_rows_of_box(*box)
    where.add(
        "(" + " OR ".join("e.cell BETWEEN ? AND ?" for _ in ranges) + ")",
        *(n for each in ranges for n in each),
    )
    return "" if vendor != "sqlite" or len(ranges) > 1 else "cell"


def _near_page(reading: Reading, reader: Reader, question: Question) -> Page:
    """Everything in the circle's box, measured and ordered here: circles are small."""
    assert question.near is not None
    lat, lon, radius = question.near
    box = box_of(question)
    assert box is not None
    found: list[tuple[object, int, int]] = []
    for tier in reader.chain:
        where = of_audience(reading.vendor, question, reader, tier)
        _cells(where, reading.vendor, box)
        add_box(where, box)
        sql = f"SELECT e.name, e.record_id, e.tier, e.lat, e.lon FROM disclosure_entry e WHERE {where.sql()}"
        for name, record_id, row_tier, row_lat, row_lon in reading.rows(sql, where.parameters):
            distance = haversine_km(lat, lon, row_lat, row_lon)
            if distance <= radius:
                value = round(distance * 1000) if question.sort == "distance" else bytes(name).hex()
                found.append((value, record_id, row_tier))
    found.sort(key=lambda each: each[:2], reverse=False)
    total = len(found)
    if question.after is not None:
        found = [each for each in found if each[:2] > tuple(question.after)]
    chosen = found[: question.limit]
    rows = _views(reading, reader, [(t << 48) | r for _, r, t in chosen])
    position = (chosen[-1][0], chosen[-1][1]) if len(found) > question.limit else None
    count = min(total, COUNT_CAP) if question.counted else None
    relation = ("gte" if total > COUNT_CAP else "eq") if question.counted else None
    return Page(bodies(reading, reader, rows), position, count, relation)


def _views(reading: Reading, reader: Reader, keys: Sequence[int]) -> list[tuple[bytes, str, int, int]]:
    if not keys:
        return []
    marks = ", ".join("?" * len(keys))
    rows = reading.rows(f"SELECT {columns(reader)} FROM disclosure_view v WHERE v.key IN ({marks})", list(keys))
    by_key = {row[2]: row for row in rows}
    return [by_key[key] for key in keys if key in by_key]
