"""Make what stands what it would be if everything had been linked at once (decision 0042).

Merges made here are made, and taken back, without a person: never one that a person made, nor one under which somebody
decided, spoke or came to represent since: of those a steward is asked.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime

from datacoop.accounts.queries import list_representing
from datacoop.consent.queries import rulings_of
from datacoop.consent.reviewing import awaiting_review, end_review
from datacoop.linking.activities import Activities, activities_among, gather_activities, organised_by
from datacoop.linking.awaiting import await_now, to_await
from datacoop.linking.existence import publicly_known
from datacoop.linking.groups import Groups, Judgements
from datacoop.linking.indexing import Index
from datacoop.linking.partitioning import Evidence, Partition, divide, gather
from datacoop.linking.planning import Step, plan
from datacoop.linking.reaching import reached_by, reached_from, spoken_of
from datacoop.linking.reviewing import Lasting, renew_look_alikes
from datacoop.linking.standing import Standing
from datacoop.records.actions.merging import merge, split
from datacoop.records.actions.revising import Draft, revision
from datacoop.records.actions.withholding import unite_by
from datacoop.records.queries import load, mergers_of, root_of, uids_of
from datacoop.records.rules import Origin
from datacoop.records.turns import Turn, in_background

#: Who makes merges without a person.
MACHINE = "linking"
_AT_ONCE = 500
#: So few groups are settled at once, before whoever waits.
_FEW = 20


@dataclass(frozen=True)
class Settled:
    """How many merges were made and taken back, the losers of merges that only a person may take back, and how many
    pairs newly wait for people.
    """

    merged: int = 0
    split: int = 0
    doubted: frozenset[int] = frozenset()
    asked: int = 0


@dataclass(frozen=True)
class Decided:
    """What holds among records that hang together, and the merges that would not hold if nobody had spoken since."""

    evidence: Evidence
    partition: Partition
    doubted: frozenset[int]


@dataclass(frozen=True)
class Brought:
    """The contribution that is settled, a source and a number, and the records that it brought: nobody knew of them."""

    source_id: int
    number: int
    fresh: frozenset[int] = frozenset()


def settle(index: Index, reached: Collection[int], *, now: datetime, brought: Brought | None = None) -> Settled:
    """Merge and split so that everybody reached is one with whom all that stands says; renew what waits for people.

    A group is left alone where somebody acted on it meanwhile.
    """
    return settle_evidence(index, gather(index, reached), now=now, brought=brought)


def settle_activities(
    reached: Collection[int], *, now: datetime, brought: Brought | None = None, activities: Activities | None = None
) -> Settled:
    """Do what `settle` does of those that are activities among the records reached; `activities` keeps what it read."""
    if not (own := activities_among(reached)):
        return Settled()
    activities = activities or Activities()
    return settle_evidence(activities, gather_activities(activities, own), now=now, brought=brought)


def settle_organised_by(organisations: Collection[int], *, now: datetime) -> Settled:
    """Settle the activities of organisations that became one, or are no longer: their organiser is another now."""
    return settle_activities(organised_by(organisations) if organisations else (), now=now)


def settle_around(record_ids: Collection[int], *, now: datetime) -> None:
    """After a person's word about some records: settle whoever shares something with them, and what they organise."""
    everybody = Groups(record_ids).everybody() | set(record_ids)
    index = Index()
    settle(index, reached_from(index, everybody), now=now)
    settle_activities(everybody, now=now)
    settle_organised_by(everybody, now=now)


def settle_contribution(*, source_id: int, number: int, now: datetime, parted: Collection[int] = ()) -> Settled:
    """After a contribution was accepted or undone: merge and split what all that stands says.

    `parted`: records whose merges an undoing ended. Broken off, what is left to do is done by `refresh_review`.
    """
    index = Index()
    reached = reached_by(index, source_id, number) | reached_from(index, parted)
    brought = Brought(source_id, number)
    settled = settle(index, reached, now=now, brought=brought)
    settle_organised_by(parted, now=now)
    dated = settle_activities({*parted, *spoken_of(source_id, number)}, now=now, brought=brought)
    return Settled(
        settled.merged + dated.merged, settled.split + dated.split, settled.doubted | dated.doubted,
        settled.asked + dated.asked,
    )  # fmt: skip


def settle_evidence(index: Standing, evidence: Evidence, *, now: datetime, brought: Brought | None = None) -> Settled:
    """Do what `settle` does, where everybody was compared already and nothing that they say changed since.

    Merges that a contribution `brought` end with it where it is undone. What it brought that somebody hid since it was
    compared waits for a person.
    """
    shown = known_among(evidence.tied(), evidence.merges, now=now)
    decided = decide(index, evidence, known=shown, now=now)
    standing = index.of_records(evidence.records)

    def rank(head: int) -> tuple[object, ...]:
        return head not in shown, standing[head].source_id if head in standing else 0, head

    done = _take_all(plan(evidence, decided.partition, standing, rank), evidence, now, brought)
    asked = renew_look_alikes(evidence, decided.partition, decided.doubted, Lasting(now))
    if brought and brought.fresh:
        await_now(
            to_await(evidence, decided.partition, known=shown, fresh=brought.fresh, now=now), actor=MACHINE, now=now
        )
    settle_organised_by({record for step in done for record in step.records}, now=now)
    merged, parted = sum(len(step.joinings) for step in done), sum(len(step.splits) for step in done)
    return Settled(merged, parted, decided.doubted, asked)


