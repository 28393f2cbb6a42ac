"""Mark what can be shown neither true nor false (LPD 32(3)), and take the mark away."""

from __future__ import annotations

import uuid
from datetime import datetime

from datacoop.consent.actions import DecisionError, check_property
from datacoop.consent.models import Dispute
from datacoop.records.actions.revising import revision
from datacoop.records.queries import find_record, merges_of, root_of
from datacoop.records.tracing import About


def dispute(*, uid: uuid.UUID, property_name: str, reason: str, actor: str, now: datetime) -> int:
    """Mark a property as disputed for whoever sees it, and return the revision (LPD 32(3)).

    Only where neither truth nor error can be shown: `reason`, which is kept for stewards, says why.

    Raises: DecisionError for an unknown record or property, or without a reason.
    """
    with revision(actor=actor, now=now, why="disputed") as draft:
        record = find_record(uid)
        if record is None:
            raise DecisionError(f"There is no record {uid}.")
        check_property(record.kind, property_name)
        if not reason.strip():
            raise DecisionError("Say why neither truth nor error can be shown.")
        standing = Dispute.objects.filter(record_id=record.id, property=property_name, end_revision__isnull=True)
        standing.update(end_revision=draft.number)
        Dispute.objects.create(
            record_id=record.id, property=property_name, reason=reason[:500], actor=actor, at=now,
            begin_revision=draft.number,
        )  # fmt: skip
        draft.touch(record.id)
        draft.enter("consent.disputed", about=[About(record.id)], property=property_name, disputed=True)
    return draft.number


def end_dispute(*, uid: uuid.UUID, property_name: str, actor: str, now: datetime) -> int:
    """Take the mark away, of all records that are this one, and return the revision. Raises: DecisionError."""
    with revision(actor=actor, now=now, why="dispute ended") as draft:
        record = find_record(uid)
        if record is None:
            raise DecisionError(f"There is no record {uid}.")
        merges = merges_of([record.id])
        root = root_of(record.id, merges)
        group = {record.id, root, *(each for each in merges if root_of(each, merges) == root)}
        standing = Dispute.objects.filter(record_id__in=group, property=property_name, end_revision__isnull=True)
        standing.update(end_revision=draft.number)
        draft.touch(*group)
        draft.enter("consent.disputed", about=[About(record.id)], property=property_name, disputed=False)
    return draft.number
