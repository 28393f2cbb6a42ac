"""What two profiles have in common, as numbers: for many pairs at once. Pure; every feature is symmetric.

A feature that cannot be told (one of the two says nothing) is NaN: absence is never held against anybody.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Any, Final, TypeVar, cast

import numpy as np
import numpy.typing as npt
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler
from rapidfuzz.process import cpdist

from datacoop.linking.rules.encoding import Rows

Column = npt.NDArray[np.float32]
Matrix = npt.NDArray[np.float32]
Indices = npt.NDArray[np.int64]
_Number = TypeVar("_Number", np.uint32, np.uint64)

#: Feature → the group under which it is explained, and whether more of it must never speak against (+1) or for (-1).
FEATURES: Final[dict[str, tuple[str, int]]] = {
    "name_equal": ("name", 1),
    "letters_equal": ("name", 1),
    "name_ratio": ("name", 1),
    "full_ratio": ("name", 1),
    "letters_ratio": ("name", 1),
    "letters_start": ("name", 1),
    "letters_slips": ("name", -1),
    "words_share": ("name", 1),
    "words_within": ("name", 1),
    "stems_share": ("name", 1),
    "stems_within": ("name", 1),
    "words_common": ("name", 0),
    "words_left_less": ("name", -1),
    "words_left_more": ("name", -1),
    "words_fewer": ("name", 0),
    "heads_differ": ("name", -1),
    "legal_differ": ("name", -1),
    "names_in_common": ("name", 1),
    "acronym": ("name", 1),
    "is_acronym": ("name", 0),
    "parts_differ": ("part", -1),
    "parts_equal": ("part", 1),
    "postcode": ("place", 1),
    "town": ("place", 1),
    "kilometres": ("place", -1),
    "street": ("place", 1),
    "house": ("place", 1),
    "address_holders": ("place", 0),
    "address_names": ("place", 0),
    "phone": ("phone", 1),
    "phone_holders": ("phone", -1),
    "phone_names": ("phone", -1),
    "email": ("email", 1),
    "email_holders": ("email", -1),
    "email_names": ("email", -1),
    "domain": ("domain", 1),
    "domain_holders": ("domain", -1),
    "domain_names": ("domain", -1),
    "contacts": ("contacts", 1),
    "contacts_differ": ("contacts", -1),
    "name_holders": ("name", -1),
    "name_here": ("name", 0),
    "themes": ("themes", 1),
    "same_list": ("list", -1),
}
NAMES: Final = tuple(FEATURES)
#: More holders than this say no more.
MANY: Final = 50
CONTACTS: Final = ("phones", "emails", "domains")


@dataclass(frozen=True)
class Held:
    """How many records hold what each row holds, and under how many names: arrays shaped as the rows' fields."""

    records: dict[str, npt.NDArray[np.int32]]
    names: dict[str, npt.NDArray[np.int32]]


def count_held(rows: Rows) -> Held:
    """Count, among the rows themselves, who holds each contact, each address and each name."""
    records, names = {}, {}
    for field in (*CONTACTS, "uids"):
        records[field], names[field] = _counted(rows[field], rows["core_hash"])
    records["address"], names["address"] = _counted(addresses(rows), rows["core_hash"])
    records["name"], names["name"] = _counted(rows["letters_hash"].astype(np.uint64)[:, None], rows["core_hash"])
    records["here"], names["here"] = _counted(found_here(rows)[:, None], rows["letters_hash"])
    return Held(records, names)


def addresses(rows: Rows) -> npt.NDArray[np.uint64]:
    """Return a number for each door: street, house and place; 0 without a house."""
    place = np.where(rows["postcodes"][:, :1] > 0, rows["postcodes"][:, :1], rows["towns"][:, :1]).astype(np.uint64)
    street, house = rows["streets"].astype(np.uint64), rows["houses"].astype(np.uint64)
    mixed = (street << np.uint64(32)) ^ (house * np.uint64(2654435761)) ^ (place * np.uint64(40503))
    return np.where((street > 0) & (house > 0), mixed, np.uint64(0))


