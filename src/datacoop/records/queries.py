"""Reading records: for records, consent, disclosure, sources and linking alone (law 1).

Everything comes back as frozen dataclasses; only *effective* statements and merges are seen, so a contribution that
is still staged does not exist for anybody here.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import orjson
from django.db import connection
from django.db.models import F, Q

from datacoop.lib.sql import identity, moment, placeholders, select
from datacoop.records.envelopes import Envelopes
from datacoop.records.models import Merge, Record, Source, Statement
from datacoop.records.rules import Mark, RecordFacts, SourceFacts, StatementFacts, id_of
from datacoop.records.storing import unmasked

#: Effective statements; `s` is the statement, `o` its source.
EFFECTIVE = (
    "s.end_revision IS NULL"
    " AND (s.begin_contribution IS NULL OR s.begin_contribution <= o.accepted)"
    " AND (s.end_contribution IS NULL OR s.end_contribution > o.accepted)"
)
_JOIN = "records_statement s LEFT JOIN records_source o ON o.id = s.source_id"
_MERGED = "m.end_revision IS NULL AND (m.begin_contribution IS NULL OR m.begin_contribution <= o.accepted)"
_COLUMNS = (
    "s.id, s.record_id, s.property, s.value, s.sealed, s.position, s.origin, s.source_id, s.since, s.state, s.mark,"
    " s.refers"
)


def find_record(uid: uuid.UUID) -> Record | None:
    """Return the record of `uid`, or None."""
    return Record.objects.filter(id=id_of(uid), uid=uid).first()


def list_record_ids(*, kind: str | None = None, after: int = -1, limit: int = 1000) -> list[int]:
    """Return record numbers above `after`, in order, at most `limit`: for walks over everything."""
    rows = Record.objects.filter(id__gt=after)
    if kind:
        rows = rows.filter(kind=kind)
    return list(rows.order_by("id").values_list("id", flat=True)[:limit])


def uids_of(ids: Iterable[int]) -> dict[int, uuid.UUID]:
    """Return uid by record number, for those that exist."""
    return dict(Record.objects.filter(id__in=set(ids)).values_list("id", "uid"))


def kinds_of(ids: Collection[int]) -> dict[int, str]:
    """Return kind by record number, for those that exist."""
    found: dict[int, str] = {}
    every = list(ids)
    for start in range(0, len(every), 500):
        part = every[start : start + 500]
        found.update(select(f"SELECT id, kind FROM records_record WHERE id IN ({placeholders(part)})", part))
    return found


def subjects_of(ids: Collection[int]) -> dict[int, int]:
    """Return by record number the number of its subject: the record itself where it names nobody."""
    found: dict[int, int] = {}
    every = list(ids)
    for start in range(0, len(every), 500):
        subjects = Record.objects.filter(id__in=every[start : start + 500]).values_list("id", "subject_id")
        found.update({number: subject or number for number, subject in subjects})
    return found


def latest_revision() -> int:
    """Return the number of the last revision, 0 before the first."""
    return int(select("SELECT max(number) FROM records_revision")[0][0] or 0)


def source_facts(ids: Collection[int] | None = None) -> dict[int, SourceFacts]:
    """Return sources by number, all of them without `ids`."""
    if ids is not None and not ids:
        return {}
    known = "" if ids is None else f" WHERE id IN ({placeholders(ids)})"
    sql = f"SELECT id, holder, name, authority, published, page FROM records_source{known}"
    return {
        number: SourceFacts(number, holder, name, authority, bool(published), page)
        for number, holder, name, authority, published, page in select(sql, list(ids or ()))
    }


def merges_of(ids: Collection[int]) -> dict[int, int]:
    """Return loser → survivor for every effective merge in the groups that `ids` belong to."""
    known: dict[int, int] = {}
    asked = set(ids)
    waiting = set(ids)
    while waiting:
        marks = placeholders(waiting)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT m.loser_id, m.survivor_id FROM records_merge m LEFT JOIN records_source o ON o.id = m.source_id"
                f" WHERE {_MERGED} AND (m.loser_id IN ({marks}) OR m.survivor_id IN ({marks}))",
                [*waiting, *waiting],
            )
            found = dict(cursor.fetchall())
        known.update(found)
        waiting = (set(found) | set(found.values())) - asked
        asked |= waiting
    return known


def root_of(record_id: int, merges: Mapping[int, int]) -> int:
    """Return the survivor at the end of the chain of merges."""
    while record_id in merges:
        record_id = merges[record_id]
    return record_id


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
            f"SELECT {_COLUMNS} FROM {_JOIN} WHERE s.record_id IN ({placeholders(records)}) AND {EFFECTIVE}"
            " ORDER BY s.id",
            list(records),
        )
        rows = cursor.fetchall()
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
            f"SELECT DISTINCT s.record_id FROM {_JOIN} WHERE s.refers IN ({placeholders(ids)}) AND {EFFECTIVE}",
            list(ids),
        )
        return {row[0] for row in cursor.fetchall()}


def holders_of_digest(digests: Collection[bytes]) -> dict[bytes, set[int]]:
    """Return digest → records whose effective statements carry that contact."""
    found: dict[bytes, set[int]] = {}
    if not digests:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT s.digest, s.record_id FROM {_JOIN} WHERE s.digest IN ({placeholders(digests)}) AND {EFFECTIVE}",
            list(digests),
        )
        for value, record_id in cursor.fetchall():
            found.setdefault(bytes(value), set()).add(record_id)
    return found


def effective_of_source(
    source_id: int, *, batch: int = 2000
) -> Iterator[list[tuple[int, int, str, int, str, str | None]]]:
    """Yield what a source says now, in batches of (statement, record, property, position, mark, original or None)."""
    rows = Statement.objects.filter(
        source_id=source_id, end_revision__isnull=True, begin_contribution__lte=_accepted(source_id)
    ).exclude(end_contribution__lte=_accepted(source_id))
    after = 0
    while True:
        found = list(
            rows.filter(id__gt=after)
            .order_by("id")
            .values_list("id", "record_id", "property", "position", "mark", "original")[:batch]
        )
        if not found:
            return
        yield found
        after = found[-1][0]


def is_merged(ids: Collection[int]) -> bool:
    """Return whether any of `ids` takes part in an effective merge."""
    return bool(merges_of(ids))


def merge_between(loser: int, survivor: int) -> Merge | None:
    """Return the standing merge of two records, or None."""
    return Merge.objects.filter(loser_id=loser, survivor_id=survivor, end_revision__isnull=True).first()


def _accepted(source_id: int) -> int:
    return Source.objects.values_list("accepted", flat=True).get(id=source_id)


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
class StagedMerge:
    """A standing merge that came with a contribution."""

    id: int
    loser_id: int
    survivor_id: int


def merges_staged(source_id: int, number: int) -> list[StagedMerge]:
    """Return the standing merges that a contribution brought."""
    rows = Merge.objects.filter(source_id=source_id, begin_contribution=number, end_revision__isnull=True)
    return [StagedMerge(*row) for row in rows.order_by("id").values_list("id", "loser_id", "survivor_id")]


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


def marks_of(ids: Collection[int]) -> dict[int, set[str]]:
    """Return the marks of each record's own effective statements; records without any are absent."""
    found: dict[int, set[str]] = {}
    if not ids:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT s.record_id, s.mark FROM {_JOIN} WHERE s.record_id IN ({placeholders(ids)})"
            f" AND s.mark <> '' AND {EFFECTIVE}",
            list(ids),
        )
        for record_id, mark in cursor.fetchall():
            found.setdefault(record_id, set()).add(mark)
    return found