def decide(index: Standing, evidence: Evidence, *, known: Collection[int], now: datetime) -> Decided:
    """Return who is one. What people made one stays so; what linking did, unless somebody acted on it since."""
    settled = {loser: evidence.merges[loser] for loser in _made_by_people(evidence.merges)}
    free = divide(index, evidence, known=known, settled=settled)
    standing = index.of_records(evidence.records)
    wanted = plan(evidence, free, standing, lambda head: (head,))
    found, steps = free, wanted
    while True:
        kept = {loser for step in steps if step.splits and is_touched(step.before, now=now) for loser in step.before}
        if kept <= settled.keys():
            break
        settled |= {loser: evidence.merges[loser] for loser in kept}
        found = divide(index, evidence, known=known, settled=settled)
        steps = plan(evidence, found, standing, lambda head: (head,))
    split = {loser for step in wanted for loser in step.splits}
    return Decided(evidence, found, frozenset(split & settled.keys()))


def is_touched(merges: Mapping[int, int], *, now: datetime) -> bool:
    """Return whether a person acted on any of a group: decided, spoke as its subject, or came to represent it.

    Who decided under one uid decided for all that was one with it: taken apart, a part would show what they hid.
    """
    members = {*merges, *merges.values()}
    if rulings_of(members) or list_representing(list(uids_of(members).values()), now=now):
        return True
    return any(said.origin >= Origin.STEWARD for facts in load(list(members)).values() for said in facts.statements)


def known_among(members: Collection[int], merges: Mapping[int, int], *, now: datetime) -> set[int]:
    """Return those of some records that the public knows, or would but for a review, each as the group it is in."""
    roots = {record: root_of(record, merges) for record in members}
    heads = sorted(set(roots.values()))
    shown = {root_of(record, merges) for record in awaiting_review()}
    for start in range(0, len(heads), _AT_ONCE):
        shown |= publicly_known(uids_of(heads[start : start + _AT_ONCE]), now=now)
    return {record for record, root in roots.items() if root in shown}


def _made_by_people(merges: Mapping[int, int]) -> set[int]:
    every = sorted(merges)
    found: set[int] = set()
    for start in range(0, len(every), _AT_ONCE):
        made = mergers_of(every[start : start + _AT_ONCE])
        found |= {loser for loser, actor in made.items() if actor != MACHINE}
    return found


def _take_all(steps: Sequence[Step], evidence: Evidence, now: datetime, brought: Brought | None) -> list[Step]:
    """Take the steps, as many in one revision as somebody who waits allows; return those that were taken."""
    waiting, done = deque(steps), list[Step]()
    with in_background() if len(steps) > _FEW else nullcontext():
        while waiting:
            turn = Turn()
            with revision(actor=MACHINE, now=now, why="linked anew") as draft:
                while waiting and turn.goes_on():
                    step = waiting.popleft()
                    done += [step] if _take(draft, step, evidence, now, brought) else []
    return done


def _take(draft: Draft, step: Step, evidence: Evidence, now: datetime, brought: Brought | None) -> bool:
    """Take one step, unless somebody acted on its records since they were read."""
    if not _is_as_read(step, step.records, evidence, now):
        return False
    _show_with(draft, step, step.records, now)
    for loser in step.splits:
        split(draft, loser_id=loser)
    for each in step.joinings:
        made = merge(draft, loser_id=each.loser, survivor_id=each.survivor, reason=",".join(each.codes)[:200])
        if brought:
            made.source_id, made.begin_contribution = brought.source_id, brought.number
            made.save(update_fields=["source", "begin_contribution"])
        unite_by(draft, made)
    return True


def _show_with(draft: Draft, step: Step, records: set[int], now: datetime) -> None:
    """End the wait of what becomes one with something public: its subject spoke since, and nothing would come back."""
    waiting = records & awaiting_review()
    others = {record for each in step.joinings for record in (each.loser, each.survivor)} - waiting
    if waiting and publicly_known(uids_of(others), now=now):
        end_review(draft, record_ids=waiting)


def _is_as_read(step: Step, records: Collection[int], evidence: Evidence, now: datetime) -> bool:
    judged = Judgements(records).standing()
    if Groups(records).edges() != dict(step.before) or any(evidence.judged.get(p) != v for p, v in judged.items()):
        return False
    if step.splits and is_touched(step.before, now=now):
        return False
    heads = {record for each in step.joinings for record in (each.loser, each.survivor)}
    known = known_among(heads, step.before, now=now)
    return not known or known == heads or _by_people(step, judged)


def _by_people(step: Step, judged: Mapping[tuple[int, int], str]) -> bool:
    """Whether people said of all that is joined that it is the same."""
    same = {pair for pair, verdict in judged.items() if verdict == "same"}
    return all((min(j.loser, j.survivor), max(j.loser, j.survivor)) in same for j in step.joinings)
