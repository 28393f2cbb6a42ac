"""Where a row's thing is: its coordinates, its commune, and both of them by postcode and town where it says neither."""

from collections.abc import Sequence

from datacoop.kinds.definition import Kind
from datacoop.kinds.values import PRECISIONS
from datacoop.lib.geo import CoordinatesRefusedError, Reading, read_pair, read_point
from datacoop.sources.evidence import filled
from datacoop.sources.normalising import Setting, line_of
from datacoop.sources.places import Gazetteer, Located
from datacoop.sources.readers.geojson import GEOMETRY_COLUMN
from datacoop.sources.refusing import ValueRefused, is_short, too_long
from datacoop.sources.said import AllSaid, Cells, Faults, Part, Said

HOME = "CH"


class Placer:
    """Reads and completes the places of the rows of one list."""

    def __init__(self, kind: Kind, setting: Setting) -> None:
        self._setting = setting
        by_type = {each.type: each.name for each in reversed(kind.properties)}
        self._address = by_type.get("address", "")
        self._point = by_type.get("point", "")
        self._commune = by_type.get("commune", "")

    def points(self, parts: Sequence[Part], cells: Cells, faults: Faults) -> list[Said]:
        """The point that a row's cells give, of one column or of two."""
        by_part = {part.part: part.column for part in parts}
        whole, lat_column, lon_column = (by_part.get(name, "") for name in ("", "lat", "lon"))
        try:
            if not all(is_short(cells.get(column)) for column in by_part.values()):
                raise CoordinatesRefusedError("no coordinate is that long")
            if whole and filled(cell := cells.get(whole)):
                return [self._whole(cell, exact=whole == GEOMETRY_COLUMN)]
            lat, lon = _first(cells.get(lat_column)), _first(cells.get(lon_column))
            if filled(lat) and filled(lon):
                found = read_point(lat, lon, self._setting.country)
                told = line_of(_first(cells.get(by_part.get("precision", ""))))
                precision = told if told in PRECISIONS else "locality"
                return [Said(_point(found, precision), f"{line_of(lat)}, {line_of(lon)}", found.corrected)]
        except CoordinatesRefusedError:
            faults.append(
                (whole or lat_column, ValueRefused("coordinates-unreadable", "Not the coordinates of a place."))
            )
        return []

    def _whole(self, cell: object, *, exact: bool) -> Said:
        if isinstance(cell, dict):
            found = read_point(cell.get("lat"), cell.get("lon", cell.get("lng")), self._setting.country)
        else:
            found = read_pair(cell, self._setting.country)
        return Said(_point(found, "exact" if exact else "locality"), line_of(cell), found.corrected)

    def communes(self, parts: Sequence[Part], cells: Cells, faults: Faults) -> list[Said]:
        """The commune by its name, with its Swiss number where the row says it."""
        commune: dict[str, object] = {}
        for part in parts:
            cell = cells.get(part.column)
            if not filled(cell):
                continue
            first = _first(cell)
            if not is_short(first):
                faults.append((part.column, too_long()))
                continue
            text = line_of(first)
            if part.part != "bfs":
                commune["name"] = text
            elif text.isdigit() and 0 < int(text) < 10_000:
                commune["bfs"] = int(text)
            else:
                faults.append((part.column, ValueRefused("commune-unreadable", "Not the number of a commune.")))
        return [Said(commune, str(commune["name"]))] if "name" in commune else []

    def sharpen(self, said: AllSaid) -> None:
        """Coordinates given beside a street are those of the house; without one, nobody knows of what."""
        if self._point not in said or self._address not in said:
            return
        address, point = said[self._address][0].value, said[self._point][0].value
        if isinstance(address, dict) and isinstance(point, dict) and address.get("street"):
            point["precision"] = "exact"

    def locate(self, said: AllSaid, gazetteer: Gazetteer) -> None:
        """Add the commune and a point of the locality where the row says neither."""
        address = said[self._address][0].value if self._address in said else None
        if isinstance(address, dict) and address.get("country") != HOME:
            self._locate_abroad(said, address, gazetteer)
            return
        found = self._found(said, address, gazetteer)
        if found is None:
            return
        named = said[self._commune][0] if self._commune in said else None
        numbered = named is not None and isinstance(named.value, dict) and "bfs" in named.value
        if self._commune and not numbered:
            commune = {"bfs": found.bfs, "name": found.commune}
            said[self._commune] = [Said(commune, named.original if named else None)]
        self._add_point(said, found)

    def _found(self, said: AllSaid, address: object, gazetteer: Gazetteer) -> Located | None:
        found = None
        if isinstance(address, dict):
            found = gazetteer.locate(address.get("postal_code"), address.get("city"))
        point = said[self._point][0].value if self._point in said else None
        if found is None and isinstance(point, dict):
            found = gazetteer.commune_of_point(point["lat"], point["lon"])
        named = said[self._commune][0].value if self._commune in said else None
        if found is None and isinstance(named, dict) and "bfs" not in named:
            at_home = self._setting.country == HOME or (isinstance(address, dict) and address.get("country") == HOME)
            found = gazetteer.locate_commune(str(named.get("name", ""))) if at_home else None
        return found

    def _locate_abroad(self, said: AllSaid, address: dict[str, str], gazetteer: Gazetteer) -> None:
        """Elsewhere a commune has no Swiss number; what is known of that country comes from a list that was loaded."""
        country, city = address.get("country"), address.get("city")
        found = gazetteer.locate(address.get("postal_code"), city, country) if country else None
        if found is not None:
            self._add_point(said, found)
        name = found.commune if found is not None else city
        if self._commune and self._commune not in said and name:
            said[self._commune] = [Said({"name": name}, None)]

    def _add_point(self, said: AllSaid, found: Located) -> None:
        if self._point and self._point not in said and found.lat is not None:
            point = {"lat": found.lat, "lon": found.lon, "precision": found.precision}
            said[self._point] = [Said(point, None)]


def _first(cell: object) -> object:
    return cell[0] if isinstance(cell, list) and cell else cell


def _point(found: Reading, precision: str) -> dict[str, object]:
    return {"lat": found.lat, "lon": found.lon, "precision": precision}
