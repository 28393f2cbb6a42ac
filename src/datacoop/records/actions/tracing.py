"""Entries about records: keyed digests in the ledger, and beside it the private list that leads a subject to them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime

from datacoop.ledger.actions import append
from datacoop.ledger.growing import drop, grow
from datacoop.ledger.queries import get_tip
from datacoop.ledger.rules import nameless
from datacoop.ledger.trees import SubtreeFacts
from datacoop.lib.sql import execute, placeholders, select
from datacoop.records.models import Record, Trace
from datacoop.records.tracing import About, entry_purpose, tracer, tracers_of

#: So many digests stand in the entry itself; more go into a subtree.
INLINE = 8
_AT_ONCE = 5000
_TOUCHED = (
    "SELECT DISTINCT s.record_id, r.uid, r.trace_key FROM records_statement s JOIN records_record r"
    " ON r.id = s.record_id WHERE s.source_id = %s AND s.{} = %s AND s.record_id > %s ORDER BY s.record_id LIMIT %s"
)
_BEGUN = "SELECT DISTINCT record_id FROM records_statement WHERE source_id = %s AND begin_contribution = %s"


def append_about(
    *,
    at: datetime,
    kind: str,
    about: Sequence[About],
    payload: Mapping[str, object],
    revision: int | None = None,
) -> int:
    """Append an entry about some records and return its number; under the writers' lock, as `ledger.append`.

    The ledger gets digests alone. Which records they are stands in a private list, with the notes; an erasure destroys
    it, and the keys. Numbers that an entry does not tell are in no digest either: nobody could tell them again.
    """
    number = get_tip().number + 1
    purpose, tracers = entry_purpose(number), tracers_of({each.record_id for each in about}, make=True)
    told = [each for each in about if each.record_id in tracers]
    digests = [tracers[each.record_id].digest(purpose, nameless(each.content)) for each in told]
    if len(digests) > INLINE:
        append(at=at, kind=kind, payload=payload, subtree=grow(purpose, digests))
    else:
        append(at=at, kind=kind, payload={**payload, "about": sorted(each.hex() for each in digests)})
    noted = {each.record_id: "" for each in told} | {each.record_id: each.note for each in told if each.note}
    Trace.objects.bulk_create(
        [Trace(record_id=record, entry=number, revision=revision, note=note) for record, note in noted.items()],
        batch_size=500,
    )
    return number


def contribution_name(source_id: int, number: int) -> str:
    """Return the name of the subtree over everybody a contribution says something new of."""
    return f"contribution:{source_id}:{number}"


def grow_contribution(source_id: int, number: int) -> SubtreeFacts:
    """Make the subtree over the records that a staged contribution begins or ends something about.

    Outside of the writers' lock, once everything is staged. Takes some 10 µs a record.
    """
    name = contribution_name(source_id, number)
    return grow(name, _digests(source_id, number, name.encode()))


def drop_subtree(source_id: int, number: int) -> None:
    """Remove that subtree where the contribution did not come to be accepted."""
    drop(contribution_name(source_id, number))


def _digests(source_id: int, number: int, purpose: bytes) -> Iterator[bytes]:
    for column in ("begin_contribution", "end_contribution"):
        after = -1
        while rows := select(_TOUCHED.format(column), [source_id, number, after, _AT_ONCE]):
            after = rows[-1][0]
            known = set() if column == "begin_contribution" else _begun(source_id, number, [row[0] for row in rows])
            keyless = {row[0] for row in rows if row[2] is None}
            made = tracers_of(keyless, make=True)
            for record, uid, key in rows:
                if record in known:
                    continue
                found = made.get(record) if key is None else tracer(record, uid, bytes(key))
                if found is not None:
                    yield found.bare_digest(purpose)


def _begun(source_id: int, number: int, ids: Sequence[int]) -> set[int]:
    found: set[int] = set()
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        rows = select(f"{_BEGUN} AND record_id IN ({placeholders(part)})", [source_id, number, *part])
        found.update(record for (record,) in rows)
    return found


def forget_traces(record_ids: Collection[int]) -> None:
    """Destroy what links the ledger to some records: their keys and the private list. The ledger itself stays whole."""
    every = sorted(record_ids)
    for start in range(0, len(every), 500):
        part = every[start : start + 500]
        Record.objects.filter(id__in=part).update(trace_key=None)
        execute(f"DELETE FROM records_trace WHERE record_id IN ({placeholders(part)})", part)
