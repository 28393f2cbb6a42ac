"""From who is one to what must be merged and split for it.

Which uid survives is history's: who was united keeps its uid, and a record that falls silent leads where it led.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from datacoop.linking.partitioning import Evidence, Partition, pair_of
from datacoop.linking.rules.clustering import components
from datacoop.records.queries import root_of


@dataclass(frozen=True)
class Joining:
    """`loser` becomes one with `survivor`, and what they have in common, in codes."""

    loser: int
    survivor: int
    codes: tuple[str, ...]


@dataclass(frozen=True)
class Step:
    """What to do among records that belong together: the merges as they stand, those to undo, those to make."""

    before: Mapping[int, int]
    splits: tuple[int, ...]
    joinings: tuple[Joining, ...]

    @property
    def records(self) -> set[int]:
        """Everybody whom it concerns."""
        joined = {record for each in self.joinings for record in (each.loser, each.survivor)}
        return joined | {*self.before, *self.before.values()}


def plan(
    evidence: Evidence, found: Partition, standing: Iterable[int], rank: Callable[[int], tuple[object, ...]]
) -> list[Step]:
    """Return what makes the standing merges what `found` says. `rank`: of several uids the least one survives."""
    homes = _homes(evidence, set(standing))
    steps = []
    for members in components([*evidence.merges.items(), *found.clusters.joined()]):
        edges = {loser: evidence.merges[loser] for loser in sorted(members) if loser in evidence.merges}

        def head(record: int) -> int:
            return found.clusters.head(homes.get(record, record))

        splits = tuple(loser for loser, survivor in edges.items() if head(loser) != head(survivor))
        left = {loser: survivor for loser, survivor in edges.items() if loser not in splits}
        roots: dict[int, set[int]] = {}
        for record in members:
            roots.setdefault(head(record), set()).add(root_of(record, left))
        joinings = [each for group in roots.values() for each in _joinings(evidence, group, left, members, rank)]
        if splits or joinings:
            steps.append(Step(edges, splits, tuple(joinings)))
    return steps


def _joinings(
    evidence: Evidence,
    roots: set[int],
    left: Mapping[int, int],
    members: set[int],
    rank: Callable[[int], tuple[object, ...]],
) -> Iterable[Joining]:
    survivor = min(roots, key=rank)
    below: dict[int, list[int]] = {}
    for record in members:
        below.setdefault(root_of(record, left), []).append(record)
    for loser in sorted(roots - {survivor}):
        yield Joining(loser, survivor, _codes(evidence, below[loser], members))


def _codes(evidence: Evidence, own: Sequence[int], members: set[int]) -> tuple[str, ...]:
    pairs = (pair_of(one, two) for one in own for two in members if one != two)
    told = [evidence.alike[pair] for pair in pairs if pair in evidence.alike]
    return max(told, key=lambda each: (each.is_same, each.weight, each.codes)).codes if told else ()


def _homes(evidence: Evidence, standing: set[int]) -> dict[int, int]:
    """A record of which no list speaks stays with the first of those it is merged with of which one does."""
    beside: dict[int, set[int]] = {}
    for one, two in evidence.merges.items():
        beside.setdefault(one, set()).add(two)
        beside.setdefault(two, set()).add(one)
    homes: dict[int, int] = {}
    for record in beside.keys() - standing:
        seen, ring = {record}, {record}
        while ring and not (near := ring & standing):
            ring = {other for each in ring for other in beside[each]} - seen
            seen |= ring
        homes[record] = min(near) if ring else min(seen)
    return homes
