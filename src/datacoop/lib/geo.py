"""Arithmetic of places: grid cells, distances, boxes, and coordinates as people write them.

Latitude always comes first in arguments; boxes are west, south, east, north. Degrees are WGS84.
"""

import math
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final

from pyproj import Transformer

CELLS_PER_DEGREE: Final = 50  # a grid cell is 0.02°
COLUMNS: Final = 360 * CELLS_PER_DEGREE
EARTH_KM: Final = 6371.0088
MAX_ZOOM: Final = 18
Box = tuple[float, float, float, float]


def cell(lat: float, lon: float) -> int:
    """Number of the 0.02° grid cell: row from the south pole × 18000 + column from the date line."""
    row = min(math.floor((lat + 90) * CELLS_PER_DEGREE), 180 * CELLS_PER_DEGREE - 1)
    column = math.floor((lon + 180) * CELLS_PER_DEGREE) % COLUMNS
    return row * COLUMNS + column


def cell_rows_of_box(west: float, south: float, east: float, north: float) -> list[tuple[int, int]]:
    """The box as ranges (first cell, last cell), one per row of the grid: few, however wide the box."""
    top = 180 * CELLS_PER_DEGREE - 1
    first_row = max(0, math.floor((south + 90) * CELLS_PER_DEGREE))
    last_row = min(top, math.floor((north + 90) * CELLS_PER_DEGREE))
    first = max(0, min(COLUMNS - 1, math.floor((west + 180) * CELLS_PER_DEGREE)))
    last = max(0, min(COLUMNS - 1, math.floor((east + 180) * CELLS_PER_DEGREE)))
    return [(row * COLUMNS + first, row * COLUMNS + last) for row in range(first_row, last_row + 1)]


def cells_of_box(west: float, south: float, east: float, north: float) -> list[int]:
    """Every grid cell that the box touches, in order; the caller bounds the box."""
    return [number for first, last in cell_rows_of_box(west, south, east, north) for number in range(first, last + 1)]


def cluster_cell(lat: float, lon: float, zoom: int) -> int:
    """Number of the cell in which points meet on a map at that zoom: a quarter of a map tile wide."""
    zoom = max(0, min(MAX_ZOOM, zoom))
    per_degree = (1 << (zoom + 2)) / 360
    row = math.floor(max(0.0, min(lat + 90, 179.999999)) * per_degree)
    column = math.floor(max(0.0, min(lon + 180, 359.999999)) * per_degree)
    return (zoom << 44) | (row << 22) | column


def cluster_middle(number: int) -> tuple[float, float]:
    """Latitude and longitude of the middle of a cluster cell."""
    width = 360 / (1 << ((number >> 44) + 2))
    row, column = (number >> 22) & 0x3FFFFF, number & 0x3FFFFF
    return (row + 0.5) * width - 90, (column + 0.5) * width - 180


