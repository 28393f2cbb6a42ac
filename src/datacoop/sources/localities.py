"""Lists of localities by which addresses are placed offline: read from official files, kept in the data folder.

Three shapes are known by their columns: the Swiss official list (swisstopo), the postal codes of GeoNames (one file
per country, tab separated, no header), and any CSV that names a postcode and a town, as the French and Austrian
official lists do. Reads files; must not ask the network.
"""

import csv
import re
import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import orjson

from datacoop.lib.geo import CoordinatesRefusedError, pair_of, point_of
from datacoop.lib.text import plain
from datacoop.sources.addressing import postal_code
from datacoop.sources.readers.table import ListRefused
from datacoop.sources.refusing import ValueRefused

HOME: Final = "CH"
_COLUMNS: Final = {
    "name": ("ortschaftsname", "libelle d acheminement", "libelle acheminement", "locality", "localite", "ort", "label",
             "ortsname", "bestimmungsort", "place name", "nom commune", "nom de la commune", "gemeindename", "ville",
             "nom standard", "localita", "denominazione in italiano", "comune", "city", "town", "name", "nom"),
    "postal_code": ("plz", "npa", "plz4", "code postal", "codepostal", "zip code", "zip", "cap", "postleitzahl",
                    "postal code", "postcode", "plz des gem amtes", "plz des gemeindeamtes"),
    "more_codes": ("weitere postleitzahlen",),
    "suffix": ("zusatzziffer", "zusatz"),
    "commune": ("gemeindename", "gemeinde", "nom de la commune", "nom commune", "nom commune complet", "commune",
                "nom standard", "comune", "municipality"),
    "bfs": ("bfs nr", "bfsnr"),
    "canton": ("kantonskurzel", "kanton", "canton"),
    "east": ("e", "x", "lon", "lng", "longitude", "laengengrad", "langengrad", "longitude mairie", "longitude centre"),
    "north": ("n", "y", "lat", "latitude", "breitengrad", "latitude mairie", "latitude centre"),
    "pair": ("geopoint", "coordonnees gps", "coordonnees geographiques", "geo point 2d", "coordinates"),
    "language": ("sprache", "langue"),
}  # fmt: skip
#: Words of a header by which a list says whose it is.
_SAYS_COUNTRY: Final = {
    "FR": ("insee", "acheminement"), "AT": ("gemeindekennziffer", "bestimmungsort", "gemeindecode", "bundesland"),
    "DE": ("ags", "ars", "regionalschlussel"), "IT": ("codice istat", "cap"),
}  # fmt: skip
_GEONAMES: Final = re.compile(r"([A-Z]{2})\t([^\t]+)\t([^\t]+)\t(?:[^\t]*\t){6}(-?[\d.]*)\t(-?[\d.]*)(?:\t\d*)?\r?\n?")
_LOOKED_AT: Final = 20
Cell = Callable[[str], str]
Stamp = tuple[tuple[str, int, int], ...]


@dataclass(frozen=True, slots=True)
class Locality:
    """One postal locality within one commune; a locality that spreads over several has several rows.

    Outside Switzerland a commune has no number (0), and a list may say no coordinates.
    """

    name: str
    postal_code: str
    suffix: str
    commune: str
    bfs: int
    canton: str
    lat: float | None
    lon: float | None
    language: str = ""
    country: str = HOME


def file_of(country: str) -> str:
    """The name of the file in the data folder that keeps a country's localities."""
    return "localities.json" if country == HOME else f"localities-{country.lower()}.json"


def parse_localities(path: Path, country: str | None = None) -> Iterator[Locality]:
    """The localities of a file, in degrees WGS84; `country` where the file does not say it, or to take one of many.

    Raises ListRefused.
    """
    lines = _text(path.read_bytes()).splitlines(keepends=True)
    if lines and _GEONAMES.fullmatch(lines[0]):
        yield from _geonames(lines, country)
    else:
        yield from _table(lines, _separator(lines[:_LOOKED_AT]), country)


