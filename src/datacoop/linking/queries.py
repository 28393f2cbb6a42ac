"""What people may be shown of linking: ids, codes and scores, never a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from datacoop.linking.groups import Groups, Judgements
from datacoop.linking.indexing import Index
from datacoop.linking.matching import compare_standing
from datacoop.linking.models import LookAlike
from datacoop.linking.rules.comparing import Comparison, Reason, same_name
from datacoop.records.queries import accepted_numbers, merges_staged, uids_of
from datacoop.records.rules import id_of

_READ_AT_ONCE = 200


class UnknownRecordError(LookupError):
    """There is no such organisation, or no list speaks of it now."""


@dataclass(frozen=True)
class Pair:
    """Two records to look at: the heads of their groups, and why they look alike."""

    first_uid: UUID
    second_uid: UUID
    reasons: tuple[Reason, ...]
    found_at: datetime


def list_review(*, limit: int) -> list[Pair]:
    """Return the pairs that wait for a person, the likeliest first, at most `limit`."""
    shown: set[frozenset[int]] = set()
    pairs: list[Pair] = []
    for batch in _open_batches():
        records = {record for row in batch for record in (row.first, row.second)}
        groups = Groups(records)
        standing = Index().of_records(records).keys()
        uids = uids_of({groups.root(record) for record in records})
        for row in batch:
            heads = frozenset((groups.root(row.first), groups.root(row.second)))
            gone = row.first not in standing or row.second not in standing
            if gone or len(heads) < 2 or heads in shown or not heads <= uids.keys():
                continue
            shown.add(heads)
            first, second = sorted(uids[head] for head in heads)
            pairs.append(Pair(first, second, tuple(Reason(*said) for said in row.reasons), row.found_at))
            if len(pairs) == limit:
                return pairs
    return pairs


def explain(first: UUID, second: UUID) -> Comparison:
    """Compare two records as they are indexed now.

    Raises:
        UnknownRecordError: one of them is not indexed.
    """
    index = Index()
    found = index.of_records([id_of(first), id_of(second)])
    if id_of(first) not in found or id_of(second) not in found or first == second:
        raise UnknownRecordError("Two different organisations that lists speak of are needed.")
    return compare_standing(index, found[id_of(first)], found[id_of(second)]).comparison


def differently_named(groups: Sequence[Sequence[int]], *, own: tuple[int, int]) -> list[bool]:
    """Say of each group of organisations that have a contact in common whether their names tell them apart.

    `own` is the source and number of the open contribution whose profiles count too.
    """
    standing = Index(own).of_records({record for group in groups for record in group})
    return [
        not all(
            record in standing and same_name(standing[group[0]].profile, standing[record].profile) for record in group
        )
        for group in groups
    ]


@dataclass(frozen=True)
class BroughtMerges:
    """The standing merges of a contribution: those a person confirmed, by number; the others, loser → survivor."""

    confirmed: frozenset[int]
    others: Mapping[int, int]


def merges_brought_by(source_id: int, number: int) -> BroughtMerges:
    """Return the merges that a contribution brought, and of which a person said since that they are right."""
    brought = merges_staged(source_id, number)
    groups = Groups({record for each in brought for record in (each.loser_id, each.survivor_id)})
    judged = Judgements(groups.everybody())
    confirmed = set()
    for each in brought:
        members = groups.members(each.loser_id)
        below = {member for member in members if each.loser_id in groups.above(member)}
        if "same" in judged.between(below, members - below):
            confirmed.add(each.id)
    others = {each.loser_id: each.survivor_id for each in brought if each.id not in confirmed}
    return BroughtMerges(frozenset(confirmed), others)


def _open_batches() -> Iterator[list[LookAlike]]:
    accepted = accepted_numbers()
    start = 0
    rows = LookAlike.objects.filter(state=LookAlike.OPEN).order_by("-weight", "id")
    while batch := list(rows[start : start + _READ_AT_ONCE]):
        yield [
            row for row in batch if row.source_id is None or (row.contribution or 0) <= accepted.get(row.source_id, 0)
        ]
        start += _READ_AT_ONCE
