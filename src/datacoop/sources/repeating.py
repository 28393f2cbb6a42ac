"""When something happens, as cells say it: moments, zones, and recurrences in the words of RFC 5545. Pure.

A recurrence is read whole or refused. Its moments become wall times of the event's zone; what cannot be one is refused.
"""

import re
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import orjson

from datacoop.kinds.recurrence import PARTS, recurrence_fault
from datacoop.lib.dates import ZURICH, DateRefusedError, parse_moment
from datacoop.lib.recurring import MOST_DATES, zone_of
from datacoop.lib.text import clean
from datacoop.sources.refusing import MAX_LINE, ValueRefused, too_long

#: As many moments as a recurrence may have, thrice, with what is between them.
MAX_RECURRENCE: Final = 3 * 40 * MOST_DATES
_LINE: Final = re.compile(r"(RRULE|RDATE|EXDATE|EXRULE)((?:;[\w-]+=(?:\"[^\"]*\"|[^;:\"]*))*):(.*)", re.IGNORECASE)
_MOMENT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z)?)?", re.IGNORECASE)
#: A line that is folded goes on after a line end and a blank (RFC 5545 section 3.1).
_FOLD: Final = re.compile(r"\r?\n[ \t]")
_NO_ZONE: Final = ZoneInfo("UTC")


def zone_name(text: str) -> str:
    """The name of a zone, if IANA has it. Raises ValueRefused."""
    if zone_of(text, _NO_ZONE).key != text:
        raise ValueRefused("zone-unknown", "Not a time zone of IANA, such as Europe/Zurich.")
    return text


def moment_of(value: object, zone: str | None = None, *, day_first: bool = True) -> str | None:
    """The day or the instant that a cell says, read in the zone the row says; None for nothing. Raises ValueRefused."""
    try:
        found = parse_moment(value, zone=ZURICH, day_first=day_first)
        # A day, or what has an offset of its own, is the same in every zone.
        if zone and isinstance(found, datetime) and found.tzinfo is ZURICH:
            found = parse_moment(value, zone=_zone(zone), day_first=day_first)
    except DateRefusedError as error:
        raise ValueRefused(f"date-{error.code}", str(error)) from None
    return found.isoformat() if found else None


def _zone(name: str | None) -> ZoneInfo:
    return ZoneInfo(zone_name(name)) if name else ZURICH


def recurrence_of(value: object, zone: str | None = None) -> dict[str, object] | None:
    """The recurrence that a cell says; None for nothing. Raises ValueRefused.

    An object with our parts, the JSON text of one, or lines of iCalendar; a rule may stand without its name.

    >>> recurrence_of("RRULE:FREQ=WEEKLY;BYDAY=TU\\nEXDATE:20261229T183000Z")
    {'rrule': 'FREQ=WEEKLY;BYDAY=TU', 'exdates': ['2026-12-29T19:30:00']}
    """
    if isinstance(value, dict):
        return _clean(_checked({name: value[name] for name in (*PARTS, *value) if name in value}))
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        value = "\n".join(value)
    if not isinstance(value, str):
        raise _refused("Neither a rule nor an object.")
    text = value.strip()
    if not text.startswith("{"):
        return _checked(_of_lines(text, _zone(zone))) if text else None
    try:
        return recurrence_of(dict(orjson.loads(text)), zone)
    except orjson.JSONDecodeError:
        raise _refused("This JSON is not well formed.") from None


def _checked(said: dict[str, object]) -> dict[str, object]:
    wrong = recurrence_fault(said)
    if wrong:
        raise _refused(wrong)
    return said


def _clean(said: dict[str, object]) -> dict[str, object]:
    """The same, what single dates are called as clean lines of text."""
    overrides = [
        {name: clean(each[name]) if name in {"title", "place"} else each[name] for name in each}
        for each in said.get("overrides", ())  # type: ignore[attr-defined]
    ]
    if any(len(text) > MAX_LINE for each in overrides for text in each.values()):
        raise too_long()
    return _checked({**said, "overrides": overrides}) if overrides else said


def _refused(message: str) -> ValueRefused:
    return ValueRefused("recurrence-unreadable", message)


def _of_lines(text: str, zone: ZoneInfo) -> dict[str, object]:
    rules: dict[str, None] = {}
    moments: dict[str, list[str]] = {"rdates": [], "exdates": []}
    for line in _FOLD.sub("", text).splitlines():
        name, options, said = _taken_apart(line.strip())
        if name == "RRULE":
            rules[written_rule(said)] = None
        elif name in {"RDATE", "EXDATE"}:
            moments[f"{name.lower()}s"] += [wall_time(each, options, zone) for each in said.split(",")]
        elif name:
            raise _refused(f"{name} is not read: RFC 5545 does not know it any more.")
    if len(rules) > 1:
        raise _refused("Two different rules in one event (RFC 5545 section 3.8.5.3 allows one).")
    return {
        **({"rrule": rule} if (rule := next(iter(rules), None)) else {}),
        **{name: sorted(set(found)) for name, found in moments.items() if found},
    }


def _taken_apart(line: str) -> tuple[str, str, str]:
    if not line:
        return "", "", ""
    if match := _LINE.fullmatch(line):
        return match[1].upper(), match[2], match[3]
    if re.match(r"FREQ=|(?:[A-Z]+=[^;]*;)+FREQ=", line, re.IGNORECASE):
        return "RRULE", "", line
    raise _refused("Not a rule of iCalendar, such as FREQ=WEEKLY;BYDAY=TU.")


def written_rule(text: str) -> str:
    """A rule without blanks, in capitals, without an empty part at its end: equal ones are written equally."""
    return re.sub(r"\s", "", text).upper().rstrip(";")


def wall_time(text: str, options: str, zone: ZoneInfo) -> str:
    """A moment of RDATE or EXDATE as a wall time of the event's zone, or a day. Raises ValueRefused.

    `options` are its parameters, `;TZID=Europe/London` for one.
    """
    match = _MOMENT.fullmatch(text.strip())
    if match is None:
        raise _refused("RDATE and EXDATE list moments such as 20261201T190000.")
    year, month, day, hour, minute, second, utc = match.groups()
    if hour is None:
        return f"{year}-{month}-{day}"
    try:
        moment = datetime.fromisoformat(f"{year}-{month}-{day}T{hour}:{minute}:{second}")
    except ValueError:
        raise _refused("RDATE and EXDATE list moments that there are.") from None
    said = re.search(r";TZID=\"?([^;:\"]+)", options, re.IGNORECASE)
    if utc or said:
        own = UTC if utc or said is None else ZoneInfo(zone_name(said[1]))
        moment = moment.replace(tzinfo=own).astimezone(zone).replace(tzinfo=None)
    return moment.isoformat()
