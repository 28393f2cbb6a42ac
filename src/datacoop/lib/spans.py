"""When something happens, as people write it in one cell: a day with its hours, days on end, every Tuesday.

French, German, Italian, English. What is not said (the year, since when) is refused, never guessed. Pure.
"""

import re
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final

from datacoop.lib.dates import DateRefusedError, parse_date
from datacoop.lib.text import plain

_WEEKDAYS: Final = {
    word: code
    for code, words in {
        "MO": "lundi montag lunedi monday", "TU": "mardi dienstag martedi tuesday",
        "WE": "mercredi mittwoch mercoledi wednesday", "TH": "jeudi donnerstag giovedi thursday",
        "FR": "vendredi freitag venerdi friday", "SA": "samedi samstag sonnabend sabato saturday",
        "SU": "dimanche sonntag domenica sunday",
    }.items()
    for word in words.split()
}  # fmt: skip
CODES: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_WEEKDAY: Final = rf"(?:{'|'.join(_WEEKDAYS)})"
_EVERY: Final = re.compile(
    rf"(?:(?:chaque|tous les|toutes les|le|les|jeden|jede|immer|ogni|tutti i|tutte le|every|each|on)\s+)?"
    rf"({_WEEKDAY}s?(?:\s*(?:,|et|und|e|and|&)\s*(?:le\s+)?{_WEEKDAY}s?)*)(?!\w)\s*"
)
_SURELY_EVERY: Final = re.compile(
    rf"\s*(?:chaque|tous|toutes|jeden|jede|immer|ogni|tutti|tutte|every|each)\b|{_WEEKDAY}s\b"
)
#: A day with its year: 14.04.2027, 14-04-2027, 2027-04-14, 14 avril 2027, 14. April 2027, April 14 2027.
_DATE: Final = (
    r"(?:\d{1,2}[./-]\d{1,2}[./-]\d{4}|\d{4}-\d{2}-\d{2}|\d{1,2}(?:er|st|nd|rd|th|\.|°)?\s+[a-z]+\.?\s+\d{4}"
    r"|[a-z]+\s+\d{1,2}(?:st|nd|rd|th)?,?\s+\d{4})"
)
_SINCE: Final = re.compile(
    r"[,;(]?\s*(?<!\w)(?:des le|a partir du|depuis le|du|ab dem|ab|a partire dal|dal|from|starting|since)"
    rf"\s+({_DATE})\)?"
)
_UNTIL: Final = re.compile(rf"[,;(]?\s*(?<!\w)(?:jusqu'au|au|bis zum|bis|fino al|al|until|till|to)\s+({_DATE})\)?")
_CLOCK: Final = r"(\d{1,2})(?:\s*(?:[:.]\s*(\d{2})|h\s*(\d{2})?))?\s*(uhr|heures?|o'clock)?\s*(am|pm)?"
_HOURS: Final = re.compile(
    rf"[,;]?\s*(?:de|des|von|um|a|dalle(?: ore)?|alle(?: ore)?|ore|from|at|les)?\s*{_CLOCK}"
    rf"(?:\s*(?:-|a|bis|alle(?: ore)?|to|until|till)\s*{_CLOCK})?\s*\.?"
)
_NAMED_DAY: Final = re.compile(rf"(?:(?:le|am|il|on)\s+)?(?:({_WEEKDAY})\s*,?\s+(?:den\s+|the\s+)?)?({_DATE})")
_DAYS_OF_MONTH: Final = re.compile(
    r"(?:du\s+|vom\s+|dal\s+)?(\d{1,2})\.?\s*(?:-|au|bis|al|to)\s*"
    r"(\d{1,2}\.?(?:\s+|\.)[a-z0-9]+\.?(?:\s+|\.)\d{4})"
)
_WITHOUT_YEAR: Final = re.compile(
    r"(?:[a-z]+\s+)?(?:\d{1,2}\.?\s*-\s*)?\d{1,2}(?:[./-]\d{1,2}\.?|(?:er|\.)?\s+[a-z]+)(?:[ ,].*)?"
)


@dataclass(frozen=True)
class Span:
    """What a cell says: its first day, the hour, until when, and on which days of every week (codes of RFC 5545).

    `day` is None where only the days of the week are said; `last` is the last day of several, `until` that of a rule.
    """

    day: date | None
    clock: time | None = None
    end: time | None = None
    last: date | None = None
    weekdays: tuple[str, ...] = ()
    until: date | None = None

    @property
    def rule(self) -> str:
        """The rule, empty where nothing repeats."""
        if not self.weekdays:
            return ""
        ends = f";UNTIL={self.until:%Y%m%d}" if self.until else ""
        return f"FREQ=WEEKLY;BYDAY={','.join(self.weekdays)}{ends}"


