"""Stop every disclosure of a record, on a ground, and let it go on."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from datacoop.consent.actions import DecisionError
from datacoop.consent.models import Restriction
from datacoop.consent.withdrawing import note_restricted
from datacoop.records.actions.revising import Draft, revision
from datacoop.records.queries import find_record
from datacoop.records.tracing import About


def restrict(*, uid: uuid.UUID, ground: str, actor: str, now: datetime) -> int:
    """Stop every disclosure of a record (`ground`: restriction or objection) and return the revision."""
    with revision(actor=actor, now=now, why=ground) as draft:
        record = find_record(uid)
        if record is None:
            raise DecisionError(f"There is no record {uid}.")
        restrict_in(draft, record_ids=[record.id], ground=ground)
    return draft.number


def restrict_in(draft: Draft, *, record_ids: Collection[int], ground: str, whole: bool = False) -> None:
    """Do the same for many records inside a revision already open; what is restricted on this ground stays so.

    `whole`: it is everything about a subject, and binds what comes later as well.
    """
    stop_disclosing(draft, record_ids=record_ids, ground=ground, whole=whole)
    draft.enter("consent.restricted", about=[About(each) for each in sorted(record_ids)], ground=ground)


def stop_disclosing(draft: Draft, *, record_ids: Collection[int], ground: str, whole: bool = False) -> list[int]:
    """Restrict records and return those that were not on this ground before. The ledger is for the caller to write."""
    standing = Restriction.objects.filter(record_id__in=record_ids, ground=ground, end_revision__isnull=True)
    fresh = sorted(set(record_ids) - set(standing.values_list("record_id", flat=True)))
    widened: list[int] = []
    if whole:
        widened = list(standing.filter(whole=False).values_list("record_id", flat=True))
        standing.update(whole=True)
    made = {"ground": ground, "whole": whole, "at": draft.now, "begin_revision": draft.number}
    Restriction.objects.bulk_create([Restriction(record_id=each, **made) for each in fresh])
    # That it is all of theirs now, a restore must learn as well.
    note_restricted(draft, sorted({*fresh, *widened}))
    draft.touch(*(record_ids if whole else fresh))
    return fresh


def lift_restriction(*, uid: uuid.UUID, actor: str, now: datetime) -> int:
    """End the restrictions of a record and return the revision."""
    with revision(actor=actor, now=now, why="restriction lifted") as draft:
        record = find_record(uid)
        if record is None:
            raise DecisionError(f"There is no record {uid}.")
        lift_in(draft, record_ids=[record.id])
    return draft.number


def lift_in(draft: Draft, *, record_ids: Collection[int]) -> None:
    """Do the same for many records inside a revision already open."""
    standing = Restriction.objects.filter(record_id__in=record_ids, end_revision__isnull=True)
    standing.update(end_revision=draft.number)
    draft.touch(*record_ids)
    draft.enter("consent.restriction_lifted", about=[About(each) for each in sorted(record_ids)])
