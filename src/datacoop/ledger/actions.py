"""Writing to the ledger: one append, inside the transaction of the change it tells about."""

from collections.abc import Mapping
from datetime import datetime

from django.db import connection, transaction

from datacoop.lib.sql import execute, stored

from . import queries, rules
from .models import Head
from .trees import SubtreeFacts

_ENTRY = "INSERT INTO ledger_entry (number, at, kind, payload, previous, hash) VALUES (%s, %s, %s, %s, %s, %s)"
_MOVE = "UPDATE ledger_head SET number = %s, hash = %s WHERE id = 1 AND number = %s"
_HOLD = "UPDATE ledger_subtree SET entry = %s WHERE name = %s AND root = %s AND entry IS NULL"


class LedgerError(RuntimeError):
    """The entry could not be appended; the surrounding change must not be committed either."""


def append(*, at: datetime, kind: str, payload: Mapping[str, object], subtree: SubtreeFacts | None = None) -> int:
    """Append one entry and return its number, dense from 1.

    Call it inside a transaction that already holds the writers' lock: the number is the last plus one.
    A writer who got past the lock is stopped by the head row instead of forking the chain.
    `payload` holds ids and keyed digests (`rules.digest`), never a personal value; numbers that would be the same in
    all entries of one person are left out (`rules.nameless`).
    The root of a `subtree` made before (`growing.grow`) goes into the entry, which from then on holds it.

    Raises: LedgerError outside a transaction or on a lost race; rules.UnfitPayload.
    """
    if not transaction.get_connection().in_atomic_block:
        raise LedgerError("A ledger entry is appended inside the transaction of the change it tells about.")
    if not rules.is_kind(kind):
        raise LedgerError(f"{kind!r} is not a kind of entry; write it like 'grant.given'.")
    tip = queries.get_tip()
    number = tip.number + 1
    content = rules.nameless(payload)
    if subtree is not None:
        content.update(subtree=subtree.root, leaves=subtree.size)
    digest = rules.entry_hash(number=number, at=at, kind=kind, payload=content, previous=tip.hash)
    _move_head(from_number=tip.number, number=number, digest=digest)
    execute(_ENTRY, [number, stored(at), kind, connection.ops.adapt_json_value(content, None), tip.hash, digest])
    if subtree is not None and execute(_HOLD, [number, subtree.name, subtree.root]) != 1:
        raise LedgerError(f"The subtree {subtree.name} is not there, or another entry holds it already.")
    return number


def _move_head(*, from_number: int, number: int, digest: str) -> None:
    if from_number == 0:
        Head.objects.create(id=1, number=number, hash=digest)
        return
    if execute(_MOVE, [number, digest, from_number]) != 1:
        raise LedgerError("Another writer appended to the ledger meanwhile; take the writers' lock first.")
