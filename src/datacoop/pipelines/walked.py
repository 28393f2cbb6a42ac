"""What a feed told on the way to its end, the last word on each record: in a file, for it may be a million.

Must know nothing of records or lists here.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Collection
from pathlib import Path
from uuid import UUID

_AT_ONCE = 500


class Walked:
    """The file, for one run; whoever makes it removes it."""

    def __init__(self, path: Path) -> None:
        """Make it."""
        self._file = sqlite3.connect(path, isolation_level=None)
        self._file.execute("PRAGMA synchronous = OFF")
        self._file.execute("CREATE TABLE item (kind TEXT, uid TEXT, body BLOB, PRIMARY KEY (kind, uid)) WITHOUT ROWID")

    def close(self) -> None:
        """Let the file go."""
        self._file.close()

    def clear(self) -> None:
        """Forget everything."""
        self._file.execute("DELETE FROM item")

    def keep(self, kind: str, uid: UUID, body: bytes) -> None:
        """Note what a record says now."""
        self._file.execute("INSERT OR REPLACE INTO item VALUES (?, ?, ?)", [kind, str(uid), body])

    def gone(self, kind: str, uid: UUID) -> None:
        """Note that a record is gone."""
        self._file.execute("INSERT OR REPLACE INTO item VALUES (?, ?, NULL)", [kind, str(uid)])

    def end(self, kind: str, uid: UUID) -> None:
        """Note that a record was taken away, unless the feed told of it on this way: it was told later then."""
        self._file.execute("INSERT OR IGNORE INTO item VALUES (?, ?, NULL)", [kind, str(uid)])

    def ended(self, kind: str) -> frozenset[str]:
        """Return the records of a kind that are gone."""
        rows = self._file.execute("SELECT uid FROM item WHERE kind = ? AND body IS NULL", [kind])
        return frozenset(uid for (uid,) in rows)

    def write(self, kind: str, path: Path, *, without: Callable[[Collection[UUID]], Collection[UUID]]) -> int:
        """Write the records of a kind one on a line, but for those that `without` names, and return how many."""
        count = 0
        rows = self._file.execute("SELECT uid, body FROM item WHERE kind = ? AND body IS NOT NULL ORDER BY uid", [kind])
        with path.open("xb") as file:
            path.chmod(0o600)
            while part := rows.fetchmany(_AT_ONCE):
                left_out = set(without([UUID(uid) for uid, _ in part]))
                lines = [body for uid, body in part if UUID(uid) not in left_out]
                file.writelines(line + b"\n" for line in lines)
                count += len(lines)
        return count
