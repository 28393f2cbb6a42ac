"""Compile records: draft, compare, write, and go on to the records that refer to those whose existence changed."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from datacoop.consent.binding import bound_with
from datacoop.consent.minors import note_minors
from datacoop.disclosure.compile.burying import bury
from datacoop.disclosure.compile.differing import Difference, difference
from datacoop.disclosure.compile.drafting import Drafting, depth_of
from datacoop.disclosure.compile.retracting import retract
from datacoop.disclosure.compile.writing import standing_views, write
from datacoop.disclosure.due import microseconds, schedule
from datacoop.records.queries import kinds_of, merges_of, referring

BATCH = 500
_ROUNDS = 8


def compile_records(ids: Collection[int], *, now: datetime) -> int:
    """Bring the views of records in step with what is said and decided, and return how many records differed.

    Must run under the writers' lock, inside the transaction of the revision. Records are compiled after those they
    point to; those that point to a record which appeared or vanished for somebody follow.
    """
    drafting = Drafting(now)
    waiting = set(ids)
    differed = 0
    for _ in range(_ROUNDS):
        if not waiting:
            return differed
        # Of whoever is found to be under age, restricts or objects, everything is compiled, in this same revision.
        waiting |= note_minors(waiting, now=now)
        waiting |= bound_with(waiting)
        moved: set[int] = set()
        for level in _levels(waiting):
            for batch in _batches(level):
                found = _compile_batch(drafting, batch)
                differed += sum(bool(each.wanted) for each in found)
                appeared = {each.record_id for each in found if each.existence_changed}
                drafting.refresh_known(appeared)
                moved |= appeared
        # A reference to a merged record is shown as one to its survivor.
        waiting = referring(moved | merges_of(moved).keys()) if moved else set()
    raise RuntimeError("Records refer to each other in a circle that never settles.")


def _compile_batch(drafting: Drafting, ids: Sequence[int]) -> list[Difference]:
    drafts = drafting.drafts(ids)
    standing = standing_views([d.facts.id for d in drafts])
    found = [difference(d, standing.get(d.facts.id, {}), drafting.tree, drafting.policy) for d in drafts]
    retract(found, now=drafting.now)
    bury(found, tree=drafting.tree, now=drafting.now)
    write(found, modified=int(drafting.now.timestamp()))
    schedule({d.facts.id: microseconds(d.next_change) if d.next_change else None for d in drafts})
    return found


def _levels(ids: Collection[int]) -> Iterator[list[int]]:
    by_depth: dict[int, list[int]] = {}
    for record_id, kind in kinds_of(ids).items():
        by_depth.setdefault(depth_of(kind), []).append(record_id)
    for depth in sorted(by_depth):
        yield sorted(by_depth[depth])


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]
