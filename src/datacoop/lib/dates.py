"""Dates and times as lists hold them. What could be two different days is refused, never guessed.

Day before month is the rule of the lists read here (`day_first`); a list from elsewhere says otherwise.
"""

import re
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

from datacoop.lib.text import plain

ZURICH: Final = ZoneInfo("Europe/Zurich")
#: Of a day as ISO 8601 writes it; what is longer has an hour.
DAY_LENGTH: Final = len("2026-12-01")
_EXCEL_EPOCH: Final = date(1899, 12, 30)
_EXCEL_DAYS: Final = range(3_000, 80_000)
_UNKNOWN: Final = re.compile(r"0000|0001-01-01|01[./-]01[./-]0001|1899-12-3|1900-01-00")
_ISO: Final = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[t ]+(.+))?")
_NUMERIC: Final = re.compile(r"(\d{1,2})\s*([./-])\s*(\d{1,2})\s*\2\s*(\d{4}|\d{2})\.?(?:[t ,]+(.+))?")
_YEAR_FIRST: Final = re.compile(r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?:[t ,]+(.+))?")
_WORDED: Final = re.compile(
    r"(?:[a-z]+\.?,?\s+)?(\d{1,2})(?:er|st|nd|rd|th|\.|°|o)?\s+([a-z]+)\.?,?\s+(\d{4})(?:[ ,]+(.+))?"
)
_WORDED_US: Final = re.compile(r"(?:[a-z]+\.?,?\s+)?([a-z]+)\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})(?:[ ,]+(.+))?")
_TIME: Final = re.compile(
    r"(?:a|um|alle|at|ore)?\s*(\d{1,2})(?:\s*[:h.]\s*(\d{2})?(?::(\d{2})(?:\.\d+)?)?)?\s*(?:uhr|h|heures?)?\s*(am|pm)?"
    r"\s*(z|utc|[+-]\d{2}:?\d{2})?"
)
_MONTHS: Final = {
    word: number
    for number, names in enumerate(
        (
            "janvier janv januar jan gennaio gen january janner",
            "fevrier fevr fev februar feb febbraio february feber",
            "mars marz maerz mrz marzo mar march",
            "avril avr april apr aprile",
            "mai maggio mag may",
            "juin juni jun giugno giu june",
            "juillet juil juli jul luglio lug july",
            "aout august aug agosto ago",
            "septembre sept september sep settembre set",
            "octobre oct oktober okt ottobre ott october",
            "novembre nov november novembre",
            "decembre dec dezember dez dicembre dic december",
        ),
        start=1,
    )
    for word in names.split()
}


