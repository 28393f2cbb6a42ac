"""Which records are one: the likeliest links first, and never against a veto. Pure.

The result is a function of the pairs, not of their order: links of equal weight are taken by their `ranks`, which come
from what the records say; their numbers decide only between records that say the very same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import combinations

#: Two candidates that exclude each other and whose weights differ by less: which is meant only a person can say.
_CLEAR = 3.0


@dataclass(frozen=True)
class Link:
    """Two records and the weight of what they have in common, in log2 odds."""

    first: int
    second: int
    weight: float


@dataclass
class Clusters:
    """A partition in the making. `apart` names, for each record, those it must never be one with."""

    apart: dict[int, set[int]] = field(default_factory=dict)
    _head: dict[int, int] = field(default_factory=dict)
    _members: dict[int, set[int]] = field(default_factory=dict)
    _against: dict[int, set[int]] = field(default_factory=dict)

    def head(self, record: int) -> int:
        """Return who stands for the cluster of a record."""
        while (above := self._head.get(record, record)) != record:
            record = above
        return record

    def members(self, record: int) -> set[int]:
        """Return the records of the cluster of a record, itself among them."""
        head = self.head(record)
        return self._members.get(head, {head})

    def may_join(self, first: int, second: int) -> bool:
        """Whether no veto stands between any two of both clusters."""
        return self._refused(first).isdisjoint(self.members(second))

    def join(self, first: int, second: int) -> None:
        """Make two clusters one."""
        one, two = self.head(first), self.head(second)
        if one == two:
            return
        if len(self.members(one)) < len(self.members(two)):
            one, two = two, one
        self._against[one] = self._refused(one) | self._refused(two)
        self._members[one] = self.members(one) | self.members(two)
        self._head[two] = one

    def joined(self) -> Iterable[tuple[int, int]]:
        """Return each record that joined another, and whom."""
        return self._head.items()

    def _refused(self, record: int) -> set[int]:
        head = self.head(record)
        return self._against.get(head) or self.apart.get(head, set())


def cluster(
    links: Iterable[Link],
    apart: dict[int, set[int]],
    ranks: Sequence[bytes] | dict[int, bytes],
    settled: Iterable[tuple[int, int]] = (),
) -> Clusters:
    """Join what `links` say is one, the heaviest first, wherever no veto stands between.

    `settled` pairs are one before anything is weighed, whatever stands between.
    """
    found = Clusters(apart)
    for one, two in settled:
        found.join(one, two)
    for link in sorted(links, key=lambda e: (-e.weight, *sorted((ranks[e.first], ranks[e.second])), e.first, e.second)):
        if found.head(link.first) != found.head(link.second) and found.may_join(link.first, link.second):
            found.join(link.first, link.second)
    return found


def torn(links: Iterable[Link], apart: dict[int, set[int]]) -> set[tuple[int, int]]:
    """Return the links of records that fit two of which one excludes the other, neither clearly better."""
    beside: dict[int, list[Link]] = {}
    for link in links:
        for record in (link.first, link.second):
            beside.setdefault(record, []).append(link)
    found: set[tuple[int, int]] = set()
    for record, own in beside.items():
        for one, two in combinations(own, 2):
            others = [link.second if link.first == record else link.first for link in (one, two)]
            if abs(one.weight - two.weight) < _CLEAR and others[1] in apart.get(others[0], ()):
                found |= {(one.first, one.second), (two.first, two.second)}
    return found


def components(links: Iterable[tuple[int, int]]) -> list[set[int]]:
    """Return the records that hang together by links, in no order."""
    above: dict[int, int] = {}

    def head(record: int) -> int:
        while (one := above.setdefault(record, record)) != record:
            above[record] = record = above[one]
        return record

    for one, two in links:
        above[head(one)] = head(two)
    found: dict[int, set[int]] = {}
    for record in above:
        found.setdefault(head(record), set()).add(record)
    return list(found.values())
