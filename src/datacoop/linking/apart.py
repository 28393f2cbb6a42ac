"""Compare two sets of organisations with each other alone, in memory: what the index knows of others has no say.

For answers to one holder: they depend on its own values and on those it is shown, on nothing else (law 2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from datacoop.linking.indexing import BLOCK, count_names
from datacoop.linking.rules.comparing import DIFFERENT, SAME, compare, is_worth_comparing, same_name
from datacoop.linking.rules.profiles import Profile, name_keys, profile_of

#: By property as in an API item, always as lists.
Values = Mapping[str, Sequence[object]]
_Key = tuple[str, ...]


@dataclass(frozen=True)
class Likeness:
    """One of theirs that one of ours resembles. `is_same`: as good as certain; else for people to look at."""

    other: int
    is_same: bool
    weight: float


def alike(ours: Mapping[int, Values], theirs: Mapping[int, Values]) -> dict[int, list[Likeness]]:
    """Return for each of ours what it resembles among theirs, the likeliest first; what resembles nothing is absent.

    The rules are those of linking, where a contact in common is needed to be the same; here nothing is merged, so a
    near-equal name in the same place is enough.
    """
    mine = {number: profile_of(number, values) for number, values in ours.items()}
    others = {number: profile_of(number, values) for number, values in theirs.items()}
    blocks = _blocks(others.values())
    held = _Held(mine.values(), others.values())
    found = {}
    for number, profile in mine.items():
        near = {n for key in _keys(profile) if len(block := blocks.get(key, ())) <= BLOCK for n in block}
        likely = [each for n in sorted(near) if (each := _likeness(profile, others[n], held))]
        if likely:
            found[number] = sorted(likely, key=lambda each: (not each.is_same, -each.weight, each.other))
    return found


def _likeness(ours: Profile, theirs: Profile, held: _Held) -> Likeness | None:
    if not is_worth_comparing(ours, theirs):
        return None
    comparison = compare(ours, theirs, held.of(ours))
    if comparison.verdict == DIFFERENT:
        return None
    neighbours = bool(ours.place & theirs.place) and same_name(ours, theirs)
    return Likeness(theirs.record_id, comparison.verdict == SAME or neighbours, comparison.weight)


class _Held:
    """How many differently named organisations hold a contact, among those compared."""

    def __init__(self, *sets: Iterable[Profile]) -> None:
        self._holders: dict[str, list[Profile]] = {}
        for profile in (each for profiles in sets for each in profiles):
            for contact in profile.contacts():
                self._holders.setdefault(contact, []).append(profile)
        self._counts: dict[str, int] = {}

    def of(self, profile: Profile) -> dict[str, int]:
        """Return the count of each contact of a profile."""
        return {contact: self._count(contact) for contact in profile.contacts()}

    def _count(self, contact: str) -> int:
        if contact not in self._counts:
            holders = self._holders.get(contact, [])
            self._counts[contact] = len(holders) if len(holders) > BLOCK else count_names(holders)
        return self._counts[contact]


def _blocks(profiles: Iterable[Profile]) -> dict[_Key, list[int]]:
    blocks: dict[_Key, list[int]] = {}
    for profile in profiles:
        for key in _keys(profile):
            blocks.setdefault(key, []).append(profile.record_id)
    return blocks


def _keys(profile: Profile) -> set[_Key]:
    return {("contact", contact) for contact in profile.contacts()} | name_keys(profile)
