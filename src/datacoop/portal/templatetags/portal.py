"""`{% say %}`, `{% asset %}` and what pages need to show a moment in the reader's language."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils.formats import date_format
from django.utils.translation import get_language

from datacoop.portal import assets, catalogue

register = template.Library()
_SMALL = frozenset({"fr", "it"})
_HERE = ZoneInfo("Europe/Zurich")
_DAY = {"fr": "l j F Y", "de": "l, j. F Y", "it": "l j F Y", "en": "l j F Y"}
_SHORT = {"fr": "j F Y", "de": "j. F Y", "it": "j F Y", "en": "j F Y"}
_TIME = {"fr": "H \\h i", "de": "H.i \\U\\h\\r", "it": "H:i", "en": "H:i"}


def language() -> str:
    """The language of the page being made."""
    found = (get_language() or "fr")[:2]
    return found if found in catalogue.LANGUAGES else "fr"


@register.simple_tag
def say(key: str, **values: object) -> str:
    """One of the portal's texts; Django escapes it where it stands."""
    return catalogue.say(language(), key, **values)


@register.simple_tag
def colon() -> str:
    """What stands between a label and its value: in French with a space that does not break."""
    return "\u00a0:" if language() == "fr" else ":"


@register.simple_tag
def asset(name: str) -> str:
    """The address of a built file."""
    return assets.asset(name)


@register.simple_tag
def current_language() -> str:
    """The language of the page, where no view says it."""
    return language()


@register.filter
def day(moment: datetime | date) -> str:
    """`lundi 23 novembre 2026`, in Swiss time."""
    return _as_written(date_format(_here(moment), _DAY[language()]))


@register.filter
def short_day(moment: datetime | date) -> str:
    """`23 novembre 2026`, in Swiss time."""
    return _as_written(date_format(_here(moment), _SHORT[language()]))


@register.filter
def time(moment: datetime) -> str:
    """`20 h 15`, `20 h`, in Swiss time."""
    text = date_format(_here(moment), _TIME[language()])
    return text.replace(" h 00", " h").replace(" ", "\u00a0")


@register.filter
def month(moment: datetime | date) -> str:
    """`nov.`, for the calendar leaf."""
    return _as_written(date_format(_here(moment), "b"))


@register.filter
def day_number(moment: datetime | date) -> str:
    """`23`, for the calendar leaf."""
    return date_format(_here(moment), "j")


@register.filter
def weekday(moment: datetime | date) -> str:
    """`lun.`, for the calendar leaf."""
    return _as_written(date_format(_here(moment), "D"))


@register.filter
def unlocalized(number: float) -> str:
    """A number as SVG wants it, with a point."""
    return f"{number:g}"


def _as_written(date_text: str) -> str:
    """Days and months as the language writes them: capitals in German and English, none in French and Italian."""
    if language() in _SMALL:
        return date_text.lower()
    return re.sub(r"[^\W\d_]+", lambda word: word.group()[0].upper() + word.group()[1:], date_text)


def _here(moment: datetime | date) -> datetime | date:
    return moment.astimezone(_HERE) if isinstance(moment, datetime) else moment
