"""Texts from which contacts were taken out, as they were sent: for a representative of whoever they are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction

from datacoop.consent.confirming import NotARepresentative
from datacoop.consent.speaking import speaks_for
from datacoop.records.actions.revising import take_writers_lock
from datacoop.records.actions.tracing import append_about
from datacoop.records.queries import find_record, load, masked_of, source_facts, uids_of
from datacoop.records.tracing import About


@dataclass(frozen=True)
class MaskedText:
    """A text of a list: as others see it, and whole. `uid` is the record that the list speaks of."""

    uid: UUID
    property: str
    source_id: int
    holder: str
    shown: object
    whole: object


def masked_texts(*, uid: UUID, account_id: int, now: datetime) -> list[MaskedText]:
    """Return the texts of a record, and of what was merged into it, that wait for a representative's word.

    The look is entered in the ledger. Raises: NotARepresentative.
    """
    record = find_record(uid)
    if record is None or not speaks_for(account_id=account_id, uid=uid, now=now):
        raise NotARepresentative("Only a representative sees what was taken out of a text.")
    with transaction.atomic():
        take_writers_lock()
        payload = {"actor": f"account:{account_id}", "reason": "texts to confirm"}
        append_about(at=now, kind="disclosure.described", about=[About(record.id)], payload=payload)
    facts = load([record.id])[record.id]
    found = [each for member in (record.id, *facts.members) for each in masked_of(member)]
    uids, sources = uids_of({each.record_id for each in found}), source_facts({each.source_id for each in found})
    return [
        MaskedText(
            uids[each.record_id],
            each.property,
            each.source_id,
            sources[each.source_id].holder,
            each.value,
            each.unmasked,
        )
        for each in found
        if each.value != each.unmasked
    ]
