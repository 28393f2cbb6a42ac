"""A queue in front of SQLite's write lock, so that a decision never waits behind a whole import.

SQLite lets writers poll: one who writes back to back keeps the others out for seconds. A file lock wakes the next
one at once, and whoever works in the background leaves a gap after each turn. PostgreSQL queues by itself.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db import connection

#: How long the background stays away after its turn: enough for a waiter to wake.
GAP_SECONDS = 0.002


@contextmanager
def turn(*, background: bool = False) -> Iterator[None]:
    """Wait for one's turn to write, and hold it until the transaction inside has ended.

    Enter it before the transaction. Inside a transaction already open it does nothing: the turn is taken, or the
    caller did without.
    """
    if connection.vendor != "sqlite" or connection.in_atomic_block:
        yield
        return
    handle = os.open(Path(settings.DATACOOP_DATA_DIR) / "writers.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
    if background:
        time.sleep(GAP_SECONDS)
