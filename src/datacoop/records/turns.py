"""How work in the background lets decisions go first."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections

from datacoop.lib.queued_sqlite.base import DatabaseWrapper


class Turn:
    """One transaction of the background: it goes on while nobody waits, for `SECONDS` at most.

    Only SQLite's queue tells who waits: elsewhere one part is a turn.
    """

    SECONDS = 0.1

    def __init__(self) -> None:
        """Begin."""
        self._queued = connections[DEFAULT_DB_ALIAS]
        self._begun: float | None = None

    def goes_on(self) -> bool:
        """Whether there is time for another part; for a first one there always is."""
        if self._begun is None:
            self._begun = time.perf_counter()
            return True
        if not isinstance(self._queued, DatabaseWrapper) or time.perf_counter() - self._begun > self.SECONDS:
            return False
        return not self._queued.is_awaited()


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