def haversine_km(lat: float, lon: float, other_lat: float, other_lon: float) -> float:
    """Great-circle distance in kilometres."""
    phi, other_phi = math.radians(lat), math.radians(other_lat)
    half = (
        math.sin((other_phi - phi) / 2) ** 2
        + math.cos(phi) * math.cos(other_phi) * math.sin(math.radians(other_lon - lon) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(math.sqrt(min(1.0, half)))


def box_round(lat: float, lon: float, radius_km: float) -> Box:
    """The smallest box that holds the circle, cut at the poles and the date line."""
    up = math.degrees(radius_km / EARTH_KM)
    south, north = max(-90.0, lat - up), min(90.0, lat + up)
    narrowest = min(math.cos(math.radians(south)), math.cos(math.radians(north)))
    side = 180.0 if narrowest < 1e-9 else min(180.0, up / narrowest)
    return max(-180.0, lon - side), south, min(180.0, lon + side), north


#: How two numbers had to be read to be a place: not as they stand.
SWAPPED: Final = "swapped"
DECIMAL_COMMA: Final = "decimal-comma"
#: Grids by their EPSG number.
GRIDS: Final = {2056: "lv95", 21781: "lv03", 2154: "lambert-93", 3857: "web-mercator"}


@dataclass(frozen=True, slots=True)
class Reading:
    """A place as two cells give it; `corrected` names what had to be put right: a swap, commas, a grid."""

    lat: float
    lon: float
    corrected: tuple[str, ...] = ()

    @property
    def point(self) -> tuple[float, float]:
        """Latitude and longitude."""
        return self.lat, self.lon


class CoordinatesRefusedError(ValueError):
    """The two values are no place that can be told apart from another."""


@dataclass(frozen=True, slots=True)
class Region:
    """Where a list's places are expected; decides between readings of the same two numbers."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lat: float, lon: float) -> bool:
        return self.south <= lat <= self.north and self.west <= lon <= self.east


REGIONS: Final = {
    "CH": Region(5.5, 45.6, 10.8, 48.0),
    "LI": Region(9.3, 46.9, 9.8, 47.4),
    "FR": Region(-5.6, 41.2, 9.8, 51.4),
    "AT": Region(9.3, 46.2, 17.4, 49.2),
    "DE": Region(5.6, 47.1, 15.3, 55.3),
    "IT": Region(6.4, 35.3, 18.8, 47.3),
}
_NUMBER: Final = re.compile(r"[-+]?\d[\d '’\u00a0\u202f]*(?:[.,]\d+)?")
_DEGREES: Final = re.compile(
    r"""([-+]?\d{1,3})\s*[°º]\s*(?:(\d{1,2}(?:[.,]\d+)?)\s*['′’]\s*)?(?:(\d{1,2}(?:[.,]\d+)?)\s*["″”]\s*)?([NSEWO])?"""
)


@lru_cache(maxsize=16)
def _to_wgs84(epsg: int) -> Transformer:
    return Transformer.from_crs(epsg, 4326, always_xy=True)


def _projected(x: float, y: float) -> tuple[int, float, float] | None:
    """(EPSG code, easting, northing) of two metric coordinates, in either order."""
    for east, north in ((x, y), (y, x)):
        if 2_480_000 <= east <= 2_840_000 and 1_070_000 <= north <= 1_300_000:
            return 2056, east, north  # Swiss LV95
        if 480_000 <= east <= 840_000 and 70_000 <= north <= 300_000:
            return 21781, east, north  # Swiss LV03
        if 99_000 <= east <= 1_243_000 and 6_046_000 <= north <= 7_111_000:
            # Lambert-93 of France, or Web Mercator of the same numbers: the latter only by region
            return 2154, east, north
    return None


def number_of(value: object) -> float | None:
    """A coordinate as written: 46.52, "46,52", "2'538'100", "6°37'58\\" E"; None where it is none."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return float(value) if math.isfinite(value) else None
    text = str(value).strip()
    if "°" in text or "º" in text:
        return _from_degrees(text)
    if not _NUMBER.fullmatch(text):
        return None
    return float(re.sub(r"[ '’\u00a0\u202f]", "", text).replace(",", "."))


def _from_degrees(text: str) -> float | None:
    match = _DEGREES.fullmatch(text.upper())
    if match is None:
        return None
    degrees, minutes, seconds, side = match.groups()
    small = float((minutes or "0").replace(",", ".")) / 60 + float((seconds or "0").replace(",", ".")) / 3600
    size = abs(float(degrees)) + small
    return -size if degrees.startswith("-") or side in {"S", "W", "O"} else size


def point_of(lat_value: object, lon_value: object, country: str | None = None) -> tuple[float, float]:
    """Latitude and longitude of `read_point`."""
    return read_point(lat_value, lon_value, country).point


def read_point(lat_value: object, lon_value: object, country: str | None = None) -> Reading:
    """The place in two cells, whatever their notation, order or Swiss, French or web grid.

    Raises CoordinatesRefusedError. Swapped columns are put right only where the country proves it.
    """
    first, second = number_of(lat_value), number_of(lon_value)
    if first is None or second is None:
        raise CoordinatesRefusedError("a coordinate is not a number")
    if first == 0 and second == 0:
        raise CoordinatesRefusedError("0, 0 is a place in the sea")
    on_grid = abs(first) > 180 or abs(second) > 180
    found = _from_grid(first, second, country) if on_grid else _in_degrees(first, second, country)
    if _has_comma(lat_value) or _has_comma(lon_value):
        return replace(found, corrected=(*found.corrected, DECIMAL_COMMA))
    return found


def _has_comma(value: object) -> bool:
    return isinstance(value, str) and "," in value


def _in_degrees(lat: float, lon: float, country: str | None) -> Reading:
    region = REGIONS.get(country or "")
    swapped = abs(lat) > 90 or (region is not None and not region.holds(lat, lon) and region.holds(lon, lat))
    if swapped:
        lat, lon = lon, lat
    if abs(lat) > 90:
        raise CoordinatesRefusedError("no such latitude")
    return Reading(round(lat, 7), round(lon, 7), (SWAPPED,) if swapped else ())


def _from_grid(first: float, second: float, country: str | None) -> Reading:
    region = REGIONS.get(country or "")
    candidates: list[tuple[int, float, float]] = []
    known = _projected(second, first)
    if known is not None:
        candidates.append(known)
    candidates += [(3857, second, first), (3857, first, second)]
    for epsg, east, north in candidates:
        lon, lat = _to_wgs84(epsg).transform(east, north)
        if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
            continue
        certain = epsg in {2056, 21781} or (epsg == 2154 and REGIONS["FR"].holds(lat, lon))
        if region.holds(lat, lon) if region is not None else certain:
            return _on_grid(lat, lon, epsg)
    if known is not None and known[0] in {2056, 21781}:
        lon, lat = _to_wgs84(known[0]).transform(known[1], known[2])
        return _on_grid(lat, lon, known[0])
    raise CoordinatesRefusedError("unknown system of coordinates")


def _on_grid(lat: float, lon: float, epsg: int) -> Reading:
    return Reading(round(lat, 7), round(lon, 7), (GRIDS[epsg],))


def pair_of(value: object, country: str | None = None) -> tuple[float, float]:
    """Latitude and longitude of `read_pair`."""
    return read_pair(value, country).point


def read_pair(value: object, country: str | None = None) -> Reading:
    """The place in one cell: "46.52, 6.63", "46.52 6.63", "POINT(6.63 46.52)", [lat, lon].

    Raises CoordinatesRefusedError.
    """
    if isinstance(value, list | tuple) and len(value) >= 2:
        return read_point(value[0], value[1], country)
    text = str(value).strip()
    wkt = re.fullmatch(r"(?:SRID=\d+;)?POINT\s*\(\s*(\S+)\s+(\S+)\s*\)", text, re.IGNORECASE)
    if wkt:
        return read_point(wkt[2], wkt[1], country)
    text = text.strip("[]() ")
    parts = re.split(r"\s*[;|/]\s*|\s*,\s+|\s+,\s*|\s+", text)
    if len(parts) == 1:
        parts = text.split(",")
        if len(parts) == 4:  # decimal commas, comma between: 46,52,6,63
            parts = [f"{parts[0]},{parts[1]}", f"{parts[2]},{parts[3]}"]
    if len(parts) != 2:
        raise CoordinatesRefusedError("not two coordinates")
    return read_point(parts[0], parts[1], country)


def middle_of(geometry: object) -> tuple[float, float] | None:
    """Latitude and longitude of a GeoJSON geometry: the point, or the middle of its outline."""
    if not isinstance(geometry, dict):
        return None
    if geometry.get("type") == "GeometryCollection":
        parts = [middle_of(part) for part in geometry.get("geometries") or []]
        return next((part for part in parts if part is not None), None)
    pairs = list(_positions(geometry.get("coordinates")))
    if len(pairs) > 1 and pairs[0] == pairs[-1]:
        pairs.pop()
    if not pairs:
        return None
    lon = sum(pair[0] for pair in pairs) / len(pairs)
    lat = sum(pair[1] for pair in pairs) / len(pairs)
    return round(lat, 7), round(lon, 7)


def _positions(coordinates: object) -> list[tuple[float, float]]:
    if not isinstance(coordinates, list) or not coordinates:
        return []
    if len(coordinates) >= 2 and all(isinstance(number, int | float) for number in coordinates):
        return [(float(coordinates[0]), float(coordinates[1]))]
    return [pair for part in coordinates for pair in _positions(part)]
