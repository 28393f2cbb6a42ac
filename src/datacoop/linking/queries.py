"""What people may be shown of linking: ids, codes and scores, never a value."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count

from datacoop.linking.activities import Activities, activities_among
from datacoop.linking.groups import Groups, Judgements, has_come
from datacoop.linking.indexing import Index
from datacoop.linking.models import Judgement, LookAlike
from datacoop.linking.rules.comparing import same_name
from datacoop.linking.standing import Stood
from datacoop.records.queries import accepted_numbers, merges_ever, merges_staged, source_facts, uids_of
from datacoop.records.rules import id_of

_READ_AT_ONCE = 500
#: What forbids that two are one without a person although comparing them says so.
VETOES = frozenset(
    {
        "other-existence",
        "no-longer-one",
        "ambiguous",
        "unlike-another",
        "several",
        "other-number",
        "other-part",
    }
)


class UnknownRecordError(LookupError):
    """There is no such record, or no list speaks of it now."""


@dataclass(frozen=True)
class Pair:
    """Two records to look at: the heads of their groups, why they look alike, and what an answer is worth.

    `alike` are the two members of the groups that look alike; what forbids that they are one is the last of `codes`.
    """

    first_uid: UUID
    second_uid: UUID
    alike: tuple[UUID, UUID]
    codes: tuple[str, ...]
    weight: float
    found_at: datetime
    gain: float


def list_review(*, limit: int) -> list[Pair]:
    """Return the pairs that wait for a person, at most `limit`, those first of which an answer should gain most.

    Nobody's answer leaves two records apart, so only "the same" changes anything: the gain expected of a question is
    the likelihood of that answer times the pairs of records that it would make one (the records of one group times
    those of the other). The likelihood is that of the weight, a log2 odds; where a rule forbids the merge whatever
    the weight, an even chance at most. Of very many pairs, only the likeliest are put in this order.
    """
    shown: set[frozenset[int]] = set()
    pairs: list[Pair] = []
    for batch in _open_batches():
        pairs += _worth_asking(batch, shown)
        if len(pairs) >= limit:
            break
    return sorted(pairs, key=lambda pair: (-pair.gain, pair.first_uid, pair.second_uid))[:limit]


def _worth_asking(rows: Sequence[LookAlike], shown: set[frozenset[int]]) -> Iterator[Pair]:
    """Pairs of groups behind rows, each once, whose records are still named by a list and still apart."""
    records = {record for row in rows for record in (row.first, row.second)}
    groups = Groups(records)
    standing = standing_among(records).keys()
    uids = uids_of(records | {groups.root(record) for record in records})
    for row in rows:
        heads = frozenset((groups.root(row.first), groups.root(row.second)))
        gone = row.first not in standing or row.second not in standing
        if gone or len(heads) < 2 or heads in shown or not heads <= uids.keys():
            continue
        shown.add(heads)
        first, second = sorted(uids[head] for head in heads)
        joined = len(groups.members(row.first)) * len(groups.members(row.second))
        codes = _codes(row)
        alike = uids[row.first], uids[row.second]
        gain = round(_likelihood(row.weight, codes) * joined, 4)
        yield Pair(first, second, alike, codes, row.weight, row.found_at, gain)


def list_doubted(*, limit: int) -> list[Pair]:
    """Return the merges that what lists say no longer holds and that only a person may take back, gain 1 each."""
    pairs: list[Pair] = []
    for batch in _open_batches():
        groups = Groups({record for row in batch for record in (row.first, row.second)})
        one = [row for row in batch if groups.root(row.first) == groups.root(row.second)]
        uids = uids_of({record for row in one for record in (row.first, row.second)})
        for row in one:
            both = uids[row.first], uids[row.second]
            pairs.append(Pair(*both, both, _codes(row), row.weight, row.found_at, 1.0))
            if len(pairs) == limit:
                return pairs
    return pairs


def _codes(row: LookAlike) -> tuple[str, ...]:
    return (*row.reasons["codes"], *filter(None, [row.reasons["veto"]]))


def _likelihood(weight: float, codes: Sequence[str]) -> float:
    likely = 1 / (1 + math.exp2(-weight))
    return min(likely, 0.5) if not VETOES.isdisjoint(codes) else likely


def standing_among(record_ids: Collection[int]) -> Mapping[int, Stood]:
    """Return those of some records, of whatever kind, of which lists speak now."""
    return {**Index().of_records(record_ids), **Activities().of_records(activities_among(record_ids))}


@dataclass(frozen=True)
class Progress:
    """How many look-alikes people answered, and how many wait."""

    done: int
    waiting: int


def count_review() -> Progress:
    """Count look-alikes, answered and waiting: of two groups of records there may be several."""
    accepted = accepted_numbers()
    waiting = 0
    rows = LookAlike.objects.filter(state=LookAlike.OPEN).values_list("source_id", "contribution")
    for source, number, found in rows.annotate(found=Count("id")):
        waiting += found if has_come(source, number, accepted) else 0
    return Progress(LookAlike.objects.filter(state=LookAlike.JUDGED).count(), waiting)


@dataclass(frozen=True)
class Judged:
    """A standing judgement: who said what of which records, and when. `actor` by number, never by name."""

    id: int
    first_uid: UUID
    second_uid: UUID
    verdict: str
    actor: str
    at: datetime


def list_judgements(*, limit: int, actor: str | None = None) -> list[Judged]:
    """Return the standing judgements, of one actor or of all, the latest first."""
    rows = Judgement.objects.filter(reversed_at__isnull=True).order_by("-at", "-id")
    found = list((rows.filter(actor=actor) if actor else rows)[:limit])
    uids = uids_of({record for row in found for record in (row.first, row.second)})
    return [
        Judged(row.pk, uids[row.first], uids[row.second], row.verdict, row.actor, row.at)
        for row in found
        if {row.first, row.second} <= uids.keys()
    ]


@dataclass(frozen=True)
class United:
    """A record that redirects to another: who said so (`linking`: nobody was asked), and whose list brought it."""

    uid: UUID
    into: UUID
    actor: str
    holder: str | None
    since: datetime | None


def united_with(uid: UUID) -> list[United]:
    """Return the merges that make a record and others one, the oldest first."""
    groups = Groups([id_of(uid)])
    members = groups.members(id_of(uid))
    standing = [each for each in merges_ever(members) if each.ended_at is None and each.loser_id in members]
    uids = uids_of({record for each in standing for record in (each.loser_id, each.survivor_id)})
    lists = source_facts({each.source_id for each in standing if each.source_id is not None})
    return [
        United(
            uids[each.loser_id],
            uids[each.survivor_id],
            each.actor,
            lists[each.source_id].holder if each.source_id in lists else None,
            each.begun_at,
        )
        for each in standing
    ]


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
        yield [row for row in batch if has_come(row.source_id, row.contribution, accepted)]
        start += _READ_AT_ONCE
