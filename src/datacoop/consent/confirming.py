"""A representative says that the contacts in a text may stand there: nobody else can (decision 0017)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from datacoop.consent.speaking import speaks_for
from datacoop.records.actions.confirming import confirm
from datacoop.records.actions.revising import revision
from datacoop.records.queries import find_record


class NotARepresentative(PermissionError):
    """The account has no mandate of the record's subject."""


def confirm_text(*, uid: UUID, property_name: str, source_id: int, account_id: int, now: datetime) -> None:
    """Make the whole text that a list says of a record its subject's own word: seen by whoever sees the property.

    One revision with its views and ledger entry. What the list said stays masked.

    Raises:
        NotARepresentative: the account may not speak for the subject.
        records.actions.confirming.NothingMaskedError: nothing was taken out there, or it was erased.
    """
    record = find_record(uid)
    if record is None or not speaks_for(account_id=account_id, uid=uid, now=now):
        raise NotARepresentative("Only a representative confirms what may stand in a text.")
    with revision(actor=f"account:{account_id}", now=now, why="text confirmed") as draft:
        confirm(draft, record_id=record.id, property_name=property_name, source_id=source_id)
