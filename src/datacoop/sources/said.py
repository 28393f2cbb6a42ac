"""What one row says before it is judged: values with their originals, and the cells that could not be read."""

from collections.abc import Mapping
from dataclasses import dataclass

from datacoop.sources.refusing import ValueRefused

Cells = Mapping[str, object]
#: Column and why its cell could not be read.
Faults = list[tuple[str, ValueRefused]]


@dataclass(slots=True)
class Said:
    """One value and the text it was read from (None where it was derived).

    `corrected`: how coordinates had to be read to be a place, in the codes of `lib.geo`.
    """

    value: object
    original: str | None
    corrected: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """One column of a property: which part of it, and the language or register that the column names."""

    column: str
    part: str
    hint: str | None


AllSaid = dict[str, list[Said]]
