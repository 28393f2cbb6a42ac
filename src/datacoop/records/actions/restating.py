"""Take back what the last accepted contribution of a list did, as one more contribution (decision 0016).

What it began ends, what it ended is said again, word for word and since when it was said: staged like every
contribution, invisible until it is accepted. Nothing is decrypted on the way.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.sql import execute, placeholders, select
from datacoop.records.actions.revising import Draft
from datacoop.records.actions.staging import Staging
from datacoop.records.envelopes import Envelopes
from datacoop.records.models import Merge, Statement
from datacoop.records.rules import Marked, is_sealed

_SAID = "record_id, property, position, value, sealed, original, origin, source_id, since, state, mark, digest, refers"
_AT_ONCE = 500


def restate(staging: Staging, *, record_ids: Sequence[int]) -> None:
    """Stage the return of some records to what the list said before its last accepted contribution.

    Call it inside a short transaction, a few hundred records at a time.
    """
    source, number = staging.source.id, staging.number
    chosen = f"source_id = %s AND record_id IN ({placeholders(record_ids)})"
    execute(
        f"UPDATE records_statement SET end_contribution = %s WHERE {chosen}"
        " AND begin_contribution = %s AND end_contribution IS NULL",
        [number, source, *record_ids, number - 1],
    )
    execute(
        f"INSERT INTO records_statement ({_SAID}, begin_contribution)"
        f" SELECT {_SAID}, %s FROM records_statement WHERE {chosen}"
        " AND end_contribution = %s AND end_revision IS NULL ORDER BY id",
        [number, source, *record_ids, number - 1],
    )


def part(draft: Draft, *, source_id: int, undone: int, keep: Collection[int]) -> list[int]:
    """End the merges that a contribution staged, those numbered in `keep` excepted, and return their numbers.

    Their records follow with the views of the contribution that undoes it. Those it said nothing of must be touched,
    and what a merge protected is given back by `withholding.give_back`.
    """
    standing = Merge.objects.filter(source_id=source_id, begin_contribution=undone, end_revision__isnull=True)
    ending = standing.exclude(id__in=list(keep)) if keep else standing
    ended = list(ending.values_list("id", flat=True))
    ending.update(end_revision=draft.number)
    return ended


def parted_from(source_id: int, number: int, record_ids: Collection[int]) -> list[int]:
    """Return the records from which a contribution took some of its records away: it undid the one before it."""
    if not record_ids:
        return []
    ended = "source_id = %s AND begin_contribution = %s AND end_revision IS NOT NULL"
    sql = f"SELECT survivor_id FROM records_merge WHERE {ended} AND loser_id IN ({placeholders(record_ids)})"
    return [survivor for (survivor,) in select(sql, [source_id, number - 1, *record_ids])]


def unmark(draft: Draft, *, staging: Staging, marked: Sequence[Marked]) -> tuple[set[int], set[bytes]]:
    """Give statements the mark back that they had, where it was not changed again.

    Return the records and the contacts concerned: what protects them for other reasons must be decided again.
    """
    records: set[int] = set()
    contacts: set[bytes] = set()
    for start in range(0, len(marked), _AT_ONCE):
        for row, each in _marked(staging, marked[start : start + _AT_ONCE]):
            if row.mark == each.after and give_mark(row, each.before):
                records.add(row.record_id)
                contacts |= {bytes(row.digest)} if row.digest is not None else set()
    draft.touch(*records)
    return records, contacts


def _marked(staging: Staging, marked: Sequence[Marked]) -> list[tuple[Statement, Marked]]:
    """Return the statements that were marked, and the copies of those that the contribution ended itself."""
    by_id = {m.statement_id: m for m in marked}
    rows = list(Statement.objects.filter(id__in=by_id).select_related("record"))
    ended = {_place(r): by_id[r.id] for r in rows if r.end_contribution == staging.number - 1}
    records = {record_id for record_id, _, _ in ended}
    copies = Statement.objects.filter(
        source=staging.source, begin_contribution=staging.number, record_id__in=records
    ).select_related("record")
    return [(r, by_id[r.id]) for r in rows] + [(r, ended[_place(r)]) for r in copies if _place(r) in ended]


def _place(row: Statement) -> tuple[int, str, int]:
    return row.record_id, row.property, row.position


def give_mark(row: Statement, mark: str) -> bool:
    """Give a statement a mark, out of its envelope where it is personal no longer; return False where it is erased."""
    if row.sealed is not None and not is_sealed(kind_named(row.record.kind), row.property, mark):
        subject = row.record.subject_id or row.record_id
        opened = Envelopes([subject]).opened(subject, bytes(row.sealed))
        if opened is None:
            return False
        row.value, row.sealed = opened.decode(), None
    row.mark = mark
    row.save(update_fields=["mark", "value", "sealed"])
    return True
