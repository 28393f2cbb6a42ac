"""A profile as one row of numbers of fixed length, so that many are read and compared at once. Pure.

Words become 32 bits of their CRC: two words of one comparison fall together once in some hundred million. Contacts
become the first 64 bits of their digest. 0 stands for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from math import nan
from struct import Struct
from zlib import crc32

import numpy as np
import numpy.typing as npt

from datacoop.linking.rules.naming import telling_weight as weight
from datacoop.linking.rules.profiles import Profile
from datacoop.linking.rules.words import known

#: So many first letters of a word, or of a town: most slips of the pen come later.
STEM = 5
_HEX = re.compile(r"[0-9a-f]{16,}")
ROW = np.dtype(
    [
        ("record", "<i8"),
        ("source", "<i8"),
        ("core", "S48"),
        ("full", "S56"),
        ("letters", "S40"),
        ("core_hash", "<u4"),
        ("letters_hash", "<u4"),
        ("acronym", "<u4"),
        ("tokens", "<u4", (8,)),
        ("stems", "<u4", (8,)),
        ("weights", "<f4", (8,)),
        ("heads", "<u4", (2,)),
        ("legal", "<u4", (2,)),
        ("parts", "<u4", (3,)),
        ("initials", "<u4", (6,)),
        ("names", "<u4", (4,)),
        ("postcodes", "<u4", (2,)),
        ("towns", "<u4", (2,)),
        ("streets", "<u4", (2,)),
        ("houses", "<u4", (2,)),
        ("lat", "<f4"),
        ("lon", "<f4"),
        ("emails", "<u8", (3,)),
        ("domains", "<u8", (3,)),
        ("phones", "<u8", (4,)),
        ("uids", "<u8", (3,)),
        ("schemes", "<u4", (3,)),
        ("themes", "<u4", (4,)),
    ]
)
Rows = npt.NDArray[np.void]
_CODES = {"<i8": "q", "<u4": "I", "<u8": "Q", "<f4": "f"}


def _format() -> str:
    fields = [(ROW[name].base, *ROW[name].shape) for name in ROW.names or ()]
    sizes = (
        (base.itemsize, "s") if base.kind == "S" else (*(size or (1,)), _CODES[base.str]) for base, *size in fields
    )
    return "<" + "".join(f"{size}{code}" for size, code in sizes)


#: Packs the same row, several times quicker than numpy makes one.
_PACKED = Struct(_format())
_NOTHING = [(0,) * size for size in range(9)]


@lru_cache(maxsize=262144)
def number_of(text: str) -> int:
    """Return the number that stands for a word, 0 for none."""
    return (crc32(text.encode()) or 1) if text else 0


def encode(profiles: Sequence[Profile], sources: Sequence[int]) -> Rows:
    """Return the rows of digested profiles, in their order."""
    packed = b"".join(encode_one(p, s) for p, s in zip(profiles, sources, strict=True))
    return np.frombuffer(packed, dtype=ROW)


@lru_cache(maxsize=65536)
def telling(core: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a name, those that say most first."""
    return tuple(sorted(core, key=lambda w: (-weight(w), -len(w), w)))


def encode_one(p: Profile, source: int) -> bytes:
    """Return the bytes of one row of `ROW`."""
    words = telling(p.core)[:8]
    core = " ".join(p.core)
    lat, lon = p.point or (nan, nan)
    streets = [each for each in p.streets if each[0]]
    return _PACKED.pack(
        p.record_id,
        source,
        core.encode(),
        p.name.encode(),
        p.letters.encode(),
        number_of(core),
        number_of(p.letters),
        number_of(p.acronym),
        *_filled(words, 8),
        *_filled([w[:STEM] for w in words], 8),
        *map(weight, words),
        *_NOTHING[8 - len(words)],
        *_filled([w for w in p.core if w in known().head_words], 2),
        *_filled(_ordered(p.legal), 2),
        *_filled(_ordered(p.parts), 3),
        *_filled(_ordered(p.initials), 6),
        *_filled([core, *map(" ".join, p.others)], 4),
        *_filled(_ordered(p.postcodes), 2),
        *_filled(sorted([t[:STEM] for t in p.towns]), 2),
        *_filled([street for street, _ in streets], 2),
        *_filled([house for _, house in streets], 2),
        lat,
        lon,
        *_digests(p.emails, 3),
        *_digests(p.domains, 3),
        *_digests(p.phones, 4),
        *_digests(p.uids, 3),
        *_filled(sorted([u.partition(":")[0] for u in p.uids]), 3),
        *_filled(_ordered(p.themes), 4),
    )


def _ordered(said: frozenset[str]) -> Sequence[str]:
    return sorted(said) if len(said) > 1 else tuple(said)


def _filled(words: Sequence[str], size: int) -> Sequence[int]:
    if not words:
        return _NOTHING[size]
    return (*map(number_of, words[:size]), *_NOTHING[max(size - len(words), 0)])


def _digests(contacts: frozenset[str], size: int) -> Sequence[int]:
    if not contacts:
        return _NOTHING[size]
    return (*map(digest_of, _ordered(contacts)[:size]), *_NOTHING[max(size - len(contacts), 0)])


@lru_cache(maxsize=262144)
def digest_of(contact: str) -> int:
    """Return the first 64 bits of a digested contact; a plain one is digested first."""
    told = contact.rpartition(":")[2]
    if not _HEX.fullmatch(told):
        told = blake2b(contact.encode(), digest_size=8).hexdigest()
    return int(told[:16], 16) or 1
