"""Who may speak for a record: whoever has a mandate of its subject, or of a record that is one with the subject."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from datacoop.accounts.queries import has_mandate
from datacoop.accounts.rules import DECIDE, GUARDIAN, REPRESENTING, SELF
from datacoop.consent.models import Decision
from datacoop.kinds.definition import kind as kind_named
from datacoop.records.queries import find_record, kinds_of, merges_of, records_about, root_of, subjects_of, uids_of
from datacoop.records.rules import id_of, is_natural


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


def organisation_uids(uid: UUID) -> frozenset[UUID]:
    """Return the uids of an organisation and of all records merged with it; empty for whatever is none.

    Only these can be represented: whoever decides for an organisation decides for no person, nor for what people do.
    """
    record = find_record(uid)
    return subject_uids(uid) if record is not None and record.kind == "organisation" else frozenset()


def speaks_for(*, account_id: int, uid: UUID, now: datetime, scope: str = DECIDE) -> bool:
    """Return whether an account may speak for whoever a record is about, in a scope of mandates.

    For a person, and for what they do somewhere, the person alone speaks, or the guardian: whatever mandate to
    represent somebody may stand there.
    """
    record = find_record(uid)
    if record is None:
        return False
    asked = (SELF, GUARDIAN) if scope in REPRESENTING and is_natural(kind_named(record.kind)) else (scope,)
    return any(
        has_mandate(account_id=account_id, subject_uid=each, scope=which, now=now)
        for each in subject_uids(uid)
        for which in asked
    )


def concerns_person(uid: UUID) -> bool:
    """Return whether a record is about a natural person: their own, what they do somewhere, what they offer."""
    record = find_record(uid)
    if record is None:
        return False
    kinds = kinds_of({record.id, *(id_of(each) for each in subject_uids(uid))})
    return any(is_natural(kind_named(each)) for each in kinds.values())


def has_spoken(uid: UUID) -> bool:
    """Return whether whoever a record is about, or who acts for them, ever decided anything of it themselves.

    What stewards entered does not count, what a restore withdrew again does: it was theirs.
    """
    record_ids = records_about([id_of(each) for each in subject_uids(uid)])
    said = Decision.objects.filter(record_id__in=record_ids)
    return said.exclude(capacity="steward").exclude(actor__startswith="steward").exists()
