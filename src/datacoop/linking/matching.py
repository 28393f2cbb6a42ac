"""Find, in whole batches, what each profile may be one with, and compare the pairs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from datacoop.linking.indexing import Index, Indexed, contact_key, name_digest
from datacoop.linking.rules.comparing import Comparison, Reason, Verdict
from datacoop.linking.rules.encoding import ROW, Rows
from datacoop.linking.rules.features import CONTACTS, MANY, Held, count_held
from datacoop.linking.rules.judging import VERDICTS, Judged, judge_pairs
from datacoop.linking.rules.keys import door_keys, letters_key, town_keys
from datacoop.linking.rules.profiles import Profile
from datacoop.linking.rules.scoring import scorer


@dataclass(frozen=True)
class Pairing:
    """A profile, a record of the index, and where among the judged pairs they are."""

    record_id: int
    other_id: int
    other: Indexed
    judged: Judged
    at: int

    @property
    def verdict(self) -> Verdict:
        """What comparing them said."""
        return VERDICTS[int(self.judged.verdicts[self.at])]

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

    @property
    def comparison(self) -> Comparison:
        """The verdict and why."""
        return Comparison(self.verdict, self.reasons)


@dataclass(frozen=True)
class Found:
    """What a batch is alike: pairs that are not simply different, and whom each record is surely not one with."""

    pairings: list[Pairing]
    unlike: Mapping[int, Set[int]]


def compare_batch(
    index: Index, profiles: Sequence[Profile], also: Mapping[int, Collection[int]] | None = None
) -> Found:
    """Compare profiles with everybody they share a key with; `also` names records to compare whatever their keys."""
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
    pairings = [
        Pairing(*pair, table.others[pair[1]], judged, at)
        for at, pair in enumerate(pairs)
        if judged.verdicts[at] or pair in wanted
    ]
    unlike: dict[int, set[int]] = {}
    for at in np.flatnonzero(judged.weights < judged.scorer.apart).tolist():
        unlike.setdefault(pairs[at][0], set()).add(pairs[at][1])
    return Found(pairings, unlike)


def compare_standing(index: Index, first: Indexed, second: Indexed) -> Pairing:
    """Compare two records of the index with everybody in view who holds what they hold."""
    neighbours = _Neighbours(index, [first.profile])
    others = {**neighbours.everybody(), second.profile.record_id: second}
    table = _Table({first.profile.record_id: first}, others, neighbours.overfull)
    pair = first.profile.record_id, second.profile.record_id
    return Pairing(*pair, second, table.judge([pair]), 0)


class _Neighbours:
    """The blocks of a batch, and the keys whose blocks were too full to be read."""

    def __init__(self, index: Index, profiles: Sequence[Profile]) -> None:
        self._keys = {profile.record_id: index.keys(profile) for profile in profiles}
        blocks = index.blocks(set().union(*self._keys.values()))
        self._blocks, self.overfull = blocks.rows, blocks.overfull
        found = index.load({row for rows in self._blocks.values() for row in rows})
        self._records = {row: indexed.profile.record_id for row, indexed in found.items()}
        self._others = {indexed.profile.record_id: indexed for indexed in found.values()}

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

    def __init__(self, own: Mapping[int, Indexed], others: Mapping[int, Indexed], overfull: Set[bytes]) -> None:
        self.others = others
        rest = [number for number in others if number not in own]
        self._at = {number: place for place, number in enumerate([*own, *rest])}
        rows = [*(each.row for each in own.values()), *(others[number].row for number in rest)]
        self._rows: Rows = np.frombuffer(b"".join(rows), dtype=ROW)
        held = count_held(self._rows)
        self._held = _with_overfull(held, [each.profile for each in own.values()], overfull) if overfull else held

    def judge(self, pairs: Sequence[tuple[int, int]]) -> Judged:
        """Compare records of the batch, first, with others."""
        left = np.array([self._at[one] for one, _ in pairs], dtype=np.int64)
        right = np.array([self._at[two] for _, two in pairs], dtype=np.int64)
        return judge_pairs(self._rows, self._held, left, right, scorer())


def _with_overfull(held: Held, profiles: Sequence[Profile], overfull: Set[bytes]) -> Held:
    """Say of what more records hold than a block has that many do: who they are was not read.

    The profiles are the first rows, in their order.
    """
    for place, profile in enumerate(profiles):
        for field, keys in _held_keys(profile).items():
            for at, key in enumerate(keys[: held.records[field].shape[1]] if field in CONTACTS else keys):
                if key in overfull:
                    slot = at if field in CONTACTS else slice(None)
                    held.records[field][place, slot] = held.names[field][place, slot] = MANY
    return held


def _held_keys(profile: Profile) -> dict[str, list[bytes]]:
    """The keys of what is counted, by field of `Held`; contacts in the order of their fields."""
    contacts = {"phones": profile.phones, "emails": profile.emails, "domains": profile.domains}
    return {
        **{field: [contact_key(contact) for contact in sorted(held)] for field, held in contacts.items()},
        "address": list(map(name_digest, door_keys(profile))),
        "name": list(map(name_digest, letters_key(profile))),
        "here": list(map(name_digest, town_keys(profile))),
    }
