"""The parts of values that are objects, such as the street of an address: labels and header words, from `parts.yml`.

For whoever maps or shows one part alone. Must not read a value.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml

from datacoop.kinds.definition import Kind, Labels, Lang, Property
from datacoop.kinds.values import PARTS

FILE = Path(__file__).with_name("parts.yml")


def part_labels(type_name: str, part: str) -> Labels:
    """Return the labels of one part of a type. Raises: KeyError if the type has no such part."""
    return _parts()[type_name][part]["labels"]


def column_words(kind: Kind) -> Mapping[str, Mapping[Lang, tuple[str, ...]]]:
    """Return the header words of every path of a kind: `email`, `addresses`, `addresses.postal_code`, …

    Paths are those of the API item without indices, in the order of the definition.
    """
    words: dict[str, Mapping[Lang, tuple[str, ...]]] = {}
    for each in kind.properties:
        words[each.name] = each.columns
        for part in part_names(each):
            given = _parts()[each.type][part]["columns"]
            words[f"{each.name}.{part}"] = {lang: tuple(some) for lang, some in given.items()}
    return MappingProxyType(words)


def part_names(prop: Property) -> tuple[str, ...]:
    """Return the parts a property's values are made of; empty for plain values."""
    return PARTS.get(prop.type, ())


@cache
def _parts() -> Mapping[str, Mapping[str, Mapping[str, Mapping[str, str]]]]:
    loaded: Mapping[str, Mapping[str, Mapping[str, Mapping[str, str]]]] = yaml.safe_load(
        FILE.read_text(encoding="utf-8")
    )
    return loaded
