"""From the words holders use for themes and legal forms to codes: `themes.yml` read once. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

import yaml

from datacoop.kinds.definition import Property
from datacoop.lib.text import plain_words, slug

FILE: Final = Path(__file__).with_name("themes.yml")
_SPLIT: Final = re.compile(r"\s*[;,|\n]\s*|\s+/\s+|\s+-\s+")
_DEEPER: Final = re.compile(r"\s*(?:>|›|»|::|/)\s*")
_PATH: Final = re.compile(r"[a-z]+(?:-[a-z]+)*(?:/[a-z]+(?:-[a-z]+)*)+")
Words = tuple[str, ...]


@dataclass(frozen=True)
class _Lexicon:
    whole: dict[Words, str]
    starts: dict[str, str]
    waldec: dict[str, str]
    natures: dict[Words, str]
    paths: frozenset[str]


@cache
def _lexicon() -> _Lexicon:
    said = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    whole: dict[Words, str] = {}
    starts: dict[str, str] = {}
    for path, line in said["words"].items():
        for phrase in line.split(","):
            if phrase.strip().endswith("*"):
                starts[phrase.strip(" *")] = path
            else:
                whole[tuple(plain_words(phrase))] = path
        if "/" not in path:  # the last step of a longer path ("accueil", "centres") may mean anything
            whole.setdefault(tuple(plain_words(path)), path)
    natures = {
        tuple(plain_words(phrase)): code
        for code, line in said["natures"].items()
        for phrase in [code, *line.split(",")]
    }
    paths = {part for path in said["words"] for part in _parents(path)}
    return _Lexicon(whole, starts, said["waldec"], natures, frozenset(paths))


def _parents(path: str) -> list[str]:
    steps = path.split("/")
    return ["/".join(steps[: depth + 1]) for depth in range(len(steps))]


@lru_cache(maxsize=20_000)
def themes_of(text: str) -> tuple[str, ...]:
    """Theme paths that a cell names, in order, each once; unknown words become a path of their own.

    >>> themes_of("Sport / Fussballverein, Chœur mixte")
    ('sport', 'sport/football', 'culture/chant')
    >>> themes_of("Tricot du mardi")
    ('tricot-du-mardi',)
    """
    lexicon = _lexicon()
    stripped = text.strip()
    if stripped in lexicon.paths or (_PATH.fullmatch(stripped) and stripped.partition("/")[0] in lexicon.paths):
        return (stripped,)
    if re.fullmatch(r"\d{5,6}", stripped):
        family = lexicon.waldec.get(stripped.zfill(6)[:3])
        return (family,) if family else ()
    found: list[str] = []
    for part in _SPLIT.split(stripped):
        path = _theme(part)
        if path and path not in found:
            found.append(path)
    return tuple(found[:8])


def _theme(text: str) -> str | None:
    words = tuple(plain_words(text))
    if not any(any(char.isalpha() for char in word) for word in words) or words in _lexicon().natures:
        return None  # a legal form is no theme
    steps = [step for step in _DEEPER.split(text) if any(char.isalpha() for char in step)]  # numbers are no theme
    if len(steps) > 1:
        known = [path for path in (_known(tuple(plain_words(step))) for step in steps) if path]
        if known:
            return max(known, key=lambda path: path.count("/"))
        return "/".join(part for part in (slug(step, 40) for step in steps[:3]) if part) or None
    return _known(words) or slug(text, 48) or None


def _known(words: Words) -> str | None:
    """The most particular theme whose words stand in the text."""
    lexicon = _lexicon()
    best: tuple[int, str] | None = None
    for size in range(min(3, len(words)), 0, -1):
        for start in range(len(words) - size + 1):
            part = words[start : start + size]
            path = lexicon.whole.get(part) or (_by_start(part[0]) if size == 1 else None)
            if path and (best is None or (path.count("/") + size) > best[0]):
                best = (path.count("/") + size, path)
    return best[1] if best else None


def _by_start(word: str) -> str | None:
    starts = _lexicon().starts
    for length in range(len(word), 2, -1):
        path = starts.get(word[:length])
        if path:
            return path
    return None


@cache
def codes_of(property_: Property) -> Callable[[str], str | None]:
    """A function that reads one of the property's codes from a cell: code, label, or usual words."""
    spoken = _spoken_codes(property_)

    @lru_cache(maxsize=4096)
    def read(text: str) -> str | None:
        words = tuple(plain_words(text))
        for size in range(min(4, len(words)), 0, -1):
            for start in range(len(words) - size + 1):
                part = words[start : start + size]
                if part in spoken and (size == len(words) or size > 1 or len(part[0]) > 3):
                    return spoken[part]
        return None

    return read


def _spoken_codes(property_: Property) -> dict[Words, str]:
    spoken: dict[Words, str] = {}
    for code, labels in property_.values.items():
        for text in (code, *labels.values()):
            spoken.setdefault(tuple(plain_words(text)), code)
    if property_.name == "nature":
        for words, nature in _lexicon().natures.items():
            if nature in property_.values:
                spoken.setdefault(words, nature)
    return spoken
