"""What is wrong or doubtful in a row by itself: cells nobody understands, domains, places, coordinates, days."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

from datacoop.lib.dates import DateRefusedError, parse_date
from datacoop.lib.geo import haversine_km, number_of
from datacoop.pipelines.trying import domains
from datacoop.pipelines.trying.findings import Finding
from datacoop.pipelines.trying.reading import Listed, values_of
from datacoop.sources.places import Gazetteer
from datacoop.sources.readers.table import Row
from datacoop.sources.rows import MappedRow

#: Coordinates further than this from the place of the address belong to something else.
FAR_KM = 10.0
_SAMPLE = 60
#: A column of days is one where nearly all can be read, and nearly all have passed.
_DAYS, _PAST = 0.8, 0.9
#: A town that is nowhere: what a postcode says without any town.
_NOWHERE = "xqzwx"
#: A list may have words of its own for sorts of things: no mistake.
_OWN_MATTER = frozenset({"code-unknown"})
_EMAIL, _WEBSITE = ("email", "emails"), ("website",)


@dataclass
class Checking:
    """Checks of the rows of one list."""

    listed: Listed
    gazetteer: Gazetteer
    today: date
    gone: set[str] = field(default_factory=set)

    def findings(self) -> Iterator[Finding]:
        """Yield what was noticed, row by row."""
        day_columns = self._day_columns()
        knows_postcodes = self._knows_any_postcode()
        # Where no column holds names, the report says so once.
        unsaid = _OWN_MATTER if "name" in self.listed.mapping.values() else _OWN_MATTER | {"name-missing"}
        for row, mapped in zip(self.listed.rows, self.listed.mapped, strict=True):
            for problem in mapped.problems:
                if problem.code not in unsaid:
                    yield Finding(row.number, problem.column or None, problem.code)
            values = values_of(mapped)
            yield from self._domains(row, values)
            yield from self._days(row, values, day_columns)
            yield from self._swapped(row, values)
            for address in values.get("addresses", [])[:1]:
                if knows_postcodes and isinstance(address, dict):
                    yield from self._postcode(row, address)
            yield from self._far(row, values)

    def domains_named(self) -> set[str]:
        """Every domain of the list's e-mail and web addresses that could exist."""
        named = {d for m in self.listed.mapped for _, d in _domains_of(values_of(m))}
        return {domain for domain in named if domains.fault_of(domain, is_of_mailbox=False) is None}

    def _domains(self, row: Row, values: Mapping[str, list[object]]) -> Iterator[Finding]:
        said: set[tuple[str, str]] = set()
        for targets, domain in _domains_of(values):
            fault = domains.fault_of(domain, is_of_mailbox=targets is _EMAIL) or (
                ("domain-gone", {"domain": domain}) if domain in self.gone else None
            )
            column = self.listed.column_of(row, *targets)
            if fault and (str(column), domain) not in said:
                said.add((str(column), domain))
                yield Finding(row.number, column, fault[0], fault[1])

    def _day_columns(self) -> list[str]:
        return [name for name in self.listed.table.columns if self._is_of_past_days(name)]

    def _is_of_past_days(self, column: str) -> bool:
        cells = (row.values[column] for row in self.listed.rows if column in row.values)
        seen = [_day_of(cell) for _, cell in zip(range(_SAMPLE), cells, strict=False)]
        days = [each for each in seen if each]
        enough = len(seen) >= 5 and len(days) >= _DAYS * len(seen)
        return enough and sum(each <= self.today for each in days) >= _PAST * len(days)

    def _days(self, row: Row, values: Mapping[str, list[object]], columns: list[str]) -> Iterator[Finding]:
        for column in columns:
            day = _day_of(row.values.get(column))
            if day and day > self.today:
                yield Finding(row.number, column, "date-future")
        year = next(iter(values.get("founded_year", ())), None)
        founded = self.listed.column_of(row, "founded_year")
        if isinstance(year, int) and year > self.today.year and founded not in columns:
            yield Finding(row.number, founded, "date-future")

    def _swapped(self, row: Row, values: Mapping[str, list[object]]) -> Iterator[Finding]:
        """Read as latitude and longitude in the other order than the columns say."""
        lat_column, lon_column = self.listed.column_of(row, "point.lat"), self.listed.column_of(row, "point.lon")
        point = next(iter(values.get("point", ())), None)
        if lat_column is None or lon_column is None or not isinstance(point, dict):
            return
        lat, lon = number_of(row.values.get(lat_column)), number_of(row.values.get(lon_column))
        if lat is None or lon is None or max(abs(lat), abs(lon)) > 180:
            return
        if abs(point["lat"] - lon) < 1e-6 and abs(point["lon"] - lat) < 1e-6 and abs(lat - lon) > 1e-6:
            yield Finding(row.number, lat_column, "coordinates-swapped")

    def _knows_any_postcode(self) -> bool:
        """Without a list of localities nothing can be said of postcodes."""
        codes = {str(a.get("postal_code", "")) for m in self.listed.mapped for a in _swiss_addresses(m)} - {""}
        return any(map(self._knows, sorted(codes)))

    def _knows(self, code: str) -> bool:
        return self.gazetteer.locate(code, _NOWHERE) is not None

    def _may_be_boxes(self, code: str, city: str) -> bool:
        """Postcodes of boxes are in no list of localities; they begin as those of their town do."""
        near = (f"{code[:2]}{number:02}" for number in range(100))
        return bool(city) and any(self._knows(each) and self.gazetteer.locate(each, city) for each in near)

    def _postcode(self, row: Row, address: Mapping[str, str]) -> Iterator[Finding]:
        code, city = address.get("postal_code", ""), address.get("city", "")
        if address.get("country") != "CH" or not code:
            return
        column = self.listed.column_of(row, "addresses.postal_code", "addresses.city", "addresses.street")
        if not self._knows(code):
            if not self._may_be_boxes(code, city):
                yield Finding(row.number, column, "postcode-unknown", {"postcode": code})
        elif city and self.gazetteer.locate(code, city) is None:
            there = self.gazetteer.locate(code, None) or self.gazetteer.locate(code, _NOWHERE)
            gaps = {"postcode": code, "place": there.commune if there else "", "city": city}
            yield Finding(row.number, column, "postcode-elsewhere", gaps)

    def _far(self, row: Row, values: Mapping[str, list[object]]) -> Iterator[Finding]:
        point, address = (next(iter(values.get(name, ())), None) for name in ("point", "addresses"))
        column = self.listed.column_of(row, "point.lat", "point", "point.lon")
        if column is None or not isinstance(point, dict) or not isinstance(address, dict):
            return
        code = address.get("postal_code")  # towns of one name are many
        place = self.gazetteer.locate(code, address.get("city")) if code else None
        if address.get("country") != "CH" or place is None or place.lat is None or place.lon is None:
            return
        away = haversine_km(point["lat"], point["lon"], place.lat, place.lon)
        if away > FAR_KM:
            yield Finding(row.number, column, "far-from-place", {"km": round(away), "place": place.commune})


def _swiss_addresses(mapped: MappedRow) -> Iterator[dict[str, str]]:
    for each in mapped.values:
        if each.property == "addresses" and isinstance(each.value, dict) and each.value.get("country") == "CH":
            yield each.value


def _domains_of(values: Mapping[str, list[object]]) -> Iterator[tuple[tuple[str, ...], str]]:
    """(targets of the column, domain) of every e-mail and web address of a row."""
    for email in values.get("email", ()):
        yield _EMAIL, str(email).rpartition("@")[2]
    for website in values.get("website", ()):
        host = urlsplit(str(website)).hostname
        if host:
            yield _WEBSITE, host.removeprefix("www.")


def _day_of(cell: object) -> date | None:
    """The day of a cell that is written as one; a bare number is none."""
    if cell is None or isinstance(cell, bool | int | float | list | dict) or len(str(cell)) > 40:
        return None
    if isinstance(cell, str) and cell.strip().isdigit():
        return None
    try:
        return parse_date(cell)
    except DateRefusedError:
        return None
