"""What records likely to be one have in common: the keys of their blocks. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import blake2b
from itertools import combinations
from struct import pack, unpack

from datacoop.linking.rules.encoding import STEM, digest_of, telling
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


def numbers_of(profile: Profile) -> set[int]:
    """Return the numbers of all keys of a digested profile, its contacts among them: 64 bits, signed."""
    return {*map(contact_number, profile.contacts()), *map(number_of, keys_of(profile))}


def pack_numbers(numbers: Iterable[int]) -> bytes:
    """Return numbers of keys as they are stored: eight bytes each, lowest first, ascending."""
    own = sorted(numbers)
    return pack(f"<{len(own)}q", *own)


def unpack_numbers(packed: bytes) -> list[int]:
    """Return what `pack_numbers` stored."""
    return list(unpack(f"<{len(packed) // 8}q", packed))


@lru_cache(maxsize=65536)
def number_of(key: Key) -> int:
    """Return the number that stands for a key; it needs no secret: names stand beside it."""
    return int.from_bytes(blake2b("\n".join(key).encode(), digest_size=8).digest(), "big", signed=True)


def contact_number(contact: str) -> int:
    """Return the number of the key that a contact of a digested profile is."""
    number = digest_of(contact)
    return number - 2**64 if number >= 2**63 else number


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
