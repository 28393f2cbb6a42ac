"""What came of the deliveries of a list: who, when, how many, and which properties of which records they changed.

Names, states, counts and ids; no value is read here.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from datacoop.records.actions.staging import touched_by
from datacoop.records.queries import PropertyChange, accepted_numbers, changes_by, kinds_of, uids_of
from datacoop.records.rules import Marked, id_of
from datacoop.sources.models import Contribution, Marking

ACCEPTED = "accepted"
NEW, CHANGED, GONE = "new", "changed", "gone"


@dataclass(frozen=True)
class Delivery:
    """One contribution, or the undoing (`undoes`) of one. `is_undone`: a later one took it back."""

    pk: int
    source_id: int
    number: int
    state: str
    files: tuple[str, ...]
    actor: str
    received_at: datetime
    counts: Mapping[str, int]
    undoes: int | None
    is_undone: bool


@dataclass(frozen=True)
class Accepted:
    """The last accepted contribution as its undoing, and the next delivery, must know it."""

    number: int
    sha256: str
    columns: Mapping[str, str | None]
    counts: Mapping[str, int]
    before: Mapping[str, object]
    undoes: int | None
    accepted_at: datetime | None


@dataclass(frozen=True)
class ChangedRecord:
    """A record that a contribution changed: its properties, each new, changed or gone."""

    uid: uuid.UUID
    kind: str
    properties: tuple[tuple[str, str], ...]


def list_deliveries(source_id: int, *, limit: int = 50) -> list[Delivery]:
    """Return a list's contributions, newest first, those that are still under way among them."""
    rows = Contribution.objects.filter(source_id=source_id).order_by("-id")[:limit]
    undone = _undone(source_id)
    return [_delivery(row, undone) for row in rows]


def find_delivery(source_id: int, pk: int) -> Delivery | None:
    """Return one contribution of a list, None where it is none of it."""
    row = Contribution.objects.filter(source_id=source_id, pk=pk).first()
    return _delivery(row, _undone(source_id)) if row else None


def find_accepted(source_id: int, *, number: int | None = None) -> Accepted | None:
    """Return the last accepted contribution of a list, or the one of that number; None where there is none."""
    wanted = accepted_numbers().get(source_id, 0) if number is None else number
    row = Contribution.objects.filter(source_id=source_id, state=ACCEPTED, number=wanted).order_by("-id").first()
    if row is None:
        return None
    counts = row.report.get("counts", {})
    return Accepted(row.number, row.sha256, dict(row.columns), counts, row.before, row.undoes, row.accepted_at)


def is_undone_file(source_id: int, sha256: str) -> bool:
    """Return whether a contribution of these bytes was undone, and they were not taken in again since."""
    last = find_accepted(source_id)
    if not sha256 or last is None or last.sha256 == sha256:
        return False
    rows = Contribution.objects.filter(source_id=source_id, state=ACCEPTED, sha256=sha256, undoes__isnull=True)
    return rows.filter(number__in=_undone(source_id)).exists()


def marked_by(source_id: int, number: int) -> list[Marked]:
    """Return the standing statements that the last accepted contribution marked."""
    rows = Marking.objects.filter(source_id=source_id, number=number).order_by("id")
    return [Marked(*row) for row in rows.values_list("statement_id", "before", "after")]


def list_changed(
    source_id: int, number: int, *, after: uuid.UUID | None = None, limit: int = 50
) -> list[ChangedRecord]:
    """Return which properties of which records a contribution changed, those above `after`, in the order of ids."""
    above = id_of(after) if after is not None else -1
    begun, ended = (touched_by(source_id, number, ended=e, after=above, limit=limit) for e in (False, True))
    record_ids = sorted({*begun, *ended})[:limit]
    by_record: dict[int, list[PropertyChange]] = {}
    for change in changes_by(source_id, number, record_ids):
        by_record.setdefault(change.record_id, []).append(change)
    uids, kinds = uids_of(by_record), kinds_of(list(by_record))
    return [
        ChangedRecord(uids[i], kinds[i], tuple((c.property, _how(c)) for c in by_record[i]))
        for i in record_ids
        if i in by_record and i in uids
    ]


def _how(change: PropertyChange) -> str:
    if change.begun and change.ended:
        return CHANGED
    return NEW if change.begun else GONE


def _undone(source_id: int) -> set[int]:
    rows = Contribution.objects.filter(source_id=source_id, state=ACCEPTED, undoes__isnull=False)
    return {number for number in rows.values_list("undoes", flat=True) if number is not None}


def _delivery(row: Contribution, undone: set[int]) -> Delivery:
    return Delivery(
        row.pk, row.source_id, row.number, row.state, tuple(row.file_names), row.actor, row.received_at,
        row.report.get("counts", {}), row.undoes, row.state == ACCEPTED and row.number in undone,
    )  # fmt: skip
