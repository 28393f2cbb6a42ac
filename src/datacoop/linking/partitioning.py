"""Which of the records that stand are one: a function of what they say and of what people said, of nothing else.

Neither the order in which lists came nor what was merged before by linking itself has a say (decision 0042).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import combinations

from datacoop.linking.groups import Groups, Judgements
from datacoop.linking.indexing import Index
from datacoop.linking.matching import compare_batch, compare_pairs, compare_those_standing
from datacoop.linking.rules.clustering import Clusters, Link, cluster, components, torn
from datacoop.linking.rules.comparing import SAME
from datacoop.linking.runs import Run
from datacoop.linking.standing import Compared, Standing
from datacoop.linking.whole import Whole, compare_whole, read_whole
from datacoop.linking.whole import unlike_within as whole_unlike

Pair = tuple[int, int]
#: So many records that hang together are no organisation but a mistake of a list: nothing of it is merged.
MOST = 100
#: Forbids that who is known to the public and who is not become one without a person.
OTHER_EXISTENCE = "other-existence"
_AT_ONCE = 1000
#: From so many on everything is compared in memory, where it takes so many times less for each record.
_MANY, _FASTER = 2000, 4
_JUDGED = 1000.0


@dataclass(frozen=True, slots=True)
class Told:
    """A pair that is alike: its weight, and whether it is held to be the same."""

    weight: float
    is_same: bool
    pairing: Compared

    @property
    def codes(self) -> tuple[str, ...]:
        """What both have in common."""
        return self.pairing.codes


@dataclass
class Evidence:
    """What speaks for and against, of everybody reached and all who hang together with them."""

    alike: dict[Pair, Told] = field(default_factory=dict)
    judged: dict[Pair, str] = field(default_factory=dict)
    merges: dict[int, int] = field(default_factory=dict)
    records: set[int] = field(default_factory=set)
    #: Compares the members of several groups with one another: returns who must not be one.
    unlike: Callable[[Sequence[set[int]]], set[Pair]] = lambda _: set()
    #: Compares pairs of records that stand now, whether or not they share a key.
    compare: Callable[[Sequence[Pair]], Sequence[Compared]] = lambda _: ()
    #: The groups of those who are alike to somebody here and hang together with nobody.
    outside: Groups = field(default_factory=lambda: Groups(()))

    def note(self, pairings: Iterable[Compared]) -> set[int]:
        """Note pairs that are alike; return those held to be the same as others."""
        linked: set[int] = set()
        for each in pairings:
            pair = pair_of(each.record_id, each.other_id)
            is_same = each.verdict == SAME
            linked.update(pair if is_same else ())
            if pair not in self.alike:
                self.alike[pair] = Told(each.weight, is_same, each)
        return linked

    def links(self) -> dict[Pair, float]:
        """Return the pairs that may become one without a person, with their weight."""
        found = {pair: told.weight for pair, told in self.alike.items() if told.is_same}
        return found | {pair: _JUDGED for pair, verdict in self.judged.items() if verdict == "same"}

    def read_again(self) -> bool:
        """Read again who is merged by now; return whether people said of them what they said before, and no more."""
        self.merges = Groups(self.records).edges()
        self.outside = Groups({record for pair in self.alike for record in pair} - self.records)
        is_known = {*self.merges, *self.merges.values()} <= self.records
        return is_known and Judgements(self.records).standing() == self.judged

    def tied(self) -> set[int]:
        """Return who is one with somebody, or may become so."""
        return {record for pair in (*self.links(), *self.merges.items()) for record in pair}


@dataclass(frozen=True)
class Partition:
    """Who is one with whom, and why a pair held to be the same is not."""

    clusters: Clusters
    vetoes: dict[Pair, str]


def pays_to_compare_all(index: Index, reached: int) -> bool:
    """Return whether so many records are compared sooner with everything in memory: far less work for each of them."""
    return reached > _MANY and reached > index.count() / _FASTER


def gather_all(index: Index) -> Evidence:
    """Compare everything that counts, in memory and on this core alone: it says the same as batch by batch."""
    whole = read_whole(index)
    return gather_whole(index, whole, compare_whole(whole, cores=1, run=Run()))


def gather(index: Index, reached: Collection[int]) -> Evidence:
    """Compare everybody reached, and whoever hangs together with them by links, merges or judgements."""
    if pays_to_compare_all(index, len(reached)):
        return gather_all(index)
    found, waiting = _of_organisations(index), set(reached)
    while waiting:
        batch = sorted(waiting)[:_AT_ONCE]
        groups, judged = Groups(batch), Judgements(batch)
        standing = index.of_records(batch)
        profiles = [each.profile for each in standing.values()]
        compared = compare_batch(index, profiles, {record: judged.same_as(record) for record in standing})
        beside = found.note(compared) | groups.everybody()
        beside |= {record for pair, verdict in judged.standing().items() if verdict == "same" for record in pair}
        found.records.update(batch)
        found.judged.update(judged.standing())
        found.merges.update(groups.edges())
        waiting = (waiting | beside) - found.records
    found.outside = Groups({record for pair in found.alike for record in pair} - found.records)
    return found


def gather_whole(index: Index, whole: Whole, compared: Iterable[Sequence[Compared]]) -> Evidence:
    """Return the evidence of everything that counts; `compared` are all its pairs that are alike."""
    records = whole.rows["record"].tolist()
    judged, groups = Judgements(records), Groups(records)
    found = Evidence(judged=judged.standing(), merges=groups.edges(), unlike=partial(whole_unlike, whole))
    found.compare = partial(compare_those_standing, index)
    for pairings in compared:
        found.note(pairings)
    found.records.update(records, groups.everybody())
    return found


def _of_organisations(index: Index) -> Evidence:
    return Evidence(unlike=partial(unlike_within, index), compare=partial(compare_those_standing, index))


def unlike_within(index: Index, groups: Sequence[set[int]]) -> set[Pair]:
    """Compare the members of each group with one another, whether or not they share a key; return who is apart."""
    standing = index.of_records({record for group in groups for record in group})
    pairs = [pair for group in groups for pair in combinations(sorted(group & standing.keys()), 2)]
    found: set[Pair] = set()
    for start in range(0, len(pairs), _AT_ONCE):
        compared = compare_pairs(index, standing, pairs[start : start + _AT_ONCE])
        found.update((each.record_id, each.other_id) for each in compared if each.is_apart)
    return found


def divide(index: Standing, evidence: Evidence, *, known: Collection[int], settled: Mapping[int, int]) -> Partition:
    """Return who is one: best link first within each component, never against a veto; `settled` merges stay.

    `known`: whom the public knows. Who differs in this is never one without a person.
    """
    found = Partition(Clusters(), {})
    links: dict[Pair, float] = {}
    # Nobody hidden may make anything of the public clearer or less clear: not even hang together with it.
    for pair, weight in evidence.links().items():
        if weight == _JUDGED or (pair[0] in known) == (pair[1] in known):
            links[pair] = weight
        else:
            found.vetoes[pair] = OTHER_EXISTENCE
    parts = components([*links, *settled.items()])
    part_of = {record: number for number, members in enumerate(parts) for record in members}
    own: dict[int, dict[Pair, float]] = {}
    for pair, weight in links.items():
        own.setdefault(part_of[pair[0]], {})[pair] = weight
    unlike: dict[int, set[Pair]] = {}
    for pair in evidence.unlike([members for members in parts if 2 < len(members) <= MOST]):
        unlike.setdefault(part_of[pair[0]], set()).add(pair)
    for number, members in enumerate(parts):
        kept = [(loser, settled[loser]) for loser in members if loser in settled]
        part = _Part(index, evidence, members, known, unlike.get(number, set()))
        _divide(part, own.get(number, {}), kept, found)
    return found


@dataclass(frozen=True)
class _Part:
    """Records that hang together."""

    index: Standing
    evidence: Evidence
    members: set[int]
    known: Collection[int]
    unlike: set[Pair]

    def apart(self) -> tuple[dict[int, set[int]], dict[int, set[int]]]:
        """Return whom each member must not be one with, and by evidence alone.

        That somebody is not whom a person took them for does not make a third one's link to either less clear.
        """
        same, no = set[Pair](), set[Pair]()
        for pair, verdict in self._judged():
            (same if verdict == "same" else no).add(pair)
        pairs = combinations(sorted(self.members), 2)
        differ = {(one, two) for one, two in pairs if (one in self.known) != (two in self.known)}
        shown = self.unlike - same
        return _both_ways(no | shown | (differ - same)), _both_ways(shown)

    def _judged(self) -> list[tuple[Pair, str]]:
        pairs = combinations(sorted(self.members), 2)
        return [(pair, self.evidence.judged[pair]) for pair in pairs if pair in self.evidence.judged]

    def ranks(self) -> dict[int, bytes]:
        """What each says, without its number and that of its list."""
        standing = self.index.of_records(self.members)
        return {record: standing[record].said if record in standing else b"" for record in self.members}


def _divide(part: _Part, links: dict[Pair, float], settled: list[Pair], into: Partition) -> None:
    vetoes: dict[Pair, str] = {}
    if len(part.members) > MOST:
        vetoes.update(dict.fromkeys(links, "several"))
        links = {pair: weight for pair, weight in links.items() if weight == _JUDGED}
    apart, shown = part.apart() if links else ({}, {})
    told = [Link(*pair, weight) for pair, weight in links.items()]
    unclear = {pair for pair in torn(told, shown) if links[pair] < _JUDGED}
    vetoes.update(dict.fromkeys(unclear, "ambiguous"))
    clear = [link for link in told if (link.first, link.second) not in unclear]
    found = cluster(clear, apart, part.ranks(), settled)
    for one, two in found.joined():
        into.clusters.join(one, two)
    into.vetoes.update(vetoes)


def _both_ways(pairs: Collection[Pair]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for one, two in pairs:
        found.setdefault(one, set()).add(two)
        found.setdefault(two, set()).add(one)
    return found


def pair_of(one: int, two: int) -> Pair:
    """Return a pair, the smaller number first."""
    return min(one, two), max(one, two)
