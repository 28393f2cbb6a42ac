"""Which pages are asked for, and the right answers, known from the corpus itself and from nothing else.

Every page is full: pairs, boxes and dates are drawn among those with more than one page of public rows.
"""

from __future__ import annotations

import json
import random
from bisect import bisect_left
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from datacoop.lib.text import sort_key
from datacoop.pipelines.bench.corpus import COMMUNES, SEED, THEMES, WORDS, Organisation

PAGE = 20
BOX = 0.05
#: Names are ordered by so many bytes of their key, then by id.
ORDERED_BYTES = 60
_MOST = 200
_TRIES = 4000


@dataclass(frozen=True)
class Asked:
    """One page: its parameters as in an address, and what its rows are in order (names, or starts)."""

    parameters: dict[str, str]
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Questions:
    """Everything asked of one corpus."""

    pairs: list[Asked] = field(default_factory=list)
    boxes: list[Asked] = field(default_factory=list)
    agendas: list[Asked] = field(default_factory=list)
    words: list[tuple[str, str]] = field(default_factory=list)
    organisations: int = 0
    """How many are public."""

    def save(self, path: Path) -> None:
        """Write them beside their corpus."""
        path.write_text(json.dumps(asdict(self), ensure_ascii=False), encoding="utf-8")


def load(path: Path) -> Questions:
    """Read what `save` wrote."""
    found = json.loads(path.read_text(encoding="utf-8"))
    lists = {name: [Asked(a["parameters"], tuple(a["rows"])) for a in found[name]] for name in _LISTS}
    return Questions(**lists, words=[tuple(w) for w in found["words"]], organisations=found["organisations"])


_LISTS = ("pairs", "boxes", "agendas")


class Choosing:
    """Sees every organisation once while the corpus is stored, then chooses the questions."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._places: dict[int, list[tuple[float, float, str, str]]] = defaultdict(list)
        self._starts: dict[int, list[float]] = defaultdict(list)
        self._count = 0

    def see(self, organisation: Organisation) -> None:
        """Note one organisation and its activities (which are public in any case)."""
        bfs = organisation.commune.bfs
        self._starts[bfs] += [each.start.timestamp() for each in organisation.activities]
        if organisation.is_public:
            self._count += 1
            self._places[bfs].append((organisation.lon, organisation.lat, organisation.theme, organisation.name))

    def chosen(self) -> Questions:
        """Choose; the same for the same corpus."""
        rng = random.Random(SEED)  # noqa: S311 (which pages are asked)
        words = [tuple(rng.sample(WORDS, 2)) for _ in range(_MOST)]
        return Questions(self._pairs(rng), self._boxes(rng), self._agendas(rng), words, self._count)  # type: ignore[arg-type]

    def _pairs(self, rng: random.Random) -> list[Asked]:
        found = []
        for bfs, rows in self._places.items():
            names = {theme: [name for *_, of, name in rows if _is_under(of, theme)] for theme in THEMES}
            found += [(bfs, theme, named) for theme, named in names.items() if len(named) > PAGE]
        chosen = rng.sample(found, min(_MOST, len(found)))
        return [Asked({"commune": str(bfs), "theme": theme}, _by_name(names)) for bfs, theme, names in chosen]

    def _boxes(self, rng: random.Random) -> list[Asked]:
        """Round random public organisations of random communes: dense and sparse ones alike."""
        found = []
        communes = [c for c in COMMUNES if self._places[c.bfs]]
        for _ in range(_TRIES):
            lon, lat, *_ = rng.choice(self._places[rng.choice(communes).bfs])
            west, south = round(lon - BOX * rng.random(), 3), round(lat - BOX * rng.random(), 3)
            box = (west, south, round(west + BOX, 3), round(south + BOX, 3))
            names = self._names_in(box)
            if len(names) > PAGE:
                found.append(Asked({"bbox": ",".join(f"{n:.3f}" for n in box)}, _by_name(names)))
            if len(found) == _MOST:
                break
        return found

    def _names_in(self, box: tuple[float, float, float, float]) -> list[str]:
        west, south, east, north = box
        return [
            name
            for commune in COMMUNES
            if commune.touches(box)
            for lon, lat, _, name in self._places[commune.bfs]
            if west <= lon <= east and south <= lat <= north
        ]

    def _agendas(self, rng: random.Random) -> list[Asked]:
        found = []
        for bfs, starts in self._starts.items():
            starts.sort()
            for _ in range(3):
                day = datetime(2026, rng.randint(1, 12), rng.randint(1, 28), tzinfo=UTC)
                first = bisect_left(starts, day.timestamp())
                if len(starts) - first > PAGE:
                    rows = tuple(datetime.fromtimestamp(s, UTC).isoformat() for s in starts[first : first + PAGE])
                    found.append(Asked({"commune": str(bfs), "from": f"{day:%Y-%m-%dT%H:%M:%SZ}"}, rows))
        return rng.sample(found, min(_MOST, len(found)))


def _is_under(theme: str, above: str) -> bool:
    return theme == above or theme.startswith(above + "/")


def ordered(name: str) -> bytes:
    """What a list by name is ordered by."""
    return sort_key(name)[:ORDERED_BYTES]


def _by_name(names: list[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=ordered)[:PAGE])
