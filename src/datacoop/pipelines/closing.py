"""The cooperative ends: lists go back, access ends, everything said of anybody is erased, the ledger's end is signed.

Each step asks what is still there, and does that alone: stopped anywhere, the same call goes on. What is erased leaves
tombstones, which clients acknowledge while the server still answers.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from datacoop.clients.suspending import suspend_client
from datacoop.consent.queries import list_agreements
from datacoop.disclosure.late import count_owed
from datacoop.disclosure.purging import purge
from datacoop.ledger.actions import append
from datacoop.ledger.checkpoints import CheckpointFacts, take_checkpoint
from datacoop.pipelines.leaving import Standing, leave, look
from datacoop.records.actions.erasing import count_remaining, erase_subjects, next_remaining
from datacoop.records.actions.revising import take_writers_lock
from datacoop.sources.owning import list_holders

_AT_ONCE = 100
_WHY = "the cooperative ends"

Clock = Callable[[], datetime]
Write = Callable[[Standing], None]


@dataclass(frozen=True)
class Remaining:
    """What is still there: lists with rows, clients that read, records of which anything is said, and what is owed."""

    lists: int
    clients: int
    records: int
    owed: int


@dataclass(frozen=True)
class Closed:
    """What one call did, and the signed end of the ledger after it."""

    lists: int
    clients: int
    records: int
    head: CheckpointFacts | None


def remaining() -> Remaining:
    """Return what is still there. Changes nothing."""
    lists = sum(len(look(each)) for each in list_holders())
    clients = sum(not each.suspended for each in list_agreements())
    return Remaining(lists, clients, count_remaining(), count_owed())


def close(*, write: Write, actor: str, clock: Clock = lambda: datetime.now(UTC)) -> Closed:
    """Do what is still to be done, in this order, and return what it was.

    `write` makes durable what a holder takes along; nothing of its lists is taken back before. It raises where it
    cannot, and everything after it waits for the next call.
    """
    lists = _return_lists(write, actor, clock)
    clients = _end_access(actor, clock)
    records = _erase(actor, clock)
    if lists or clients or records:
        with transaction.atomic():
            take_writers_lock()
            counts = {"lists": lists, "clients": clients, "records": records}
            append(at=clock(), kind="cooperative.closed", payload={**counts, "actor": actor})
    purge(now=clock())
    return Closed(lists, clients, records, take_checkpoint(now=clock(), daily=True))


def _return_lists(write: Write, actor: str, clock: Clock) -> int:
    count = 0
    for holder in list_holders():
        standing = look(holder)
        for each in standing:
            write(each)
        if standing:
            leave(holder=holder.uid, actor=actor, clock=clock)
        count += len(standing)
    return count


def _end_access(actor: str, clock: Clock) -> int:
    running = [each.uid for each in list_agreements() if not each.suspended]
    for each in running:
        suspend_client(agreement=each, actor=actor, now=clock())
    return len(running)


def _erase(actor: str, clock: Clock) -> int:
    """Nobody is kept from coming back, as an erasure otherwise does: no list comes, and digests of names would stay."""
    count = count_remaining()
    while subjects := next_remaining(limit=_AT_ONCE):
        erase_subjects(subject_ids=subjects, actor=actor, now=clock(), why=_WHY, returns=True)
    return count
