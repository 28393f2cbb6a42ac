"""What several processes of one machine count together: a small file beside the database, written in a fraction of a
millisecond, never waited for on the disk, and forgotten as its time is over.

It is no part of the database: counting would end what readers remember until its next commit, and wait behind imports.
Whoever counts gives keys that tell nothing; what is kept of each are moments alone.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

_SCHEMA = (
    "CREATE TABLE IF NOT EXISTS tally (key BLOB PRIMARY KEY, kept TEXT NOT NULL, until REAL NOT NULL) WITHOUT ROWID"
)
_UNTIL = "CREATE INDEX IF NOT EXISTS tally_until ON tally (until)"
_PUT = (
    "INSERT INTO tally (key, kept, until) VALUES (?, ?, ?)"
    " ON CONFLICT (key) DO UPDATE SET kept = excluded.kept, until = excluded.until"
)
_WAIT = 5.0
#: Rows removed at each writing, when their time is over.
_SWEPT = 20


@dataclass(frozen=True)
class Allowance:
    """At most `most` in `seconds`. With `pause`, those beyond wait: that many seconds, then twice as many, and so on.

    No wait is longer than `longest`.
    """

    most: int
    seconds: float
    pause: float = 0.0
    longest: float = 600.0

    def wait(self, times: list[float], now: float) -> float:
        """Return how long the next one must wait, 0 if it need not, after those at `times`, oldest first."""
        over = len(times) - self.most
        if over < 0:
            return 0.0
        if not self.pause:
            return max(times[0] + self.seconds - now, 0.001) if times else self.seconds
        gap = min(self.pause * 2.0 ** min(over, 30), self.longest)
        return max(times[-1] + gap - now, 0.0) if times else gap


class Tallies:
    """The file of them. Every call opens it anew: it may be called from any thread, before and after a fork.

    Raises: sqlite3.Error where the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path

    def count(self, key: bytes, allowance: Allowance, now: float) -> float:
        """Count one, unless it must wait, and return how long: 0 where it was counted."""
        wait = 0.0

        def counted(text: str | None) -> tuple[str, float]:
            nonlocal wait
            # Others counted while this one waited; what lies further ahead is from before the clock was put back.
            ahead = now + 2 * _WAIT
            times = sorted(each for each in json.loads(text or "[]") if now - allowance.seconds < each <= ahead)
            wait = allowance.wait(times, now)
            if not wait:
                times = sorted([*times, now])
            return json.dumps(times), max([*times, now]) + allowance.seconds

        self.change(key, counted, now)
        return wait

    def forgive(self, key: bytes, now: float, seconds: float) -> None:
        """Take the last one back, of those that count for so many seconds."""
        self.change(key, lambda text: (json.dumps(json.loads(text or "[]")[:-1]), now + seconds), now)

    def get(self, key: bytes, now: float) -> str | None:
        """Return what is kept of a key, None where its time is over."""
        with self._opened() as file:
            return _kept(file, key, now)

    def change(self, key: bytes, change: Callable[[str | None], tuple[str, float] | None], now: float) -> None:
        """Put what `change` makes of what is kept, and until when, in its place; None leaves it as it is."""
        with self._opened() as file:
            file.execute("BEGIN IMMEDIATE")
            made = change(_kept(file, key, now))
            if made is not None:
                file.execute(_PUT, [key, *made])
            over = "SELECT key FROM tally WHERE until < ? LIMIT ?"
            file.execute(f"DELETE FROM tally WHERE key IN ({over})", [now, _SWEPT])  # noqa: S608 (nothing from outside)
            file.execute("COMMIT")

    def remove(self, key: bytes) -> None:
        """Forget a key."""
        with self._opened() as file:
            file.execute("DELETE FROM tally WHERE key = ?", [key])

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self._path, timeout=_WAIT, isolation_level=None)) as file:
            # Lost in a power cut: then everybody begins anew.
            file.execute("PRAGMA synchronous = OFF")
            file.execute("PRAGMA secure_delete = ON")
            file.execute(_SCHEMA)
            file.execute(_UNTIL)
            yield file

    def begin_anew(self) -> None:
        """Throw the file away: a power cut left it unreadable."""
        for path in (self._path, self._path.with_name(f"{self._path.name}-journal")):
            path.unlink(missing_ok=True)


def _kept(file: sqlite3.Connection, key: bytes, now: float) -> str | None:
    row = file.execute("SELECT kept FROM tally WHERE key = ? AND until > ?", [key, now]).fetchone()
    return str(row[0]) if row else None
