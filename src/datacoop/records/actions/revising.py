"""The one way to change the world: a numbered revision, announced before it commits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import NamedTuple

from django.db import connection, transaction

from datacoop.ledger.actions import append
from datacoop.ledger.trees import SubtreeFacts
from datacoop.lib.sql import execute, stored
from datacoop.records.actions.tracing import append_about
from datacoop.records.queries import latest_revision
from datacoop.records.rules import Change, Marked
from datacoop.records.signals import records_changed
from datacoop.records.tracing import About
from datacoop.records.withdrawals import Withdrawal, copy_now
from datacoop.records.withdrawals import append as append_withdrawals

#: Any number does; it only has to be the same in every process of the installation.
WRITERS = 0x64617461
_REVISION = "INSERT INTO records_revision (number, at, actor, why) VALUES (%s, %s, %s, %s)"


class Noted(NamedTuple):
    """An entry to be."""

    kind: str
    payload: Mapping[str, object]
    about: Sequence[About] = ()
    subtree: SubtreeFacts | None = None


class Draft:
    """A revision under way. Actions note here what they touched."""

    def __init__(self, number: int, actor: str, now: datetime, why: str) -> None:
        """Start an empty draft."""
        self.number = number
        self.actor = actor
        self.now = now
        self.why = why
        self.contribution: tuple[int, int] | None = None
        self.marked: list[Marked] = []
        self.withdrawals: list[Withdrawal] = []
        self._touched: set[int] = set()
        self._entries: list[Noted] = []

    def touch(self, *record_ids: int) -> None:
        """Note that these records must be compiled again before the revision commits."""
        self._touched.update(record_ids)

    def enter(
        self, kind: str, *, about: Sequence[About] = (), subtree: SubtreeFacts | None = None, **payload: object
    ) -> None:
        """Note an entry for the ledger: codes, and whom it is about, never a record's id nor a personal value.

        `about` becomes keyed digests; a `subtree` made before holds those of very many. The same said of several in
        turn is one entry about all of them.
        """
        last = self._entries[-1] if self._entries else None
        if last and last.about and about and (last.kind, last.payload, subtree) == (kind, payload, None):
            self._entries[-1] = last._replace(about=(*last.about, *about))
            return
        self._entries.append(Noted(kind, payload, about, subtree))

    def withdraw(self, *withdrawals: Withdrawal) -> None:
        """Note what is taken away: on the disk, beside the database, before the revision commits (law 8)."""
        self.withdrawals.extend(withdrawals)

    def change(self) -> Change:
        """Return what the draft did so far."""
        return Change(self.number, self.actor, self.now, self.why, frozenset(self._touched), self.contribution)

    def entries(self) -> Iterable[Noted]:
        """Return the ledger entries noted, or one for the revision itself."""
        return self._entries or [Noted("records.revised", {"records": len(self._touched)})]


@contextmanager
def revision(*, actor: str, now: datetime, why: str) -> Iterator[Draft]:
    """Open a revision: all of it commits, views, index, feed and ledger included, or nothing.

    Writers take the lock first and hold it until commit (milliseconds): so numbers are dense, compilation sees every
    earlier revision, and two decisions about one record cannot pass each other. Nesting is refused by the database
    lock on SQLite and joins the outer transaction on PostgreSQL; do not nest.
    """
    with transaction.atomic():
        take_writers_lock()
        draft = Draft(latest_revision() + 1, actor, now, why)
        yield draft
        _announce(draft.change())
        execute(_REVISION, [draft.number, stored(now), draft.actor, why])
        for noted in draft.entries():
            _enter(draft, noted)
        # Last: nothing but the commit itself can fail after it.
        append_withdrawals(draft.withdrawals, at=now)
    if draft.withdrawals:
        copy_now()


def _enter(draft: Draft, noted: Noted) -> None:
    payload = {"revision": draft.number, "actor": draft.actor, **noted.payload}
    if noted.about:
        append_about(at=draft.now, kind=noted.kind, about=noted.about, payload=payload, revision=draft.number)
    else:
        append(at=draft.now, kind=noted.kind, payload=payload, subtree=noted.subtree)


def take_writers_lock() -> None:
    """Wait for the writers' lock of this transaction (SQLite: BEGIN IMMEDIATE took it already)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [WRITERS])


def _announce(change: Change) -> None:
    if not records_changed.has_listeners():
        raise RuntimeError("Nobody compiles views: the room `disclosure` must be installed before records change.")
    records_changed.send(sender=None, change=change)
