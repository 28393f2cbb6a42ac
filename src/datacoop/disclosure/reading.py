"""Database connections for reading views: Django's own, or one of the read application's.

SQL is written once, with `?` for parameters; PostgreSQL gets `%s`. Nothing is written through a Reading but the fact
of a first delivery.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, cast

import psycopg
from django.db import connection

Row = tuple[Any, ...]


class Reading:
    """A connection for reading. Every statement sees the last commit."""

    def __init__(self, raw: Any, vendor: str, *, own: bool = False) -> None:
        """Wrap a raw sqlite3 or psycopg connection; an `own` one is not Django's."""
        self.vendor = vendor
        self._raw = raw
        self._own = own
        self._writer: Any = None
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

    def commit_rows(self, sql: str, rows: Sequence[Sequence[object]]) -> None:
        """Write rows durably, in one commit: the fact of first deliveries, and nothing else."""
        if connection.in_atomic_block and not self._own:
            # Django holds a transaction on this connection: another one would wait for it.
            with connection.cursor() as cursor:
                cursor.executemany(sql.replace("?", "%s"), cast(Any, rows))
            return
        writer = self._writer or _connect(self.vendor)
        try:
            _commit(writer, self.vendor, sql, rows)
        finally:
            if self._own:
                self._writer = writer
            else:
                writer.close()

    def remembered(self) -> dict[Any, Any] | None:
        """Return a memory that is empty again as soon as anybody committed anything; None where that cannot be told."""
        if not self._own or self.vendor != "sqlite":
            return None
        version = self._raw.execute("PRAGMA data_version").fetchone()[0]
        if version != self._version:
            self._version = version
            self._memory = {}
        return self._memory

    def close(self) -> None:
        """Close a connection opened by `open_reading`."""
        self._raw.close()
        if self._writer is not None:
            self._writer.close()

    def _in_transaction(self) -> bool:
        if self.vendor == "sqlite":
            return bool(self._raw.in_transaction)
        return bool(self._raw.info.transaction_status != psycopg.pq.TransactionStatus.IDLE)


def _commit(writer: Any, vendor: str, sql: str, rows: Sequence[Sequence[object]]) -> None:
    if vendor == "sqlite":
        writer.execute("BEGIN IMMEDIATE")
        writer.executemany(sql, rows)
        writer.execute("COMMIT")
        return
    with writer.transaction(), writer.cursor() as cursor:
        cursor.executemany(_for_postgresql(sql), rows)


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


@lru_cache(maxsize=1024)
def _for_postgresql(sql: str) -> str:
    return sql.replace("%", "%%").replace("?", "%s")