def found_here(rows: Rows) -> npt.NDArray[np.uint64]:
    """Return a number for each name in its town."""
    return rows["core_hash"].astype(np.uint64) << np.uint64(32) | rows["towns"][:, 0].astype(np.uint64)


def in_common(one: npt.NDArray[_Number], two: npt.NDArray[_Number]) -> npt.NDArray[np.bool_]:
    """Return, for each pair, which numbers of one are among those of the other. A column is a pair, 0 is no number."""
    return np.array([(two == each).any(axis=0) & (each > 0) for each in one])


def _counted(
    values: npt.NDArray[np.uint64], names: npt.NDArray[np.uint32]
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    flat = values.ravel()
    _, place, counts = np.unique(flat, return_inverse=True, return_counts=True)
    both = np.unique(place.astype(np.uint64) << np.uint64(32) | np.repeat(names, values.shape[1]))
    differently = np.bincount((both >> np.uint64(32)).astype(np.int64), minlength=len(counts))
    shape = values.shape
    return counts[place].reshape(shape).astype(np.int32), differently[place].reshape(shape).astype(np.int32)


def measure(rows: Rows, held: Held, left: Indices, right: Indices) -> Matrix:
    """Return one line of features, in the order of `NAMES`, for each pair of rows."""
    one, two = _Side(rows, left), _Side(rows, right)
    found = {**_names(one, two), **_words(one, two), **_places(one, two), **_contacts(one, two, held, left)}
    found["same_list"] = one.of("source") == two.of("source")
    found["themes"] = _share(one, two, "themes")
    return np.stack([found[name].astype(np.float32) for name in NAMES], axis=1)


class _Side:
    """One side of many pairs, field by field: a column is a pair, so that fields are compared in long lines."""

    def __init__(self, rows: Rows, at: Indices) -> None:
        self.rows = rows[at]
        self._read: dict[str, npt.NDArray[Any]] = {}

    def of(self, field: str) -> npt.NDArray[Any]:
        if field not in self._read:
            self._read[field] = np.ascontiguousarray(self.rows[field].T)
        return self._read[field]

    def texts(self, field: str) -> list[bytes]:
        return cast(list[bytes], self.rows[field].tolist())


def _names(one: _Side, two: _Side) -> dict[str, Column]:
    letters = one.texts("letters"), two.texts("letters")
    acronyms = one.of("acronym"), two.of("acronym")
    acronym = _any(acronyms[0][None], two.of("initials")) | _any(acronyms[1][None], one.of("initials"))
    heads = one.of("heads"), two.of("heads")
    have_heads = (heads[0][0] > 0) & (heads[1][0] > 0)
    of_parts = one.of("parts"), two.of("parts")
    parts = (np.sort(of_parts[0], axis=0) == np.sort(of_parts[1], axis=0)).all(axis=0)
    part_of = of_parts[0][0] > 0, of_parts[1][0] > 0
    return {
        "name_equal": one.of("core_hash") == two.of("core_hash"),
        "letters_equal": one.of("letters_hash") == two.of("letters_hash"),
        "name_ratio": cpdist(one.texts("core"), two.texts("core"), scorer=fuzz.ratio, dtype=np.float32),
        "full_ratio": cpdist(one.texts("full"), two.texts("full"), scorer=fuzz.ratio, dtype=np.float32),
        "letters_ratio": cpdist(*letters, scorer=fuzz.ratio, dtype=np.float32),
        "letters_start": cpdist(*letters, scorer=JaroWinkler.similarity, dtype=np.float32),
        "letters_slips": cpdist(*letters, scorer=OSA.distance, score_cutoff=6, dtype=np.float32),
        "heads_differ": np.where(have_heads, ~_any(*heads), np.nan),
        "legal_differ": 1 - _share(one, two, "legal"),
        "names_in_common": _any(one.of("names"), two.of("names")),
        "acronym": acronym,
        "is_acronym": (acronyms[0] > 0).astype(np.float32) + (acronyms[1] > 0),
        "parts_differ": np.where(parts, 0, 1 + (part_of[0] & part_of[1])),
        "parts_equal": np.where(part_of[0] | part_of[1], parts, np.nan),
    }


def _words(one: _Side, two: _Side) -> dict[str, Column]:
    weights = one.of("weights"), two.of("weights")
    total = _sum(weights[0]), _sum(weights[1])
    found: dict[str, Column] = {}
    for field, what in (("tokens", "words"), ("stems", "stems")):
        ours, theirs = one.of(field), two.of(field)
        shared = _sum(weights[0] * in_common(ours, theirs)) + _sum(weights[1] * in_common(theirs, ours))
        common = shared / 2
        fewer = np.minimum(*total)
        found[f"{what}_share"] = common / np.maximum(total[0] + total[1] - common, 0.01)
        found[f"{what}_within"] = np.minimum(common / np.maximum(fewer, 0.01), 1)
        if field == "stems":
            left = total[0] - common, total[1] - common
            found |= {"words_left_less": np.minimum(*left), "words_left_more": np.maximum(*left)}
            found |= {"words_common": common, "words_fewer": fewer}
    return found


def _sum(lines: npt.NDArray[Any]) -> Any:
    """Add lines one after the other: NumPy adds a single pair in another order, and the last bit of it may decide."""
    return reduce(np.add, lines)


def _places(one: _Side, two: _Side) -> dict[str, Column]:
    apart = np.radians(one.of("lat") - two.of("lat")), np.radians(one.of("lon") - two.of("lon"))
    narrowed = apart[1] * np.cos(np.radians(one.of("lat") + two.of("lat")) / 2)
    street = _share(one, two, "streets")
    return {
        "postcode": _share(one, two, "postcodes"),
        "town": _share(one, two, "towns"),
        "kilometres": 6371 * np.hypot(apart[0], narrowed),
        "street": street,
        "house": np.where(street > 0, _share(one, two, "houses"), np.nan),
    }


def _contacts(one: _Side, two: _Side, held: Held, left: Indices) -> dict[str, Column]:
    found: dict[str, Column] = {}
    agree: Column = np.zeros(len(left), np.float32)
    differ: Column = np.zeros(len(left), np.float32)
    for field in CONTACTS:
        name = field[:-1]
        share = _share(one, two, field)
        found[name] = share
        common = in_common(one.of(field), two.of(field))
        found[f"{name}_holders"], found[f"{name}_names"] = _held(held, field, left, common)
        agree += share > 0
        differ += share == 0
    found |= {"contacts": agree, "contacts_differ": differ}
    doors = in_common(addresses(one.rows).T, np.ascontiguousarray(addresses(two.rows).T))
    found["address_holders"], found["address_names"] = _held(held, "address", left, doors)
    alike = one.of("letters_hash") == two.of("letters_hash")
    found["name_holders"] = np.where(alike, np.minimum(held.records["name"][left, 0], MANY), np.nan)
    here = found_here(one.rows) == found_here(two.rows)
    found["name_here"] = np.where(here, np.minimum(held.records["here"][left, 0], MANY), np.nan)
    return found


def _held(held: Held, field: str, left: Indices, common: npt.NDArray[np.bool_]) -> tuple[Column, Column]:
    """The fewest records, and names, that hold one of the things in common; NaN where there is none."""
    at = np.flatnonzero(common.any(axis=0))
    found = []
    for kind in (held.records, held.names):
        count = np.full(len(left), np.nan, np.float32)
        count[at] = np.minimum(np.where(common[:, at], kind[field][left[at]].T, MANY).min(axis=0), MANY)
        found.append(count)
    return found[0], found[1]


def _share(one: _Side, two: _Side, field: str) -> Column:
    """1 where something is in common, 0 where nothing is, NaN where one of the two says nothing."""
    ours, theirs = one.of(field), two.of(field)
    said = (ours > 0).any(axis=0) & (theirs > 0).any(axis=0)
    return np.where(said, _any(ours, theirs), np.nan).astype(np.float32)


def _any(one: npt.NDArray[np.uint32], two: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    return np.asarray(in_common(one, two).any(axis=0))
