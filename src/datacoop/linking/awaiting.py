"""New records that are held to be one that its own subject hid: a person looks before anybody sees them.

Records that differ in disclosed existence are never merged without a person (law 2); a new row about an organisation
that hid itself would show it again until somebody unites both (decision 0050).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from datacoop.consent.reviewing import await_review, awaiting_review, end_review, hidden_by_word, once_awaited
from datacoop.linking.models import LookAlike
from datacoop.linking.partitioning import OTHER_EXISTENCE, Evidence, Partition
from datacoop.records.actions.revising import Draft, revision
from datacoop.records.queries import root_of


def to_await(
    evidence: Evidence, partition: Partition, *, known: Collection[int], fresh: Collection[int], now: datetime
) -> set[int]:
    """Return which of the records that a contribution brings (`fresh`) nobody may see yet.

    `known`: whom the public knows, or would know. Who is one with something that the public knew before adds nothing.
    """
    pairs: list[tuple[int, int]] = []
    for pair, veto in partition.vetoes.items():
        if veto != OTHER_EXISTENCE or pair in evidence.judged:
            continue
        shown, hidden = pair if pair[0] in known else pair[::-1]
        pairs += [(shown, hidden)] if shown in fresh else []
    roots = {hidden: root_of(hidden, evidence.merges) for _, hidden in pairs}
    groups = {record: root_of(record, evidence.merges) for record in evidence.records}
    about = {record for record, root in groups.items() if root in roots.values()} | roots.keys()
    by_word = {groups.get(record, record) for record in hidden_by_word(about, now=now)} if about else set()
    found = {each for shown, hidden in pairs if roots[hidden] in by_word for each in partition.clusters.members(shown)}
    public = (set(known) - set(fresh)) - awaiting_review() if found else set[int]()
    return {each for each in found if each in fresh and public.isdisjoint(partition.clusters.members(each))}


def await_now(record_ids: Collection[int], *, actor: str, now: datetime) -> None:
    """Let records wait that were found out after their contribution was accepted: somebody spoke meanwhile."""
    if set(record_ids) - awaiting_review():
        with revision(actor=actor, now=now, why="awaits review") as draft:
            await_review(draft, record_ids=record_ids)


def end_if_answered(draft: Draft, record_ids: Collection[int]) -> None:
    """End the wait of those of some records of which no such pair is open any more."""
    waiting = awaiting_review() & set(record_ids)
    end_review(draft, record_ids=waiting - _asked_of(waiting))


def await_again(draft: Draft, record_ids: Collection[int]) -> None:
    """Let those of some records wait again of which such a pair is open again: an answer was taken back."""
    await_review(draft, record_ids=_asked_of(once_awaited(record_ids)))


def _asked_of(record_ids: Collection[int]) -> set[int]:
    """Return those of some records of which a person is asked whether they are what the public does not know."""
    ours = sorted(record_ids)
    rows = LookAlike.objects.filter(state=LookAlike.OPEN, reasons__veto=OTHER_EXISTENCE)
    return {
        record
        for side in ("first", "second")
        for record in rows.filter(**{f"{side}__in": ours}).values_list(side, flat=True)
    }
