"""Clean what an erasure leaves behind in the database's files (law 8: within the hour, in file, WAL and text index).

SQLite overwrites what it frees in its file (`secure_delete`), but its log and the segments of the text index keep what
was there before until something else takes their place. PostgreSQL frees the place of dead rows; see docs/operate.
"""

from __future__ import annotations

import time
from datetime import datetime
from typing import Final

from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction

from datacoop.jobs.actions import enqueue_once
from datacoop.lib.queued_sqlite.base import DatabaseWrapper
from datacoop.records.erasers import Erasure
from datacoop.records.turns import in_background

PURGE: Final = "disclosure.purge"
EMPTY_LOG: Final = "disclosure.empty_log"
_INDEXES: Final = ("disclosure_words_public", "disclosure_words_wider")
#: Pages of the text index merged in one transaction: some milliseconds.
_PAGES: Final = 200
#: How often readers are waited for, and how long in between.
_TRIES, _PAUSE_SECONDS = 50, 0.2


class LogInUse(RuntimeError):
    """Readers kept SQLite's log from being emptied; the job comes again."""


def purge_soon(erasure: Erasure) -> None:
    """Let the worker clean up after an erasure, once for all that come together; inside its revision."""
    enqueue_once(name=PURGE, due_at=erasure.now, now=erasure.now)


def purge(*, now: datetime) -> None:
    """Leave nothing of what was deleted in text index, log and free pages. Short transactions; repeatable.

    Raises: LogInUse.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM")
        return
    with in_background():
        for table in _INDEXES:
            _merge(table)
    empty_log(now=now)


def empty_log(*, now: datetime) -> None:
    """Cut SQLite's log off: superseded pages lie in it. PostgreSQL recycles its own.

    Raises: LogInUse.
    """
    queued = connections[DEFAULT_DB_ALIAS]
    if not isinstance(queued, DatabaseWrapper):
        return
    for _ in range(_TRIES):
        if queued.empty_log():
            return
        time.sleep(_PAUSE_SECONDS)
    raise LogInUse("Readers are in the way of emptying SQLite's log.")


def _merge(table: str) -> None:
    """Merge the segments of a text index into one: deleted words go only so.

    The negative number begins it, the others go on until a command changes nothing but its own row
    (https://www.sqlite.org/fts5.html, 6.8).
    """
    pages = -_PAGES
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            before = connection.connection.total_changes
            cursor.execute(f"INSERT INTO {table}({table}, rank) VALUES ('merge', %s)", [pages])
            if pages > 0 and connection.connection.total_changes - before < 2:
                return
        pages = _PAGES
