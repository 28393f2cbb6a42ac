"""Everything ever said of some records: what stands, what was superseded or taken back, and what it was before."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

import orjson

from datacoop.records.envelopes import SEALED, Envelopes
from datacoop.records.models import Revision, Statement
from datacoop.records.storing import unmasked

_AT_ONCE = 500


@dataclass(frozen=True)
class EverySaid:
    """One statement. `as_written` is what the list had in its cell, `unmasked` what it was before contacts were hidden.

    `by` and `why` are of the revision that made it, empty for what came with a list; `number` is that delivery's.
    """

    id: int
    record_id: int
    property: str
    position: int
    value: object
    as_written: str
    unmasked: object
    origin: int
    source_id: int | None
    number: int | None
    since: datetime
    state: str
    mark: str
    stands: bool
    ended_at: datetime | None
    by: str
    why: str


def every_statement(record_ids: Collection[int]) -> Iterator[EverySaid]:
    """Yield all statements of records in their order; what is being staged does not exist for anybody yet (law 7)."""
    yield from _every("record_id__in", record_ids)


def statements_of(numbers: Collection[int]) -> Iterator[EverySaid]:
    """Yield statements by their numbers."""
    yield from _every("id__in", numbers)


def _every(by: str, numbers: Collection[int]) -> Iterator[EverySaid]:
    every = sorted(numbers)
    for start in range(0, len(every), _AT_ONCE):
        found = Statement.objects.filter(**{by: every[start : start + _AT_ONCE]}).select_related("source", "record")
        rows = list(found.order_by("record_id", "id"))
        envelopes = Envelopes({r.record.subject_id or r.record_id for r in rows})
        marked = {n for r in rows for n in (r.begin_revision, r.end_revision) if n is not None}
        revisions = Revision.objects.in_bulk(marked)
        for row in rows:
            if row.source and row.begin_contribution is not None and row.begin_contribution > row.source.accepted:
                continue
            said = _said(row, row.record.subject_id or row.record_id, envelopes, revisions)
            if said is not None:
                yield said


def _said(row: Statement, subject: int, envelopes: Envelopes, revisions: dict[int, Revision]) -> EverySaid | None:
    text: str | bytes | None = row.value
    if row.sealed is not None:
        text = envelopes.opened(subject, bytes(row.sealed))
    if text is None:
        return None
    gone = row.end_contribution is not None and row.source is not None and row.end_contribution <= row.source.accepted
    end = revisions.get(row.end_revision) if row.end_revision is not None else None
    begin = revisions.get(row.begin_revision) if row.begin_revision is not None else None
    before = unmasked(row.original, subject, envelopes)
    plain = row.original if row.original and not row.original.startswith(SEALED) else ""
    return EverySaid(
        row.id, row.record_id, row.property, row.position, orjson.loads(text), plain, before, row.origin, row.source_id,
        row.begin_contribution, row.since, row.state, row.mark, not gone and row.end_revision is None,
        end.at if end else None, begin.actor if begin else "", begin.why if begin else "",
    )  # fmt: skip
