"""Find, in whole batches, what each profile may be one with, and compare the pairs."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from datacoop.linking.indexing import BLOCK, Index, Indexed, contact_key, count_names
from datacoop.linking.rules.comparing import DIFFERENT, Comparison, compare, is_worth_comparing
from datacoop.linking.rules.profiles import Profile


@dataclass(frozen=True)
class Pairing:
    """A profile, a record of the index, and what comparing them said."""

    record_id: int
    other: Indexed
    comparison: Comparison

    @property
    def other_id(self) -> int:
        """The record of the index."""
        return self.other.profile.record_id


def pairings(
    index: Index, profiles: Sequence[Profile], also: Mapping[int, Collection[int]] | None = None
) -> Iterator[Pairing]:
    """Yield every pair that is not simply different; `also` names records to compare whatever their keys."""
    also = also or {}
    neighbours = _Neighbours(index, profiles)
    named = index.of_records({other for others in also.values() for other in others})
    for profile in profiles:
        found = neighbours.of(profile)
        wanted = {other: named[other] for other in also.get(profile.record_id, ()) if other in named}
        for other in (found | wanted).values():
            if other.profile.record_id not in wanted and not is_worth_comparing(profile, other.profile):
                continue
            comparison = compare(profile, other.profile, neighbours.held(profile))
            if comparison.verdict != DIFFERENT or other.profile.record_id in wanted:
                yield Pairing(profile.record_id, other, comparison)


def held_by(index: Index, profile: Profile) -> dict[str, int]:
    """Return how many differently named records hold each contact of a profile."""
    return _Neighbours(index, [profile]).held(profile)


class _Neighbours:
    """The blocks of a batch, read in three queries."""

    def __init__(self, index: Index, profiles: Sequence[Profile]) -> None:
        self._keys = {profile.record_id: index.keys(profile) for profile in profiles}
        contacts = {contact_key(contact) for profile in profiles for contact in profile.contacts()}
        self._blocks = index.blocks(set().union(*self._keys.values()))
        found = index.load({row for rows in self._blocks.values() for row in rows})
        self._rows = {row: (indexed.profile.record_id, indexed) for row, indexed in found.items()}
        self._names = dict.fromkeys(index.overfull(contacts), BLOCK + 1)

    def of(self, profile: Profile) -> dict[int, Indexed]:
        """Return the records that share a key with the profile, itself left out."""
        blocks = map(self._blocks.get, self._keys[profile.record_id])
        rows = set().union(*filter(None, blocks))
        found = dict(filter(None, map(self._rows.get, rows)))
        found.pop(profile.record_id, None)
        return found

    def held(self, profile: Profile) -> dict[str, int]:
        """Return how many differently named records hold each contact of the profile, itself among them."""
        return {contact: self._count(contact_key(contact)) for contact in profile.contacts()}

    def _count(self, key: bytes) -> int:
        if key not in self._names:
            rows = (self._rows.get(row) for row in self._blocks.get(key, ()))
            self._names[key] = count_names(row[1].profile for row in rows if row)
        return self._names[key]
