"""Which records are one already, and what people said of pairs: what a merge must respect."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import product

from django.db.models import Q

from datacoop.linking.models import Judgement
from datacoop.records.queries import merges_of, root_of

_READ_AT_ONCE = 5000


class Groups:
    """The merge groups of some records, as accepted."""

    def __init__(self, record_ids: Collection[int]) -> None:
        """Read the groups of `record_ids`."""
        merges = self._merges = _merges(record_ids)
        self._roots = {record: root_of(record, merges) for record in {*merges, *merges.values()}}
        self._members: dict[int, set[int]] = {}
        for record, root in self._roots.items():
            self._members.setdefault(root, set()).add(record)

    def root(self, record_id: int) -> int:
        """Return the record that `record_id` redirects to, itself where it is not merged."""
        return self._roots.get(record_id, record_id)

    def members(self, record_id: int) -> set[int]:
        """Return every record of the group, itself among them."""
        return self._members.get(self.root(record_id), {record_id})

    def edges(self) -> dict[int, int]:
        """Return loser → survivor for every merge read."""
        return dict(self._merges)

    def above(self, record_id: int) -> list[int]:
        """Return the record and those it redirects to, one after the other."""
        chain = [record_id]
        while chain[-1] in self._merges:
            chain.append(self._merges[chain[-1]])
        return chain

    def everybody(self) -> set[int]:
        """Return every record of every group read."""
        return set(self._roots)


class Judgements:
    """The standing judgements about some records."""

    def __init__(self, record_ids: Collection[int]) -> None:
        """Read the judgements that `record_ids` take part in."""
        self._verdicts: dict[tuple[int, int], str] = {}
        self._same: dict[int, set[int]] = {}
        every = list(record_ids) if Judgement.objects.exists() else []
        for start in range(0, len(every), _READ_AT_ONCE):
            part = every[start : start + _READ_AT_ONCE]
            rows = Judgement.objects.filter(Q(first__in=part) | Q(second__in=part), reversed_at__isnull=True)
            self._verdicts.update(((f, s), v) for f, s, v in rows.values_list("first", "second", "verdict"))
        for (first, second), verdict in self._verdicts.items():
            if verdict == "same":
                self._same.setdefault(first, set()).add(second)
                self._same.setdefault(second, set()).add(first)

    def between(self, first: Collection[int], second: Collection[int]) -> set[str]:
        """Return what was said of any pair across two groups."""
        if not self._verdicts:
            return set()
        pairs = ((min(a, b), max(a, b)) for a, b in product(first, second))
        return {self._verdicts[pair] for pair in pairs if pair in self._verdicts}

    def standing(self) -> dict[tuple[int, int], str]:
        """Return what was said of each pair, the smaller number first."""
        return dict(self._verdicts)

    def same_as(self, record_id: int) -> set[int]:
        """Return the records that a person said are the same as this one."""
        return self._same.get(record_id, set())


def across(ours: Collection[int], theirs: Collection[int]) -> Q:
    """Ask for the pairs, `first` and `second`, of one record of each side."""
    return Q(first__in=ours, second__in=theirs) | Q(first__in=theirs, second__in=ours)


def has_come(source_id: int | None, contribution: int | None, accepted: Mapping[int, int]) -> bool:
    """Whether what a contribution brought counts, by the last `accepted` one of each list; what none brought does."""
    return source_id is None or (contribution or 0) <= accepted.get(source_id, 0)


def _merges(record_ids: Collection[int]) -> dict[int, int]:
    merges: dict[int, int] = {}
    every = list(record_ids)
    for start in range(0, len(every), _READ_AT_ONCE):
        merges.update(merges_of(every[start : start + _READ_AT_ONCE]))
    return merges
