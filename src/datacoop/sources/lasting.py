"""How long something lasts, as lists say it: an end that fits its beginning, or a fault of the row. Pure.

What is kept of whole days is the day after the last one, as in iCalendar; everybody else names the last day itself.
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from datacoop.kinds.definition import Kind
from datacoop.lib.dates import DAY_LENGTH
from datacoop.sources.readers.json_values import ITEM_KEYS
from datacoop.sources.refusing import ValueRefused
from datacoop.sources.said import AllSaid, Faults

#: What every event of a calendar has (RFC 5545 section 3.6.1).
CALENDAR_KEYS: Final = frozenset({"UID", "DTSTART", "SUMMARY"})


class Lasting:
    """Settles the ends of one list."""

    def __init__(self, kind: Kind, columns: Collection[str]) -> None:
        moments = [each for each in kind.properties if each.type == "moment"]
        start = next((each for each in moments if each == kind.slots.get("start")), None)
        end = next((each for each in moments if each.terms.get("ical") == "DTEND"), None)
        self._start = start.name if start is not None and end is not None else ""
        self._end = end.name if end is not None else ""
        self._names_last_day = not (set(columns) >= ITEM_KEYS or set(columns) >= CALENDAR_KEYS)

    def settle(self, said: AllSaid, faults: Faults, column: str) -> None:
        """Make the last day that a row names the day after; without an end what cannot be that of its beginning."""
        if not self._end or self._end not in said:
            return
        end = said[self._end][0]
        if self._names_last_day and len(str(end.value)) == DAY_LENGTH:
            end = replace(end, value=(date.fromisoformat(str(end.value)) + timedelta(days=1)).isoformat())
            said[self._end] = [end]
        if self._start not in said:
            return
        wrong = fault_in_time(str(said[self._start][0].value), str(end.value))
        if wrong:
            faults.append((column, wrong))
            del said[self._end]


def fault_in_time(start: str, end: str) -> ValueRefused | None:
    """Why an end cannot be that of what begins so; None if it can."""
    if len(start) == DAY_LENGTH < len(end):
        return ValueRefused("end-without-start", "The end has a time of day, the beginning has none.")
    first, last = (datetime.fromisoformat(text) for text in (start, end))
    if first.tzinfo is not None and last.tzinfo is None:
        first = first.replace(tzinfo=None)
    return ValueRefused("end-before-start", "The end lies before the beginning.") if last < first else None
