"""Where a place is, offline: postcode and locality to commune and point, and the commune round a point.

Works with the communes alone (`kinds/geography/communes.json`), better when the official list of localities was
loaded (`datacoop places load FILE`). Pure but for reading the two files; must not ask the network.
"""

import csv
import math
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Final

import orjson
from rapidfuzz import fuzz

from datacoop.lib.geo import CoordinatesRefusedError, haversine_km, point_of
from datacoop.lib.text import fold, words
from datacoop.sources.readers.table import ListRefused

COMMUNES: Final = Path(__file__).parent.parent / "kinds" / "geography" / "communes.json"
LOCALITIES: Final = "localities.json"
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
_FAR_KM: Final = 12.0
_COLUMNS: Final = {
    "name": ("ortschaftsname", "locality", "localite"),
    "postal_code": ("plz", "npa", "plz4"),
    "suffix": ("zusatzziffer", "zusatz"),
    "commune": ("gemeindename", "commune"),
    "bfs": ("bfs-nr", "bfsnr", "bfs_nr"),
    "canton": ("kantonskurzel", "kanton", "canton"),
    "east": ("e", "x"),
    "north": ("n", "y"),
    "language": ("sprache", "langue"),
}


@dataclass(frozen=True, slots=True)
class Locality:
    """One postal locality within one commune; a locality that spreads over several has several rows."""

    name: str
    postal_code: str
    suffix: str
    commune: str
    bfs: int
    canton: str
    lat: float
    lon: float
    language: str = ""


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
    """A commune and the point that stands for the place; precision says what the point is of."""

    bfs: int
    commune: str
    canton: str
    lat: float | None
    lon: float | None
    precision: str


def parse_localities(path: Path) -> Iterator[Locality]:
    """The official list of localities (swisstopo), in degrees or in LV95 metres. Raises ListRefused."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file, delimiter=";")
        header = [fold(name) for name in next(lines, [])]
        places = {key: _place(header, names) for key, names in _COLUMNS.items()}
        missing = [key for key in ("name", "postal_code", "commune", "bfs", "east", "north") if places[key] is None]
        if missing:
            raise ListRefused("not-localities", f"Not the list of localities: no column for {', '.join(missing)}.")
        for number, cells in enumerate(lines, start=2):
            if cells:
                yield _locality(cells, places, number)


def _place(header: list[str], names: tuple[str, ...]) -> int | None:
    return next((header.index(fold(name)) for name in names if fold(name) in header), None)


def _locality(cells: list[str], places: dict[str, int | None], number: int) -> Locality:
    def cell(key: str) -> str:
        place = places[key]
        return cells[place].strip() if place is not None and place < len(cells) else ""

    try:
        lat, lon = point_of(cell("north"), cell("east"), "CH")
        bfs = int(cell("bfs"))
    except (CoordinatesRefusedError, ValueError) as error:
        raise ListRefused("not-localities", "A locality without number or coordinates", line=number) from error
    return Locality(
        cell("name"),
        cell("postal_code"),
        cell("suffix"),
        cell("commune"),
        bfs,
        cell("canton"),
        lat,
        lon,
        cell("language"),
    )


def save_localities(localities: Iterable[Locality], path: Path) -> int:
    """Keep the localities where `default_gazetteer` finds them; returns how many."""
    rows = [asdict(each) for each in localities]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(rows))
    return len(rows)


def load_localities(path: Path) -> list[Locality]:
    """Localities kept by `save_localities`; none if nothing was loaded."""
    return [Locality(**each) for each in orjson.loads(path.read_bytes())] if path.exists() else []


def load_communes(path: Path = COMMUNES) -> list[Commune]:
    """The communes made at build time; none if they were not."""
    if not path.exists():
        return []
    return [
        Commune(each["bfs"], each["name"], each["canton"], each.get("lat"), each.get("lon"))
        for each in orjson.loads(path.read_bytes())
    ]


@lru_cache(maxsize=4)
def default_gazetteer(data_dir: Path | None = None) -> "Gazetteer":
    """The gazetteer of this installation, read once per process."""
    localities = load_localities(data_dir / LOCALITIES) if data_dir else []
    return Gazetteer(localities, load_communes())


class Gazetteer:
    """Looks places up; immutable once made, its answers are remembered."""

    def __init__(self, localities: Iterable[Locality] = (), communes: Iterable[Commune] = ()) -> None:
        self._by_code: dict[str, list[Locality]] = {}
        self._by_name: dict[str, list[Locality]] = {}
        self._communes = {each.bfs: each for each in communes}
        self._commune_names: dict[str, list[Commune]] = {}
        for locality in sorted(localities, key=lambda each: (each.postal_code, each.suffix)):
            self._by_code.setdefault(locality.postal_code, []).append(locality)
            for name in _names(locality.name):
                self._by_name.setdefault(name, []).append(locality)
            known = Commune(locality.bfs, locality.commune, locality.canton)
            self._communes.setdefault(locality.bfs, known)
        for commune in self._communes.values():
            for name in _names(commune.name):
                self._commune_names.setdefault(name, []).append(commune)
        self._squares = self._by_square()
        self.locate = lru_cache(maxsize=50_000)(self._locate)

    def _locate(self, postal_code: str | None, city: str | None) -> Located | None:
        """The commune of a postal address, None where the two contradict each other or are unknown."""
        at_code = self._by_code.get((postal_code or "").strip(), [])
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
            return None if self._elsewhere(names) else _located(_main(at_code))
        return self._by_city(names, city or "")

    def _elsewhere(self, names: frozenset[str]) -> bool:
        return any(name in self._by_name or name in self._commune_names for name in names)

    def _by_city(self, names: frozenset[str], city: str) -> Located | None:
        localities = [each for name in names for each in self._by_name.get(name, ())]
        if localities and _one_commune(localities):
            return _located(_main(localities))
        canton = next((word for word in words(city)[-1:] if word in _CANTONS), None)
        communes = {each.bfs: each for name in names for each in self._commune_names.get(name, ())}
        of_canton = [each for each in communes.values() if canton and each.canton.lower() == canton]
        found = of_canton or list(communes.values())
        if len(found) != 1:
            return None
        commune = found[0]
        return Located(commune.bfs, commune.name, commune.canton, commune.lat, commune.lon, "commune")

    def commune_named(self, name: str) -> Commune | None:
        """The one commune of that name."""
        found = {each.bfs: each for key in _names(name) for each in self._commune_names.get(key, ())}
        return next(iter(found.values())) if len(found) == 1 else None

    def commune_by_number(self, bfs: int) -> Commune | None:
        return self._communes.get(bfs)

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

    def _by_square(self) -> dict[tuple[int, int], list[Located]]:
        squares: dict[tuple[int, int], list[Located]] = {}
        places = [_located(each) for each_list in self._by_code.values() for each in each_list]
        for each in self._communes.values():
            if each.lat is not None:
                places.append(Located(each.bfs, each.name, each.canton, each.lat, each.lon, "commune"))
        for place in places:
            squares.setdefault(_square(place.lat or 0, place.lon or 0), []).append(place)
        return squares


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
    return len({each.bfs for each in localities}) == 1


def _main(localities: list[Locality]) -> Locality:
    """Of the rows of one locality, the one in the commune of its own name, else the first."""
    return next((each for each in localities if fold(each.name) == fold(each.commune)), localities[0])


def _located(locality: Locality) -> Located:
    return Located(locality.bfs, locality.commune, locality.canton, locality.lat, locality.lon, "locality")
