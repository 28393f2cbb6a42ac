"""The words the demo is made of, read from `words/`, and the French that joins a place to a sentence. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

FOLDER: Final = Path(__file__).parent / "words"
TRANSLATED: Final = ("de", "it", "en")
_VOWELS: Final = "AEÉÈIOUYÂÊÎÔÛŒaeéèiouyœ"


@dataclass(frozen=True)
class Place:
    """A real locality; `radius` in metres stays on land."""

    weight: int
    bfs: int
    commune: str
    postal_code: str
    locality: str
    lat: float
    lon: float
    radius: int

    @property
    def said(self) -> str:
        """The commune as people say it: Renens, not Renens (VD)."""
        return self.commune.removesuffix(" (VD)")


@dataclass(frozen=True)
class Recipe:
    """How groups of one theme are called, what they say, do and look for."""

    theme: str
    weight: int
    natures: Mapping[str, int]
    names: tuple[str, ...]
    lines: tuple[str, ...]
    more: tuple[str, ...]
    translations: Mapping[str, str]
    activities: tuple[tuple[str, ...], ...]
    """title, description, part of the day, price"""
    needs: tuple[tuple[str, ...], ...]
    """title, description"""


@dataclass(frozen=True)
class Words:
    """Everything the dice may pick from, in a fixed order."""

    places: tuple[Place, ...]
    quarters: tuple[str, ...]
    recipes: tuple[Recipe, ...]
    several: Mapping[str, tuple[str, ...]]
    """nouns, complements, streets, first, last, venues"""


@cache
def words() -> Words:
    """Read the words once."""
    recipes = tuple(
        _recipe(theme, said)
        for path in sorted((FOLDER / "themes").glob("*.yml"))
        for theme, said in yaml.safe_load(path.read_text(encoding="utf-8")).items()
    )
    places = tuple(Place(*line) for line in _read("places.yml"))
    several = {name: _lines(text) for name, text in _read("names.yml").items()}
    return Words(places, _lines(_read("quarters.yml")), recipes, several)


def _read(name: str) -> Any:
    return yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))


def _lines(text: str) -> tuple[str, ...]:
    return tuple(line.strip().replace("'", "’") for line in text.splitlines() if line.strip())


def _recipe(theme: str, said: Mapping[str, Any]) -> Recipe:
    translations = {lang: str(said[lang]).replace("'", "’") for lang in TRANSLATED if lang in said}
    return Recipe(
        theme=theme,
        weight=said["weight"],
        natures=said["natures"],
        names=_lines(said["names"]),
        lines=_lines(said["lines"]),
        more=_lines(said["more"]),
        translations=translations,
        activities=tuple(tuple(line.split(" | ")) for line in _lines(said["activities"])),
        needs=tuple(tuple(line.split(" | ")) for line in _lines(said["needs"])),
    )


def of(place: str) -> str:
    """Say "of" a place.

    >>> of("les Trois-Sureaux"), of("Le Mont"), of("la Brumelle"), of("Aran"), of("Pully"), of("l’Orvette")
    ('des Trois-Sureaux', 'du Mont', 'de la Brumelle', 'd’Aran', 'de Pully', 'de l’Orvette')
    """
    article, _, rest = place.partition(" ")
    if rest and article.lower() in {"le", "les"}:
        return f"{'du' if article.lower() == 'le' else 'des'} {rest}"
    return f"d’{place}" if place[0] in _VOWELS else f"de {place}"


def at(place: str) -> str:
    """Say "at" a place.

    >>> at("les Trois-Sureaux"), at("le Flonzelet"), at("l’Orvette"), at("Pully")
    ('aux Trois-Sureaux', 'au Flonzelet', 'à l’Orvette', 'à Pully')
    """
    article, _, rest = place.partition(" ")
    if rest and article.lower() in {"le", "les"}:
        return f"{'au' if article.lower() == 'le' else 'aux'} {rest}"
    return f"à {place}"


def bare(place: str) -> str:
    """Return the place without its article, as clubs do: "les Lucioles" → "Lucioles"."""
    for article in ("le ", "la ", "les ", "l’"):
        if place.startswith(article):
            return place[len(article) :]
    return place
