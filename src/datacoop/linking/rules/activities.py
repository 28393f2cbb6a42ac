"""Whether two activities are one: the same organiser, the same start, a similar title. Pure.

Written rules, since nobody judged any yet. The same title on another day is the next date of a series, not the same
activity; two numbers (course 1, course 2) or two parts (juniors, seniors) at one hour are two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rapidfuzz import fuzz

from datacoop.lib.dates import DateRefusedError, parse_datetime
from datacoop.lib.text import fold, words
from datacoop.linking.rules.comparing import DIFFERENT, LOOK_ALIKE, SAME, Comparison, Reason, Verdict
from datacoop.linking.rules.sharing import Key
from datacoop.linking.rules.words import known

#: Doors open before the music begins.
CLOSE: Final = timedelta(minutes=30)
#: Titles as good as equal, and titles of which something is left: ratios of 100.
_NEAR, _SIMILAR = 88, 65
_LEAST_WORD = 4
_SLOT: Final = int(CLOSE.total_seconds())


@dataclass(frozen=True)
class Activity:
    """What is compared of an activity. `organiser`: the number or uid of who organises it, merged ones as one."""

    organiser: object
    start: datetime
    title: tuple[str, ...]
    towns: frozenset[str] = frozenset()
    place: str = ""

    def keys(self) -> set[Key]:
        """Return the keys of its organiser at its hour: any two starts within half an hour share one."""
        slot = int(self.start.timestamp()) // _SLOT
        return {(self.organiser, slot), (self.organiser, slot + 1)}


def activity_of(values: Mapping[str, Sequence[object]], *, organiser: object) -> Activity | None:
    """Return what is compared of values given by property as in an API item, always as lists.

    None where start or title is not said: nothing can be compared then.
    """
    title = tuple(words(str(next(iter(values.get("title", ())), ""))))
    try:
        start = parse_datetime(next(iter(values.get("start", ())), None))
    except DateRefusedError:
        start = None
    if not title or start is None:
        return None
    said = [each for name in ("addresses", "commune") for each in values.get(name, ()) if isinstance(each, Mapping)]
    towns = {fold(str(each.get("city") or each.get("name") or "")).strip() for each in said} - {""}
    return Activity(organiser, start, title, frozenset(towns), fold(str(next(iter(values.get("place", ())), ""))))


def compare_activities(one: Activity, two: Activity) -> Comparison:
    """Compare two activities. One word in common is no similar title, nor is one hour one activity."""
    apart = abs(one.start - two.start)
    likeness = _likeness(one.title, two.title)
    if one.organiser != two.organiser or apart > CLOSE or _is_other_part(one, two) or likeness < _SIMILAR:
        return Comparison(DIFFERENT, ())
    elsewhere = bool(one.towns and two.towns) and one.towns.isdisjoint(two.towns)
    reasons = [
        Reason("same-organiser", "", 4.0),
        Reason("near-start", str(int(apart.total_seconds() // 60)), 2.0) if apart else Reason("same-start", "", 4.0),
        Reason("same-title" if likeness >= _NEAR else "similar-title", "", round((likeness - _SIMILAR) / 5, 2)),
    ]
    if elsewhere:
        reasons.append(Reason("other-place", "", -6.0))
    elif one.towns & two.towns or (one.place and one.place == two.place):
        reasons.append(Reason("same-place", "", 2.0))
    verdict: Verdict = SAME if likeness >= _NEAR and not elsewhere else LOOK_ALIKE
    return Comparison(verdict, tuple(reasons))


def _likeness(one: Sequence[str], two: Sequence[str]) -> float:
    """How alike titles are, their words in any order; all the words of one in the other are near."""
    inner, outer = sorted((set(one), set(two)), key=lambda said: (len(said), sorted(said)))
    telling = [word for word in inner if len(word) >= _LEAST_WORD and word not in known().stop_words]
    within = float(_NEAR if inner <= outer and len(telling) > 1 else _SIMILAR if inner <= outer and telling else 0)
    return max(within, fuzz.ratio(" ".join(sorted(one)), " ".join(sorted(two))))


def _is_other_part(one: Activity, two: Activity) -> bool:
    parts = [({w for w in a.title if w.isdigit()}, known().parts & set(a.title)) for a in (one, two)]
    return parts[0] != parts[1]
