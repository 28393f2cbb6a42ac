"""What records likely to be one have in common: the keys of their blocks. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from datacoop.linking.rules.encoding import STEM, telling
from datacoop.linking.rules.profiles import Profile

Key = tuple[str, ...]
#: So many last letters of a whole name: for slips in the first ones.
_END = 6
_WORDS = 3


def keys_of(profile: Profile) -> set[Key]:
    """Return the keys of a profile's names and addresses; its contacts are keys by themselves."""
    found = {*letters_key(profile), *door_keys(profile)}
    towns = _towns(profile)
    for place in _places(profile):
        found.update(_worded(profile, place, is_town=place in towns))
        if len(profile.letters) > _END:
            found.add(("end", place, profile.letters[-_END:]))
        found.update(("short", place, short) for short in {*profile.initials, profile.acronym} - {""})
    return found


def letters_key(profile: Profile) -> list[Key]:
    """Return the key of everybody of this name, anywhere."""
    return [("letters", profile.letters)] if profile.letters else []


def town_keys(profile: Profile) -> list[Key]:
    """Return the key of everybody of this name in its town."""
    return [("name", town, *profile.core) for town in _towns(profile)[:1]]


def door_keys(profile: Profile) -> list[Key]:
    """Return the keys of everybody behind the same door."""
    doors = [(street, house) for street, house in profile.streets if street and house]
    return [("door", place, *door) for door in doors for place in _places(profile)]


def _towns(profile: Profile) -> list[str]:
    return sorted({town[:STEM] for town in profile.towns})


def _places(profile: Profile) -> list[str]:
    return [*sorted(profile.postcodes), *_towns(profile)] or [""]


def _worded(profile: Profile, place: str, *, is_town: bool) -> Iterator[Key]:
    """Keys of a name's words. Those of the postcode are the fewer: most records have a town too."""
    for core in (profile.core, *profile.others):
        stems = list(dict.fromkeys(word[:STEM] for word in telling(core)))[:_WORDS]
        yield from (("word", place, stem) for stem in stems)
        if is_town:
            yield ("name", place, *core)
            # Where too many share one word, two of them still tell.
            yield from (("words", place, *sorted(pair)) for pair in combinations(stems, 2))
