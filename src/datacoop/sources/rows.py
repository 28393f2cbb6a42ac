"""One row of a list, through its mapping, into stated values. Plain Python, made to be called a million times.

A row without a name is rejected; an optional value that cannot be read is left out and reported, the row stays.
Columns about natural persons are read only to know which contacts are theirs; `persons` are given when asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from datacoop.kinds.definition import Kind, Property
from datacoop.lib.text import fold
from datacoop.sources.composing import Composer
from datacoop.sources.evidence import filled
from datacoop.sources.judging import Judge
from datacoop.sources.mapping import ID, PERSON, REPORTED_ID
from datacoop.sources.masking import mask, mask_link
from datacoop.sources.normalising import Setting, line_of
from datacoop.sources.places import Gazetteer
from datacoop.sources.readers.table import Row
from datacoop.sources.said import Said

_TEXTS = frozenset({"string", "text"})
_PLACES = frozenset({"address", "commune"})
_MASKED = _TEXTS | _PLACES | {"url", "recurrence"}
#: What is itself a way to reach somebody: decided on as such.
_CONTACTS = frozenset({"email", "phone"})
#: A cell may name several people; a longer one holds something else.
_MOST_OF_PERSONS = 5_000


class StatedValue(NamedTuple):
    """One value of one property, normalised, with what the cell said; `personal`: it reaches a person.

    `unmasked`: the value before a contact was taken out of it.
    """

    property: str
    value: object
    original: str | None
    position: int = 0
    personal: bool = False
    personal_reason: str | None = None
    unmasked: object = None


@dataclass(frozen=True, slots=True)
class Problem:
    """What could not be read: where, a stable code, a sentence. Never the value itself."""

    row: int
    column: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class NamedPerson:
    """What a row says about a natural person: the column and the cell. Only when asked for."""

    column: str
    text: str


@dataclass(slots=True)
class MappedRow:
    """A row as it will be stated. `key` is the holder's own, else name, postcode and street.

    `masked`: a contact stood in a text and was taken out. `corrected`: its coordinates were read otherwise than they
    stand (codes of `lib.geo`).
    """

    key: str
    values: list[StatedValue] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    rejected: bool = False
    persons: list[NamedPerson] = field(default_factory=list)
    masked: bool = False
    corrected: tuple[str, ...] = ()


class RowReader:
    """A mapping made ready for many rows of one list."""

    def __init__(
        self,
        mapping: Mapping[str, str | None],
        kind: Kind,
        setting: Setting | None = None,
        *,
        gazetteer: Gazetteer | None = None,
        with_persons: bool = False,
    ) -> None:
        self._setting = setting or Setting()
        self._gazetteer = gazetteer
        self._with_persons = with_persons
        self._ids = [column for column, target in mapping.items() if target in {ID, REPORTED_ID}]
        self._person_columns = [column for column, target in mapping.items() if target == PERSON]
        self._composer = Composer(mapping, kind, self._setting)
        self._name = kind.slots.get("name")
        self._types = {each.name: each.type for each in kind.properties}
        self._judge = Judge(kind, self._composer.beside(self._person_columns))

    def read(self, row: Row) -> MappedRow:
        """The stated values of a row and its problems."""
        said, faults = self._composer.compose(row.values)
        mapped = MappedRow(self._key(row, said))
        if row.faults:
            mapped.problems = [Problem(row.number, *fault) for fault in row.faults]
            mapped.rejected = True
            return mapped
        for column, refused in faults:
            mapped.problems.append(Problem(row.number, column, refused.code, refused.message))
        if self._name is not None and self._name.name not in said:
            column = self._composer.first_column(self._name.name)
            mapped.problems.append(Problem(row.number, column, "name-missing", "The row has no name."))
            mapped.rejected = True
            return mapped
        if self._gazetteer is not None:
            self._composer.locate(said, self._gazetteer)
        self._state(mapped, said, row)
        return mapped

    def _state(self, mapped: MappedRow, said: dict[str, list[Said]], row: Row) -> None:
        cells = {
            column: text
            for column in self._person_columns
            if column in row.values and filled(text := line_of(row.values[column])[:_MOST_OF_PERSONS])
        }
        if self._with_persons:
            mapped.persons = [NamedPerson(column, text) for column, text in cells.items()]
        reasons = self._judge.judge(said, cells)
        stated = mapped.values
        for name, values in said.items():
            type_name = self._types[name]
            for position, each in enumerate(values):
                mapped.corrected += each.corrected
                value, original, unmasked = self._without_contacts(type_name, each)
                if unmasked is not None or original is not each.original:
                    mapped.masked |= unmasked is not None or original != each.original
                reason = reasons.get((name, position)) if reasons else None
                stated.append(StatedValue(name, value, original, position, reason is not None, reason, unmasked))

    def _without_contacts(self, type_name: str, each: Said) -> tuple[object, str | None, object]:
        """Return a value, its original and, where a contact was taken out of it, what it was before.

        An original that holds a contact which its value does not is not kept.
        """
        value, original = each.value, each.original
        masked = self._masked(type_name, value) if type_name in _MASKED else value
        if masked is not value and masked != value:
            return masked, None, value
        if original is None or original == value or type_name in _CONTACTS:
            return value, original, None
        return value, original if mask(original, self._setting.country) == original else None, None

    def _masked(self, type_name: str, value: object) -> object:
        """Take contacts out of what is no contact; street addresses out of texts alone: a name may hold one."""
        if type_name == "recurrence":
            return self._masked_dates(value)
        if type_name in _TEXTS or type_name in _PLACES:
            return mask(value, self._setting.country, streets=type_name == "text")
        return mask_link(value) if type_name == "url" and isinstance(value, str) else value

    def _masked_dates(self, value: object) -> object:
        """Take contacts out of what single dates of an event are called, and where they are."""
        if not isinstance(value, dict) or "overrides" not in value:
            return value
        overrides = [
            {n: mask(said, self._setting.country) if n in {"title", "place"} else said for n, said in each.items()}
            for each in value["overrides"]
        ]
        return {**value, "overrides": overrides} if overrides != value["overrides"] else value

    def _key(self, row: Row, said: dict[str, list[Said]]) -> str:
        for column in self._ids:
            value = row.values.get(column)
            if filled(value):
                return line_of(value)[:200]
        name = said[self._name.name][0].value if self._name and self._name.name in said else ""
        address = self._first_address(said)
        return "|".join((fold(_words(name)), address.get("postal_code", ""), fold(address.get("street", ""))))[:400]

    def _first_address(self, said: dict[str, list[Said]]) -> dict[str, str]:
        for name, values in said.items():
            if self._types[name] == "address" and values and isinstance(values[0].value, dict):
                return values[0].value
        return {}


def _words(value: object) -> str:
    return " ".join(str(each) for each in value.values()) if isinstance(value, dict) else str(value)


@lru_cache(maxsize=32)
def _reader(
    mapping: tuple[tuple[str, str | None], ...], kind: Kind, country: str | None, gazetteer: Gazetteer | None
) -> RowReader:
    return RowReader(dict(mapping), kind, Setting(country), gazetteer=gazetteer)


def read_row(
    row: Row,
    mapping: Mapping[str, str | None],
    kind: Kind,
    country: str | None = "CH",
    gazetteer: Gazetteer | None = None,
) -> MappedRow:
    """One row alone; a RowReader does the same for a whole list, faster, and can hand over persons."""
    return _reader(tuple(mapping.items()), kind, country, gazetteer).read(row)


def property_of(path: str, kind: Kind) -> Property:
    """The property that a mapped path belongs to. Raises KeyError."""
    return kind.property(path.partition(".")[0])
