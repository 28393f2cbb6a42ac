"""What one list says, of which contribution, and what was masked in it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import orjson
from django.db.models import F, Q

from datacoop.lib.sql import placeholders, select
from datacoop.records.envelopes import Envelopes
from datacoop.records.models import Record, Statement
from datacoop.records.rules import Mark
from datacoop.records.storing import unmasked


@dataclass(frozen=True)
class SaidFacts:
    """One value a list says of a record."""

    record_id: int
    property: str
    value: object
    mark: str


def said_of(source_id: int, number: int, record_ids: Collection[int]) -> list[SaidFacts]:
    """Return what a list says of some records as of its contribution `number`, accepted or still staged."""
    rows = Statement.objects.filter(
        source_id=source_id, record_id__in=list(record_ids), end_revision__isnull=True, begin_contribution__lte=number
    ).exclude(end_contribution__lte=number)
    found = list(rows.order_by("position", "id").select_related("record"))
    envelopes = Envelopes({r.record.subject_id or r.record_id for r in found if r.sealed is not None})
    said = []
    for row in found:
        text = row.value
        if row.sealed is not None:
            opened = envelopes.opened(row.record.subject_id or row.record_id, bytes(row.sealed))
            text = opened.decode() if opened is not None else None
        if text is not None:
            said.append(SaidFacts(row.record_id, row.property, orjson.loads(text), row.mark))
    return said


@dataclass(frozen=True)
class PropertyChange:
    """What one contribution did to a property of a record: how many values it began and ended."""

    record_id: int
    property: str
    begun: int
    ended: int


def changes_by(source_id: int, number: int, record_ids: Collection[int]) -> list[PropertyChange]:
    """Return what a contribution changed in some records, property by property. No value is read."""
    begun, ended = "begin_contribution = %s", "end_contribution = %s"
    given = [number, number, source_id, *record_ids, number, number]
    rows = select(
        f"SELECT record_id, property, SUM(CASE WHEN {begun} THEN 1 ELSE 0 END),"
        f" SUM(CASE WHEN {ended} THEN 1 ELSE 0 END) FROM records_statement"
        f" WHERE source_id = %s AND record_id IN ({placeholders(record_ids)}) AND ({begun} OR {ended})"
        " GROUP BY record_id, property ORDER BY record_id, property",
        given,
    ) if record_ids else []  # fmt: skip
    return [PropertyChange(row[0], row[1], int(row[2]), int(row[3])) for row in rows]


@dataclass(frozen=True)
class MaskedFacts:
    """One value a list says of a property of which contacts were taken out; `unmasked` is as it was before.

    Of several values of the property all are given: those without contacts have both alike.
    """

    record_id: int
    source_id: int
    property: str
    position: int
    value: object
    unmasked: object
    mark: str


def masked_of(
    record_id: int, *, source_id: int | None = None, property_name: str | None = None
) -> tuple[MaskedFacts, ...]:
    """Return what lists say of a record where contacts were taken out, for its subject alone (decision 0017)."""
    record = Record.objects.filter(id=record_id).first()
    rows = Statement.objects.filter(record_id=record_id, source__isnull=False, end_revision__isnull=True)
    if source_id is not None:
        rows = rows.filter(source_id=source_id)
    if property_name is not None:
        rows = rows.filter(property=property_name)
    begun = Q(begin_contribution__isnull=True) | Q(begin_contribution__lte=F("source__accepted"))
    standing = rows.filter(begun).exclude(end_contribution__lte=F("source__accepted")).exclude(mark=Mark.WITHHELD)
    subject = (record.subject_id or record_id) if record else record_id
    found = _whole(standing.order_by("property", "position", "id"), subject)
    waiting = {(each.source_id, each.property) for each in found if each.value != each.unmasked}
    return tuple(each for each in found if (each.source_id, each.property) in waiting)


def _whole(rows: Iterable[Statement], subject: int) -> list[MaskedFacts]:
    """Return statements of lists with what they were before masking; what cannot be opened is left out."""
    envelopes = Envelopes([subject])
    found = []
    for row in rows:
        sealed = envelopes.opened(subject, bytes(row.sealed)) if row.sealed is not None else None
        text = sealed.decode() if sealed is not None else row.value
        if text is None or row.source_id is None:
            continue
        value, before = orjson.loads(text), unmasked(row.original, subject, envelopes)
        whole = value if before is None else before
        found.append(MaskedFacts(row.record_id, row.source_id, row.property, row.position, value, whole, row.mark))
    return found
