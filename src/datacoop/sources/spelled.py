"""What people write of dates where our own readers find none: hours from and until, several days, every Tuesday. Pure.

Looked at only where a cell was refused. What becomes of it stands in three properties: start, end and recurrence.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final
from zoneinfo import ZoneInfo

from datacoop.kinds.definition import Kind
from datacoop.lib.dates import DAY_LENGTH, ZURICH, DateRefusedError, is_time, parse_datetime
from datacoop.lib.recurring import zone_of
from datacoop.lib.spans import CODES, Span, parse_span
from datacoop.sources.evidence import filled
from datacoop.sources.normalising import line_of
from datacoop.sources.refusing import ValueRefused
from datacoop.sources.said import AllSaid, Cells, Faults, Said

_LONGEST: Final = 200


@dataclass(frozen=True)
class _Names:
    start: str
    end: str
    recurrence: str
    zone: str


class Spelled:
    """Reads the dates that people wrote in the columns of one list."""

    def __init__(self, kind: Kind, columns: dict[str, Collection[str]]) -> None:
        """`columns`: the columns of each property."""
        start = kind.slots.get("start")
        if start is not None and start.type != "moment":
            start = None  # a day on which an offer begins
        has_start = start is not None
        by_term = {each.terms.get("ical", ""): each.name for each in reversed(kind.properties) if has_start}
        self._names = _Names(
            start.name if start else "", *(by_term.get(term, "") for term in ("DTEND", "RRULE", "TZID"))
        )
        self._of_start, self._of_end, self._of_rule = (
            frozenset(columns.get(name, ())) for name in (self._names.start, self._names.end, self._names.recurrence)
        )

    def settle(self, said: AllSaid, faults: Faults, cells: Cells) -> None:
        """Read refused cells once more; what is read is no fault any more, what is not is told more exactly."""
        for fault in list(faults):
            column, refused = fault
            cell = cells.get(column)
            if not isinstance(cell, str) or not filled(cell) or len(cell) > _LONGEST:
                continue
            try:
                if not self._is_read(said, column, cell, refused.code):
                    continue
            except DateRefusedError as error:
                exact = ValueRefused(f"date-{error.code}", str(error))
                faults[faults.index(fault)] = (column, exact)
            except ValueRefused as error:
                faults[faults.index(fault)] = (column, error)
            else:
                faults.remove(fault)

    def _is_read(self, said: AllSaid, column: str, cell: str, code: str) -> bool:
        names = self._names
        zone = zone_of(said[names.zone][0].value, ZURICH) if names.zone in said else ZURICH
        if column in self._of_start and code == "date-unreadable":
            self._say(said, parse_span(cell), cell, zone)
        elif column in self._of_rule and code == "recurrence-unreadable" and not _is_formal(cell):
            self._say(said, self._begun(said, parse_span(cell), zone), cell, zone)
        elif column in self._of_end and code == "date-unreadable" and is_time(cell) and names.start in said:
            start = str(said[names.start][0].value)
            if len(start) == DAY_LENGTH:
                raise ValueRefused("end-without-start", "The end has a time of day, the beginning has none.")
            day = datetime.fromisoformat(start).astimezone(zone).date()
            end = parse_datetime(f"{day} {line_of(cell)}", zone=zone)
            said[names.end] = [Said(end.isoformat() if end else "", cell)]
        else:
            return False
        return True

    def _begun(self, said: AllSaid, span: Span, zone: ZoneInfo) -> Span:
        """A rule beside the first day that the row says elsewhere."""
        if not span.weekdays:
            raise ValueRefused("recurrence-unreadable", "Nothing repeats here.")
        if self._names.start not in said:
            return span
        start = str(said[self._names.start][0].value)
        moment = datetime.fromisoformat(start)
        local = moment if len(start) == DAY_LENGTH else moment.astimezone(zone)
        if CODES[local.weekday()] not in span.weekdays:
            raise ValueRefused("recurrence-unreadable", "The first date is another day of the week than the rule says.")
        clock = None if len(start) == DAY_LENGTH else local.time()
        if span.clock and clock and span.clock != clock:
            raise ValueRefused("recurrence-unreadable", "The first date has another hour than the rule says.")
        return Span(local.date(), span.clock or clock, span.end, weekdays=span.weekdays, until=span.until)

    def _say(self, said: AllSaid, span: Span, cell: str, zone: ZoneInfo) -> None:
        if span.day is None:
            raise ValueRefused("begin-unsure", "The days of the week are clear, the first date is not: say since when.")
        names = self._names
        if span.end is not None and span.clock is not None and span.end < span.clock:
            raise ValueRefused("end-before-start", "The end lies before the beginning.")
        said[names.start] = [Said(_written(span.day, span.clock, zone), cell)]
        last = span.last or (span.day if span.end is not None else None)
        if last is not None:
            said[names.end] = [Said(_written(last, span.end, zone), cell)]
        if span.rule:
            said[names.recurrence] = [Said({"rrule": span.rule}, cell)]


def _is_formal(cell: str) -> bool:
    return "FREQ" in cell.upper() or cell.lstrip().startswith("{") or ":" in cell.partition(";")[0].partition(" ")[0]


def _written(day: date, clock: time | None, zone: ZoneInfo) -> str:
    if clock is None:
        return day.isoformat()
    found = parse_datetime(datetime.combine(day, clock), zone=zone)
    return found.isoformat() if found else ""
