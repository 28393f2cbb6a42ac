"""Database connections for reading views: Django's own, or one of the read application's.

SQL is written once, with `?` for parameters; PostgreSQL gets `%s`. Nothing is written through a Reading but the fact
of a first delivery.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

import orjson
import psycopg
from django.db import connection

from datacoop.lib.queued_sqlite.base import wait_for_turn
from datacoop.records.actions.revising import WRITERS

Row = tuple[Any, ...]
#: SQLite's name for what PostgreSQL writes `@>`: whether one JSON object has everything another one says.
COVERS = "datacoop_covers"


class Reading:
    """A connection for reading. Every statement sees the last commit."""

    def __init__(self, raw: Any, vendor: str, *, own: bool = False) -> None:
        """Wrap a raw sqlite3 or psycopg connection; an `own` one is not Django's."""
        self.vendor = vendor
        self._raw = raw
        self._own = own
        self._held: Reading | None = None
        self.began: int | None = None
        """The revision that was the last when the question under way was begun."""
        self.may_wait = True
        """Whether this thread may wait for the writers' lock."""
        self.parcels: list[Any] | None = None
        """Where whoever remembers answers wants to know what clients were sent in them."""
        self._version: int | None = None
        self._memory: dict[Any, Any] = {}

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        """Run one query and return all its rows. Binary columns come as bytes."""
        if self.vendor == "sqlite":
            found: list[Row] = self._raw.execute(sql, parameters).fetchall()
            return found
        with self._raw.cursor() as cursor:
            cursor.execute(_for_postgresql(sql), parameters)
            return cursor.fetchall()  # type: ignore[no-any-return]

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let several queries see the same commit. Joins a transaction already open."""
        if self._in_transaction():
            yield
            return
        begin = "BEGIN" if self.vendor == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        self._raw.execute(begin)
        try:
            yield
        finally:
            self._raw.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[Reading]:
        """Hold the writers' lock, and give a connection whose writes are durable at the end: for first deliveries.

        Joins where it is held already. No revision commits meanwhile.
        """
        if self._held is not None:
            yield self._held
        elif connection.in_atomic_block and not self._own:
            # Django holds the lock on this very connection: another one would wait for it.
            yield self
        else:
            with _writer(self.vendor) as raw:
                self._held = Reading(raw, self.vendor)
                try:
                    yield self._held
                finally:
                    self._held = None

    @property
    def holds_lock(self) -> bool:
        """Whether the writers' lock is held already, for `writing` to join."""
        return self._held is not None or (connection.in_atomic_block and not self._own)

    @property
    def is_durable(self) -> bool:
        """Whether what is written is safe when `writing` ends, and not only when Django's transaction does."""
        return self._own or not connection.in_atomic_block

    def write(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Write rows, inside `writing` alone."""
        cursor = self._raw.cursor()
        cursor.executemany(sql if self.vendor == "sqlite" else _for_postgresql(sql), rows)

    def revision(self) -> int:
        """Return the number of the last revision committed."""
        return int(self.rows("SELECT max(number) FROM records_revision")[0][0] or 0)

    def revision_before(self) -> int:
        """Return the number of a revision committed before now: the last one, as far as `remembered` knew."""
        if not self._own or self.vendor != "sqlite":
            return self.revision()
        found: int | None = self._memory.get("revision")
        if found is None:
            found = self._memory["revision"] = self.revision()
        return found

    def remembered(self) -> dict[Any, Any] | None:
        """Return a memory that is empty again as soon as anybody committed anything; None where that cannot be told."""
        if not self._own or self.vendor != "sqlite":
            return None
        version = self._raw.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self._version = version
            self._memory = {}
        return self._memory

    def learn_covering(self) -> None:
        """Let queries use COVERS(more, less, names left out): what a held reader is asked with."""
        if self.vendor == "sqlite":
            self._raw.create_function(COVERS, 3, _covers, deterministic=True)

    def close(self) -> None:
        """Close a connection opened by `open_reading`."""
        self._raw.close()

    def _in_transaction(self) -> bool:
        if self.vendor == "sqlite":
            return bool(self._raw.in_transaction)
        return bool(self._raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE)


@contextmanager
def _writer(vendor: str) -> Iterator[Any]:
    """A connection of its own that holds the writers' lock and commits at the end."""
    turn = wait_for_turn(str(connection.settings_dict["NAME"])) if vendor == "sqlite" else None
    try:
        raw = _connect(vendor)
        try:
            if vendor == "sqlite":
                raw.execute("BEGIN IMMEDIATE")
                yield raw
                raw.execute("COMMIT")
            else:
                with raw.transaction():
                    raw.execute("SELECT pg_advisory_xact_lock(%s)", [WRITERS])
                    yield raw
        finally:
            raw.close()
    finally:
        if turn is not None:
            os.close(turn)


@contextmanager
def reading() -> Iterator[Reading]:
    """Read through Django's connection: for portal, commands and whatever runs inside a revision."""
    connection.ensure_connection()
    yield Reading(connection.connection, connection.vendor)


def open_reading() -> Reading:
    """Open a connection of one's own; use it from one thread at a time."""
    raw = _connect(connection.vendor)
    if connection.vendor == "sqlite":
        raw.execute("PRAGMA query_only = ON")
        raw.execute("PRAGMA cache_size = -65536")
        raw.execute("PRAGMA mmap_size = 8589934592")
    return Reading(raw, connection.vendor, own=True)


def _connect(vendor: str) -> Any:
    settings = connection.get_connection_params()
    if vendor == "sqlite":
        raw = sqlite3.connect(
            str(settings["database"]),
            isolation_level=None,
            check_same_thread=False,
            timeout=20,
            cached_statements=512,
        )
        raw.execute("PRAGMA synchronous = FULL")
        return raw
    known = {k: v for k, v in settings.items() if k in {"host", "port", "dbname", "user", "password", "options"}}
    return psycopg.connect(**known, autocommit=True, prepare_threshold=1)


def _covers(more: bytes, less: bytes, left_out: str) -> bool | None:
    if not more or not less:
        return None
    said = orjson.loads(less)
    for name in left_out.split(","):
        said.pop(name, None)
    return contains(orjson.loads(more), said)


def contains(more: object, less: object) -> bool:
    """Return whether JSON contains another, as PostgreSQL's `@>` has it.

    >>> contains({"a": [1, {"b": 2, "c": 3}]}, {"a": [{"b": 2}]}), contains({"a": 1}, {"a": 2})
    (True, False)
    """
    if isinstance(more, dict) and isinstance(less, dict):
        return all(name in more and contains(more[name], value) for name, value in less.items())
    if isinstance(more, list) and isinstance(less, list):
        return all(any(contains(each, value) for each in more) for value in less)
    return type(more) is type(less) and more == less


@lru_cache(maxsize=1024)
def _for_postgresql(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")
