"""Say, retract and restrict values, one record at a time."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from datacoop.kinds.definition import kind as kind_named
from datacoop.records.actions.revising import Draft
from datacoop.records.envelopes import Envelopes
from datacoop.records.models import Record, Source, Statement
from datacoop.records.rules import Origin, State, id_of, is_sealed, new_uid


class UnknownRecordError(LookupError):
    """There is no such record."""


@dataclass(frozen=True)
class Said:
    """One value somebody says. `digest` compares contacts; `refers` is the number of the record pointed to."""

    property: str
    value: object
    original: str | None = None
    position: int = 0
    mark: str = ""
    digest: bytes | None = None
    refers: int | None = None


def create_record(draft: Draft, *, kind: str, subject_id: int | None = None, uid: uuid.UUID | None = None) -> Record:
    """Create an empty record. Without `subject_id` it is its own subject."""
    uid = uid or new_uid(lambda number: Record.objects.filter(id=number).exists())
    record = Record.objects.create(id=id_of(uid), uid=uid, kind=kind, subject_id=subject_id)
    draft.touch(record.id)
    return record


def state(
    draft: Draft,
    *,
    record_id: int,
    said: Sequence[Said],
    origin: Origin,
    source: Source | None = None,
    quarantined: bool = False,
) -> None:
    """Say the values; for each property named, what the same speaker said before is superseded, never overwritten.

    Raises:
        UnknownRecordError: no such record.
        KeyError: its kind has no such property.
    """
    record = Record.objects.filter(id=record_id).first()
    if record is None:
        raise UnknownRecordError(f"There is no record {record_id}.")
    before = _standing(record_id, origin, source).filter(property__in={s.property for s in said})
    before.update(end_revision=draft.number)
    envelopes = Envelopes([record.subject_id or record.id])
    Statement.objects.bulk_create(
        [
            _statement(record, s, envelopes, begin_revision=draft.number, since=draft.now, origin=origin, source=source,
                       state=State.QUARANTINED if quarantined else State.LIVE)
            for s in said
        ]
    )  # fmt: skip
    draft.touch(record_id)


def retract(
    draft: Draft, *, record_id: int, properties: Sequence[str], origin: Origin, source: Source | None = None
) -> None:
    """Take back what this speaker says about the properties. The statements stay, ended."""
    _standing(record_id, origin, source).filter(property__in=properties).update(end_revision=draft.number)
    draft.touch(record_id)


def release(draft: Draft, *, record_id: int) -> None:
    """End the quarantine of a record's statements: its subject was told and let them stand."""
    Statement.objects.filter(record_id=record_id, state=State.QUARANTINED).update(state=State.LIVE)
    draft.touch(record_id)


def mark_personal(draft: Draft, *, statement_ids: Sequence[int], mark: str) -> None:
    """Mark standing statements, as decided when another statement was accepted (a shared phone, a refuge's address).

    A value marked personal moves into its subject's envelope.
    """
    rows = list(Statement.objects.filter(id__in=statement_ids).select_related("record"))
    reseal(rows, mark)
    draft.touch(*(row.record_id for row in rows))


def reseal(rows: Sequence[Statement], mark: str) -> None:
    """Give statements a mark and move into the envelope those that it makes personal."""
    envelopes = Envelopes({r.record.subject_id or r.record_id for r in rows})
    for row in rows:
        row.mark = mark
        if row.value is not None and is_sealed(kind_named(row.record.kind), row.property, mark):
            row.sealed = envelopes.seal(row.record.subject_id or row.record_id, row.value.encode())
            row.value, row.original = None, None
    Statement.objects.bulk_update(rows, ["mark", "sealed", "value", "original"], batch_size=500)


def statement_of(record: Record, said: Said, envelopes: Envelopes, **columns: object) -> Statement:
    """Return an unsaved statement, its value sealed where it is about a natural person."""
    return _statement(record, said, envelopes, **columns)


def _statement(record: Record, said: Said, envelopes: Envelopes, **columns: object) -> Statement:
    text = json.dumps(said.value, ensure_ascii=False, separators=(",", ":"))
    sealed = None
    original = said.original
    if is_sealed(kind_named(record.kind), said.property, said.mark):
        sealed = envelopes.seal(record.subject_id or record.id, text.encode())
        original = None
    return Statement(
        record_id=record.id,
        property=said.property,
        position=said.position,
        value=None if sealed else text,
        sealed=sealed,
        original=original,
        mark=said.mark,
        digest=said.digest,
        refers=said.refers,
        **columns,
    )


def _standing(record_id: int, origin: Origin, source: Source | None) -> QuerySet[Statement]:
    rows = Statement.objects.filter(record_id=record_id, origin=origin, source=source, end_revision__isnull=True)
    if source is None:
        return rows
    staged_away = Q(end_contribution__lte=source.accepted)
    return rows.exclude(staged_away).filter(
        Q(begin_contribution__isnull=True) | Q(begin_contribution__lte=source.accepted)
    )
