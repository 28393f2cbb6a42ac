"""Which country a list is from, as the values of many of its rows show it. Pure.

Phones, postcodes and coordinates each name the countries they are possible in; a country is taken only where all
of them allow it and no other fits as well. In doubt no country is: a wrong one makes strangers' numbers.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import phonenumbers

from datacoop.lib.geo import REGIONS, CoordinatesRefusedError, Region, pair_of, point_of
from datacoop.sources.addressing import country_code, postcode_within
from datacoop.sources.evidence import filled
from datacoop.sources.normalising import line_of
from datacoop.sources.readers.table import Row
from datacoop.sources.refusing import ValueRefused
from datacoop.sources.telephones import phone_of, phones_in, written_as

#: Why a country was taken, or none.
GIVEN, REMEMBERED, DIFFERS = "given", "remembered", "differs"
NAMED, FITS, ASSUMED, UNCLEAR = "named", "fits", "assumed", "unclear"
COUNTRIES_SAID, POSTCODES, PHONES, COORDINATES = "countries", "postcodes", "phones", "coordinates"
#: What can be told apart here; lists from elsewhere stay without a country until somebody says it.
CANDIDATES: Final = ("CH", "LI", "FR", "DE", "AT", "IT", "BE", "NL", "ES", "PT", "GB", "US")
_BOXES: Final = REGIONS | {
    "BE": Region(2.5, 49.4, 6.5, 51.6),
    "NL": Region(3.2, 50.7, 7.3, 53.7),
    "ES": Region(-18.3, 27.5, 4.5, 43.9),
    "PT": Region(-31.4, 29.9, -6.1, 42.2),
    "GB": Region(-8.7, 49.8, 1.9, 61.0),
    "US": Region(-179.2, 18.8, -66.8, 71.5),
}
_FIVE: Final = frozenset({"FR", "DE", "IT", "ES", "US"})
_FOUR: Final = {
    "CH": range(1000, 9700), "LI": range(9485, 9499), "AT": range(1010, 10_000), "BE": range(1000, 10_000),
    "NL": range(1000, 10_000), "PT": range(1000, 10_000),
}  # fmt: skip
_LETTERS: Final = {
    "CH": "CH", "F": "FR", "FR": "FR", "D": "DE", "DE": "DE", "A": "AT", "AT": "AT", "I": "IT", "IT": "IT",
    "FL": "LI", "LI": "LI", "L": "LU", "B": "BE",
}  # fmt: skip
_BRITISH: Final = re.compile(r"[A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}")
#: Swiss numbers of a place go on with 2 to 9: 024 124 37 37 is nobody's, and more likely a French 02 41 24 37 37.
_UNASSIGNED: Final = re.compile(r"(?!5|7[4-9])[2-9]\d[01]")
_ZERO_FIRST: Final = frozenset({"CH", "FR", "DE", "AT", "BE", "NL", "GB"})
#: Where numbers of many lengths are possible: by themselves they prove nothing.
_LOOSE: Final = frozenset({"DE", "AT", "IT", "NL"})
_MOST_ROWS: Final = 300
_LONGEST: Final = 300
_FEWEST: Final = 3
_ENOUGH, _AGAINST, _CLEAR = 0.75, 0.5, 0.1
Possible = frozenset[str]


@dataclass(frozen=True)
class Kept:
    """How many values of a sort allow the country, of how many that say anything."""

    sort: str
    count: int
    of: int


@dataclass(frozen=True)
class Finding:
    """The country taken for a list (None: none), why, and what its values say of it.

    `other`: what they name instead, where a remembered country was kept all the same.
    """

    country: str | None
    why: str
    evidence: tuple[Kept, ...] = ()
    other: str | None = None

    def as_json(self) -> dict[str, object]:
        """Return it as a report tells it."""
        shown = {each.sort: {"count": each.count, "of": each.of} for each in self.evidence}
        return {"code": self.country, "why": self.why, "evidence": shown, "values_name": self.other}

    def sentence(self) -> str:
        """Say it in English, as the command does."""
        shown = ", ".join(f"{each.count} of {each.of} {each.sort}" for each in self.evidence)
        words = _SENTENCES[self.why].format(country=self.country, other=self.other or "another country")
        return f"{words} ({shown})." if shown else f"{words}."


_SENTENCES: Final = {
    GIVEN: "Country {country}, as given",
    REMEMBERED: "Country {country}, as for the last file of this list",
    DIFFERS: "Country {country}, as for the last file, although the values speak for {other}: mend it with --country",
    NAMED: "Country {country}, which the values name",
    FITS: "Country {country}, assumed: the values agree",
    ASSUMED: "Country {country}, assumed: no value speaks for it or against it",
    UNCLEAR: "No country: the values contradict {other} and name no other one clearly. National phone numbers were not "
    "read and addresses have no country; say it with --country",
}


def find_country(
    rows: Sequence[Row], mapping: Mapping[str, str | None], *, remembered: str | None, assumed: str
) -> Finding:
    """The country of a list that nobody named: remembered, or named by its rows, or assumed where they agree."""
    said = _gathered(rows[:: max(1, len(rows) // _MOST_ROWS)][:_MOST_ROWS], mapping)
    before = remembered or assumed
    named = _named(said)
    if not _contradicted(before, said):
        why = REMEMBERED if remembered else FITS if said else ASSUMED
        return Finding(before, why, _kept(before, said))
    if remembered:
        return Finding(remembered, DIFFERS, _kept(remembered, said), named)
    if named:
        return Finding(named, NAMED, _kept(named, said))
    return Finding(None, UNCLEAR, _kept(assumed, said), assumed)


def _share(country: str, values: Sequence[Possible]) -> float:
    return sum(1 for each in values if country in each) / len(values)


def _contradicted(country: str, said: Mapping[str, Sequence[Possible]]) -> bool:
    return any(_share(country, values) < _AGAINST for values in said.values())


def _named(said: Mapping[str, Sequence[Possible]]) -> str | None:
    """The one country that every sort of value allows, clearly better than any other."""
    shares = {each: [_share(each, values) for values in said.values()] for each in _candidates(said)}
    fitting = {each: sum(found) / len(found) for each, found in shares.items() if found and min(found) >= _ENOUGH}
    best = sorted(fitting, key=lambda each: -fitting[each])[:2]
    if not best or (len(best) == 2 and fitting[best[0]] - fitting[best[1]] < _CLEAR):
        return None
    alone = set(said) == {PHONES} and best[0] in _LOOSE
    return None if alone else best[0]


def _candidates(said: Mapping[str, Sequence[Possible]]) -> Iterable[str]:
    """Those that can be told apart, and whatever a column of countries names."""
    named = (country for each in said.get(COUNTRIES_SAID, ()) for country in each)
    return dict.fromkeys((*CANDIDATES, *named))


def _kept(country: str, said: Mapping[str, Sequence[Possible]]) -> tuple[Kept, ...]:
    return tuple(Kept(sort, sum(country in each for each in values), len(values)) for sort, values in said.items())


def _gathered(rows: Sequence[Row], mapping: Mapping[str, str | None]) -> dict[str, list[Possible]]:
    """By sort of value, for each that says anything the countries it is possible in; a handful at least."""
    found: dict[str, list[Possible]] = {COUNTRIES_SAID: [], POSTCODES: [], PHONES: [], COORDINATES: []}
    columns = _columns(mapping)
    for row in rows:
        for sort, names in columns.items():
            cells = [row.values.get(name) for name in names]
            found[sort] += [each for each in _READERS[sort](cells) if each]
    # Values that are possible nowhere (two phones in one cell, a typing slip) say nothing.
    return {sort: values for sort, values in found.items() if len(values) >= min(_FEWEST, max(1, len(rows)))}


def _columns(mapping: Mapping[str, str | None]) -> dict[str, list[str]]:
    ends = {
        COUNTRIES_SAID: (".country",),
        POSTCODES: (".postal_code", ".city"),
        PHONES: ("phone", "phones"),
    }
    columns = {
        sort: [column for column, target in mapping.items() if target and target.endswith(end)]
        for sort, end in ends.items()
    }
    pair = {(target or "").rpartition(".")[2]: column for column, target in mapping.items()}
    whole = [column for column, target in mapping.items() if target == "point"]
    columns[COORDINATES] = whole or ([pair["lat"], pair["lon"]] if {"lat", "lon"} <= pair.keys() else [])
    return {sort: names for sort, names in columns.items() if names}


def _one_by_one(cells: Sequence[object]) -> Iterable[str]:
    for cell in cells:
        for item in cell if isinstance(cell, list) else (cell,):
            if filled(item) and len(line := line_of(item)) <= _LONGEST:
                yield line


def _countries(cells: Sequence[object]) -> list[Possible]:
    return [frozenset({code}) for text in _one_by_one(cells) if (code := country_code(text))]


def _postcodes(cells: Sequence[object]) -> list[Possible]:
    found = (_of_postcode(text) for text in _one_by_one(cells))
    return [next((each for each in found if each), frozenset())]


def _of_postcode(text: str) -> Possible:
    if _BRITISH.fullmatch(text.upper()):
        return frozenset({"GB"})
    letters, digits = postcode_within(text)
    if letters in _LETTERS:
        return frozenset({_LETTERS[letters]})
    if len(digits) == 5:
        return _FIVE
    return frozenset(each for each, codes in _FOUR.items() if int(digits) in codes) if digits else frozenset()


def _phones(cells: Sequence[object]) -> list[Possible]:
    return [_of_phone(each) for text in _one_by_one(cells) for each in phones_in(text)]


@lru_cache(maxsize=2000)
def _of_phone(text: str) -> Possible:
    found = set()
    for country in _written_for(text):
        try:
            number = phonenumbers.parse(phone_of(text, country))
        except (ValueRefused, phonenumbers.NumberParseException):
            continue
        region = phonenumbers.region_code_for_number(number)
        if region and not (region == "CH" and _UNASSIGNED.match(str(number.national_number))):
            found.add(region)
    style = written_as(text)
    return frozenset({style} if style in found else found)


def _written_for(text: str) -> Sequence[str]:
    """Where a number is written like this: without its 0 only where there is none, or where a sheet lost it."""
    bare = re.sub(r"[^\d+]", "", text)
    if bare.startswith(("+", "0")):
        return CANDIDATES
    return [each for each in CANDIDATES if each not in _ZERO_FIRST or (each in {"CH", "FR"} and len(bare) == 9)]


def _coordinates(cells: Sequence[object]) -> list[Possible]:
    place = _place(cells[0]) if len(cells) == 1 else _pair(cells[0], cells[1])
    if place is None:
        return []
    lat, lon = place
    straight, swapped = (
        frozenset(each for each, box in _BOXES.items() if box.holds(*pair)) for pair in ((lat, lon), (lon, lat))
    )
    return [straight or swapped]


def _place(cell: object) -> tuple[float, float] | None:
    if isinstance(cell, dict):
        return _pair(cell.get("lat"), cell.get("lon", cell.get("lng")))
    try:
        return pair_of(cell) if filled(cell) and len(str(cell)) <= _LONGEST else None
    except CoordinatesRefusedError:
        return None


def _pair(lat: object, lon: object) -> tuple[float, float] | None:
    lat, lon = (each[0] if isinstance(each, list) and each else each for each in (lat, lon))
    if not (filled(lat) and filled(lon)) or max(len(str(lat)), len(str(lon))) > _LONGEST:
        return None
    try:
        return point_of(lat, lon)
    except CoordinatesRefusedError:
        return None


_READERS: Final[dict[str, Callable[[Sequence[object]], list[Possible]]]] = {
    COUNTRIES_SAID: _countries,
    POSTCODES: _postcodes,
    PHONES: _phones,
    COORDINATES: _coordinates,
}
