"""What waits for people: pairs that are alike and not one, kept as what stands says."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import NamedTuple

from django.db.models import Q, QuerySet

from datacoop.lib.sql import in_parts
from datacoop.linking.groups import has_come
from datacoop.linking.models import LookAlike
from datacoop.linking.partitioning import Evidence, Pair, Partition, pair_of
from datacoop.linking.standing import Compared
from datacoop.records.queries import accepted_numbers

#: A record that resembles very many is shown with the likeliest ones.
EACH = 5
#: Weights of a pair that differ by no more are the same to whoever reviews it.
WEIGHED_ALIKE = 0.01
#: Of so many records all open pairs are read at once.
_MANY = 20_000
#: A merge that what stands no longer holds, and that only a person may take back.
DOUBTED = "no-longer-one"
_COLUMNS = ("id", "first", "second", "weight", "reasons", "source_id", "contribution")


class Waiting(NamedTuple):
    """A pair that waits for a person, and what forbids to merge it."""

    id: int
    first: int
    second: int
    weight: float
    veto: str | None
    source_id: int | None
    contribution: int | None

    @property
    def pair(self) -> Pair:
        """Both records."""
        return self.first, self.second


@dataclass(frozen=True)
class Lasting:
    """When pairs were found, and the contribution that they are of, None where they stand by themselves."""

    now: datetime
    source_id: int | None = None
    contribution: int | None = None


def renew_look_alikes(evidence: Evidence, partition: Partition, doubted: Collection[int], lasting: Lasting) -> int:
    """Let the open pairs of everybody in `evidence` be those that wait now; return how many are new."""
    wanted = look_alikes(evidence, partition)
    wanted |= {pair_of(loser, evidence.merges[loser]): DOUBTED for loser in doubted}
    standing = {row.pair: row for row in open_look_alikes(evidence.records)}
    weights = {pair: told.weight for pair, told in evidence.alike.items()}
    stale = [
        row for pair, row in standing.items()
        if pair not in wanted or (pair in weights and abs(row.weight - weights[pair]) > WEIGHED_ALIKE)
    ]  # fmt: skip
    for part in in_parts([row.id for row in stale]):
        LookAlike.objects.filter(id__in=part).delete()
    gone = {row.pair for row in stale}
    fresh = {p: veto for p, veto in wanted.items() if p not in standing or p in gone}
    return write_look_alikes(evidence, fresh, lasting)


def look_alikes(evidence: Evidence, partition: Partition) -> dict[Pair, str | None]:
    """Return the pairs that are alike and not one, of which nobody said anything, and what forbids to merge them."""
    clusters = partition.clusters
    judged = evidence.judged.keys()
    told: dict[int, int] = {}
    found: dict[Pair, str | None] = {}
    for pair, each in sorted(evidence.alike.items(), key=lambda item: (-item[1].weight, item[0])):
        one, two = pair
        if clusters.head(one) == clusters.head(two) or (judged and _is_judged(evidence, partition, pair)):
            continue
        if min(told.get(one, 0), told.get(two, 0)) >= EACH:
            continue
        told[one], told[two] = told.get(one, 0) + 1, told.get(two, 0) + 1
        found[pair] = partition.vetoes.get(pair, "unlike-another") if each.is_same else None
    return found


def _is_judged(evidence: Evidence, partition: Partition, pair: Pair) -> bool:
    ours, theirs = (
        partition.clusters.members(record) if record in evidence.records else evidence.outside.members(record)
        for record in pair
    )
    return any(pair_of(one, two) in evidence.judged for one, two in product(ours, theirs))


def write_look_alikes(evidence: Evidence, wanted: Mapping[Pair, str | None], lasting: Lasting) -> int:
    """Put pairs on the review list, with what both have in common, and return how many."""
    written = 0
    for part in in_parts(sorted(wanted)):
        rows = [_row(each, wanted[pair], lasting) for pair, each in _compared(evidence, part)]
        LookAlike.objects.bulk_create(rows, ignore_conflicts=True, batch_size=len(rows))
        written += len(rows)
    return written


def _compared(evidence: Evidence, pairs: Sequence[Pair]) -> Iterator[tuple[Pair, Compared]]:
    """Pairs as they were compared; those that were one already, or are hardly alike, are compared now."""
    yield from ((pair, evidence.alike[pair].pairing) for pair in pairs if pair in evidence.alike)
    for each in evidence.compare([pair for pair in pairs if pair not in evidence.alike]):
        yield pair_of(each.record_id, each.other_id), each


def _row(pairing: Compared, veto: str | None, lasting: Lasting) -> LookAlike:
    """The weight of each reason is worked out when somebody is shown it: that is slow."""
    first, second = pair_of(pairing.record_id, pairing.other_id)
    reasons = {"codes": list(pairing.codes), "veto": veto}
    row = LookAlike(first=first, second=second, reasons=reasons, weight=pairing.weight, found_at=lasting.now)
    row.source_id, row.contribution = lasting.source_id, lasting.contribution
    return row


def open_look_alikes(records: Collection[int]) -> list[Waiting]:
    """Return the open pairs of some records that accepted contributions brought."""
    accepted, every = accepted_numbers(), sorted(records)
    rows = LookAlike.objects.filter(state=LookAlike.OPEN)
    if len(every) > _MANY:
        wanted = set(every)
        told = (each for each in _read(rows) if each.first in wanted or each.second in wanted)
    else:
        told = (each for part in in_parts(every) for each in _read(rows.filter(Q(first__in=part) | Q(second__in=part))))
    found = {each.id: each for each in told if has_come(each.source_id, each.contribution, accepted)}
    return list(found.values())


def _read(rows: QuerySet[LookAlike]) -> Iterator[Waiting]:
    for number, first, second, weight, reasons, source, contribution in rows.values_list(*_COLUMNS):
        yield Waiting(number, first, second, weight, reasons["veto"], source, contribution)
