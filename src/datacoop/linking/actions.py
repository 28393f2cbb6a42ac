"""Link a contribution while it is staged, judge pairs, refresh the review list."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import product
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from datacoop.consent.reviewing import hidden_by_word
from datacoop.linking.activities import KIND as ACTIVITY
from datacoop.linking.awaiting import end_if_answered, to_await
from datacoop.linking.belonging import belong_no_more, relate
from datacoop.linking.existence import KIND, publicly_known
from datacoop.linking.groups import Groups, across
from datacoop.linking.indexing import Index, delete_keys
from datacoop.linking.models import Judgement, LookAlike, ProfileRow
from datacoop.linking.offering import Offered, offered_from, profile_from
from datacoop.linking.partitioning import Evidence, Pair, gather, gather_all, pair_of, pays_to_compare_all
from datacoop.linking.planning import Joining, plan
from datacoop.linking.queries import UnknownRecordError, standing_among
from datacoop.linking.reaching import reached_by
from datacoop.linking.reviewing import Lasting, look_alikes, write_look_alikes
from datacoop.linking.settling import (
    Brought,
    Settled,
    decide,
    known_among,
    settle,
    settle_around,
    settle_contribution,
    settle_evidence,
    settle_organised_by,
)
from datacoop.records.actions.merging import merge, split
from datacoop.records.actions.revising import Draft, revision
from datacoop.records.actions.staging import Check, unchecked
from datacoop.records.actions.withholding import unite_by
from datacoop.records.queries import SaidFacts, accepted_numbers, find_record, kinds_of, merges_of, said_of, uids_of
from datacoop.records.rules import id_of
from datacoop.records.tracing import About

#: The reason of a merge that a person made.
JUDGED_THE_SAME = "judged the same"
Verdict = Literal["same", "different", "part_of", "unsure"]
#: The kinds of which what two lists say is made one.
LINKED = frozenset({KIND, ACTIVITY})


class JudgementError(ValueError):
    """The judgement makes no sense."""


class Linker:
    """Links one open contribution. Whatever it stores counts once the contribution is accepted.

    `to_review` counts the pairs found by `settle` that only look alike; `awaiting` are the records that nobody may see
    before a person looked (decision 0050).
    """

    def __init__(self, *, source_id: int, number: int, kind: str, now: datetime, check: Check = unchecked) -> None:
        """Start, clearing away what an interrupted contribution of the same source left.

        `check` raises, in each transaction that removes, where another contribution has taken over.
        """
        self._own = source_id, number
        self._check = check
        self._kind = kind
        self._links = kind == KIND
        self._now = now
        self._index = Index(self._own)
        #: Of each record offered whether the public will know of it, where nobody knew of it before; else None.
        self._offered: dict[int, bool | None] = {}
        #: What was compared, and what was accepted then.
        self._compared: tuple[Evidence, dict[int, int]] | None = None
        #: Whom the contribution itself makes one with others.
        self._joined: set[int] = set()
        self.to_review = 0
        self.awaiting: set[int] = set()
        if self._links:
            self.abandon()

    @property
    def takes_offers(self) -> bool:
        """Whether records of the kind are linked while they are staged, by what is offered of each."""
        return self._links

    def offer(self, batch: Sequence[Offered]) -> None:
        """Index the records; write locks are short. What they are one with, `settle` says when all are offered."""
        if not (self._links and batch):
            return
        self._index.refresh()
        before = self._index.known_before([offered.record_id for offered in batch])
        self._offered |= {o.record_id: None if o.record_id in before else o.published for o in batch}
        self._index.store([profile_from(offered) for offered in batch])

    def settle(self) -> list[Joining]:
        """Return which of the records offered are one with others, as all that stands and all that was offered says.

        Only records that nobody merged before: what else is to be merged or split follows the acceptance, see
        `settle_contribution`. Pairs that only look alike go to the review list. Comparing holds no write lock.
        """
        if not (self._links and self._offered):
            return []
        self._index.refresh()
        accepted = dict(accepted_numbers())
        index = self._index
        is_much = pays_to_compare_all(index, len(self._offered))
        evidence = gather_all(index) if is_much else gather(index, reached_by(index, *self._own))
        self._compared = evidence, accepted
        tied = evidence.tied()
        fresh = {record: is_public for record, is_public in self._offered.items() if is_public is not None}
        known = known_among(tied - fresh.keys(), evidence.merges, now=self._now)
        known |= {record for record in tied if fresh.get(record)}
        decided = decide(self._index, evidence, known=known, now=self._now)
        standing = self._index.of_records(evidence.records)

        def rank(head: int) -> tuple[object, ...]:
            return head not in known, head in fresh, standing[head].source_id if head in standing else 0, head

        shown_first = {record for record, is_public in fresh.items() if is_public}
        self.awaiting = to_await(evidence, decided.partition, known=known, fresh=shown_first, now=self._now)
        source, number = self._own
        wanted = {
            pair: veto
            for pair, veto in look_alikes(evidence, decided.partition).items()
            if not self._offered.keys().isdisjoint(pair)
        }
        self.to_review = write_look_alikes(evidence, wanted, Lasting(self._now, source, number))
        steps = plan(evidence, decided.partition, standing, rank)
        merged = {*evidence.merges, *evidence.merges.values()}
        joinings = [
            each
            for step in steps
            for each in step.joinings
            if not step.splits and each.loser in self._offered and each.loser not in merged
        ]
        self._joined = {each.loser for each in joinings}
        return joinings

    def finish(self, *, now: datetime) -> Settled:
        """After the acceptance: merge and split what else follows. What was compared is not compared again.

        Activities are linked here alone: who organises them may have become one with others by the acceptance.
        """
        source, number = self._own
        if not self._links:
            is_linked = self._kind in LINKED
            return settle_contribution(source_id=source, number=number, now=now) if is_linked else Settled()
        brought = Brought(source, number, frozenset(r for r, is_public in self._offered.items() if is_public))
        settled = self._settled(brought, now)
        settle_organised_by(self._joined, now=now)
        return settled

    def _settled(self, brought: Brought, now: datetime) -> Settled:
        if self._compared is not None:
            evidence, accepted = self._compared
            if {**accepted, brought.source_id: brought.number} == dict(accepted_numbers()) and evidence.read_again():
                return settle_evidence(self._index, evidence, now=now, brought=brought)
        index = Index()
        return settle(index, reached_by(index, brought.source_id, brought.number), now=now, brought=brought)

    def withdraw(self, record_ids: Sequence[int]) -> None:
        """Let records that vanished from the list stop counting with this contribution.

        Not those that their subject hid: they are known again where a list names them under another key.
        """
        if self._links:
            gone = set(record_ids) - hidden_by_word(record_ids, now=self._now)
            with transaction.atomic():
                self._index.end(sorted(gone))

    def put_back(self, record_ids: Sequence[int]) -> None:
        """Index records as the open contribution leaves them, without asking what they are one with: it undoes one."""
        if self._links:
            known = kinds_of(record_ids)
            values: dict[int, list[SaidFacts]] = {r: [] for r in record_ids if known.get(r) == KIND}
            for said in said_of(*self._own, list(values)):
                values[said.record_id].append(said)
            before = self._index.before(list(values))
            again = [before.get(r) or profile_from(offered_from(r, said)) for r, said in values.items() if said]
            with transaction.atomic():
                self._index.end([r for r in record_ids if not values.get(r)])
                self._index.store(again)

    def abandon(self) -> None:
        """Remove what this contribution stored."""
        self._index.clear(self._check)
        source, number = self._own
        LookAlike.objects.filter(source_id=source, contribution__gte=number).delete()
        self._offered.clear()
        self._compared = None


def judge(*, first: UUID, second: UUID, verdict: Verdict, actor: str, now: datetime, part: UUID | None = None) -> None:
    """Remember what a person says of two records, for ever; `same` merges them, `different` and `part_of` split them.

    `part_of` lets `part`, one of the two, belong to the other; unsaid, the names tell which. Every other verdict but
    `unsure` takes back that either belongs to the other.

    Raises:
        UnknownRecordError: one of them does not exist.
        JudgementError: both are one uid, or of two kinds, `part` is neither, or they are no organisations that one
            could be part of.
    """
    one, other = find_record(first), find_record(second)
    if one is None or other is None:
        raise UnknownRecordError("There is no such record.")
    if one.id == other.id:
        raise JudgementError("A record is always the same as itself.")
    if part not in {None, first, second}:
        raise JudgementError("Only one of the two can be part of the other.")
    if one.kind != other.kind:
        raise JudgementError("Two records of different kinds are never one.")
    if verdict == "part_of" and one.kind != KIND:
        raise JudgementError("Only organisations are part of one another.")
    low, high = sorted((one.id, other.id))
    with revision(actor=actor, now=now, why=f"judged: {verdict}") as draft:
        pairs = _obey(draft, low, high, verdict, now)
        _relate(draft, (one.id, other.id), pairs, verdict, part=id_of(part) if part else None)
        for ours, theirs in pairs:
            Judgement.objects.filter(first=ours, second=theirs, reversed_at__isnull=True).update(reversed_at=now)
        said = [(low, high)] if verdict != "different" else pairs
        Judgement.objects.bulk_create(
            [Judgement(first=ours, second=theirs, verdict=verdict, actor=actor, at=now) for ours, theirs in said]
        )
        if verdict != "unsure":
            end_if_answered(draft, {record for pair in pairs for record in pair})
        draft.enter("linking.judged", about=[About(low), About(high)], verdict=verdict)
    settle_around({low, high}, now=now)


def drop_look_alikes(*, source_id: int, contribution: int) -> None:
    """Take off the review list what a contribution brought there that nobody judged: it is undone."""
    LookAlike.objects.filter(source_id=source_id, contribution=contribution, state=LookAlike.OPEN).delete()


def forget(*, record_ids: Sequence[int]) -> None:
    """Erase everything linking knows of records, and what people judged of them."""
    rows = ProfileRow.objects.filter(record_id__in=record_ids)
    with transaction.atomic():
        delete_keys(list(rows.values_list("id", flat=True)))
        rows.delete()
        ours = Q(first__in=record_ids) | Q(second__in=record_ids)
        LookAlike.objects.filter(ours).delete()
        Judgement.objects.filter(ours).delete()


def _obey(draft: Draft, first: int, second: int, verdict: Verdict, now: datetime) -> list[Pair]:
    """Merge or split, and return the pairs that it was said of: a person sees groups, not records."""
    groups = Groups([first, second])
    ours, theirs = groups.members(first), groups.members(second)
    if groups.root(first) == groups.root(second):
        if verdict in {"different", "part_of"}:
            split(draft, loser_id=_loser(first, second))
        ours, theirs = {first}, {second}
    elif verdict == "same":
        heads = groups.root(first), groups.root(second)
        survivor = _survivor(heads, now)
        (loser,) = set(heads) - {survivor}
        unite_by(draft, merge(draft, loser_id=loser, survivor_id=survivor, reason=JUDGED_THE_SAME))
    LookAlike.objects.filter(across(ours, theirs)).update(state=LookAlike.JUDGED)
    return sorted({pair_of(one, two) for one, two in product(ours, theirs)})


def _relate(draft: Draft, pair: Pair, pairs: Sequence[Pair], verdict: Verdict, *, part: int | None) -> None:
    """Keep what belongs to what in step with a judgement of a pair, which is one of all `pairs` across both groups."""
    if verdict == "unsure":
        return
    for one, two in pairs:
        belong_no_more(draft, ours={one}, theirs={two})
    if verdict == "part_of":
        relate(draft, *pair, part=part)


def _survivor(heads: tuple[int, int], now: datetime) -> int:
    """Public first, then of the oldest list, then by number."""
    known = publicly_known(uids_of(heads), now=now)
    standing = standing_among(heads)
    return min(heads, key=lambda h: (h not in known, standing[h].source_id if h in standing else 0, h))


def _loser(first: int, second: int) -> int:
    """Return whose merge to undo so that two records of one group come apart."""
    merges = merges_of([first, second])
    above, at = set(), first
    while at in merges:
        at = merges[at]
        above.add(at)
    return first if second not in merges or second in above else second
