"""Plain queries on Django's connection, where a hundred microseconds of building one by the ORM are too many."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db import connection


def select(sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run one query and return all its rows. SQLite's moments have no zone: see `moment`."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def execute(sql: str, parameters: Sequence[Any] = ()) -> int:
    """Run one command and return how many rows it met."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return int(cursor.rowcount)


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


def identity(value: uuid.UUID | str) -> uuid.UUID:
    """Return a UUID: SQLite gives its 32 digits."""
    return uuid.UUID(value) if isinstance(value, str) else value
