"""Writing to the ledger: one append, inside the transaction of the change it tells about."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from . import queries, rules
from .models import Entry, Head


class LedgerError(RuntimeError):
    """The entry could not be appended; the surrounding change must not be committed either."""


def append(*, at: datetime, kind: str, payload: Mapping[str, object]) -> int:
    """Append one entry and return its number, dense from 1.

    Call it inside a transaction that already holds the writers' lock: the number is the last plus one.
    A writer who got past the lock is stopped by the head row instead of forking the chain.
    `payload` holds ids and keyed digests (`rules.digest`), never a personal value.

    Raises: LedgerError outside a transaction or on a lost race; rules.UnfitPayload.
    """
    if not transaction.get_connection().in_atomic_block:
        raise LedgerError("A ledger entry is appended inside the transaction of the change it tells about.")
    if not rules.is_kind(kind):
        raise LedgerError(f"{kind!r} is not a kind of entry; write it like 'grant.given'.")
    tip = queries.get_tip()
    number = tip.number + 1
    digest = rules.entry_hash(number=number, at=at, kind=kind, payload=payload, previous=tip.hash)
    _move_head(from_number=tip.number, number=number, digest=digest)
    Entry.objects.create(number=number, at=at, kind=kind, payload=dict(payload), previous=tip.hash, hash=digest)
    return number


def _move_head(*, from_number: int, number: int, digest: str) -> None:
    if from_number == 0:
        Head.objects.create(id=1, number=number, hash=digest)
        return
    if Head.objects.filter(id=1, number=from_number).update(number=number, hash=digest) != 1:
        raise LedgerError("Another writer appended to the ledger meanwhile; take the writers' lock first.")
