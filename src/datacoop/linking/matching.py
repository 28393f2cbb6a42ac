"""Find, in whole batches, what each profile may be one with, and compare the pairs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from datacoop.linking.indexing import Index, Indexed
from datacoop.linking.rules.comparing import Reason, Verdict
from datacoop.linking.rules.encoding import ROW, Rows
from datacoop.linking.rules.features import CONTACTS, MANY, Held, count_held
from datacoop.linking.rules.judging import VERDICTS, Judged, judge_pairs
from datacoop.linking.rules.keys import contact_number, door_keys, letters_key, number_of, town_keys, unpack_numbers
from datacoop.linking.rules.profiles import Profile
from datacoop.linking.rules.scoring import scorer


@dataclass(frozen=True)
class Pairing:
    """A record, another of the index, and where among the judged pairs they are."""

    record_id: int
    other_id: int
    judged: Judged
    at: int

    @property
    def verdict(self) -> Verdict:
        """What comparing them said."""
        return VERDICTS[int(self.judged.verdicts[self.at])]

    @property
    def is_apart(self) -> bool:
        """Whether they never come into one group without a person."""
        return bool(self.judged.apart[self.at])

    @property
    def weight(self) -> float:
        """How much speaks for it, in log2 odds."""
        return round(float(self.judged.weights[self.at]), 2)

    @property
    def codes(self) -> tuple[str, ...]:
        """What they have in common and what not, quickly."""
        return self.judged.codes(self.at)

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """Why. Slow: for what a person is shown."""
        return self.judged.reasons([self.at])[0]


def compare_batch(
    index: Index, profiles: Sequence[Profile], also: Mapping[int, Collection[int]] | None = None
) -> list[Pairing]:
    """Compare profiles with everybody they share a key with, and return the pairs that are not simply different.

    `also` names records to compare, and to return, whatever their keys.
    """
    also = also or {}
    neighbours = _Neighbours(index, profiles)
    named = index.of_records({other for others in also.values() for other in others})
    table = _Table(index.of_batch(profiles), {**neighbours.everybody(), **named}, neighbours.overfull)
    pairs: list[tuple[int, int]] = []
    for profile in profiles:
        found = neighbours.of(profile) | {other for other in also.get(profile.record_id, ()) if other in named}
        pairs += [(profile.record_id, other) for other in sorted(found)]
    judged = table.judge(pairs)
    wanted = {(record, other) for record, others in also.items() for other in others}
    kept = [at for at, pair in enumerate(pairs) if judged.verdicts[at] or pair in wanted]
    judged = judged.only(np.array(kept, dtype=np.int64))
    return [Pairing(*pairs[place], judged, at) for at, place in enumerate(kept)]


def compare_standing(index: Index, first: Indexed, second: Indexed) -> Pairing:
    """Compare two records of the index with everybody in view who holds what they hold."""
    return compare_pairs(
        index, {first.record_id: first, second.record_id: second}, [(first.record_id, second.record_id)]
    )[0]


def compare_pairs(index: Index, standing: Mapping[int, Indexed], pairs: Sequence[tuple[int, int]]) -> list[Pairing]:
    """Compare just these pairs of `standing` records, knowing of everybody in view who holds what both hold."""
    judged = judge_standing(index, standing, pairs)
    return [Pairing(*pair, judged, at) for at, pair in enumerate(pairs)]


def judge_standing(index: Index, standing: Mapping[int, Indexed], pairs: Sequence[tuple[int, int]]) -> Judged:
    """Compare as `compare_pairs` does, and return what it said by the place of each pair."""
    own = {record: standing[record] for record in dict.fromkeys(one for one, _ in pairs)}
    seconds = {two: standing[two] for _, two in pairs}
    keys = {record: frozenset(unpack_numbers(each.keys)) for record, each in {**own, **seconds}.items()}
    # What only one of two holds is counted in none of their features.
    blocks = index.blocks(set().union(*(keys[one] & keys[two] for one, two in pairs)))
    holders = index.load({row for rows in blocks.rows.values() for row in rows}).values()
    table = _Table(own, {**{each.record_id: each for each in holders}, **seconds}, blocks.overfull)
    return table.judge(pairs)


def compare_those_standing(index: Index, pairs: Sequence[tuple[int, int]]) -> list[Pairing]:
    """Compare pairs of records of the index; those are left out of which no list speaks."""
    standing = index.of_records({record for pair in pairs for record in pair})
    left = [pair for pair in pairs if standing.keys() >= set(pair)]
    return compare_pairs(index, standing, left) if left else []


class _Neighbours:
    """The blocks of a batch, and the keys whose blocks were too full to be read."""

    def __init__(self, index: Index, profiles: Sequence[Profile]) -> None:
        own = index.of_batch(profiles)
        self._keys = {record: unpack_numbers(each.keys) for record, each in own.items()}
        blocks = index.blocks(set().union(*self._keys.values()))
        self._blocks, self.overfull = blocks.rows, blocks.overfull
        found = index.load({row for rows in self._blocks.values() for row in rows})
        self._records = {row: indexed.record_id for row, indexed in found.items()}
        self._others = {indexed.record_id: indexed for indexed in found.values()}

    def everybody(self) -> dict[int, Indexed]:
        """Return every record of the blocks, by number."""
        return self._others

    def of(self, profile: Profile) -> set[int]:
        """Return the records that share a key with the profile, itself left out."""
        blocks = map(self._blocks.get, self._keys[profile.record_id])
        rows = set().union(*filter(None, blocks))
        return {self._records[row] for row in rows if row in self._records} - {profile.record_id}


class _Table:
    """The rows of a batch and of its neighbours, and who holds what among them."""

    def __init__(self, own: Mapping[int, Indexed], others: Mapping[int, Indexed], overfull: Set[int]) -> None:
        rest = [number for number in others if number not in own]
        self._at = {number: place for place, number in enumerate([*own, *rest])}
        rows = [*(each.row for each in own.values()), *(others[number].row for number in rest)]
        self._rows: Rows = np.frombuffer(b"".join(rows), dtype=ROW)
        held = count_held(self._rows)
        self._held = _with_overfull(held, list(own.values()), overfull) if overfull else held

    def judge(self, pairs: Sequence[tuple[int, int]]) -> Judged:
        """Compare records of the batch, first, with others."""
        left = np.array([self._at[one] for one, _ in pairs], dtype=np.int64)
        right = np.array([self._at[two] for _, two in pairs], dtype=np.int64)
        return judge_pairs(self._rows, self._held, left, right, scorer())


def _with_overfull(held: Held, own: Sequence[Indexed], overfull: Set[int]) -> Held:
    """Say of what more records hold than a block has that many do: who they are was not read.

    `own` are the first rows, in their order.
    """
    for place, each in enumerate(own):
        if overfull.isdisjoint(unpack_numbers(each.keys)):
            continue
        for field, keys in _held_keys(each.profile).items():
            for at, key in enumerate(keys[: held.records[field].shape[1]] if field in CONTACTS else keys):
                if key in overfull:
                    slot = at if field in CONTACTS else slice(None)
                    held.records[field][place, slot] = held.names[field][place, slot] = MANY
    return held


def _held_keys(profile: Profile) -> dict[str, list[int]]:
    """The keys of what is counted, by field of `Held`; contacts in the order of their fields."""
    contacts = {"phones": profile.phones, "emails": profile.emails, "domains": profile.domains}
    return {
        **{field: [contact_number(contact) for contact in sorted(held)] for field, held in contacts.items()},
        "address": list(map(number_of, door_keys(profile))),
        "name": list(map(number_of, letters_key(profile))),
        "here": list(map(number_of, town_keys(profile))),
    }
