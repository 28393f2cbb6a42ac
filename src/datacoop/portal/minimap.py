"""A small map drawn on the server, as SVG: lakes, boundaries, one mark or two. No JavaScript, no tiles, no requests."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from datacoop.portal.assets import FOLDER

WIDTH, HEIGHT = 480, 280
_KM_ACROSS = 14.0
#: Two marks: no closer than this, and so much more than their distance.
_KM_CLOSE, _ROOM = 6.0, 1.6
_KM_PER_DEGREE = 111.32

Point = Sequence[float]
Line = Sequence[Point]
Bounds = tuple[float, float, float, float]


@dataclass(frozen=True)
class Label:
    """A place's name and where it stands on the drawing."""

    x: float
    y: float
    name: str


@dataclass(frozen=True)
class MiniMap:
    """Path data for the drawing, in its own pixels; where there is one mark, it is in the middle."""

    lakes: str
    communes: str
    cantons: str
    labels: tuple[Label, ...]
    width: int = WIDTH
    height: int = HEIGHT
    middle_x: float = WIDTH / 2
    middle_y: float = HEIGHT / 2
    marks: tuple[tuple[float, float], ...] = ((WIDTH / 2, HEIGHT / 2),)


@dataclass(frozen=True)
class _Basemap:
    lakes: tuple[tuple[Bounds, Line], ...]
    communes: tuple[tuple[Bounds, Line], ...]
    cantons: tuple[tuple[Bounds, Line], ...]
    places: tuple[tuple[str, float, float, int], ...]


@dataclass(frozen=True)
class _Frame:
    lat: float
    lon: float
    across: float = _KM_ACROSS

    @property
    def bounds(self) -> Bounds:
        wide = self.across / 2 / (_KM_PER_DEGREE * math.cos(math.radians(self.lat)))
        high = self.across * HEIGHT / WIDTH / 2 / _KM_PER_DEGREE
        return self.lon - wide, self.lat - high, self.lon + wide, self.lat + high

    def place(self, point: Point) -> tuple[float, float]:
        west, south, east, north = self.bounds
        x = (point[0] - west) / (east - west) * WIDTH
        y = (north - point[1]) / (north - south) * HEIGHT
        return round(x, 1), round(y, 1)


def draw(lat: float, lon: float) -> MiniMap | None:
    """Return the drawing round a point; None outside the basemap or where it has not been built."""
    return _drawn(_Frame(lat, lon), [(lon, lat)])


def draw_both(first: tuple[float, float], second: tuple[float, float]) -> MiniMap | None:
    """Return the drawing round two points, each latitude and longitude, both well inside of it; None as for one."""
    lat, lon = (first[0] + second[0]) / 2, (first[1] + second[1]) / 2
    high, wide = kilometres_between(first, (second[0], first[1])), kilometres_between((lat, first[1]), (lat, second[1]))
    across = max(_KM_CLOSE, _ROOM * wide, _ROOM * high * WIDTH / HEIGHT)
    return _drawn(_Frame(lat, lon, across), [(first[1], first[0]), (second[1], second[0])])


def kilometres_between(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Return how far apart two places are, each latitude and longitude, as the crow flies.

    >>> round(kilometres_between((46.52, 6.63), (46.20, 6.15)))
    51
    """
    narrowed = (first[1] - second[1]) * math.cos(math.radians((first[0] + second[0]) / 2))
    return math.hypot(first[0] - second[0], narrowed) * _KM_PER_DEGREE


def _drawn(frame: _Frame, points: Sequence[Point]) -> MiniMap | None:
    basemap = _basemap()
    if basemap is None or not _is_swiss(frame.bounds):
        return None
    marks = tuple(frame.place(point) for point in points)
    return MiniMap(
        lakes=_path(basemap.lakes, frame, closed=True),
        communes=_path(basemap.communes, frame),
        cantons=_path(basemap.cantons, frame),
        labels=tuple(_labels(basemap, frame, marks)),
        marks=marks,
    )


@cache
def _basemap() -> _Basemap | None:
    path = FOLDER / "basemap.json"
    if not path.is_file():
        return None
    raw = json.loads(path.read_text(encoding="utf-8"))
    return _Basemap(
        lakes=tuple((_bounds(ring), ring) for polygon in raw["lakes"]["geometry"]["coordinates"] for ring in polygon),
        communes=tuple((_bounds(line), line) for line in raw["communes"]["geometry"]["coordinates"]),
        cantons=tuple((_bounds(line), line) for line in raw["cantons"]["geometry"]["coordinates"]),
        places=tuple((name, lon, lat, size) for name, lon, lat, size in raw["places"]),
    )


def _bounds(line: Line) -> Bounds:
    lons, lats = [point[0] for point in line], [point[1] for point in line]
    return min(lons), min(lats), max(lons), max(lats)


def _meet(one: Bounds, other: Bounds) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


def _is_swiss(bounds: Bounds) -> bool:
    return _meet(bounds, (5.9, 45.8, 10.5, 47.85))


def _path(lines: Iterable[tuple[Bounds, Line]], frame: _Frame, *, closed: bool = False) -> str:
    """The lines that meet the frame as SVG path data; whole, the drawing's edge cuts them."""
    west, south, east, north = frame.bounds
    generous = (west - 0.02, south - 0.02, east + 0.02, north + 0.02)
    pieces: list[str] = []
    for bounds, line in lines:
        if not _meet(bounds, generous):
            continue
        kept = line if closed else _near(line, generous)
        drawn = " ".join("{:g} {:g}".format(*frame.place(point)) for point in kept)
        pieces.append(f"M{drawn}{'Z' if closed else ''}")
    return "".join(pieces)


def _near(line: Line, bounds: Bounds) -> Line:
    """The stretch of a line from its first to its last point near the frame, one more on either side."""
    inside = [i for i, (lon, lat) in enumerate(line) if _meet((lon, lat, lon, lat), bounds)]
    return line[max(inside[0] - 1, 0) : inside[-1] + 2] if inside else line


def _labels(basemap: _Basemap, frame: _Frame, marks: Iterable[tuple[float, float]]) -> Iterator[Label]:
    taken: list[tuple[float, float, float]] = [(x, y - 6, 40.0) for x, y in marks]
    for name, lon, lat, _ in sorted(basemap.places, key=lambda place: (-place[3], place[0])):
        x, y = frame.place((lon, lat))
        plain = name.partition(" (")[0]
        half = len(plain) * 3.6 + 4
        fits = half < x < WIDTH - half and 16 < y < HEIGHT - 12
        if fits and all(abs(x - other) > half + wide or abs(y - row) > 18 for other, row, wide in taken):
            taken.append((x, y, half))
            yield Label(x, y, plain)
