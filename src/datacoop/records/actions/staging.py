"""Stage a contribution invisibly, in short batches, and accept it at once (law 7).

Staged statements begin with the contribution after the accepted one, so nobody sees them; statements they supersede
are marked to end with it. Accepting moves one number. Whatever a killed import left behind is cleared away by the
next `open_staging` of the same source.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.sql import execute, placeholders, select
from datacoop.records.actions.revising import Draft
from datacoop.records.envelopes import SEALED, Envelopes
from datacoop.records.models import Merge, Record, Source, Statement
from datacoop.records.rules import Origin, State, id_of, new_uid
from datacoop.records.storing import (
    NewRecord,
    Said,
    Spoken,
    insert_records,
    insert_statements,
    unmasked,
)
from datacoop.records.suppressing import barred, last_suppression, staged_of_erased, without_mentions


class StagedRow(NamedTuple):
    """One row: what the list now says of one record. `record_id` is None for a row not seen before.

    Its uid may have been drawn before.
    """

    record_id: int | None
    said: Sequence[Said]
    subject_id: int | None = None
    uid: uuid.UUID | None = None

    @property
    def number(self) -> int:
        """The number of its record, -1 where none was drawn yet."""
        return self.record_id if self.record_id is not None else id_of(self.uid) if self.uid else -1


#: Called inside a transaction; raises where the transaction must change nothing.
Check = Callable[[], None]
#: Records whose traces are removed in one transaction.
_REMOVED_AT_ONCE = 200
_UNSAY = "DELETE FROM records_statement WHERE source_id = %s AND begin_contribution = %s"
_RESUME = "UPDATE records_statement SET end_contribution = NULL WHERE source_id = %s AND end_contribution = %s"


@dataclass(frozen=True)
class Staging:
    """An open contribution of one source."""

    source: Source
    number: int
    now: datetime
    suppression: int = 0
    """The last erasure that its rows were held against."""


def unchecked() -> None:
    """Nobody else can be at it."""


def open_staging(*, source_id: int, now: datetime, check: Check = unchecked) -> Staging:
    """Begin a contribution, clearing away what an interrupted one left: see `abandon`."""
    source = Source.objects.get(id=source_id)
    staging = Staging(source, source.accepted + 1, now, last_suppression())
    abandon(staging, check=check)
    return staging


def abandon(staging: Staging, *, check: Check = unchecked) -> None:
    """Remove every trace of an unaccepted contribution, in short transactions: nobody sees it, others do not wait.

    What is begun and broken off goes on with the next call. `check` raises, first in each transaction, where another
    contribution has taken the number over: then what stands under it is that one's.
    """
    source, number = staging.source.id, staging.number
    while ids := touched_by(source, number, ended=False, after=-1, limit=_REMOVED_AT_ONCE):
        with transaction.atomic():
            check()
            _remove(source, number, ids)
    while ids := touched_by(source, number, ended=True, after=-1, limit=_REMOVED_AT_ONCE):
        with transaction.atomic():
            check()
            execute(f"{_RESUME} AND record_id IN ({placeholders(ids)})", [source, number, *ids])
    with transaction.atomic():
        check()
        Merge.objects.filter(source=staging.source, begin_contribution=number).delete()


def _remove(source: int, number: int, ids: Sequence[int]) -> None:
    """Remove what a contribution says of records, and those of them of which nobody else says anything."""
    marks = placeholders(ids)
    execute(f"{_UNSAY} AND record_id IN ({marks})", [source, number, *ids])
    left = select(f"SELECT DISTINCT record_id FROM records_statement WHERE record_id IN ({marks})", ids)
    fresh = set(ids) - {record_id for (record_id,) in left}
    if fresh:
        gone = placeholders(fresh)
        execute(f"DELETE FROM records_merge WHERE loser_id IN ({gone})", list(fresh))
        execute(f"DELETE FROM records_merge WHERE survivor_id IN ({gone})", list(fresh))
        execute(f"DELETE FROM records_record WHERE id IN ({gone})", list(fresh))


def draw_uids(count: int) -> list[uuid.UUID]:
    """Draw uids whose numbers are free, in no order.

    Rows staged in the order of their numbers are written side by side: one by one they would lie all over the file.
    """
    drawn = {id_of(uid): uid for uid in (uuid.uuid4() for _ in range(count))}
    numbers = list(drawn)
    for start in range(0, len(numbers), 500):
        part = numbers[start : start + 500]
        for (taken,) in select(f"SELECT id FROM records_record WHERE id IN ({placeholders(part)})", part):
            del drawn[taken]
    while len(drawn) < count:
        uid = new_uid(lambda number: number in drawn or Record.objects.filter(id=number).exists())
        drawn[id_of(uid)] = uid
    return list(drawn.values())


def free_among(uids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return those whose number no record has, nor another of them."""
    wished = {id_of(uid): uid for uid in uids}
    numbers = list(wished)
    for start in range(0, len(numbers), 500):
        part = numbers[start : start + 500]
        for (taken,) in select(f"SELECT id FROM records_record WHERE id IN ({placeholders(part)})", part):
            del wished[taken]
    return set(wished.values())


