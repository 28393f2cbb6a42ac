"""Communes and named territories: a territory is a set of communes, every canton is one (`ch-vd`)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path

import yaml

from datacoop.directory.themes import LANGUAGES
from datacoop.lib.text import fold

_FILE = Path(__file__).with_name("territories.yml")


@dataclass(frozen=True)
class Commune:
    """A commune by its federal number, with a point well inside it."""

    bfs: int
    name: str
    canton: str
    lat: float
    lon: float


@dataclass(frozen=True)
class Territory:
    """A named set of communes."""

    code: str
    labels: Mapping[str, str]
    communes: frozenset[int]


@cache
def all_communes() -> Mapping[int, Commune]:
    """Return every commune by federal number; empty where the reference geography has not been built."""
    file = resources.files("datacoop.kinds") / "geography" / "communes.json"
    if not file.is_file():
        return {}
    rows = json.loads(file.read_text(encoding="utf-8"))
    return {row["bfs"]: Commune(**row) for row in rows}


def find_communes(name: str) -> tuple[Commune, ...]:
    """Return the communes of that name, accents and the canton in brackets left aside; by federal number."""
    return _by_name().get(fold(name.strip()), ())


@cache
def _by_name() -> Mapping[str, tuple[Commune, ...]]:
    found: dict[str, tuple[Commune, ...]] = {}
    for commune in all_communes().values():
        names = {fold(commune.name), fold(commune.name.partition(" (")[0])}
        for part in commune.name.split("/"):
            names.add(fold(part))
        for name in names:
            found[name] = (*found.get(name, ()), commune)
    return found


@cache
def all_territories() -> Mapping[str, Territory]:
    """Return the named territories by code, then the cantons."""
    raw = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    found = {
        code: Territory(code, dict(zip(LANGUAGES, each["labels"], strict=True)), frozenset(each["communes"]))
        for code, each in raw.items()
    }
    cantons: dict[str, set[int]] = {}
    for commune in all_communes().values():
        cantons.setdefault(commune.canton, set()).add(commune.bfs)
    for canton, numbers in sorted(cantons.items()):
        code = f"ch-{canton.lower()}"
        found[code] = Territory(code, dict.fromkeys(LANGUAGES, canton), frozenset(numbers))
    return found


def communes_of(territory: str) -> frozenset[int] | None:
    """Return the federal numbers of a territory's communes, None if there is no such territory."""
    found = all_territories().get(territory.lower())
    return found.communes if found else None
