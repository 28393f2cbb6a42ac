"""How one parameter's text becomes a value. Strict: what is not written as described is refused, for everybody alike.

Pure functions; each raises ValueError with a sentence for the caller. Must not look anything up.
"""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta
from math import isfinite
from typing import Final
from zoneinfo import ZoneInfo

ZONE: Final = ZoneInfo("Europe/Zurich")
MOST_CHARACTERS: Final = 500
LONGEST_NAME: Final = 200
FARTHEST_KM: Final = 500.0
NOWHERE: Final = "\x1f"
"""A facet value that no record has: what an empty one becomes, so that it can never mean "all"."""


def text(raw: str) -> str | None:
    """Words to search; none at all is as if they were not asked."""
    if len(raw) > MOST_CHARACTERS:
        raise ValueError(f"Search words have {MOST_CHARACTERS} characters at most.")
    return raw.strip() or None


def name(raw: str) -> str:
    """What a list is called."""
    if not 0 < len(raw.strip()) <= LONGEST_NAME:
        raise ValueError(f"A name has 1 to {LONGEST_NAME} characters.")
    return raw.strip()


def facet(raw: str) -> str:
    """A value to filter by; one that nobody has finds nothing."""
    return raw if raw and len(raw) <= MOST_CHARACTERS else NOWHERE


def opaque(raw: str) -> str:
    """A cursor or an id, as it was given out."""
    if not raw or len(raw) > MOST_CHARACTERS or not raw.isascii():
        raise ValueError("Give it exactly as it was received.")
    return raw


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """A whole number between two others."""

    def parse(raw: str) -> int:
        # int() would also take "1_0", " 7" and other scripts' digits.
        if raw.isascii() and raw.isdigit() and len(raw) <= 6 and lowest <= int(raw) <= highest:
            return int(raw)
        raise ValueError(f"A whole number from {lowest} to {highest}.")

    return parse


def counted(raw: str) -> int:
    """A number of entries, or of an entry: from 1."""
    if raw.isascii() and raw.isdigit() and len(raw) <= 15 and int(raw) > 0:
        return int(raw)
    raise ValueError("A whole number from 1.")


def sha256(raw: str) -> str:
    """A hash in lower-case hexadecimal digits."""
    if len(raw) == 64 and set(raw) <= set("0123456789abcdef"):
        return raw
    raise ValueError("64 hexadecimal digits, in lower case.")


def _number(raw: str, limit: float) -> float:
    if not raw.isascii() or "_" in raw or len(raw) > 30:
        raise ValueError("Not a number.")
    found = float(raw)
    if not isfinite(found) or abs(found) > limit:
        raise ValueError(f"Numbers from -{limit:g} to {limit:g}.")
    return found


def box(raw: str) -> tuple[float, float, float, float]:
    """West, south, east, north in degrees."""
    parts = raw.split(",")
    try:
        west, south, east, north = (_number(part, limit) for part, limit in zip(parts, (180, 90, 180, 90), strict=True))
    except ValueError:
        raise ValueError("Four numbers in degrees: west,south,east,north.") from None
    if west > east or south > north:
        raise ValueError("West comes before east, south before north.")
    return west, south, east, north


def near(raw: str) -> tuple[float, float]:
    """Latitude and longitude in degrees."""
    parts = raw.split(",")
    try:
        lat, lon = (_number(part, limit) for part, limit in zip(parts, (90, 180), strict=True))
    except ValueError:
        raise ValueError("Two numbers in degrees: latitude,longitude.") from None
    return lat, lon


def radius(raw: str) -> float:
    """Kilometres."""
    try:
        found = _number(raw, FARTHEST_KM)
    except ValueError:
        found = 0.0
    if found <= 0:
        raise ValueError(f"Kilometres above 0, {FARTHEST_KM:g} at most.")
    return found


def since(raw: str) -> str:
    """The first instant, ISO 8601 in UTC; a day begins at midnight in Switzerland."""
    return _instant(raw, timedelta())


def until(raw: str) -> str:
    """The instant everything found starts before; a day counts as a whole."""
    return _instant(raw, timedelta(days=1))


def _instant(raw: str, whole_day: timedelta) -> str:
    try:
        if len(raw) == len("2026-11-23"):
            day = date.fromisoformat(raw) + whole_day
            moment = datetime.combine(day, time.min, ZONE)
        else:
            # In a query string an unescaped "+" reads as a blank.
            moment = datetime.fromisoformat(raw.replace(" ", "+") if raw[10:11] == "T" else raw)
            moment = moment if moment.tzinfo else moment.replace(tzinfo=ZONE)
        return moment.astimezone(UTC).isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        raise ValueError("A day such as 2026-11-23 or an instant such as 2026-11-23T18:00:00Z.") from None


def one_of(choices: Collection[str]) -> Callable[[str], str]:
    """One of some words."""

    def parse(raw: str) -> str:
        if raw in choices:
            return raw
        raise ValueError(f"One of: {', '.join(choices)}.")

    return parse


def names(known: Collection[str]) -> Callable[[str], frozenset[str]]:
    """Names of properties, separated by commas."""

    def parse(raw: str) -> frozenset[str]:
        wanted = raw.split(",")
        if not all(name in known for name in wanted):
            raise ValueError(f"Properties separated by commas: {', '.join(known)}.")
        return frozenset(wanted)

    return parse


def flag(raw: str) -> bool:
    """true or false."""
    found = _FLAGS.get(raw)
    if found is None:
        raise ValueError("true or false.")
    return found


_FLAGS: Mapping[str, bool] = {"true": True, "false": False}