def parse_span(value: str) -> Span:
    """Read a cell. Raises DateRefusedError: incomplete where the year is missing, unreadable for all else.

    >>> parse_span("14.04.2027 08:30-20:00")
    ... # doctest: +NORMALIZE_WHITESPACE
    Span(day=datetime.date(2027, 4, 14), clock=datetime.time(8, 30), end=datetime.time(20, 0), last=None,
         weekdays=(), until=None)
    >>> parse_span("jeden Dienstag 19–21 Uhr, ab 12.01.2027").rule
    'FREQ=WEEKLY;BYDAY=TU'
    """
    text = re.sub(r"\s*[–—−]\s*", "-", value.replace("’", "'"))
    text = re.sub(r"\s+", " ", plain(text)).strip(" .")
    if every := _EVERY.match(text):
        rest = text[every.end() :].lstrip(" ,")
        if _SURELY_EVERY.match(text) or not re.match(r"(?:den |the )?\d{1,2}(?:er|\.|-)?[ ./-]", rest):
            return _weekly(every[1], rest, is_sure=bool(_SURELY_EVERY.match(text)))
    return _dated(text)


def _weekly(words: str, rest: str, *, is_sure: bool) -> Span:
    weekdays = {_WEEKDAYS[word] for word in re.findall(_WEEKDAY, words)}
    since = _SINCE.search(rest)
    rest = _SINCE.sub("", rest, count=1)
    until = _UNTIL.search(rest)
    hours = _UNTIL.sub("", rest, count=1).strip(" ,;")
    if not (is_sure or since or until):
        raise DateRefusedError("unreadable", "One day, or every week? Say which.")
    clock, end = _hours(hours) if hours else (None, None)
    first = _day(since[1]) if since else None
    codes = tuple(code for code in CODES if code in weekdays)
    if first is not None:
        first = next(day for day in (first + timedelta(days=n) for n in range(7)) if CODES[day.weekday()] in weekdays)
    return Span(first, clock, end, weekdays=codes, until=_day(until[1]) if until else None)


def _dated(text: str) -> Span:
    if match := _DAYS_OF_MONTH.fullmatch(text):
        last = _day(match[2])
        return _ordered(Span(_in_month(last, int(match[1])), last=last))
    if match := _NAMED_DAY.match(text):
        day, rest = _day(match[2]), text[match.end() :].strip(" ,;")
        if match[1] and _WEEKDAYS[match[1]] != CODES[day.weekday()]:
            raise DateRefusedError("impossible", "That day of the month is another day of the week.")
        if not rest:
            return Span(day)
        if later := re.fullmatch(rf"(?:-|au|bis|al|to)\s*({_DATE})", rest):
            return _ordered(Span(day, last=_day(later[1])))
        clock, end = _hours(rest)
        return Span(day, clock, end)
    if _WITHOUT_YEAR.fullmatch(text):
        raise DateRefusedError("incomplete", "The year is missing.")
    raise DateRefusedError("unreadable", "Not a day that can be read with certainty.")


def _ordered(span: Span) -> Span:
    if span.day is not None and span.last is not None and span.last < span.day:
        raise DateRefusedError("impossible", "The last day lies before the first.")
    return span


def _in_month(last: date, number: int) -> date:
    try:
        return last.replace(day=number)
    except ValueError:
        raise DateRefusedError("impossible", "There is no such day.") from None


def _day(text: str) -> date:
    day = parse_date(text)
    if day is None or not 1900 <= day.year <= 2200:
        raise DateRefusedError("unreadable", "Not a day that can be read with certainty.")
    return day


def _hours(text: str) -> tuple[time, time | None]:
    """Hours from and until. A number alone is no hour."""
    match = _HOURS.fullmatch(text)
    if match is None:
        raise DateRefusedError("unreadable", "The time of day cannot be read.")
    first, second = match.groups()[:5], match.groups()[5:]
    if not re.search(r"[:.h]|uhr|am|pm|o'clock|ore", text):
        raise DateRefusedError("unreadable", "A number alone is no time of day.")
    half = first[4] or (second[4] if second[0] and int(first[0]) < int(second[0]) else None)
    return _clock(first, half), _clock(second, second[4]) if second[0] else None


def _clock(parts: tuple[str | None, ...], half: str | None) -> time:
    hour, minute = int(parts[0] or 0), int(parts[1] or parts[2] or 0)
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        return time(0 if hour == 24 and minute == 0 else hour, minute)
    except ValueError:
        raise DateRefusedError("impossible", "There is no such time of day.") from None
