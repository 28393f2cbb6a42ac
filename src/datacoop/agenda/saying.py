"""A recurrence in words, in four languages: for pages and mails alike. Reads nothing but what it is given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from datacoop.agenda.rules.rhythms import DAYS, last_day, parts_of, times_of, without_end
from datacoop.lib.dates import DAY_LENGTH
from datacoop.lib.phrases import Phrases

LANGUAGES = ("fr", "de", "it", "en")
PHRASES = Phrases(Path(__file__).with_name("texts"), LANGUAGES)
#: More days than these are counted, not named.
_MOST_NAMED: Final = 4
_PLACES = frozenset({1, 2, 3, 4, 5, -1})


def recurrence_said(
    recurrence: Mapping[str, Any] | None, start: str, end: str | None, zone: ZoneInfo, language: str
) -> str:
    """Return when something happens again and again, in one line; empty for what happens once.

    >>> rule = {"rrule": "FREQ=WEEKLY;BYDAY=TU;UNTIL=20270630T215959Z", "exdates": ["2026-12-29T19:00:00"]}
    >>> times = "2026-12-01T19:00:00+01:00", "2026-12-01T21:00:00+01:00"
    >>> recurrence_said(rule, *times, ZoneInfo("Europe/Zurich"), "en")
    'Every Tuesday, 19:00–21:00, until 30 June 2027, except on 29 December 2026'
    """
    if not recurrence or not (recurrence.get("rrule") or recurrence.get("rdates")):
        return ""
    words = _Words(language if language in LANGUAGES else LANGUAGES[0], zone)
    rule = str(recurrence.get("rrule", ""))
    parts = [
        words.rhythm(rule, words.wall(start).date()),
        words.hours(start, end),
        words.ending(rule),
        words.days("also", recurrence.get("rdates", ()) if rule else ()),
        words.days("except", recurrence.get("exdates", ())),
    ]
    said = ", ".join(each for each in parts if each)
    return said[:1].upper() + said[1:]


@dataclass(frozen=True)
class _Words:
    language: str
    zone: ZoneInfo

    def say(self, key: str, **values: object) -> str:
        return PHRASES.say(self.language, f"recurrence.{key}", **values)

    def wall(self, text: str) -> datetime:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(self.zone) if moment.tzinfo else moment

    def rhythm(self, rule: str, first: date) -> str:
        """Return how often; in general words for a rule that is rarer than these."""
        parts = parts_of(without_end(rule)) if rule else {}
        every = int(parts.pop("INTERVAL", "1"))
        parts.pop("WKST", None)
        frequency = parts.pop("FREQ", "")
        saying = {"DAILY": self._daily, "WEEKLY": self._weekly, "MONTHLY": self._monthly, "YEARLY": self._yearly}
        found = saying[frequency](parts, first) if frequency in saying else None
        if found is None:
            return self.say("several")
        key, values = found
        if every == 1:
            return self.say(key, **values)
        return self.say(f"{key}_n", every=self._number(every), **values)

    def hours(self, start: str, end: str | None) -> str:
        """Return from when to when, nothing of whole days."""
        if len(start) == DAY_LENGTH:
            return ""
        begins = self.wall(start)
        ends = self.wall(end) if end and len(end) > DAY_LENGTH else None
        if ends is None or ends - begins >= timedelta(days=1):
            return self.say("from", start=self._hour(begins.time()))
        return self.say("from_to", start=self._hour(begins.time(), ends.time()), end=self._hour(ends.time()))

    def ending(self, rule: str) -> str:
        """Return how it ends, if it does."""
        last, times = last_day(rule, self.zone), times_of(rule)
        if last is not None:
            return self.say("until_vowel" if last.day in (8, 11) else "until", day=self.day(last))
        return self.say("times", count=times) if times else ""

    def days(self, key: str, moments: Sequence[str]) -> str:
        """Return some days, by number where they are many."""
        found = list(dict.fromkeys(date.fromisoformat(each[:DAY_LENGTH]) for each in sorted(moments)))
        if not found:
            return ""
        if len(found) > _MOST_NAMED:
            return self.say(f"{key}_many", count=len(found))
        return self.say(key, days=self._joined([self.day(each) for each in found]))

    def day(self, day: date) -> str:
        """Return a day: `30 juin 2027`."""
        number = self.say("first") if day.day == 1 else self.say("day_number", number=day.day)
        return f"{number} {self._month(day)} {day.year}"

    def _daily(self, parts: Mapping[str, str], _: date) -> tuple[str, dict[str, str]] | None:
        return None if parts else ("daily", {})

    def _weekly(self, parts: Mapping[str, str], first: date) -> tuple[str, dict[str, str]] | None:
        named = parts.get("BYDAY", DAYS[first.weekday()]).split(",")
        if set(parts) - {"BYDAY"} or not set(named) <= set(DAYS):
            return None
        weekdays = [self._weekday(each) for each in sorted(named, key=DAYS.index)]
        return "weekly", {"days": self._joined(weekdays)}

    def _monthly(self, parts: Mapping[str, str], first: date) -> tuple[str, dict[str, str]] | None:
        if set(parts) == {"BYDAY"}:
            found = [(each[:-2], each[-2:]) for each in parts["BYDAY"].split(",")]
            if not all(place.lstrip("+-").isdigit() and int(place) in _PLACES for place, _ in found):
                return None
            return "month_weekday", {"which": self._joined([self._placed(int(place), day) for place, day in found])}
        numbers = parts.get("BYMONTHDAY", str(first.day)).split(",")
        if set(parts) - {"BYMONTHDAY"} or not all(each.isdigit() for each in numbers):
            return None
        said = [self.say("first") if each == "1" else self.say("day_number", number=each) for each in numbers]
        return "month_date", {"days": self._joined(said)}

    def _yearly(self, parts: Mapping[str, str], first: date) -> tuple[str, dict[str, str]] | None:
        same = {"BYMONTH": str(first.month), "BYMONTHDAY": str(first.day)}
        if any(same.get(name) != text for name, text in parts.items()):
            return None
        number = self.say("first") if first.day == 1 else self.say("day_number", number=first.day)
        return "yearly", {"day": f"{number} {self._month(first)}"}

    def _placed(self, place: int, weekday: str) -> str:
        """Return `le 2e mardi`; Sunday alone has another gender in Italian."""
        which = "last" if place < 0 else str(place)
        return self.say(f"{'sundays' if weekday == 'SU' else 'weekdays'}.{which}", weekday=self._weekday(weekday))

    def _weekday(self, code: str) -> str:
        return self.say("day_names").split()[DAYS.index(code)]

    def _month(self, day: date) -> str:
        return self.say("month_names").split()[day.month - 1]

    def _number(self, number: int) -> str:
        named = self.say("numbers").split()
        return named[number] if number < len(named) else str(number)

    def _hour(self, hour: time, beside: time | None = None) -> str:
        """Return an hour; without its minutes where the language does so, and none stands beside it that has some."""
        short = hour.minute == 0 and (beside is None or beside.minute == 0)
        return self.say("full_hour" if short else "hour", hour=hour.hour, padded=f"{hour:%H}", minute=f"{hour:%M}")

    def _joined(self, words: Sequence[str]) -> str:
        if len(words) < 2:
            return "".join(words)
        return f"{', '.join(words[:-1])} {self.say('and')} {words[-1]}"
