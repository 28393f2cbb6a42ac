"""How work in the background lets decisions go first."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DEFAULT_DB_ALIAS, connections

from datacoop.lib.queued_sqlite.base import DatabaseWrapper

#: New objects after which the background looks for garbage.
_COLLECT_AFTER = 200_000


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
        with _collecting_seldom():
            yield
        return
    queued.set_background(True)
    try:
        with _collecting_seldom():
            yield
    finally:
        queued.set_background(False)


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Look for garbage in cycles seldom, and not among what was there before: an import holds much and drops little."""
    thresholds = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, *thresholds[1:])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
