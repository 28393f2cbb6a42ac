"""From the cells of a row to the values of each property: which columns belong together, and in what order."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from datacoop.kinds.definition import Kind, Property
from datacoop.lib.dates import is_time
from datacoop.lib.geo import CoordinatesRefusedError, pair_of, point_of
from datacoop.lib.text import fold
from datacoop.sources.addressing import assemble
from datacoop.sources.evidence import filled
from datacoop.sources.headers import take_apart
from datacoop.sources.identifying import identifier, scheme_of, scheme_of_column
from datacoop.sources.mapping import ID, REPORTED_ID
from datacoop.sources.normalising import Setting, line_of, normalise
from datacoop.sources.places import Gazetteer, Located
from datacoop.sources.readers.geojson import GEOMETRY_COLUMN
from datacoop.sources.refusing import MAX_LINE, ValueRefused, is_short, too_long

Cells = Mapping[str, object]
Faults = list[tuple[str, ValueRefused]]
_NEAR: Final = 3


@dataclass(slots=True)
class Said:
    """One value and the text it was read from (None where it was derived)."""

    value: object
    original: str | None


@dataclass(frozen=True)
class _Part:
    column: str
    part: str
    hint: str | None


@dataclass(frozen=True)
class _Plan:
    property: Property
    parts: tuple[_Part, ...]


class Composer:
    """The plan of a mapping: for each property its columns, computed once."""

    def __init__(self, mapping: Mapping[str, str | None], kind: Kind, setting: Setting) -> None:
        self._kind = kind
        self._setting = setting
        self._columns = list(mapping)
        self._ids = [column for column, target in mapping.items() if target in {ID, REPORTED_ID}]
        self._plans = _plans(mapping, kind)
        by_type = {each.type: each.name for each in reversed(kind.properties)}
        self._address, self._point = by_type.get("address"), by_type.get("point")
        self._commune, self._identifiers = by_type.get("commune"), by_type.get("identifier")
        self._composers: dict[str, Callable[[_Plan, Cells, Faults], list[Said]]] = {
            "address": self._addresses,
            "point": self._points,
            "commune": self._communes,
        }

    def compose(self, cells: Cells) -> tuple[dict[str, list[Said]], Faults]:
        """Values by property, and for each cell that could not be read its column and why."""
        said: dict[str, list[Said]] = {}
        faults: Faults = []
        for plan in self._plans:
            composer = self._composers.get(plan.property.type, self._simple)
            values = composer(plan, cells, faults)
            if values:
                said[plan.property.name] = values if plan.property.many else values[:1]
        self._drop_repeated_names(said)
        self._key_as_identifier(cells, said)
        if self._point in said and self._address in said and self._point is not None:
            self._precise(said)
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

    def locate(self, said: dict[str, list[Said]], gazetteer: Gazetteer) -> None:
        """Add the commune and a point of the locality where the row says neither."""
        point = said[self._point][0].value if self._point in said else None
        address = said[self._address][0].value if self._address in said else None
        found = None
        if isinstance(address, dict) and address.get("country") != "CH":
            if self._commune and self._commune not in said and address.get("city"):
                said[self._commune] = [Said({"name": address["city"]}, None)]
            return
        if isinstance(address, dict):
            found = gazetteer.locate(address.get("postal_code"), address.get("city"))
        if found is None and isinstance(point, dict):
            found = gazetteer.commune_of_point(point["lat"], point["lon"])
        named = said.get(self._commune or "")
        if found is None and named and isinstance(named[0].value, dict) and "bfs" not in named[0].value:
            found = self._by_commune(str(named[0].value.get("name", "")), address, gazetteer)
        if found is None:
            return
        if self._commune and not (named and isinstance(named[0].value, dict) and "bfs" in named[0].value):
            original = named[0].original if named else None
            said[self._commune] = [Said({"bfs": found.bfs, "name": found.commune}, original)]
        if self._point and self._point not in said and found.lat is not None:
            point = {"lat": found.lat, "lon": found.lon, "precision": found.precision}
            said[self._point] = [Said(point, None)]

    def _by_commune(self, name: str, address: object, gazetteer: Gazetteer) -> Located | None:
        """A commune named alone: its number, and the point where its name stands on a map."""
        if self._setting.country != "CH" and not (isinstance(address, dict) and address.get("country") == "CH"):
            return None
        commune = gazetteer.commune_named(name)
        if commune is None:
            return None
        return Located(commune.bfs, commune.name, commune.canton, commune.lat, commune.lon, "commune")

    def _simple(self, plan: _Plan, cells: Cells, faults: Faults) -> list[Said]:
        if plan.property.type in {"date", "datetime"} and len(plan.parts) > 1:
            return self._joined_dates(plan, cells, faults)
        values: list[Said] = []
        for part in plan.parts:
            cell = cells.get(part.column)
            if not filled(cell):
                continue
            for item in cell if isinstance(cell, list) else (cell,):
                if filled(item):
                    self._add(values, plan.property, part, item, faults)
        return _merged_texts(values) if plan.property.type == "text" and len(values) > 1 else values

    def _add(self, values: list[Said], property_: Property, part: _Part, item: object, faults: Faults) -> None:
        try:
            found = normalise(property_, item, self._setting, part.hint)
        except ValueRefused as refused:
            faults.append((part.column, refused))
            return
        for value in found:
            if not any(each.value == value for each in values):
                values.append(Said(value, item if isinstance(item, str) else line_of(item)))

    def _joined_dates(self, plan: _Plan, cells: Cells, faults: Faults) -> list[Said]:
        """A day in one column, the hour in another."""
        texts = [cells[part.column] for part in plan.parts if filled(cells.get(part.column))]
        if not texts:
            return []
        days = [text for text in texts if not is_time(text)]
        hours = [text for text in texts if is_time(text)]
        item: object = days[0] if days else texts[0]
        if days and hours:
            item = f"{line_of(item)} {line_of(hours[0])}"
        values: list[Said] = []
        self._add(values, plan.property, plan.parts[0], item, faults)
        return values

    def _addresses(self, plan: _Plan, cells: Cells, faults: Faults) -> list[Said]:
        columns: dict[str, list[list[object]]] = {}
        where: dict[str, str] = {}
        for part in plan.parts:
            cell = cells.get(part.column)
            if not filled(cell):
                continue
            items = cell if isinstance(cell, list) else [cell]
            if not all(is_short(item) for item in items):
                faults.append((part.column, too_long()))
                continue
            columns.setdefault(part.part, []).append(items)
            where.setdefault(part.part, part.column)
        count = max((len(cell) for lists in columns.values() for cell in lists), default=0)
        if not plan.property.many:
            count = min(count, 1)
        found: list[Said] = []
        for index in range(count):
            parts = {name: _nth(lists, index) for name, lists in columns.items()}
            address, refused = assemble(parts, self._setting.country)
            faults += [(where.get(name, ""), error) for name, error in refused]
            if address and not any(each.value == address for each in found):
                found.append(Said(address, " · ".join(line_of(cell) for lists in parts.values() for cell in lists)))
        return found

    def _points(self, plan: _Plan, cells: Cells, faults: Faults) -> list[Said]:
        by_part = {part.part: part.column for part in plan.parts}
        whole = by_part.get("")
        lat, lon = cells.get(by_part.get("lat", "")), cells.get(by_part.get("lon", ""))
        lat, lon = (each[0] if isinstance(each, list) and each else each for each in (lat, lon))
        try:
            if not all(is_short(cells.get(column)) for column in by_part.values() if column):
                raise CoordinatesRefusedError("no coordinate is that long")
            if whole and filled(cells.get(whole)):
                cell = cells[whole]
                if isinstance(cell, dict):
                    pair = point_of(cell.get("lat"), cell.get("lon", cell.get("lng")), self._setting.country)
                else:
                    pair = pair_of(cell, self._setting.country)
                exact = whole == GEOMETRY_COLUMN
                return [Said(_point(pair, "exact" if exact else "locality"), line_of(cell))]
            if filled(lat) and filled(lon):
                pair = point_of(lat, lon, self._setting.country)
                return [Said(_point(pair, "locality"), f"{line_of(lat)}, {line_of(lon)}")]
        except CoordinatesRefusedError:
            column = whole or by_part.get("lat", "")
            faults.append((column, ValueRefused("coordinates-unreadable", "Not the coordinates of a place.")))
        return []

    def _precise(self, said: dict[str, list[Said]]) -> None:
        """Coordinates given beside a street are those of the house; without one, nobody knows of what."""
        address, point = said[self._address or ""][0].value, said[self._point or ""][0].value
        if isinstance(address, dict) and isinstance(point, dict) and address.get("street"):
            point["precision"] = "exact"

    def _communes(self, plan: _Plan, cells: Cells, faults: Faults) -> list[Said]:
        commune: dict[str, object] = {}
        for part in plan.parts:
            cell = cells.get(part.column)
            if not filled(cell):
                continue
            first = cell[0] if isinstance(cell, list) and cell else cell
            if not is_short(first):
                faults.append((part.column, too_long()))
                continue
            text = line_of(first)
            if part.part == "bfs":
                if text.isdigit() and 0 < int(text) < 10_000:
                    commune["bfs"] = int(text)
                else:
                    faults.append((part.column, ValueRefused("commune-unreadable", "Not the number of a commune.")))
            else:
                commune["name"] = text
        return [Said(commune, str(commune["name"]))] if "name" in commune else []

    def _drop_repeated_names(self, said: dict[str, list[Said]]) -> None:
        """An alternate name that is the name says nothing."""
        name = self._kind.slots["name"].name if "name" in self._kind.slots else ""
        if "alternate_names" in said and name in said:
            own = fold(str(said[name][0].value))
            rest = [each for each in said["alternate_names"] if fold(str(each.value)) != own]
            said["alternate_names"] = rest
            if not rest:
                del said["alternate_names"]

    def _key_as_identifier(self, cells: Cells, said: dict[str, list[Said]]) -> None:
        """Where the holder's key is a register's number (W332017360), it is an identifier too."""
        for column in self._ids if self._identifiers else ():
            text = line_of(cells.get(column) or "")[:MAX_LINE]
            if text and scheme_of(text) is not None:
                values = said.setdefault(self._identifiers or "", [])
                found = identifier(text)
                if found and not any(each.value == found for each in values):
                    values.append(Said(found, text))


def _plans(mapping: Mapping[str, str | None], kind: Kind) -> list[_Plan]:
    columns: dict[str, list[_Part]] = {}
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
        columns.setdefault(name, []).append(_Part(column, part, hint))
    return [_Plan(each, tuple(columns[each.name])) for each in kind.properties if each.name in columns]


def _nth(lists: Sequence[list[object]], index: int) -> list[object]:
    """The index-th item of each cell; a cell of one item holds for all."""
    return [cell[index] if index < len(cell) else cell[0] for cell in lists if index < len(cell) or len(cell) == 1]


def _point(pair: tuple[float, float], precision: str) -> dict[str, object]:
    return {"lat": pair[0], "lon": pair[1], "precision": precision}


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