def _text(raw: bytes) -> str:
    """Such lists are in UTF-8, older ones in the letters of Windows."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", errors="replace")


def _geonames(lines: Iterable[str], country: str | None) -> Iterator[Locality]:
    if country == HOME:
        raise ListRefused("not-localities", "For Switzerland load the official list: it has the communes' numbers.")
    for number, line in enumerate(lines, start=1):
        match = _GEONAMES.fullmatch(line)
        if match is None:
            raise ListRefused("not-localities", "A line that is not of the GeoNames postal codes", line=number)
        code, postal, name, lat, lon = match.groups()
        if code != HOME and country in {None, code}:
            north, east = (float(lat), float(lon)) if lat and lon else (None, None)
            yield Locality(name.strip(), _code(postal, code), "", name.strip(), 0, "", north, east, "", code)


def _separator(lines: Sequence[str]) -> str:
    text = "".join(lines)
    return max(";\t,", key=text.count)


def _table(lines: Iterable[str], separator: str, country: str | None) -> Iterator[Locality]:
    """The rows under the first line that names a postcode and a town; official lists begin with their title."""
    numbered = enumerate(csv.reader(lines, delimiter=separator), start=1)
    places: Mapping[str, int] = {}
    header: list[str] = []
    for _number, cells in islice(numbered, _LOOKED_AT):
        header = [" ".join(re.findall(r"[a-z0-9]+", plain(cell))) for cell in cells]
        places = {key: place for key, names in _COLUMNS.items() if (place := _place(header, names)) is not None}
        if {"name", "postal_code"} <= places.keys():
            break
    missing = [key for key in ("name", "postal_code") if key not in places]
    if missing:
        raise ListRefused("not-localities", f"Not a list of localities: no column for {', '.join(missing)}.")
    land = country or (HOME if "bfs" in places else _country(header))
    if land is None:
        raise ListRefused("country-unknown", "The list does not say its country: name it with --country.")
    for number, cells in numbered:
        if any(cells):
            yield from _localities(cells, places, land, number)


def _place(header: Sequence[str], names: Sequence[str]) -> int | None:
    return next((header.index(name) for name in names if name in header), None)


def _country(header: Sequence[str]) -> str | None:
    words = f" {' '.join(header)} "
    return next((code for code, marks in _SAYS_COUNTRY.items() if any(f" {mark} " in words for mark in marks)), None)


def _localities(cells: Sequence[str], places: Mapping[str, int], country: str, number: int) -> Iterator[Locality]:
    """One row; of several postcodes in one cell each is a locality."""

    def cell(key: str) -> str:
        place = places.get(key)
        return cells[place].strip() if place is not None and place < len(cells) else ""

    try:
        bfs = int(cell("bfs")) if country == HOME else 0
    except ValueError as error:
        raise ListRefused("not-localities", "A locality without the number of its commune", line=number) from error
    lat, lon = _coordinates(cell, country, number)
    for postal in re.split(r"[,/ ]+", f"{cell('postal_code')} {cell('more_codes')}"):
        if postal:
            yield Locality(cell("name"), _code(postal, country), cell("suffix"), cell("commune") or cell("name"), bfs,
                           cell("canton"), lat, lon, cell("language"), country)  # fmt: skip


def _coordinates(cell: Cell, country: str, number: int) -> tuple[float | None, float | None]:
    try:
        if cell("pair"):
            return pair_of(cell("pair"), country)
        if cell("north") and cell("east"):
            return point_of(cell("north"), cell("east"), country)
    except CoordinatesRefusedError as error:
        raise ListRefused("not-localities", "A locality with unreadable coordinates", line=number) from error
    if country == HOME:
        raise ListRefused("not-localities", "A locality without coordinates", line=number)
    return None, None


def _code(text: str, country: str) -> str:
    """A postcode as addresses of that country have it, as it stands where it has another form."""
    try:
        return postal_code(text, country)
    except ValueRefused:
        return text.strip().upper()


def save_localities(localities: Iterable[Locality], folder: Path) -> dict[str, int]:
    """Keep the localities where the gazetteer finds them; those of a country replace its earlier ones.

    Returns how many of each country. Raises ListRefused where there are none.
    """
    by_country: dict[str, list[dict[str, object]]] = {}
    for each in localities:
        by_country.setdefault(each.country, []).append(asdict(each))
    if not by_country:
        raise ListRefused("empty", "There is no locality in this file.")
    folder.mkdir(parents=True, exist_ok=True)
    for country, rows in by_country.items():
        # A server that runs reads the old file or the new one, never a part.
        written = folder / f".{file_of(country)}.{secrets.token_hex(8)}"
        written.write_bytes(orjson.dumps(rows))
        written.replace(folder / file_of(country))
    return {country: len(rows) for country, rows in by_country.items()}


def load_localities(folder: Path) -> list[Locality]:
    """Every locality kept by `save_localities`; none if nothing was loaded."""
    return [Locality(**each) for path in _files(folder) for each in orjson.loads(path.read_bytes())]


def stamp_of(folder: Path) -> Stamp:
    """What changes when other localities are loaded: name, time and size of each file, without reading it."""
    return tuple((path.name, said.st_mtime_ns, said.st_size) for path in _files(folder) for said in [path.stat()])


def _files(folder: Path) -> list[Path]:
    return sorted(folder.glob("localities*.json")) if folder.is_dir() else []
