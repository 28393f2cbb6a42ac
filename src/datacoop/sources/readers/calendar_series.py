"""Events of a calendar that belong together: one, and its single dates that differ, as one row. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Final

from datacoop.lib.recurring import MOST_DATES, RuleError, check_rule
from datacoop.sources.readers.calendar_events import Event, EventRefused, Moment, fitting

#: What a single date may say otherwise, by our name for it.
_SAID: Final = {"status": "STATUS", "title": "SUMMARY", "place": "LOCATION"}
_STATUSES: Final = frozenset({"confirmed", "tentative", "postponed", "cancelled", "full"})
#: What a single date says otherwise and is not kept.
_UNKEPT: Final = ("DESCRIPTION", "URL", "GEO", "CATEGORIES")


@dataclass
class Series:
    """An event and what its single dates say."""

    event: Event
    others: list[Event] = field(default_factory=list)
    twice: bool = False

    @property
    def line(self) -> int:
        return self.event.line

    @property
    def uid(self) -> str:
        return self.event.uid

    @property
    def title(self) -> str:
        return str(self.event.values.get("SUMMARY", ""))

    def values(self) -> dict[str, object]:
        """The row. Raises EventRefused."""
        event = self.event
        if self.twice:
            raise EventRefused("key-twice", "Another event of this calendar has the same UID.", "UID")
        found: dict[str, object] = {"UID": event.uid or f"{event.start.isoformat()} {self.title}", **event.values}
        found["DTSTART"] = _written(event.start, event)
        if event.end is not None:
            found["DTEND"] = _written(event.end, event)
        if event.names_zone and not event.whole_days:
            found["TZID"] = event.zone.key
        if recurrence := self._recurrence():
            found["RRULE"] = recurrence
        return found

    def _recurrence(self) -> dict[str, object]:
        event = self.event
        if event.rule is not None:
            try:
                check_rule(event.rule)
            except RuleError as error:
                raise EventRefused("recurrence-unreadable", str(error), "RRULE") from None
        overrides: dict[str, dict[str, object]] = {
            _wall(start): {"end": _wall(end)} for start, end in event.ends.items()
        }
        for other in self.others:
            name = _named(other, event)
            overrides[name] = _different(event, other, name)
        found: dict[str, object] = {
            "rrule": event.rule,
            "rdates": sorted({_wall(each) for each in event.rdates}),
            "exdates": sorted({_wall(each) for each in event.exdates}),
            "overrides": [{"recurrence_id": name, **said} for name, said in sorted(overrides.items())],
        }
        if any(isinstance(each, list) and len(each) > MOST_DATES for each in found.values()):
            raise EventRefused("recurrence-unreadable", f"More than {MOST_DATES} dates are named one by one.", "RDATE")
        return {name: said for name, said in found.items() if said}


def joined(events: list[Event], notes: list[str]) -> Iterator[Series]:
    """Each event with its single dates. Of two versions of one the later (SEQUENCE) counts."""
    by_uid: dict[object, list[Event]] = {}
    for event in events:
        by_uid.setdefault(event.uid or event.line, []).append(event)
    unkept = 0
    for group in by_uid.values():
        for series in _series(group):
            unkept += sum(_says_more(series.event, each) for each in series.others)
            yield series
    if unkept:
        notes.append(
            f"{unkept} single dates have a description, page, place on the map or category of their own: not kept."
        )


def _series(group: list[Event]) -> Iterator[Series]:
    whole = [each for each in group if each.instead_of is None]
    single: dict[Moment, Event] = {}
    for each in sorted(group, key=lambda event: event.sequence):
        if each.instead_of is not None:
            single[each.instead_of] = each
    if not whole:
        yield _of_single_dates(list(single.values()))
        return
    latest = max(each.sequence for each in whole)
    newest = [each for each in whole if each.sequence == latest]
    yield Series(newest[0], list(single.values()))
    yield from (Series(each, twice=True) for each in newest[1:] if not _is_same(each, newest[0]))


def _is_same(event: Event, other: Event) -> bool:
    return {**vars(event), "line": 0} == {**vars(other), "line": 0}


def _of_single_dates(events: list[Event]) -> Series:
    """Dates of an event that the calendar does not hold: the first, and the others as further dates of it."""
    first, *others = sorted(events, key=lambda event: (_wall(event.start), event.line))
    for each in others:
        each.instead_of = each.start
        first.rdates.append(fitting(first, each.start))
    first.instead_of = None
    return Series(first, others)


def _named(other: Event, event: Event) -> str:
    """The date that a single date stands for, as the rule gives it; a day alone means the date on that day."""
    instead = other.instead_of or other.start
    return _wall(fitting(event, instead)) if not isinstance(instead, datetime) else _moved(instead, other, event)


def _different(event: Event, other: Event, name: str) -> dict[str, object]:
    """What a single date says otherwise; that it takes place, where it says nothing else."""
    found: dict[str, object] = {}
    start = _moved(other.start, other, event)
    if start != name:
        found["start"] = start
    if (other.end is not None and event.end is None) or other.end != _expected(event, other):
        found["end"] = _moved(other.end, other, event) if other.end is not None else start
    for ours, theirs in _SAID.items():
        said = str(other.values.get(theirs, "")).strip()
        if ours == "status":
            said = said.lower() if said.lower() in _STATUSES else ""
        if said and said.lower() != str(event.values.get(theirs, "")).strip().lower():
            found[ours] = said
    return found or {"start": start}


def _expected(event: Event, other: Event) -> Moment | None:
    """When a single date ends if it lasts as long as the others."""
    if event.end is None or isinstance(other.start, datetime) == event.whole_days:
        return None
    return other.start + (event.end - event.start)


def _says_more(event: Event, other: Event) -> bool:
    return any(name in other.values and other.values[name] != event.values.get(name) for name in _UNKEPT)


def _moved(moment: Moment, other: Event, event: Event) -> str:
    """A moment of a single date as a wall time of the event's zone."""
    if isinstance(moment, datetime) and not event.whole_days and other.zone != event.zone:
        moment = moment.replace(tzinfo=other.zone).astimezone(event.zone).replace(tzinfo=None)
    if isinstance(moment, datetime) and event.whole_days:
        raise EventRefused("recurrence-unreadable", "A single date has a time of day, the event has none.", "DTSTART")
    if not isinstance(moment, datetime) and not event.whole_days:
        return datetime.combine(moment, time()).isoformat()
    return _wall(moment)


def _wall(moment: Moment) -> str:
    return moment.isoformat()


def _written(moment: Moment, event: Event) -> str:
    """A day, or an instant with its offset; an hour that clocks leave out is the one after (RFC 5545 section 3.3.5).

    Of an event that repeats it stays: it is the hour of its other dates.
    """
    if not isinstance(moment, datetime):
        return moment.isoformat()
    if event.rule is not None:
        return moment.replace(tzinfo=event.zone).isoformat()
    return moment.replace(tzinfo=event.zone).astimezone(UTC).astimezone(event.zone).isoformat()
