"""Activities of lists as linking compares them: read from what lists say, within each organiser.

Nothing is indexed: what may be one has one organiser, and what an organiser does is found by it. Organisers that are
merged count as one; whoever merges or splits organisers lets their activities be settled anew.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from typing import Final

from datacoop.linking.groups import Groups, Judgements
from datacoop.linking.offering import is_offered
from datacoop.linking.partitioning import Evidence, Pair, pair_of
from datacoop.linking.rules.activities import Activity, activity_of, compare_activities
from datacoop.linking.rules.comparing import DIFFERENT, LOOK_ALIKE, SAME, Comparison, Reason, Verdict
from datacoop.linking.rules.sharing import Key, pairs_sharing
from datacoop.records.queries import kinds_of, load, referring
from datacoop.records.rules import RecordFacts

KIND: Final = "activity"
_ORGANISER: Final = "organiser"
#: In one list, what looks the same was told apart by whoever keeps it.
_ONE_LIST: Final = Reason("one-list", "", -4.0)
_AT_ONCE = 500


@dataclass(frozen=True)
class Listed:
    """An activity of a list. `organiser` is the head of the organisations that are one with who organises it."""

    record_id: int
    source_id: int
    activity: Activity

    @property
    def said(self) -> bytes:
        """What is compared, without the numbers of records."""
        told = self.activity
        return repr((told.start.isoformat(), told.title, sorted(told.towns), told.place)).encode()

    @property
    def keys(self) -> set[Key]:
        """What it shares with whatever may be one with it."""
        return self.activity.keys()


@dataclass(frozen=True)
class Paired:
    """Two activities and what comparing them said."""

    record_id: int
    other_id: int
    comparison: Comparison

    @property
    def verdict(self) -> Verdict:
        """What comparing them said."""
        return self.comparison.verdict

    @property
    def is_apart(self) -> bool:
        """Whether they never come into one group without a person: two of one list, and what differs."""
        return self.verdict == DIFFERENT or _ONE_LIST in self.reasons

    @property
    def weight(self) -> float:
        """The sum of the reasons."""
        return self.comparison.weight

    @cached_property
    def codes(self) -> tuple[str, ...]:
        """What they have in common and what not."""
        return tuple(reason.code for reason in self.reasons)

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why."""
        return self.comparison.reasons


class Activities:
    """The activities of which lists speak now; what was read is kept."""

    def __init__(self) -> None:
        """Nothing is read yet."""
        self._kept: dict[int, Listed | None] = {}

    def of_records(self, record_ids: Collection[int]) -> dict[int, Listed]:
        """Return those of some records that are activities of lists, with a start, a title and an organiser."""
        missing = sorted(record for record in record_ids if record not in self._kept)
        for start in range(0, len(missing), _AT_ONCE):
            part = missing[start : start + _AT_ONCE]
            self._kept.update(dict.fromkeys(part))
            self._kept.update((each.record_id, each) for each in _read(part))
        return {record: found for record in record_ids if (found := self._kept[record]) is not None}

    def beside(self, record_ids: Collection[int]) -> dict[int, Listed]:
        """Return everything that the organisers of some activities do, these among it."""
        own = self.of_records(record_ids)
        organisers = {int(str(each.activity.organiser)) for each in own.values()}
        return own | self.of_records(organised_by(organisers))

    def compare(self, pairs: Sequence[Pair]) -> list[Paired]:
        """Compare pairs of records; those are left out of which no list speaks."""
        standing = self.of_records({record for pair in pairs for record in pair})
        return [compare_listed(standing[a], standing[b]) for a, b in pairs if a in standing and b in standing]

    def unlike(self, groups: Sequence[set[int]]) -> set[Pair]:
        """Compare the members of each group with one another; return who must not be one."""
        pairs = [pair for group in groups for pair in combinations(sorted(group), 2)]
        return {pair_of(each.record_id, each.other_id) for each in self.compare(pairs) if each.is_apart}


def organised_by(organisations: Collection[int]) -> set[int]:
    """Return the activities of some organisations and of all that are one with them."""
    every = Groups(organisations).everybody() | set(organisations)
    return activities_among(referring(every))


def activities_among(record_ids: Collection[int]) -> set[int]:
    """Return those of some records that are activities."""
    return {record for record, kind in kinds_of(record_ids).items() if kind == KIND}


def compare_listed(one: Listed, two: Listed) -> Paired:
    """Compare two activities of lists; what stands twice in one list is never one without a person."""
    found = compare_activities(one.activity, two.activity)
    if found.verdict != DIFFERENT and one.source_id == two.source_id:
        found = replace(found, verdict=LOOK_ALIKE, reasons=(*found.reasons, _ONE_LIST))
    return Paired(*pair_of(one.record_id, two.record_id), found)


def gather_activities(activities: Activities, reached: Collection[int]) -> Evidence:
    """Compare everything reached with whatever has its organiser and hour, and whoever hangs together with them."""
    found = Evidence(unlike=activities.unlike, compare=activities.compare)
    waiting = activities_among(reached)
    while waiting:
        groups, judged = Groups(waiting), Judgements(waiting)
        found.records |= waiting
        found.judged.update(judged.standing())
        found.merges.update(groups.edges())
        compared = _alike(activities, waiting)
        same = {pair for pair, verdict in judged.standing().items() if verdict == SAME}
        beside = found.note(compared) | groups.everybody() | {record for pair in same for record in pair}
        waiting = activities_among(beside - found.records)
    found.outside = Groups({record for pair in found.alike for record in pair} - found.records)
    return found


def _alike(activities: Activities, records: Collection[int]) -> Iterator[Paired]:
    """Yield the pairs of some activities and others that are not simply different."""
    near = activities.beside(records)
    for one, two in pairs_sharing({record: each.keys for record, each in near.items()}):
        if one in records or two in records:
            paired = compare_listed(near[one], near[two])
            if paired.verdict != DIFFERENT:
                yield paired


def _read(record_ids: Sequence[int]) -> Iterator[Listed]:
    facts = load(record_ids)
    own = {record: facts[record] for record in record_ids if record in facts and facts[record].kind == KIND}
    organisers = {record: organiser for record, each in own.items() if (organiser := _organiser(each)) is not None}
    heads = Groups(set(organisers.values()))
    for record, organiser in organisers.items():
        said = own[record]
        activity = activity_of(_values(said), organiser=heads.root(organiser))
        if activity is not None:
            yield Listed(record, _source(said), activity)


def _own(facts: RecordFacts) -> Iterator[tuple[int, str, object, int | None]]:
    """Yield what lists say of the record itself: source, property, value, and whom it refers to."""
    for each in sorted(facts.statements, key=lambda s: (s.position, s.id)):
        if each.record_id == facts.id and each.source is not None and is_offered(each.mark):
            yield each.source.id, each.property, each.value, each.refers


def _organiser(facts: RecordFacts) -> int | None:
    return next((refers for _, name, _, refers in _own(facts) if name == _ORGANISER and refers is not None), None)


def _source(facts: RecordFacts) -> int:
    return min(source for source, *_ in _own(facts))


def _values(facts: RecordFacts) -> Mapping[str, Sequence[object]]:
    values: dict[str, list[object]] = {}
    for _, name, value, _ in _own(facts):
        values.setdefault(name, []).append(value)
    return values