def accepted_numbers() -> dict[int, int]:
    """Return the last accepted contribution of every source."""
    return dict(Source.objects.values_list("id", "accepted"))


def licence_of(source_id: int) -> str:
    """Return the licence under which a list is given, empty where none is known."""
    return Source.objects.values_list("licence", flat=True).get(id=source_id)


_STAGED_CONTACTS = (
    "SELECT record_id, digest FROM records_statement WHERE source_id = %s AND begin_contribution = %s"
    " AND record_id > %s AND digest IS NOT NULL ORDER BY record_id LIMIT %s"
)
_REPEATED = "SELECT digest FROM records_statement WHERE digest IN ({}) GROUP BY digest HAVING COUNT(*) > 1"


@dataclass(frozen=True)
class ContactUse:
    """One statement that carries a contact; `staged` by the contribution asked about."""

    statement_id: int
    record_id: int
    mark: str
    staged: bool


def contact_uses(source_id: int, number: int, *, batch: int = 3000) -> Iterator[dict[bytes, list[ContactUse]]]:
    """Yield, for the contacts a contribution stages that stand anywhere else too, every use once it is accepted.

    Goes through the contribution by record; a contact comes once, with the first record that stages it.
    """
    after = -1
    while True:
        rows = select(_STAGED_CONTACTS, [source_id, number, after, batch])
        # The last record may go on behind the end of the batch.
        last = rows[-1][0] - (len(rows) == batch) if rows else after
        if rows and last < rows[0][0]:
            batch *= 2
            continue
        digests = {bytes(digest) for record_id, digest in rows if record_id <= last}
        uses = _uses(_repeated(sorted(digests)), source_id, number)
        yield {d: found for d, found in uses.items() if min(u.record_id for u in found if u.staged) > after}
        if len(rows) < batch:
            return
        after = last


def _repeated(digests: Sequence[bytes]) -> list[bytes]:
    found: list[bytes] = []
    for start in range(0, len(digests), 1000):
        part = digests[start : start + 1000]
        found += [bytes(row[0]) for row in select(_REPEATED.format(placeholders(part)), part)]
    return found


def uses_of_contacts(digests: Collection[bytes]) -> dict[bytes, list[ContactUse]]:
    """Return the effective uses of contacts; no number of a contribution is below 0, so none counts as staged."""
    return _uses(list(digests), -1, -1) if digests else {}


def _uses(digests: Sequence[bytes], source_id: int, number: int) -> dict[bytes, list[ContactUse]]:
    found: dict[bytes, list[ContactUse]] = {}
    if not digests:
        return found
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT s.digest, s.id, s.record_id, s.mark, s.source_id = %s AND s.begin_contribution = %s FROM {_JOIN}"
            f" WHERE s.digest IN ({placeholders(digests)}) AND (({EFFECTIVE} AND NOT (s.source_id = %s"
            " AND COALESCE(s.end_contribution, 0) = %s)) OR (s.source_id = %s AND s.begin_contribution = %s))",
            [source_id, number, *digests, source_id, number, source_id, number],
        )
        for digest, statement_id, record_id, mark, staged in cursor.fetchall():
            found.setdefault(bytes(digest), []).append(ContactUse(statement_id, record_id, mark, bool(staged)))
    return found
