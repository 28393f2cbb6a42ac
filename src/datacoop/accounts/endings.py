"""What ends in this room, told to whoever keeps `withdrawals.log`, which lies in a room above (decision 0037).

A backup knows nothing of what was ended after it was made: a line beside the database does. It is written before the
transaction that ends something commits.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Protocol

MANDATE, CLIENT, ACCOUNT = "mandate", "client", "account"


class Note(Protocol):
    """How something ended is told: its sort, what each is called, when, and until when it still holds."""

    def __call__(self, what: str, keys: Collection[str], *, at: datetime, until: datetime | None = None) -> None: ...


_noting: list[Note] = []


def note_with(note: Note) -> None:
    """Say who keeps what is ended; the last one said counts."""
    _noting[:] = [note]


def note_ended(what: str, keys: Collection[str], *, at: datetime, until: datetime | None = None) -> None:
    """Tell of it, inside the transaction that ends it. Raises: RuntimeError where nobody keeps it; OSError."""
    if not _noting:
        raise RuntimeError("Nobody keeps what is ended: the room `records` must be installed.")
    _noting[0](what, keys, at=at, until=until)


def client_key(client_id: str, secret_hash: str) -> str:
    """Return what a client's secret is called: another secret is another one."""
    return f"{client_id} {secret_hash}"
