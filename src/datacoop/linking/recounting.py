"""Pairs whose weight changes though neither of both did: what both hold is held by more, or by fewer, than before.

Of most of them it changes nothing: they are one and stay so, or wait for a person with the weight they had. Who is left
has to be settled anew. What stands is taken to be what everything before said (decision 0042).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from datacoop.lib.sql import in_parts
from datacoop.linking.groups import Groups, Judgements
from datacoop.linking.indexing import Index
from datacoop.linking.matching import judge_standing
from datacoop.linking.partitioning import Pair
from datacoop.linking.reviewing import EACH, WEIGHED_ALIKE, Waiting, open_look_alikes
from datacoop.linking.rules.comparing import DIFFERENT, LOOK_ALIKE, SAME, Verdict
from datacoop.linking.rules.judging import VERDICTS

_COMPARED_AT_ONCE = 20_000


@dataclass
class Recounted:
    """Keys of what is counted that others hold since, by what that does to the weights of those who held them before.

    `lowered`: contacts and names that more hold now, which never speaks for a pair (`features.FEATURES`); `moved`: all
    others.
    """

    lowered: set[int] = field(default_factory=set)
    moved: set[int] = field(default_factory=set)


def unsettled_by(index: Index, recounted: Recounted, changed: Collection[int]) -> set[int]:
    """Return who, but for those that `changed`, must be settled anew because of what is counted otherwise."""
    holders = _holders(index, recounted.lowered | recounted.moved, set(changed))
    stands = _Standing.of({record for held in holders.values() for record in held})
    pairs: set[Pair] = set()
    for key, held in holders.items():
        every = combinations(held, 2)
        pairs.update(every if key in recounted.moved else filter(stands.may_be_less, every))
    found: set[int] = set()
    for part in in_parts(sorted(pairs), _COMPARED_AT_ONCE):
        found |= {record for pair in _changed(index, stands, part) for record in pair}
    return found


def _holders(index: Index, keys: Collection[int], changed: set[int]) -> dict[int, list[int]]:
    """Who holds each key, in order; one that too many hold weighs nothing, whoever else holds it."""
    blocks = index.blocks(keys)
    near = index.load({row for rows in blocks.rows.values() for row in rows})
    return {
        key: sorted({near[row].record_id for row in rows if row in near} - changed)
        for key, rows in blocks.rows.items()
    }  # fmt: skip


@dataclass(frozen=True)
class _Standing:
    """Who is one, which pairs wait, and whose groups hang together with others by more than what they are one by."""

    groups: Groups
    waiting: Mapping[Pair, Waiting]
    #: Roots of groups of whose members a person said something, or so much waits that not all of it is shown.
    told: set[int]
    #: Roots of groups that are kept apart from others that they look the same as.
    kept_apart: set[int]

    @classmethod
    def of(cls, record_ids: Collection[int]) -> _Standing:
        groups = Groups(record_ids)
        everybody = groups.everybody() | set(record_ids)
        rows = open_look_alikes(everybody)
        waiting = Counter(record for row in rows for record in row.pair)
        full = {record for record, count in waiting.items() if count >= EACH}
        said = {record for pair in Judgements(everybody).standing() for record in pair}
        vetoed = {record for row in rows if row.veto for record in row.pair}
        return cls(
            groups, {row.pair: row for row in rows}, set(map(groups.root, full | said)), set(map(groups.root, vetoed))
        )

    def may_be_less(self, pair: Pair) -> bool:
        """Whether less weight could change anything: two that are not alike, and whom nothing ties, stay so."""
        one, two = map(self.groups.root, pair)
        if one == two or pair in self.waiting or one in self.told or two in self.told:
            return True
        return one in self.kept_apart and two in self.kept_apart

    def says(self, pair: Pair, verdict: Verdict, weight: float) -> bool:
        """Whether what comparing a pair says is what stands, and nothing else of their groups hangs on its weight."""
        roots = set(map(self.groups.root, pair))
        if not roots.isdisjoint(self.told):
            return False
        if len(roots) == 1:
            return verdict == SAME and roots.isdisjoint(self.kept_apart)
        if roots <= self.kept_apart:
            return False
        row = self.waiting.get(pair)
        if row is None or verdict != LOOK_ALIKE:
            return row is None and verdict == DIFFERENT
        return row.veto is None and abs(row.weight - weight) <= WEIGHED_ALIKE


def _changed(index: Index, stands: _Standing, pairs: Sequence[Pair]) -> Iterator[Pair]:
    judged = judge_standing(index, index.of_records({record for pair in pairs for record in pair}), pairs)
    for pair, verdict, weight in zip(pairs, judged.verdicts.tolist(), judged.weights.tolist(), strict=True):
        if not stands.says(pair, VERDICTS[verdict], round(weight, 2)):
            yield pair
