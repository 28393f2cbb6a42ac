"""Say, retract and restrict values, one record at a time."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import cache

import orjson
from django.db import transaction
from django.db.models import F, Q, QuerySet

from datacoop.kinds.definition import all_kinds
from datacoop.kinds.definition import kind as kind_named
from datacoop.records.actions.revising import Draft
from datacoop.records.actions.unsaying import unsaid
from datacoop.records.envelopes import Envelopes
from datacoop.records.models import Record, Source, Statement
from datacoop.records.rules import Mark, Marked, Origin, State, id_of, new_uid
from datacoop.records.storing import NewRecord, Said, Spoken, insert_statements, reseal
from datacoop.records.tracing import fresh_key

__all__ = ["Said", "UnknownRecordError", "create_record", "mark_personal", "release", "retract", "state"]

#: Precisions that lead to one door.
FINE = frozenset({"exact", "street"})


class UnknownRecordError(LookupError):
    """There is no such record."""


def create_record(draft: Draft, *, kind: str, subject_id: int | None = None, uid: uuid.UUID | None = None) -> Record:
    """Create an empty record. Without `subject_id` it is its own subject."""
    uid = uid or new_uid(lambda number: Record.objects.filter(id=number).exists())
    record = Record.objects.create(id=id_of(uid), uid=uid, kind=kind, subject_id=subject_id, trace_key=fresh_key())
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
    spoken = Spoken(
        origin,
        source.id if source else None,
        draft.now,
        State.QUARANTINED if quarantined else State.LIVE,
        begin_revision=draft.number,
    )
    about = NewRecord(record.id, record.uid, record.kind, record.subject_id)
    insert_statements([(about, s) for s in said], kind_named(record.kind), spoken, Envelopes([about.envelope]))
    draft.touch(record_id)


def retract(
    draft: Draft, *, record_id: int, properties: Sequence[str], origin: Origin, source: Source | None = None
) -> None:
    """Take back what this speaker says about the properties. The statements stay, ended; no backup says them again."""
    ending = list(_standing(record_id, origin, source).filter(property__in=properties).values_list("id", flat=True))
    Statement.objects.filter(id__in=ending).update(end_revision=draft.number)
    draft.withdraw(*unsaid(ending))
    draft.touch(record_id)


def release(draft: Draft, *, record_id: int) -> None:
    """End the quarantine of a record's statements: its subject was told and let them stand."""
    Statement.objects.filter(record_id=record_id, state=State.QUARANTINED).update(state=State.LIVE)
    draft.touch(record_id)


def mark_personal(draft: Draft, *, statement_ids: Sequence[int], mark: str) -> None:
    """Mark standing statements, as decided when another statement was accepted (a shared phone, a refuge's address).

    A value marked personal moves into its subject's envelope; a precise point beside a marked address follows it.
    """
    for row in _mark([*statement_ids, *_points_beside(statement_ids)], mark):
        draft.touch(row.record_id)
        draft.marked.append(Marked(row.id, row.mark, mark))


def mark_staged(*, statement_ids: Sequence[int], mark: str) -> list[int]:
    """Mark statements of a contribution under way, before anybody can see them. One short transaction.

    Return the standing statements that must follow with the acceptance: precise points beside a marked address.
    """
    with transaction.atomic():
        beside = _points_beside(statement_ids)
        staged = Statement.objects.filter(id__in=beside, begin_contribution__gt=F("source__accepted"))
        following = set(staged.values_list("id", flat=True))
        _mark([*statement_ids, *sorted(following)], mark)
    return [number for number in beside if number not in following]


def _mark(statement_ids: Sequence[int], mark: str) -> list[Statement]:
    """Mark statements, and return them as they were."""
    marked: list[Statement] = []
    for start in range(0, len(statement_ids), 500):
        part = statement_ids[start : start + 500]
        rows = list(Statement.objects.filter(id__in=part).exclude(mark=Mark.WITHHELD).select_related("record"))
        reseal(rows, {r.record_id: kind_named(r.record.kind) for r in rows}, mark)
        marked += rows
    return marked


def _points_beside(statement_ids: Sequence[int]) -> list[int]:
    """Return the unmarked precise points that the same list gives beside the first addresses among the statements."""
    found: list[int] = []
    for start in range(0, len(statement_ids), 500):
        part = statement_ids[start : start + 500]
        named = Statement.objects.filter(id__in=part, position=0, property__in=_named("address"))
        said = set(named.values_list("record_id", "source_id"))
        points = Statement.objects.filter(
            record_id__in={r for r, _ in said},
            property__in=_named("point"),
            mark="",
            value__isnull=False,
            end_revision__isnull=True,
        )
        for number, record_id, source_id, value in points.values_list("id", "record_id", "source_id", "value"):
            if (record_id, source_id) in said and orjson.loads(value or "{}").get("precision") in FINE:
                found.append(number)
    return found


@cache
def _named(type_name: str) -> frozenset[str]:
    return frozenset(p.name for kind in all_kinds().values() for p in kind.properties if p.type == type_name)


def _standing(record_id: int, origin: Origin, source: Source | None) -> QuerySet[Statement]:
    rows = Statement.objects.filter(record_id=record_id, origin=origin, source=source, end_revision__isnull=True)
    if source is None:
        return rows
    staged_away = Q(end_contribution__lte=source.accepted)
    return rows.exclude(staged_away).filter(
        Q(begin_contribution__isnull=True) | Q(begin_contribution__lte=source.accepted)
    )
