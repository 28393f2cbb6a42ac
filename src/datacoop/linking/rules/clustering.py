"""Which records are one: the likeliest links first, and never against a veto. Pure.

The result is a function of the pairs, not of their order: links of equal weight are taken by their `ranks`, which come
from what the records say, never from their numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field


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

    def _refused(self, record: int) -> set[int]:
        head = self.head(record)
        return self._against.get(head) or self.apart.get(head, set())


def cluster(links: Iterable[Link], apart: dict[int, set[int]], ranks: Sequence[bytes] | dict[int, bytes]) -> Clusters:
    """Join what `links` say is one, the heaviest first, wherever no veto stands between."""
    found = Clusters(apart)
    for link in sorted(links, key=lambda link: (-link.weight, *sorted((ranks[link.first], ranks[link.second])))):
        if found.head(link.first) != found.head(link.second) and found.may_join(link.first, link.second):
            found.join(link.first, link.second)
    return found
