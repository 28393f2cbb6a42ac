"""Closing the day of the ledger: an entry of the clock's own, and over it the checkpoint that everybody may see."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from datacoop.ledger.actions import append
from datacoop.ledger.checkpoints import CheckpointFacts, take_checkpoint
from datacoop.records.actions.revising import take_writers_lock

CLOSED = "ledger.day_closed"


def close_day(*, now: datetime) -> CheckpointFacts | None:
    """Enter that a day is over, sign the chain and return the checkpoint.

    The entry makes the checkpoint the clock's own: neither its size nor its time is that of anybody's decision or
    question. Raises: ledger.checkpoints.Forked; ledger.signing.KeyUnusable.
    """
    with transaction.atomic():
        take_writers_lock()
        append(at=now, kind=CLOSED, payload={})
    return take_checkpoint(now=now, daily=True)