def stage(staging: Staging, *, kind: str, rows: Sequence[StagedRow], quarantined: bool = False) -> list[int]:
    """Stage a batch of rows and return their record numbers, in the same order. One short transaction.

    What a list says about natural persons is `quarantined` until they are told (law 6). A row about somebody who was
    erased says nothing and leads to their empty record (law 8).
    """
    with transaction.atomic():
        held_back = barred(kind, rows)
        if last_suppression():
            rows = [r._replace(said=without_mentions(r.said)) for i, r in enumerate(rows) if i not in held_back]
        records = _records(kind, rows)
        envelopes = Envelopes({r.envelope for r in records})
        known = [r.record_id for r in rows if r.record_id is not None]
        standing = _standing(staging, known)
        fresh: list[tuple[NewRecord, Said]] = []
        ended: list[int] = []
        for record, row in zip(records, rows, strict=True):
            before = standing.get(record.id)
            if not before:
                fresh += [(record, said) for said in row.said]
                continue
            for said in row.said:
                same = _same(said.property, said.position, said.value, said.mark, said.unmasked)
                if before.pop(same, None) is None:
                    fresh.append((record, said))
            ended.extend(before.values())
        _end(staging, ended)
        insert_statements(fresh, kind_named(kind), _spoken(staging, quarantined=quarantined), envelopes)
    staged = (r.id for r in records)
    return [held_back[i] if i in held_back else next(staged) for i in range(len(records) + len(held_back))]


def stage_vanished(staging: Staging, *, record_ids: Sequence[int]) -> None:
    """Stage the end of everything the source says about records that are no longer in its list."""
    for start in range(0, len(record_ids), 500):
        with transaction.atomic():
            standing = _standing(staging, record_ids[start : start + 500])
            _end(staging, [number for found in standing.values() for number in found.values()])


def stage_merge(staging: Staging, *, loser_id: int, survivor_id: int, actor: str, reason: str) -> None:
    """Stage a merge that takes effect with the contribution."""
    Merge.objects.create(
        loser_id=loser_id,
        survivor_id=survivor_id,
        source=staging.source,
        actor=actor,
        reason=reason,
        begin_contribution=staging.number,
    )


def accept(draft: Draft, staging: Staging) -> None:
    """Make the staged contribution true: one row changes. Its records are compiled in the revisions that follow."""
    if last_suppression() != staging.suppression:
        _hold_back(draft, staging)
    changed = Source.objects.filter(id=staging.source.id, accepted=staging.number - 1).update(accepted=staging.number)
    if changed != 1:
        raise RuntimeError("Another contribution of this list was accepted meanwhile; import the file again.")
    draft.contribution = (staging.source.id, staging.number)


def _hold_back(draft: Draft, staging: Staging) -> None:
    """Leave out what was staged of somebody who was erased meanwhile, and whose record says nothing else."""
    after = -1
    while ids := touched_by(staging.source.id, staging.number, ended=False, after=after, limit=_REMOVED_AT_ONCE):
        after = ids[-1]
        gone = staged_of_erased(staging.source.id, staging.number, ids, at=draft.now)
        if gone:
            execute(
                f"{_UNSAY} AND record_id IN ({placeholders(gone)})", [staging.source.id, staging.number, *sorted(gone)]
            )


