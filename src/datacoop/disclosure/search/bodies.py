"""From view rows to the bytes a reader gets: the open body for anonymous lists, client ids spliced in, deliveries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from operator import itemgetter

from datacoop.disclosure.deliveries import note_deliveries
from datacoop.disclosure.readers import Reader
from datacoop.disclosure.reading import Reading, Row
from datacoop.disclosure.search.clock import NEXT_DUE, check, check_clock
from datacoop.disclosure.search.dated import dated
from datacoop.disclosure.search.questions import Page, Question
from datacoop.records.rules import ID_BITS

#: What a list needs of a view `v`, for the public and for clients.
OPEN_BODY = "COALESCE(v.open_body, v.body)"
OPEN_COLUMNS = f"{OPEN_BODY}, v.private, v.key, v.version"
FULL_COLUMNS = "v.body, v.private, v.key, v.version"
_VERSIONS = itemgetter(2, 3)
#: The view of a row `e` of (value, record_id, tier).
_VIEW = f"disclosure_view v ON v.key = ((CAST(e.tier AS bigint) << {ID_BITS}) | e.record_id)"


@dataclass(frozen=True)
class Order:
    """An order of a list: the column, and whether it descends."""

    column: str
    descending: bool

    @property
    def table(self) -> str:
        """The index that has it: of dates, where it is by start, else of records."""
        return "occurrence" if self.column == "start" else "entry"

    @property
    def sql(self) -> str:
        """The order by value, then by record."""
        way = " DESC" if self.descending else ""
        return f"{self.column}{way}, record_id"

    @property
    def beyond(self) -> str:
        """The condition of what follows a position."""
        if not self.descending:
            return f"(e.{self.column}, e.record_id) > (?, ?)"
        return f"(e.{self.column} < ? OR (e.{self.column} = ? AND e.record_id > ?))"


def united(selects: Sequence[str], order: str, limit: int) -> str:
    """Return the first `limit` rows of several ordered selects, each of which ends with a limit of its own."""
    if len(selects) == 1:
        return selects[0]
    union = " UNION ALL ".join(f"SELECT * FROM ({select}) AS s{i}" for i, select in enumerate(selects))
    return f"SELECT * FROM ({union}) AS u ORDER BY {order} LIMIT {limit}"


def merged(vendor: str, selects: Sequence[str], order: Order, limit: int) -> str:
    """Return the first `limit` rows of several selects without order or limit, each of which an index has in order.

    SQLite then merges them row by row and stops early; PostgreSQL is told to look at no more than `limit` of each.
    """
    ending = f" ORDER BY {order.sql} LIMIT {limit}"
    if vendor == "sqlite":
        return " UNION ALL ".join(selects) + ending
    return united([select + ending for select in selects], order.sql, limit)


def listed(reading: Reading, reader: Reader, inner: str, parameters: Sequence[object], order: Order) -> list[Row]:
    """Return (value, record, body, private, key, version) for the rows of `inner`: value, record_id, tier; in order.

    Names come in hexadecimal, numbers perhaps as text, and the public needs nothing after the body. Raises `Due`.
    SQLite gives the whole page as one row: its driver gives up the interpreter at every row, which costs more than
    the row itself. Bodies hold no line break.
    """
    if reading.vendor == "sqlite":
        return _in_one_row(reading, reader, inner, parameters, order)
    check_clock(reading)
    value = f"encode(e.{order.column}, 'hex')" if order.column == "name" else f"e.{order.column}"
    sql = (
        f"SELECT {value}, e.record_id, {columns(reader)} FROM ({inner}) AS e JOIN {_VIEW}"
        f" ORDER BY e.{order.sql.replace('record_id', 'e.record_id')}"
    )
    return reading.rows(sql, parameters)


def _in_one_row(reading: Reading, reader: Reader, inner: str, parameters: Sequence[object], order: Order) -> list[Row]:
    """The crossed join goes through `inner` in its order."""
    public = len(reader.chain) == 1
    due, texts, values, records, *others = reading.rows(_one_row(inner, order, public), parameters)[0]
    check(due)
    if texts is None:
        return []
    columns = [values.split("\n"), map(int, records.split("\n")), texts.split(b"\n")]
    if others:
        private, *numbers = (column.split("\n") for column in others)
        columns += [private, *(map(int, column) for column in numbers)]
    return list(zip(*columns, strict=True))


@lru_cache(maxsize=1024)
def _one_row(inner: str, order: Order, public: bool) -> str:
    parts = ["lower(hex(e.name))" if order.column == "name" else f"e.{order.column}", "e.record_id"]
    parts += [] if public else ["v.private", "v.key", "v.version"]
    joined = ", ".join(f"group_concat({part}, char(10))" for part in parts)
    body = OPEN_BODY if public else "v.body"
    return (
        f"SELECT {NEXT_DUE}, CAST(group_concat({body}, char(10)) AS blob), {joined}"
        f" FROM ({inner}) AS e CROSS JOIN {_VIEW}"
    )


def position_of(row: Row, order: Order) -> tuple[object, int]:
    """Return the position after a row of `listed`."""
    return row[0] if order.column == "name" else int(row[0]), int(row[1])


def columns(reader: Reader) -> str:
    """Return the columns of a view that make a list item for the reader."""
    return OPEN_COLUMNS if len(reader.chain) == 1 else FULL_COLUMNS


def bodies(reading: Reading, reader: Reader, rows: Iterable[Row]) -> list[bytes]:
    """Return items of (body, private, key, version), first deliveries made durable before they are handed out."""
    if len(reader.chain) == 1:
        return [row[0] for row in rows]
    rows = list(rows)
    # Public views too: a client's lists carry what anonymous ones do not.
    note_deliveries(reading, reader.leaf, dict(map(_VERSIONS, rows)))
    ids = reader.ids
    return [ids.splice(row[0], row[1]) if row[1] and ids else row[0] for row in rows]


def page_of(
    reading: Reading,
    reader: Reader,
    rows: Sequence[Row],
    question: Question,
    order: Order,
    count: int | None = None,
    relation: str | None = None,
) -> Page:
    """Return the page of `listed` rows, of which there is one more than the limit if another page follows."""
    limit = question.limit
    position = position_of(rows[limit - 1], order) if len(rows) > limit else None
    items = bodies(reading, reader, [row[2:] for row in rows[:limit]])
    if order.table == "occurrence":
        items = dated(items, rows, question.kind)
    return Page(items, position, count, relation)
