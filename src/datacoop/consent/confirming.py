"""A representative says that the contacts in a text may stand there: nobody else can (decision 0017)."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from datacoop.accounts.queries import has_mandate
from datacoop.records.actions.confirming import confirm
from datacoop.records.actions.revising import revision
from datacoop.records.queries import find_record, merges_of, root_of, subjects_of, uids_of

#: The mandate that lets an account speak for a subject.
SPEAKS = "all"


class NotARepresentative(PermissionError):
    """The account has no mandate of the record's subject."""


def speaks_for(*, account_id: int, uid: UUID, now: datetime) -> bool:
    """Return whether an account may speak for whoever a record is about, or for what that was merged into."""
    record = find_record(uid)
    if record is None:
        return False
    subject = subjects_of([record.id])[record.id]
    merges = merges_of([subject])
    group = {subject, root_of(subject, merges)}
    return any(
        has_mandate(account_id=account_id, subject_uid=each, scope=SPEAKS, now=now) for each in uids_of(group).values()
    )


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
