"""From the cells of a row to the values of each property: which columns belong together, and in what order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Final

from datacoop.kinds.definition import Kind, Property
from datacoop.lib.dates import is_time
from datacoop.lib.text import fold
from datacoop.sources.addressing import assemble
from datacoop.sources.evidence import filled
from datacoop.sources.headers import take_apart
from datacoop.sources.identifying import identifier, scheme_of, scheme_of_column
from datacoop.sources.lasting import Lasting
from datacoop.sources.mapping import ID, REPORTED_ID
from datacoop.sources.normalising import Setting, is_zone, line_of, normaliser_of
from datacoop.sources.places import Gazetteer, names_swiss_town
from datacoop.sources.placing import HOME, Placer
from datacoop.sources.refusing import MAX_LINE, ValueRefused, is_short, too_long
from datacoop.sources.restoring import Restored, written
from datacoop.sources.said import AllSaid, Cells, Faults, Part, Said
from datacoop.sources.spelled import Spelled

_NEAR: Final = 3
_Composing = Callable[[Sequence[Part], Cells, Faults], list[Said]]


@dataclass(frozen=True)
class _Plan:
    property: Property
    parts: tuple[Part, ...]


class Composer:
    """The plan of a mapping: for each property its columns, computed once."""

    def __init__(self, mapping: Mapping[str, str | None], kind: Kind, setting: Setting) -> None:
        self._setting = setting
        self._columns = list(mapping)
        self._ids = [column for column, target in mapping.items() if target in {ID, REPORTED_ID}]
        self._plans = _plans(mapping, kind)
        self._placer = Placer(kind, setting)
        self._is_ours = written(self._columns, kind) is not None
        self._zone_column = next((p.parts[0].column for p in self._plans if is_zone(p.property)), "")
        self._spelled = Spelled(kind, {p.property.name: [part.column for part in p.parts] for p in self._plans})
        self._lasting, self._end_column = Lasting(kind, self._columns), self.first_column("end")
        by_type = {each.type: each.name for each in reversed(kind.properties)}
        self._identifiers = by_type.get("identifier", "")
        self._name = kind.slots["name"].name if "name" in kind.slots else ""
        self._tells_precision = any(part.part == "precision" for plan in self._plans for part in plan.parts)
        self._steps = [(plan.property, plan.parts, self._composing(plan.property)) for plan in self._plans]

    def _composing(self, property_: Property) -> _Composing:
        if self._is_ours:
            return Restored(property_, self._setting).compose
        if property_.type == "address":
            return _Addresses(property_, self._setting).compose
        if property_.type == "point":
            return self._placer.points
        if property_.type == "commune":
            return self._placer.communes
        return _Simple(property_, self._setting, self._zone_column).compose

    def compose(self, cells: Cells) -> tuple[AllSaid, Faults]:
        """Values by property, and for each cell that could not be read its column and why."""
        said: AllSaid = {}
        faults: Faults = []
        for property_, parts, composing in self._steps:
            values = composing(parts, cells, faults)
            if values:
                said[property_.name] = values if property_.many else values[:1]
        if faults and not self._is_ours:
            self._spelled.settle(said, faults, cells)
        self._lasting.settle(said, faults, self._end_column)
        if "alternate_names" in said:
            self._drop_repeated_names(said)
        if self._ids and self._identifiers:
            self._key_as_identifier(cells, said)
        if not self._tells_precision:
            self._placer.sharpen(said)
        return said, faults

    def first_column(self, property_name: str) -> str:
        """The first column mapped to a property, empty if there is none."""
        parts = [part for plan in self._plans if plan.property.name == property_name for part in plan.parts]
        return parts[0].column if parts else ""

    def beside(self, person_columns: Sequence[str]) -> dict[str, frozenset[str]]:
        """For each property the columns naming persons that stand at most three before one of its own."""
        places = {column: self._columns.index(column) for column in person_columns}
        return {
            plan.property.name: frozenset(
                column
                for column, place in places.items()
                if any(0 < self._columns.index(part.column) - place <= _NEAR for part in plan.parts)
            )
            for plan in self._plans
        }

    def locate(self, said: AllSaid, gazetteer: Gazetteer) -> None:
        """Add the commune and a point of the locality where the row says neither."""
        self._placer.locate(said, gazetteer)

    def _drop_repeated_names(self, said: AllSaid) -> None:
        """An alternate name that is the name says nothing."""
        if self._name not in said:
            return
        own = fold(str(said[self._name][0].value))
        rest = [each for each in said["alternate_names"] if fold(str(each.value)) != own]
        said["alternate_names"] = rest
        if not rest:
            del said["alternate_names"]

    def _key_as_identifier(self, cells: Cells, said: AllSaid) -> None:
        """Where the holder's key is a register's number (W332017360), it is an identifier too."""
        for column in self._ids:
            text = line_of(cells.get(column) or "")[:MAX_LINE]
            if text and scheme_of(text) is not None:
                values = said.setdefault(self._identifiers, [])
                found = identifier(text)
                if found and not any(each.value == found for each in values):
                    values.append(Said(found, text))


class _Simple:
    """Values of one property, each from a cell of its own or several from one; days joined with their hours."""

    def __init__(self, property_: Property, setting: Setting, zone_column: str = "") -> None:
        self._read = normaliser_of(property_, setting)
        self._is_text = property_.type == "text"
        self._is_time = property_.type in {"date", "datetime", "moment"}
        self._repeats = property_.type == "recurrence"
        self._zone_column = zone_column if property_.type in {"moment", "recurrence"} else ""

    def compose(self, parts: Sequence[Part], cells: Cells, faults: Faults) -> list[Said]:
        if self._zone_column and filled(zone := cells.get(self._zone_column)):
            parts = [Part(part.column, part.part, line_of(zone)) for part in parts]
        if self._is_time and len(parts) > 1:
            return self._joined_dates(parts, cells, faults)
        values: list[Said] = []
        for part in parts:
            cell = cells.get(part.column)
            if isinstance(cell, str) and not values:
                if filled(cell):
                    self._add(values, part, cell, faults)
                continue
            for item in cell if isinstance(cell, list) and not self._repeats else (cell,):
                if filled(item):
                    self._add(values, part, item, faults)
        return _merged_texts(values) if self._is_text and len(values) > 1 else values

    def _add(self, values: list[Said], part: Part, item: object, faults: Faults) -> None:
        try:
            found = self._read(item, part.hint)
        except ValueRefused as refused:
            faults.append((part.column, refused))
            return
        if len(found) == 1 and not values:
            values.append(Said(found[0], item if isinstance(item, str) else line_of(item)))
            return
        for value in found:
            if not values or not any(each.value == value for each in values):
                values.append(Said(value, item if isinstance(item, str) else line_of(item)))

    def _joined_dates(self, parts: Sequence[Part], cells: Cells, faults: Faults) -> list[Said]:
        """A day in one column, the hour in another."""
        texts = [cells[part.column] for part in parts if filled(cells.get(part.column))]
        if not texts:
            return []
        days = [text for text in texts if not is_time(text)]
        hours = [text for text in texts if is_time(text)]
        item: object = days[0] if days else texts[0]
        if days and hours:
            day = item.date() if isinstance(item, datetime) and item.time() == time() else item
            item = f"{line_of(day)} {line_of(hours[0])}"
        values: list[Said] = []
        self._add(values, parts[0], item, faults)
        return values


class _Addresses:
    """Addresses of one row, put together from the cells of their parts."""

    def __init__(self, property_: Property, setting: Setting) -> None:
        self._many = property_.many
        self._country = setting.country

    def compose(self, parts: Sequence[Part], cells: Cells, faults: Faults) -> list[Said]:
        columns: dict[str, list[list[object]]] = {}
        where: dict[str, str] = {}
        count = 0
        for part in parts:
            cell = cells.get(part.column)
            if not filled(cell):
                continue
            items, short = ([cell], is_short(cell)) if not isinstance(cell, list) else (cell, all(map(is_short, cell)))
            if not short:
                faults.append((part.column, too_long()))
                continue
            columns.setdefault(part.part, []).append(items)
            where.setdefault(part.part, part.column)
            count = max(count, len(items))
        found: list[Said] = []
        for index in range(count if self._many else min(count, 1)):
            said = {name: _nth(lists, index) for name, lists in columns.items()}
            address, refused = assemble(said, self._country)
            faults += [(where.get(name, ""), error) for name, error in refused]
            if self._country == HOME and _has_no_swiss_postcode(address):
                column = next((where[name] for name in ("postal_code", "city", "street") if name in where), "")
                faults.append((column, ValueRefused("postal-code-unreadable", "Not a Swiss postcode.")))
                address = {**address, "country": HOME}
                del address["postal_code"]
            if address and not any(each.value == address for each in found):
                found.append(Said(address, " · ".join([line_of(cell) for lists in said.values() for cell in lists])))
        return found


def _has_no_swiss_postcode(address: Mapping[str, str]) -> bool:
    """Whether a town is Swiss and its postcode, of five digits, is not."""
    return (
        len(address.get("postal_code", "")) == 5
        and address.get("country", HOME) == HOME
        and names_swiss_town(address.get("city", ""))
    )


def _plans(mapping: Mapping[str, str | None], kind: Kind) -> list[_Plan]:
    columns: dict[str, list[Part]] = {}
    for column, target in mapping.items():
        if not target or target.startswith("@") or target == REPORTED_ID:
            continue
        name, _, part = target.partition(".")
        property_ = kind.property(name)
        hint: str | None = None
        if property_.type == "text":
            hint = part or take_apart(column).language
        elif property_.type == "identifier":
            header = take_apart(column)
            hint = scheme_of_column((*header.parents, *header.tokens))
        columns.setdefault(name, []).append(Part(column, part, hint))
    return [_Plan(each, tuple(columns[each.name])) for each in kind.properties if each.name in columns]


def _nth(lists: Sequence[list[object]], index: int) -> list[object]:
    """The index-th item of each cell; a cell of one item holds for all."""
    return [cell[index] if index < len(cell) else cell[0] for cell in lists if index < len(cell) or len(cell) == 1]


def _merged_texts(values: list[Said]) -> list[Said]:
    """Texts of several columns are one value: by language where it is known, else one after the other."""
    languages: dict[str, str] = {}
    plain: list[str] = []
    for each in values:
        if isinstance(each.value, dict):
            for language, text in each.value.items():
                languages[language] = f"{languages[language]}\n\n{text}" if language in languages else text
        else:
            plain.append(str(each.value))
    original = "\n\n".join(each.original or "" for each in values)
    return [Said(languages or "\n\n".join(plain), original)]
