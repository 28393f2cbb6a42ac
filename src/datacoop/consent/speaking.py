"""Who may speak for a record: whoever has a mandate of its subject, or of a record that is one with the subject."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from datacoop.accounts.queries import has_mandate
from datacoop.accounts.rules import DECIDE
from datacoop.records.queries import find_record, merges_of, root_of, subjects_of, uids_of


def subject_uids(uid: UUID) -> frozenset[UUID]:
    """Return the uids of a record's subject and of all records merged with it; empty for an unknown record."""
    record = find_record(uid)
    if record is None:
        return frozenset()
    subject = subjects_of([record.id])[record.id]
    merges = merges_of([subject])
    root = root_of(subject, merges)
    group = {each for each in (subject, *merges) if root_of(each, merges) == root}
    return frozenset(uids_of({*group, root}).values())


def speaks_for(*, account_id: int, uid: UUID, now: datetime, scope: str = DECIDE) -> bool:
    """Return whether an account may speak for whoever a record is about, in a scope of mandates."""
    return any(has_mandate(account_id=account_id, subject_uid=each, scope=scope, now=now) for each in subject_uids(uid))
