"""How records of a kind are compared while nobody judged any: the files beside, checked when they are read. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import yaml

_FOLDER = Path(__file__).parent
Measure = Literal["likeness", "slips"]


@dataclass(frozen=True)
class Level:
    """At least so alike (`likeness`, 0 to 1), or at most so many letters apart (`slips`)."""

    measure: Measure
    bound: float


@dataclass(frozen=True)
class Comparison:
    """A column that is compared. `rare`: a value that few have says more; `any_of`: one of several is enough."""

    column: str
    levels: tuple[Level, ...] = ()
    rare: bool = False
    any_of: bool = False


@dataclass(frozen=True)
class Part:
    """A column on which two records must agree: its first `letters` where given; `each`: one of several values."""

    column: str
    letters: int | None = None
    each: bool = False


Line = tuple[Part, ...]


@dataclass(frozen=True)
class Settings:
    """What is compared, which records are, and from which pairs is learnt how much each agreement says."""

    comparisons: tuple[Comparison, ...]
    blocks: tuple[Line, ...]
    certain: tuple[Line, ...]
    found: float
    learnt_from: tuple[Line, ...]

    def columns(self) -> dict[str, bool]:
        """Return every column asked for, and whether it holds several values."""
        lines = (part for line in (*self.blocks, *self.certain, *self.learnt_from) for part in line)
        return {
            **{part.column: part.each for part in lines},
            **{comparison.column: comparison.any_of for comparison in self.comparisons},
        }


class SettingsRefused(ValueError):
    """A file of settings says what cannot be done; the message names the file and the place."""


@cache
def settings_of(kind: str) -> Settings:
    """Return the settings of a kind, read once. Raises: SettingsRefused, LookupError where there are none."""
    file = _FOLDER / f"{kind}.yml"
    if not file.exists():
        raise LookupError(f"There are no settings for {kind}: copy the nearest file in {_FOLDER.name}/.")
    return read(yaml.safe_load(file.read_text(encoding="utf-8")), file.name)


def read(said: Mapping[str, Any], name: str) -> Settings:
    """Return the settings that a file says. Raises: SettingsRefused."""
    try:
        return Settings(
            tuple(_comparison(column, options) for column, options in said["comparisons"].items()),
            blocks=_lines(said["blocks"]),
            certain=_lines(said["certain"]),
            found=float(said["found"]),
            learnt_from=_lines(said["learnt_from"]),
        )
    except KeyError as missing:
        raise SettingsRefused(f"{name}: {missing.args[0]} is missing") from missing
    except (TypeError, ValueError, AttributeError) as error:
        raise SettingsRefused(f"{name}: {error}") from error


def _comparison(column: str, options: Mapping[str, Any]) -> Comparison:
    if unknown := set(options) - {"levels", "rare", "any"}:
        raise ValueError(f"{column}: nobody knows {sorted(unknown)[0]}")
    levels = tuple(_level(column, text) for text in options.get("levels", ()))
    return Comparison(column, levels, bool(options.get("rare")), bool(options.get("any")))


def _level(column: str, text: str) -> Level:
    measure, _, bound = text.partition(" ")
    if measure not in get_args(Measure) or not bound:
        raise ValueError(f"{column}: a level is one of {', '.join(get_args(Measure))} and a number, not {text}")
    return Level(measure, float(bound))  # type: ignore[arg-type] # just checked


def _lines(said: Sequence[Sequence[str]]) -> tuple[Line, ...]:
    return tuple(tuple(map(_part, line)) for line in said)


def _part(text: str) -> Part:
    if text.startswith("each "):
        return Part(text.removeprefix("each "), each=True)
    column, _, letters = text.partition(" ")
    return Part(column, int(letters) if letters else None)
