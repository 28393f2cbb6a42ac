"""Plain queries on Django's connection, where a hundred microseconds of building one by the ORM are too many."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from itertools import chain
from typing import Any, TypeVar

from django.db import connection

Item = TypeVar("Item")


def select(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run one query and return all its rows. SQLite's moments have no zone: see `moment`."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


#: As many values as one command is given where nothing speaks for fewer.
AT_ONCE = 500


def in_parts(items: Iterable[Item], size: int = AT_ONCE) -> Iterator[list[Item]]:
    """Yield items, in their order, in parts that one command takes.

    >>> list(in_parts([1, 2, 3], 2))
    [[1, 2], [3]]
    """
    every = list(items)
    for start in range(0, len(every), size):
        yield every[start : start + size]


def execute(sql: str, parameters: Sequence[Any] = ()) -> int:
    """Run one command and return how many rows it met."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


#: Rows that SQLite takes with one command: more gain nothing.
_TOGETHER = 10


def insert(table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]], shared: Sequence[Any] = ()) -> None:
    """Insert rows. The first columns have the `shared` values in all of them; what is None in all is left out.

    On SQLite that is twice as fast as row by row: it costs to hand a value over, most of all a None. Not for
    transactions that write a text index: each command of several rows makes that write what it holds.
    """
    if not rows:
        return
    own = list(zip(columns[len(shared) :], zip(*rows, strict=True), strict=True))
    kept = [(name, values) for name, values in own if values[0] is not None or values.count(None) < len(values)]
    if len(kept) < len(own):
        rows = list(zip(*(values for _, values in kept), strict=True))
    common = [value for value in shared if value is not None]
    names = *(n for n, value in zip(columns, shared, strict=False) if value is not None), *(n for n, _ in kept)
    with connection.cursor() as cursor:
        if connection.vendor != "sqlite":
            into = f"INSERT INTO {table} ({', '.join(names)})"
            cursor.executemany(f"{into} VALUES ({placeholders(names)})", [(*common, *row) for row in rows])
            return
        whole = len(rows) - len(rows) % _TOGETHER
        parts = [(*common, *chain(*rows[at : at + _TOGETHER])) for at in range(0, whole, _TOGETHER)]
        if parts:
            cursor.executemany(_inserting(table, names, len(common), _TOGETHER), parts)
        if rest := rows[whole:]:
            cursor.execute(_inserting(table, names, len(common), len(rest)), [*common, *chain(*rest)])


@lru_cache(maxsize=256)
def _inserting(table: str, names: tuple[str, ...], shared: int, rows: int) -> str:
    """Return SQLite's command, whose rows name the same placeholders for what they share."""
    own = len(names) - shared
    numbers = (range(shared + 1 + row * own, shared + 1 + (row + 1) * own) for row in range(rows))
    values = (", ".join(f"?{number}" for number in (*range(1, shared + 1), *each)) for each in numbers)
    return f"INSERT INTO {table} ({', '.join(names)}) VALUES ({'), ('.join(values)})"  # noqa: S608 (names are our own)


def stored(at: datetime) -> Any:
    """Return an aware datetime as the database keeps it: see `moment` for the way back."""
    return connection.ops.adapt_datetimefield_value(at)


def placeholders(values: Collection[object]) -> str:
    """Return `%s, %s…`, one for each value."""
    return ", ".join(["%s"] * len(values))


@lru_cache(maxsize=4096)
def moment(value: datetime | str) -> datetime:
    """Return an aware datetime: SQLite gives text, or a datetime without zone, and means UTC."""
    found = datetime.fromisoformat(value) if isinstance(value, str) else value
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def in_utc(value: datetime | str) -> str:
    """Return a moment as answers tell it, in UTC to the second: PostgreSQL gives it in the zone of its server or role.

    >>> in_utc("2026-11-29 20:05:10.25")
    '2026-11-29T20:05:10Z'
    """
    return moment(value).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def identity(value: uuid.UUID | str) -> uuid.UUID:
    """Return a UUID: SQLite gives its 32 digits."""
    return uuid.UUID(value) if isinstance(value, str) else value
