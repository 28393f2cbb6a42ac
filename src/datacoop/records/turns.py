"""How work in the background lets decisions go first."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections

from datacoop.lib.queued_sqlite.base import DatabaseWrapper


@contextmanager
def in_background() -> Iterator[None]:
    """Leave the way free after each transaction inside. PostgreSQL's queue of writers is fair by itself."""
    queued = connections[DEFAULT_DB_ALIAS]
    if not isinstance(queued, DatabaseWrapper) or queued.in_atomic_block or queued.in_background:
        yield
        return
    queued.set_background(True)
    try:
        yield
    finally:
        queued.set_background(False)
