"""Themes by path (`culture/chant`): their labels and order. An unknown one is shown readably, never refused.

Lists write some themes in several ways: the file leads each other spelling to the one path that pages show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml

LANGUAGES = ("fr", "de", "it", "en")
_SOFT_HYPHEN = "\u00ad"
_FILE = Path(__file__).with_name("themes.yml")


@dataclass(frozen=True)
class Theme:
    """One theme; `path` is what records and addresses of pages carry."""

    path: str
    labels: Mapping[str, str]

    @property
    def parent(self) -> str | None:
        """The path of the theme it belongs to, None at the top."""
        return self.path.rpartition("/")[0] or None


@cache
def all_themes() -> Mapping[str, Theme]:
    """Return every theme by path, in the order of pages; read once per process."""
    return {
        path: Theme(path, dict(zip(LANGUAGES, said, strict=True)))
        for path, said in _file().items()
        if not isinstance(said, str)
    }


def top_themes() -> tuple[Theme, ...]:
    """Return the themes without a parent, in the order of pages."""
    return tuple(theme for theme in all_themes().values() if theme.parent is None)


def known_as(path: str) -> str:
    """Return the path a theme goes by; one that is spelled in no other way, or not known, is itself.

    >>> known_as("sport/basket"), known_as("sport/tennis"), known_as("zebre")
    ('sport/basketball', 'sport/tennis', 'zebre')
    """
    said = _file().get(path)
    return said if isinstance(said, str) else path


def spellings(path: str) -> tuple[str, ...]:
    """Return every path that means this theme, the one it goes by first.

    >>> spellings("sport/basket")
    ('sport/basketball', 'sport/basket')
    """
    known = known_as(path)
    return known, *(other for other, said in _file().items() if said == known)


def label(path: str, language: str) -> str:
    """Return the words for a theme; for one we do not know, its last part made readable."""
    return breakable_label(path, language).replace(_SOFT_HYPHEN, "")


def breakable_label(path: str, language: str) -> str:
    """Return the words for a theme with soft hyphens in the long ones, for narrow places."""
    theme = all_themes().get(known_as(path))
    if theme is not None:
        return theme.labels.get(language) or theme.labels["fr"]
    return path.rpartition("/")[2].replace("-", " ").replace("_", " ").capitalize()


def order(path: str) -> tuple[int, str]:
    """Return a sort key: known themes in the order of the file, unknown ones after them by name."""
    known = known_as(path)
    return _places().get(known, len(_places())), known


@cache
def _file() -> Mapping[str, list[str] | str]:
    said: Mapping[str, list[str] | str] = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return said


@cache
def _places() -> Mapping[str, int]:
    return {path: place for place, path in enumerate(all_themes())}
