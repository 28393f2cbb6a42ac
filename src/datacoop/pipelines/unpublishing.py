"""A holder's word that a list is published, taken back by an undoing: no old backup lets it hold again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db import transaction

from datacoop.disclosure.actions import recompile_source
from datacoop.records.actions.publishing import attestations, end_attestation
from datacoop.records.actions.revising import take_writers_lock
from datacoop.records.endings import Ending, note_ended, register

#: What `withdrawals.log` calls it. Never change it: old logs are read by it.
ATTESTATION = "attestation"


def register_endings() -> None:
    """Say how it ends again. Where the log is lost personal values are held back in any case."""
    register(ATTESTATION, Ending(_alive, _end))


def note_unpublished(source_id: int, *, at: datetime) -> None:
    """Tell the log, before it is taken back."""
    note_ended(ATTESTATION, [key for key, number in attestations().items() if number == source_id], at=at)


def _alive() -> Iterator[tuple[str, str]]:
    return ((key, "") for key in attestations())


def _end(keys: Collection[str], _until: datetime, _now: datetime) -> int:
    found = attestations()
    with transaction.atomic():
        take_writers_lock()
        for key in keys:
            end_attestation(found[key])
            recompile_source(found[key], narrowing=True)
    return len(keys)
