"""What is said of records now, by everybody: the facts that views are compiled from."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from operator import itemgetter
from typing import Any, NamedTuple

import orjson
from django.db import connection

from datacoop.lib.sql import identity, moment, placeholders, select
from datacoop.records.envelopes import Envelopes
from datacoop.records.models import Record
from datacoop.records.queries.effective import EFFECTIVE, STATEMENTS
from datacoop.records.queries.merges import merges_of, root_of
from datacoop.records.queries.sources import source_facts
from datacoop.records.rules import RecordFacts, StatementFacts

_COLUMNS = (
    "s.id, s.record_id, s.property, s.value, s.sealed, s.position, s.origin, s.source_id, s.since, s.state, s.mark,"
    " s.refers"
)


def load(ids: Collection[int]) -> dict[int, RecordFacts]:
    """Return the facts of every record in the merge groups of `ids`, by number.

    A survivor carries the statements of its whole group in `statements`; a merged record carries its own alone and
    names its survivor in `merged_into`.
    """
    if not ids:
        return {}
    merges = merges_of(ids)
    every = set(ids) | set(merges) | set(merges.values())
    rows = _records(every)
    statements = _statements(rows)
    groups: dict[int, list[int]] = {}
    for record_id in rows:
        if record_id in merges:
            groups.setdefault(root_of(record_id, merges), []).append(record_id)
    facts = {}
    for record_id, row in rows.items():
        members = tuple(sorted(groups.get(record_id, ())))
        said = [s for member in (record_id, *members) for s in statements.get(member, ())]
        survivor = root_of(record_id, merges) if record_id in merges else None
        facts[record_id] = RecordFacts(row.id, row.uid, row.kind, row.subject_id, tuple(said), members, survivor)
    return facts


class _Row(NamedTuple):
    id: int
    uid: uuid.UUID
    kind: str
    subject_id: int | None


def _records(ids: Collection[int]) -> dict[int, _Row]:
    found = select(f"SELECT id, uid, kind, subject_id FROM records_record WHERE id IN ({placeholders(ids)})", list(ids))
    return {row[0]: _Row(row[0], identity(row[1]), *row[2:]) for row in found}


def _statements(records: Mapping[int, _Row]) -> dict[int, list[StatementFacts]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {_COLUMNS} FROM {STATEMENTS} WHERE s.record_id IN ({placeholders(records)}) AND {EFFECTIVE}",
            list(records),
        )
        # By number, which comes first: the database would take three times as long.
        rows = sorted(cursor.fetchall(), key=itemgetter(0))
    sources = source_facts({row[7] for row in rows if row[7] is not None})
    found: dict[int, list[StatementFacts]] = {}
    for row, value in zip(rows, _values(rows, records), strict=True):
        if value is _ERASED:
            continue
        number, record_id, name, _, _, position, origin, source, since, state, mark, refers = row
        said = StatementFacts(
            number, record_id, name, value, position, origin, sources.get(source), moment(since), state, mark, refers
        )
        found.setdefault(record_id, []).append(said)
    return found


_ERASED = object()


def _values(rows: Sequence[tuple[Any, ...]], records: Mapping[int, _Row]) -> list[object]:
    """Return the values of rows of `_COLUMNS`, all read as one JSON document; sealed ones are opened."""
    sealed = {records[row[1]].subject_id or row[1] for row in rows if row[4] is not None}
    if not sealed:
        return list(orjson.loads(f"[{','.join([row[3] for row in rows])}]"))
    envelopes = Envelopes(sealed)
    found: list[object] = []
    for row in rows:
        if row[4] is None:
            found.append(orjson.loads(row[3]))
            continue
        opened = envelopes.opened(records[row[1]].subject_id or row[1], bytes(row[4]))
        found.append(_ERASED if opened is None else orjson.loads(opened))
    return found


def referring(ids: Collection[int]) -> set[int]:
    """Return the records whose effective statements point to one of `ids`."""
    if not ids:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT s.record_id FROM {STATEMENTS} WHERE s.refers IN ({placeholders(ids)}) AND {EFFECTIVE}",
            list(ids),
        )
        return {row[0] for row in cursor.fetchall()}


def spoken_of(uids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return those under which there is a record here of which anything is effectively said."""
    found: set[uuid.UUID] = set()
    every = list(uids)
    for start in range(0, len(every), 500):
        known = {row.id: row.uid for row in Record.objects.filter(uid__in=every[start : start + 500])}
        if known:
            said = f"SELECT DISTINCT s.record_id FROM {STATEMENTS} WHERE s.record_id IN ({placeholders(known)})"
            found |= {known[number] for (number,) in select(f"{said} AND {EFFECTIVE}", list(known))}
    return found


def marks_of(ids: Collection[int]) -> dict[int, set[str]]:
    """Return the marks of each record's own effective statements; records without any are absent."""
    found: dict[int, set[str]] = {}
    if not ids:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT s.record_id, s.mark FROM {STATEMENTS} WHERE s.record_id IN ({placeholders(ids)})"
            f" AND s.mark <> '' AND {EFFECTIVE}",
            list(ids),
        )
        for record_id, mark in cursor.fetchall():
            found.setdefault(record_id, set()).add(mark)
    return found
