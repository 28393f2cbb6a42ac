"""What the public view says otherwise than a holder's own list, column by column."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from datacoop.directory import themes
from datacoop.disclosure.holding import Item, PublicRecord, Words, own_words, pool, public_of, public_records
from datacoop.disclosure.reading import Reading
from datacoop.kinds.definition import Kind, Property
from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.text import fold, sort_key
from datacoop.pipelines.coverage.counting import COVERED
from datacoop.pipelines.coverage.matching import match
from datacoop.sources.owning import OwnList, rows_present

#: Two lists never measure the same spot to the metre: a map says more than such a difference.
_NOT_COMPARED = frozenset({"point", "reference"})
#: Targets of a mapping that are no properties: the holder's own key, columns about people.
_SPECIAL = "@"


@dataclass(frozen=True)
class Column:
    """One column of the holder's list that became something: its name, the property, and the part of it.

    `function`: that of the person it is about, empty where it is about the row itself.
    """

    name: str
    property: Property
    part: str
    function: str = ""


@dataclass(frozen=True)
class Change:
    """Where the public view says otherwise: the values in the list (none: an empty cell), and those it would bring.

    `theirs` is empty where the public reads them on the page of the record alone (e-mail, telephone): a list of names
    must not fetch them by the thousand.
    """

    column: Column
    mine: tuple[object, ...]
    theirs: tuple[object, ...]


@dataclass(frozen=True)
class Changed:
    """A row of the list and its public record. `words`: what the list says of it, by property."""

    number: int
    item: Item
    words: Words
    changes: tuple[Change, ...]


def changes_of(reading: Reading, own: OwnList) -> list[Changed]:
    """Return the rows of a list of which the public view says something else or more, by the list's own names.

    It depends on the list's own words, on public views and on which records are one; on nothing else (law 2).
    Raises: disclosure.errors.Due when something must be settled first.
    """
    columns = columns_of(own)
    with reading.snapshot():
        rows = rows_present(own.source_id, own.kind)
        same, public = _same(reading, own, rows)
        words = own_words(own.source_id, same)
    found = [
        Changed(same[row], public[same[row]].item, said, changes)
        for row, said in words.items()
        if (changes := changes_between(columns, said, public[same[row]].item))
    ]
    name = kind_named(own.kind).slots["name"].name
    return sorted(found, key=lambda each: (sort_key(_text(each.words.get(name, [""])[0])), each.number))


def columns_of(own: OwnList, *, compared: bool = True) -> list[Column]:
    """Return the columns of a list that become something, by property; of two for one thing the first.

    Not only the `compared` ones: those too that no difference is told in.
    """
    kind = kind_named(own.kind)
    found: dict[str, Column] = {}
    for name in own.columns:
        target = own.mapping.get(name)
        if target and target not in found and (column := _column(name, target, kind, compared)):
            found[target] = column
    return list(found.values())


def values_at(column: Column, values: Sequence[object]) -> tuple[object, ...]:
    """Return what of a property's values stands in a column."""
    found: list[object] = []
    for value in values:
        if not column.part:
            found.append(value)
        elif isinstance(value, Mapping) and value.get(column.part) not in (None, ""):
            found.append(value[column.part])
    return tuple(found)


def _column(name: str, target: str, kind: Kind, compared: bool) -> Column | None:
    if target.startswith(_SPECIAL):
        return None
    path, _, part = target.partition(".")
    prop = kind.property(path)
    return None if compared and prop.type in _NOT_COMPARED else Column(name, prop, part)


def _same(reading: Reading, own: OwnList, rows: set[int]) -> tuple[Mapping[int, int], Mapping[int, PublicRecord]]:
    """Return by row the public record it is, and these records."""
    if own.kind == COVERED:
        every = {each.number: each for each in pool(reading, own.kind)}
        return match(reading, own.source_id, rows, every).same, every
    same = public_of(reading, rows)
    public = public_records(reading, own.kind, set(same.values()))
    return {row: number for row, number in same.items() if number in public}, public


def changes_between(columns: Iterable[Column], words: Words, item: Item, *, whole: bool = False) -> tuple[Change, ...]:
    """Return where an item says otherwise than a list; `whole`: also what anonymous lists do not show."""
    found = []
    for column in columns:
        said = item.get(column.property.name)
        if said is None:
            continue
        mine = values_at(column, words.get(column.property.name, []))
        theirs = values_at(column, said if isinstance(said, list) else [said])
        known = {part for value in mine for part in _comparable(value, column.property)}
        new = tuple(v for v in theirs if not _is_known(v, known, column.property))
        if new:
            found.append(Change(column, mine, new if whole or column.property.open else ()))
    return tuple(found)


def _is_known(value: object, known: set[str], prop: Property) -> bool:
    """Whether a list says it already; one that keeps themes coarser says no other."""
    wider = prop.type == "theme"
    return all(
        said in known or (wider and any(said.startswith(f"{theme}/") for theme in known))
        for said in _comparable(value, prop)
    )


def _comparable(value: object, prop: Property) -> list[str]:
    """Return a value so that spellings of the same are equal; a text in several languages one by one."""
    if prop.type == "text" and isinstance(value, Mapping):
        return [f"{language}:{fold(_text(text))}" for language, text in value.items()]
    if prop.type == "theme":
        return [themes.known_as(_text(value))]
    if isinstance(value, Mapping | list):
        return [fold(orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode())]
    return [fold(_text(value))]


def _text(value: object) -> str:
    return "" if value is None else str(value)
