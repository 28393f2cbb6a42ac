"""A profile as one row of numbers of fixed length, so that many are read and compared at once. Pure.

Words become 32 bits of their CRC: two words of one comparison fall together once in some hundred million. Contacts
become the first 64 bits of their digest. 0 stands for nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from hashlib import blake2b
from math import nan
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


@lru_cache(maxsize=262144)
def number_of(text: str) -> int:
    """Return the number that stands for a word, 0 for none."""
    return (crc32(text.encode()) or 1) if text else 0


def encode(profiles: Sequence[Profile], sources: Sequence[int]) -> Rows:
    """Return the rows of digested profiles, in their order."""
    return np.array([_row(p, s) for p, s in zip(profiles, sources, strict=True)], dtype=ROW)


@lru_cache(maxsize=65536)
def telling(core: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a name, those that say most first."""
    return tuple(sorted(core, key=lambda w: (-weight(w), -len(w), w)))


def _row(p: Profile, source: int) -> tuple[object, ...]:
    words = telling(p.core)[:8]
    heads = [w for w in p.core if w in known().head_words]
    lat, lon = p.point or (nan, nan)
    streets = [(street, house) for street, house in p.streets if street][:2]
    return (
        p.record_id,
        source,
        " ".join(p.core).encode()[:48],
        p.name.encode()[:56],
        p.letters.encode()[:40],
        number_of(" ".join(p.core)),
        number_of(p.letters),
        number_of(p.acronym),
        _filled(words, 8),
        _filled((w[:STEM] for w in words), 8),
        tuple([weight(w) for w in words] + [0.0] * (8 - len(words))),
        _filled(heads, 2),
        _filled(sorted(p.legal), 2),
        _filled(sorted(p.parts), 3),
        _filled(sorted(p.initials), 6),
        _filled((" ".join(name) for name in (p.core, *p.others)), 4),
        _filled(sorted(p.postcodes), 2),
        _filled(sorted(t[:STEM] for t in p.towns), 2),
        _filled((s for s, _ in streets), 2),
        _filled((h for _, h in streets), 2),
        lat,
        lon,
        _digests(p.emails, 3),
        _digests(p.domains, 3),
        _digests(p.phones, 4),
        _digests(p.uids, 3),
        _filled(sorted(u.partition(":")[0] for u in p.uids), 3),
        _filled(sorted(p.themes), 4),
    )


def _filled(words: Iterable[str], size: int) -> tuple[int, ...]:
    found = [number_of(w) for w in words][:size]
    return tuple(found + [0] * (size - len(found)))


def _digests(contacts: Iterable[str], size: int) -> tuple[int, ...]:
    found = [digest_of(contact) for contact in sorted(contacts)][:size]
    return tuple(found + [0] * (size - len(found)))


@lru_cache(maxsize=262144)
def digest_of(contact: str) -> int:
    """Return the first 64 bits of a digested contact; a plain one is digested first."""
    told = contact.rpartition(":")[2]
    if not _HEX.fullmatch(told):
        told = blake2b(contact.encode(), digest_size=8).hexdigest()
    return int(told[:16], 16) or 1
