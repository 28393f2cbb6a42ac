"""Where a place is, offline: postcode and locality to commune and point, and the commune round a point.

Works with the communes alone (`kinds/geography/communes.json`), better when the official list of localities was
loaded (`datacoop places load FILE`); elsewhere by the lists of other countries that were loaded. Pure but for reading
these files; must not ask the network.
"""

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import orjson
from rapidfuzz import fuzz

from datacoop.lib.geo import haversine_km
from datacoop.lib.text import fold, words
from datacoop.sources.localities import HOME, Locality, Stamp, load_localities, stamp_of

COMMUNES: Final = Path(__file__).parent.parent / "kinds" / "geography" / "communes.json"
_CANTONS: Final = frozenset(
    re.findall(r"\w+", "zh be lu ur sz ow nw gl zg fr so bs bl sh ar ai sg gr ag tg ti vd vs ne ge ju")
)
_OTHER_TONGUES: Final = {
    "bern": "berne berna", "basel": "bale basilea basle", "zurich": "zurigo", "luzern": "lucerne lucerna",
    "geneve": "geneva genf ginevra", "lausanne": "losanna", "solothurn": "soleure soletta",
    "saint gallen": "san gallo", "neuchatel": "neuenburg", "fribourg": "freiburg friburgo",
    "sion": "sitten", "sierre": "siders", "bellinzona": "bellinzone bellenz", "chur": "coire coira",
    "schaffhausen": "schaffhouse sciaffusa", "winterthur": "winterthour", "thun": "thoune", "murten": "morat",
    "brig": "brigue", "visp": "viege", "leuk": "loeche", "porrentruy": "pruntrut", "delemont": "delsberg",
    "moutier": "munster", "aarau": "argovie", "zug": "zoug", "schwyz": "schwytz", "altdorf": "altorf",
    "glarus": "glaris", "burgdorf": "berthoud", "laufen": "laufon", "erlach": "cerlier",
}  # fmt: skip
#: Towns of one name on both sides of the border, with postcodes of five digits on the other.
_ACROSS: Final = frozenset({"saint gingolph", "rheinfelden", "laufenburg"})
_FAR_KM: Final = 12.0


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune by its official number, with the point where its name stands on a map."""

    bfs: int
    name: str
    canton: str
    lat: float | None = None
    lon: float | None = None


@dataclass(frozen=True, slots=True)
class Located:
    """A commune and the point that stands for the place; precision says what the point is of.

    `bfs` is 0 outside Switzerland.
    """

    bfs: int
    commune: str
    canton: str
    lat: float | None
    lon: float | None
    precision: str


def load_communes(path: Path = COMMUNES) -> list[Commune]:
    """The communes made at build time; none if they were not."""
    if not path.exists():
        return []
    return [
        Commune(each["bfs"], each["name"], each["canton"], each.get("lat"), each.get("lon"))
        for each in orjson.loads(path.read_bytes())
    ]


@cache
def town_names() -> frozenset[str]:
    """The names of the Swiss communes, folded: by them a column of towns is recognised."""
    return frozenset(name for each in load_communes() for name in _names(each.name))


def names_swiss_town(city: str) -> bool:
    """Whether a town is called like a Swiss commune, and like none just across the border."""
    names = _names(city)
    return not names.isdisjoint(town_names()) and names.isdisjoint(_ACROSS)


def default_gazetteer(data_dir: Path | None = None) -> "Gazetteer":
    """The gazetteer of this installation, read once per process, and again once other localities were loaded."""
    return _gazetteer(data_dir, stamp_of(data_dir) if data_dir else ())


@lru_cache(maxsize=2)
def _gazetteer(data_dir: Path | None, _stamp: Stamp) -> "Gazetteer":
    return Gazetteer(load_localities(data_dir) if data_dir else [], load_communes())


class Gazetteer:
    """Looks places up; immutable once made, its answers are remembered."""

    def __init__(self, localities: Iterable[Locality] = (), communes: Iterable[Commune] = ()) -> None:
        by_country: dict[str, list[Locality]] = {HOME: []}
        for locality in localities:
            by_country.setdefault(locality.country, []).append(locality)
        self._towns = {country: _Towns(found) for country, found in by_country.items()}
        self._communes = {each.bfs: each for each in communes}
        for each in by_country[HOME]:
            self._communes.setdefault(each.bfs, Commune(each.bfs, each.commune, each.canton))
        self._commune_names: dict[str, list[Commune]] = {}
        for commune in self._communes.values():
            for name in _names(commune.name):
                self._commune_names.setdefault(name, []).append(commune)
        self._squares = self._by_square(by_country[HOME])
        self.locate = lru_cache(maxsize=50_000)(self._locate)

    def judges_postcodes(self) -> bool:
        """Whether the Swiss localities were loaded: without them nothing can be said of a postcode."""
        return bool(self._towns[HOME].by_code)

    def _locate(self, postal_code: str | None, city: str | None, country: str = HOME) -> Located | None:
        """The commune of a postal address, None where the two contradict each other or are unknown."""
        towns = self._towns.get(country)
        if towns is None:
            return None
        at_code = towns.by_code.get((postal_code or "").strip(), [])
        names = _names(city or "")
        if at_code:
            if not names:
                return _located(_main(at_code)) if _one_commune(at_code) else None
            whole = fold(city or "")
            same = [each for each in at_code if fold(each.name) == whole]
            same = same or [each for each in at_code if names & (_names(each.name) | _names(each.commune))]
            same = same or [each for each in at_code if _alike(city or "", each)]
            if same:
                return _located(_main(same))
            # Abroad one postcode may serve twenty communes: none of them is the likely one.
            certain = country == HOME or _one_commune(at_code)
            return _located(_main(at_code)) if certain and not self._elsewhere(names, towns) else None
        localities = [each for name in names for each in towns.by_name.get(name, ())]
        if localities and _one_commune(localities):
            return _located(_main(localities))
        return self._by_commune(names, city or "") if country == HOME else None

    def _elsewhere(self, names: frozenset[str], towns: "_Towns") -> bool:
        at_home = towns is self._towns[HOME]
        return any(name in towns.by_name or (at_home and name in self._commune_names) for name in names)

    def _by_commune(self, names: frozenset[str], city: str) -> Located | None:
        canton = next((word for word in words(city)[-1:] if word in _CANTONS), None)
        communes = {each.bfs: each for name in names for each in self._commune_names.get(name, ())}
        of_canton = [each for each in communes.values() if canton and each.canton.lower() == canton]
        found = of_canton or list(communes.values())
        if len(found) != 1:
            return None
        commune = found[0]
        return Located(commune.bfs, commune.name, commune.canton, commune.lat, commune.lon, "commune")

    def locate_commune(self, name: str) -> Located | None:
        """The one Swiss commune of that name, with the point where its name stands on a map."""
        found = {each.bfs: each for key in _names(name) for each in self._commune_names.get(key, ())}
        if len(found) != 1:
            return None
        commune = next(iter(found.values()))
        return Located(commune.bfs, commune.name, commune.canton, commune.lat, commune.lon, "commune")

    def commune_of_point(self, lat: float, lon: float) -> Located | None:
        """The commune whose nearest known place is nearest; an approximation, None far from all of them."""
        best: tuple[float, Located] | None = None
        row, column = _square(lat, lon)
        for around_row in range(row - 1, row + 2):
            for around_column in range(column - 1, column + 2):
                for place in self._squares.get((around_row, around_column), ()):
                    away = haversine_km(lat, lon, place.lat or 0, place.lon or 0)
                    if best is None or away < best[0]:
                        best = (away, place)
        return best[1] if best is not None and best[0] <= _FAR_KM else None

    def _by_square(self, localities: Iterable[Locality]) -> dict[tuple[int, int], list[Located]]:
        squares: dict[tuple[int, int], list[Located]] = {}
        places = [_located(each) for each in localities]
        for each in self._communes.values():
            if each.lat is not None:
                places.append(Located(each.bfs, each.name, each.canton, each.lat, each.lon, "commune"))
        for place in places:
            squares.setdefault(_square(place.lat or 0, place.lon or 0), []).append(place)
        return squares


class _Towns:
    """The localities of one country by postcode and by name."""

    def __init__(self, localities: Iterable[Locality]) -> None:
        self.by_code: dict[str, list[Locality]] = {}
        self.by_name: dict[str, list[Locality]] = {}
        for locality in sorted(localities, key=lambda each: (each.postal_code, each.suffix)):
            self.by_code.setdefault(locality.postal_code, []).append(locality)
            for name in _names(locality.name):
                self.by_name.setdefault(name, []).append(locality)


def _square(lat: float, lon: float) -> tuple[int, int]:
    return math.floor(lat * 8), math.floor(lon * 6)


@lru_cache(maxsize=50_000)
def _names(city: str) -> frozenset[str]:
    """Ways a town may be meant: "Renens VD" and "Lausanne 26" without their tails, both halves of "Biel/Bienne"."""
    found = set()
    for half in [city, *re.split(r"[/(),]", city)]:
        parts = words(half)
        while len(parts) > 1 and (parts[-1] in _CANTONS or parts[-1].isdigit() or parts[-1] == "cedex"):
            parts = parts[:-1]
        if parts:
            name = " ".join(_SAINTS.get(part, part) for part in parts)
            found.add(_HOME_TONGUE.get(name, name))
    return frozenset(found)


_SAINTS: Final = {"st": "saint", "ste": "sainte", "sankt": "saint"}
_HOME_TONGUE: Final = {
    fold(other): fold(home)
    for home, others in _OTHER_TONGUES.items()
    for other in (others.split() if " " not in home else ("saint gall", "san gallo"))
}


def _alike(city: str, locality: Locality) -> bool:
    return max(fuzz.ratio(fold(city), fold(name)) for name in (locality.name, locality.commune)) >= 82


def _one_commune(localities: list[Locality]) -> bool:
    """Whether they lie in one commune: by its number, elsewhere by its name and the region of its postcode."""
    return len({each.bfs or (each.commune, each.postal_code[:2]) for each in localities}) == 1


def _main(localities: list[Locality]) -> Locality:
    """Of the rows of one locality, the one in the commune of its own name, else the first."""
    return next((each for each in localities if fold(each.name) == fold(each.commune)), localities[0])


def _located(locality: Locality) -> Located:
    return Located(locality.bfs, locality.commune, locality.canton, locality.lat, locality.lon, "locality")