class DateRefusedError(ValueError):
    """`code` says why: unreadable, incomplete, swapped, impossible."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def parse_date(value: object, *, day_first: bool = True) -> date | None:
    """The day a cell names; None where it says that the day is unknown (empty, 0001-01-01).

    >>> parse_date("23.11.2026"), parse_date("2026-11-23T00:00:00Z"), parse_date(45000)
    (datetime.date(2026, 11, 23), datetime.date(2026, 11, 23), datetime.date(2023, 3, 15))
    >>> parse_date("12 mai 2018"), parse_date("0001-01-01")
    (datetime.date(2018, 5, 12), None)
    """
    parts = _parse(value, day_first=day_first)
    return parts[0] if parts is not None else None


def parse_datetime(value: object, *, zone: tzinfo = ZURICH, day_first: bool = True) -> datetime | None:
    """The instant a cell names, with its offset; a day alone starts at midnight.

    >>> parse_datetime("11-04-2018 08:30").isoformat()
    '2018-04-11T08:30:00+02:00'
    """
    parts = _parse(value, day_first=day_first)
    return None if parts is None else _instant(*parts, zone)


def parse_moment(value: object, *, zone: tzinfo = ZURICH, day_first: bool = True) -> date | datetime | None:
    """The day a cell names where it says no time of day, else the instant, with its offset.

    A workbook has no days, only midnights: there midnight is the day.

    >>> parse_moment("11-04-2018").isoformat(), parse_moment("11-04-2018 00:00").isoformat(), parse_moment(43201.0)
    ('2018-04-11', '2018-04-11T00:00:00+02:00', datetime.date(2018, 4, 11))
    """
    parts = _parse(value, day_first=day_first)
    if parts is None:
        return None
    if parts[1] is None:
        return _near(parts[0])
    return _instant(*parts, zone)


def _near(day: date) -> date:
    if not 1900 <= day.year <= 2200:
        raise DateRefusedError("impossible", "Too far in the past or in the future for an appointment.")
    return day


def _instant(day: date, said: time | None, zone: tzinfo) -> datetime:
    clock = said or time()
    _near(day)
    if clock.tzinfo is not None:
        return datetime.combine(day, clock)
    local = datetime.combine(day, clock, tzinfo=zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=None) != local.replace(tzinfo=None):
        raise DateRefusedError("impossible", "This hour does not exist: clocks go forward that night.")
    return local


def is_time(value: object) -> bool:
    """Whether the cell holds a time of day alone, to be joined to the day beside it."""
    if isinstance(value, time):
        return True
    text = plain(str(value)).strip()
    return bool(re.fullmatch(r"\d{1,2}\s*[:h]\s*(\d{2})?(:\d{2})?\s*(am|pm|uhr)?", text))


def _parse(value: object, *, day_first: bool) -> tuple[date, time | None] | None:
    """The day and the time of day, None where the cell says none."""
    if value is None or value == "":
        return None
    if isinstance(value, datetime):
        clock = value.timetz()
        return _known(value.date(), clock if clock.tzinfo or clock != time() else None)
    if isinstance(value, date):
        return _known(value, None)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _excel(float(value))
    text = plain(str(value)).strip()
    if not text or _UNKNOWN.match(text):
        return None
    return _from_text(text, day_first=day_first)


def _known(day: date, clock: time | None) -> tuple[date, time | None] | None:
    return None if day.year < 1000 or day == _EXCEL_EPOCH else (day, clock)


def _excel(serial: float) -> tuple[date, time | None]:
    if not _EXCEL_DAYS.start <= serial < _EXCEL_DAYS.stop:
        raise DateRefusedError("incomplete", "A number that is not a day.")
    seconds = round((serial % 1) * 86_400) % 86_400
    clock = time(seconds // 3600, seconds // 60 % 60, seconds % 60)
    return _EXCEL_EPOCH + timedelta(days=int(serial)), clock if seconds else None


def _from_text(text: str, *, day_first: bool) -> tuple[date, time | None]:
    if match := _ISO.fullmatch(text) or _YEAR_FIRST.fullmatch(text):
        is_iso = text[: match.start(4)].endswith("t") if match[4] else False
        return _day(int(match[1]), int(match[2]), int(match[3])), _clock(match[4], is_iso=is_iso)
    if match := _NUMERIC.fullmatch(text):
        return _numeric(match, day_first=day_first), _clock(match[5])
    if (match := _WORDED.fullmatch(text)) and match[2] in _MONTHS:
        return _day(int(match[3]), _MONTHS[match[2]], int(match[1])), _clock(match[4])
    if (match := _WORDED_US.fullmatch(text)) and match[1] in _MONTHS:
        return _day(int(match[3]), _MONTHS[match[1]], int(match[2])), _clock(match[4])
    if re.fullmatch(r"\d{5}([.,]\d+)?", text):
        return _excel(float(text.replace(",", ".")))
    if re.fullmatch(r"\d{4}|\d{1,2}[./-]\d{4}|\d{4}-\d{2}|[a-z]+ \d{4}", text):
        raise DateRefusedError("incomplete", "A year or a month, not a day.")
    raise DateRefusedError("unreadable", "Not a day that can be read with certainty.")


def _numeric(match: re.Match[str], *, day_first: bool) -> date:
    first, separator, second, year_text = int(match[1]), match[2], int(match[3]), match[4]
    day, month = (first, second) if day_first or separator == "." else (second, first)
    if month > 12 >= day:
        raise DateRefusedError("swapped", "Day and month seem to have changed places.")
    if len(year_text) == 2:
        if separator != ".":
            raise DateRefusedError("incomplete", "The year has two digits only.")
        year = int(year_text) + (2000 if int(year_text) < 70 else 1900)
    else:
        year = int(year_text)
    return _day(year, month, day)


def _day(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise DateRefusedError("impossible", "There is no such day.") from None


def _clock(text: str | None, *, is_iso: bool = False) -> time | None:
    if not text:
        return None
    match = _TIME.fullmatch(text.strip())
    # 08:30-20:00 is from and until; after seconds, or in the form of ISO, it is how far the clocks are from UTC's.
    if match is None or (not is_iso and match[3] is None and (match[5] or "").startswith("-")):
        raise DateRefusedError("unreadable", "The time of day cannot be read.")
    hour, minute, second = int(match[1]), int(match[2] or 0), int(match[3] or 0)
    if match[4]:
        hour = hour % 12 + (12 if match[4] == "pm" else 0)
    try:
        clock = time(0 if hour == 24 and minute == 0 else hour, minute, second)
    except ValueError:
        raise DateRefusedError("impossible", "There is no such time of day.") from None
    offset = match[5]
    if not offset:
        return clock
    if offset in {"z", "utc"}:
        return clock.replace(tzinfo=UTC)
    moved = datetime.strptime(offset.replace(":", ""), "%z").tzinfo
    return clock.replace(tzinfo=moved)
