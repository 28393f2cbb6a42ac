"""Finds the formats: every file of `formats/`. A new format is one new file, and nothing here changes."""

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from datacoop.feeds import formats
from datacoop.feeds.formatting import Format
from datacoop.kinds.definition import Kind


@cache
def all_formats() -> Mapping[str, Format]:
    """Every format by name; JSON, the default, first, then in alphabetical order."""
    names = sorted((each.name for each in iter_modules(formats.__path__)), key=lambda n: (n != "json", n))
    found = [cast(Format, import_module(f"{formats.__name__}.{name}")) for name in names]
    return {each.NAME: each for each in found}


def formats_of(kind: Kind) -> tuple[Format, ...]:
    """The formats records of a kind can be written in."""
    return tuple(each for each in all_formats().values() if each.applies(kind))


def format_of_extension(kind: Kind, extension: str) -> Format | None:
    """The format of an address ending, None if there is none for this kind."""
    return next((each for each in formats_of(kind) if extension == each.EXTENSION), None)