def unspoken(staging: Staging, record_ids: Collection[int]) -> set[int]:
    """Return those of the records about which the contribution neither begins nor ends anything."""
    left, every = set(record_ids), list(record_ids)
    for start in range(0, len(every), 500):
        part = every[start : start + 500]
        said = f"source_id = %s AND record_id IN ({placeholders(part)})"
        numbers = [staging.source.id, *part, staging.number, staging.number]
        sql = f"SELECT DISTINCT record_id FROM records_statement WHERE {said}"
        left -= {row[0] for row in select(f"{sql} AND (begin_contribution = %s OR end_contribution = %s)", numbers)}
    return left


def touched_by(source_id: int, number: int, *, ended: bool, after: int, limit: int) -> list[int]:
    """Return records above `after` for which the contribution ended statements, or began some, in order.

    Contribution 0 stands for all records the source ever spoke of.
    """
    column = "end_contribution" if ended else "begin_contribution"
    of_number = f" AND {column} = %s" if number else ""
    rows = select(
        f"SELECT DISTINCT record_id FROM records_statement WHERE source_id = %s{of_number} AND record_id > %s"
        " ORDER BY record_id LIMIT %s",
        [source_id, *([number] if number else []), after, limit],
    )
    return [record_id for (record_id,) in rows]


def _records(kind: str, rows: Sequence[StagedRow]) -> list[NewRecord]:
    ids = [r.record_id for r in rows if r.record_id is not None]
    found = Record.objects.filter(id__in=ids) if ids else ()
    known = {r.id: NewRecord(r.id, r.uid, r.kind, r.subject_id) for r in found}
    undrawn = iter(draw_uids(sum(r.record_id is None and r.uid is None for r in rows)))
    records, fresh = [], []
    for row in rows:
        if row.record_id is not None:
            records.append(known[row.record_id])
            continue
        uid = row.uid or next(undrawn)
        fresh.append(NewRecord(id_of(uid), uid, kind, row.subject_id))
        records.append(fresh[-1])
    insert_records(fresh)
    return records


def _spoken(staging: Staging, *, quarantined: bool) -> Spoken:
    origin = Origin.AUTHORITY if staging.source.authority else Origin.HOLDER
    state = State.QUARANTINED if quarantined else State.LIVE
    return Spoken(origin, staging.source.id, staging.now, state, begin_contribution=staging.number)


_Same = tuple[str, int, str, str, str]


def _same(name: str, position: int, value: object, mark: str, unmasked: object) -> _Same:
    said, before = (json.dumps(each, sort_keys=True, ensure_ascii=False) for each in (value, unmasked))
    # A shared contact was marked after it was staged: the list itself did not change.
    return name, position, said, "" if mark == "s" else mark, before


def _standing(staging: Staging, record_ids: Iterable[int]) -> dict[int, dict[_Same, int]]:
    """Return what the source says now: record → (property, position, value, mark, before masking) → statement."""
    ids = list(record_ids)
    found: dict[int, dict[_Same, int]] = {}
    if not ids:
        return found
    rows = Statement.objects.filter(
        source=staging.source, record_id__in=ids, end_revision__isnull=True, end_contribution__isnull=True
    ).select_related("record")
    standing = list(rows)
    sealed = [r for r in standing if r.sealed is not None or (r.original or "").startswith(SEALED)]
    envelopes = Envelopes({r.record.subject_id or r.record_id for r in sealed})
    for row in standing:
        subject, text = row.record.subject_id or row.record_id, row.value
        if row.sealed is not None:
            opened = envelopes.opened(subject, bytes(row.sealed))
            text = opened.decode() if opened else "null"
        before = unmasked(row.original, subject, envelopes)
        same = _same(row.property, row.position, json.loads(text or "null"), row.mark, before)
        found.setdefault(row.record_id, {})[same] = row.id
    return found


def _end(staging: Staging, statements: Sequence[int]) -> None:
    for start in range(0, len(statements), 500):
        part = statements[start : start + 500]
        execute(
            f"UPDATE records_statement SET end_contribution = %s WHERE id IN ({placeholders(part)})",
            [staging.number, *part],
        )
