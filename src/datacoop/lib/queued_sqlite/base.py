"""Django's SQLite engine, whose transactions wait for their turn on a file lock.

SQLite lets writers poll, up to 100 ms apart: one who writes back to back keeps the others out for seconds. The kernel
wakes whoever waits for a file lock at once. Needs `transaction_mode` IMMEDIATE: every transaction is a writer's.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import os
import sqlite3
import time
from typing import Any

from django.db.backends.sqlite3 import base

SUFFIX, WAITING_SUFFIX = "-writers", "-waiting"
#: How long the background stays away while somebody waits: enough for a waiter to wake.
GAP_SECONDS = 0.002
#: Turns of the background between two checkpoints.
CHECKPOINT_TURNS = 16
#: Pages the background keeps in memory, in KiB: an import touches the same ones again and again.
CACHE_KIB = 65_536
#: How long whoever empties the log lets writers wait for readers that still need it.
LOG_WAITS_MS = 40
_NORMAL = 1


def wait_for_turn(file: str) -> int:
    """Wait until nobody else writes to a database file, and return the handle that is closed to end one's turn.

    Whoever has to wait says so by a shared lock on a second file: see `is_awaited`.
    """
    handle = _opened(file + SUFFIX)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting = _opened(file + WAITING_SUFFIX)
            try:
                fcntl.flock(waiting, fcntl.LOCK_SH)
                fcntl.flock(handle, fcntl.LOCK_EX)
            finally:
                os.close(waiting)
    except BaseException:
        os.close(handle)
        raise
    return handle


def is_awaited(file: str) -> bool:
    """Whether somebody waits for a turn."""
    probe = _opened(file + WAITING_SUFFIX)
    try:
        fcntl.flock(probe, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(probe)
    return False


def _opened(path: str) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


class DatabaseWrapper(base.DatabaseWrapper):
    """One connection; it has its turn from the beginning to the end of each transaction."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Hold nothing yet."""
        super().__init__(*args, **kwargs)
        self._turn: int | None = None
        self._in_background = False
        self._turns = 0
        self._collects = True
        self._synchronous = _NORMAL
        self._cache = 0

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Connect to a file that is its owner's alone from its beginning; SQLite makes its log with the same rights.

        A file that is there is never opened here: closing it would end the locks SQLite holds on it in this process
        (https://www.sqlite.org/howtocorrupt.html, 2.2).
        """
        if not self.is_in_memory_db():
            with contextlib.suppress(FileExistsError):
                os.close(os.open(str(conn_params["database"]), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        return super().get_new_connection(conn_params)

    def set_background(self, value: bool) -> None:
        """Work in the background keeps its turns short, and leaves a gap after each for whoever waits.

        It waits for no disk at commit (the next commit of anybody else does). It writes SQLite's log back into the
        file between turns, and collects garbage there: both take a tenth of a second where an import holds much.
        """
        if value == self._in_background:
            return
        with self.cursor() as cursor:
            if value:
                self._synchronous = cursor.execute("PRAGMA synchronous").fetchone()[0]
            cursor.execute(f"PRAGMA synchronous = {min(_NORMAL, self._synchronous) if value else self._synchronous}")
            cursor.execute(f"PRAGMA wal_autocheckpoint = {0 if value else 1000}")
            if value:
                self._cache = cursor.execute("PRAGMA cache_size").fetchone()[0]
            cursor.execute(f"PRAGMA cache_size = {-CACHE_KIB if value else self._cache}")
        self._in_background = value
        if not value and self._synchronous > _NORMAL:
            self._wait_for_disk()

    @property
    def in_background(self) -> bool:
        """Whether it works in the background now."""
        return self._in_background

    def is_awaited(self) -> bool:
        """Whether somebody waits for a turn."""
        return not self.is_in_memory_db() and is_awaited(str(self.settings_dict["NAME"]))

    def empty_log(self) -> bool:
        """Write SQLite's log back into the file and cut it off, so that no page of before lies in it; False if readers
        kept it from that: nothing is lost, and there is a next time. Outside any transaction; nobody writes meanwhile.
        """
        if self.is_in_memory_db():
            return True
        with self.cursor() as cursor:
            turn = wait_for_turn(str(self.settings_dict["NAME"]))
            try:
                cursor.execute(f"PRAGMA busy_timeout = {LOG_WAITS_MS}")
                busy, _frames, _written = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            finally:
                cursor.execute(f"PRAGMA busy_timeout = {int(self._timeout() * 1000)}")
                os.close(turn)
        return not busy

    def _timeout(self) -> float:
        return float(self.settings_dict["OPTIONS"].get("timeout", 5.0))

    def _wait_for_disk(self) -> None:
        """What was not waited for until now is on the disk when this returns. SQLite holds no lock on its log."""
        try:
            log = os.open(f"{self.settings_dict['NAME']}-wal", os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return
        try:
            os.fsync(log)
        finally:
            os.close(log)

    # The engine's own hooks, which its type stubs do not know.

    def _start_transaction_under_autocommit(self) -> None:
        self._take_turn()
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._end_turn()
            raise

    def _commit(self) -> None:
        try:
            super()._commit()  # type: ignore[misc]
        finally:
            self._end_turn()
        self._give_way()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._end_turn()

    def _take_turn(self) -> None:
        if self._turn is not None or self.is_in_memory_db():
            return
        self._turn = wait_for_turn(str(self.settings_dict["NAME"]))
        if self._in_background and gc.isenabled():
            gc.disable()
            self._collects = False

    def _end_turn(self) -> None:
        handle, self._turn = self._turn, None
        if handle is not None:
            os.close(handle)
        if not self._collects:
            gc.enable()
            self._collects = True

    def _give_way(self) -> None:
        if not self._in_background:
            return
        self._turns += 1
        if self._turns % CHECKPOINT_TURNS == 0:
            # Refused while a query of this connection is not read to its end: there is a next time.
            with contextlib.suppress(sqlite3.OperationalError):
                self.connection.execute("PRAGMA wal_checkpoint(PASSIVE)")
        if self.is_awaited():
            time.sleep(GAP_SECONDS)
