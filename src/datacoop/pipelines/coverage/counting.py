"""How much of the public pool a list covers, what is missing in it, and how many there may be in all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from datacoop.directory import themes
from datacoop.disclosure.holding import Item, PublicRecord, confirmed_between, pool
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.slots import place_key
from datacoop.lib.recapture import Estimate, History, NoEstimate, histories_of, stratified
from datacoop.lib.text import sort_key
from datacoop.linking.existence import KIND
from datacoop.pipelines.coverage.matching import match
from datacoop.sources.owning import OwnList, rows_present

#: The kind whose records several lists have in common.
COVERED: Final = KIND
_ZONE: Final = ZoneInfo("Europe/Zurich")


@dataclass(frozen=True)
class Share:
    """One theme or commune: how many the pool has there, and how many of them stand in the list."""

    value: str
    pool: int
    mine: int

    @property
    def missing(self) -> int:
        """How many the list does not have."""
        return self.pool - self.mine


@dataclass(frozen=True)
class Missing:
    """A public record that is not in the list, as anonymous lists show it. `resembles`: it looks like a row of it."""

    number: int
    item: Item
    resembles: bool

    def values_of(self, facet: str) -> set[str]:
        """Return its values of `theme` or `commune`, as the shares count them; one that has none has the empty one."""
        return (_themes(self.item) if facet == "theme" else _commune(self.item)) or {""}


@dataclass(frozen=True)
class Coverage:
    """A list beside the public pool. Counts of the pool are of public records, `rows` of the list's own rows.

    `lists`: holders whose published lists the pool comes from, with how many of it each names. A public record of
    which no published list speaks (its subject or a steward entered it) counts in the pool, but in no list. `whole` is
    estimated theme by theme; `estimated` are the themes of which it could be.
    """

    rows: int
    rows_found: int
    pool: int
    shared: int
    missing: tuple[Missing, ...]
    confirmed: int
    confirmed_shared: int
    year: int
    themes: tuple[Share, ...]
    communes: tuple[Share, ...]
    lists: tuple[tuple[str, int], ...]
    whole: Estimate | NoEstimate
    estimated: frozenset[str]


def cover(reading: Reading, own: OwnList, *, now: datetime) -> Coverage:
    """Compare a list of organisations with everything of its kind that the public sees, at one moment.

    It depends on the list's own words, on public views and on which records are one; on nothing else (law 2).
    Raises: disclosure.errors.Due when something must be settled first.
    """
    with reading.snapshot():
        every = {each.number: each for each in pool(reading, own.kind)}
        rows = rows_present(own.source_id, own.kind)
        matched = match(reading, own.source_id, rows, every)
        shared = set(matched.same.values())
        said = {number for number, each in every.items() if _may_be_confirmed(each.item)}
        since = datetime(now.astimezone(_ZONE).year, 1, 1, tzinfo=_ZONE)
        confirmed = confirmed_between(said, since=since, now=now)
    listed = {number: _lists(each.item) for number, each in every.items()}
    whole, estimated = stratified(_strata(every, listed))
    return Coverage(
        rows=len(rows),
        rows_found=len(matched.same),
        pool=len(every),
        shared=len(shared),
        missing=_missing(every, shared, matched.perhaps),
        confirmed=len(confirmed),
        confirmed_shared=len(confirmed & shared),
        year=since.year,
        themes=_shares({number: _themes(each.listed) for number, each in every.items()}, shared),
        communes=_shares({number: _commune(each.listed) for number, each in every.items()}, shared),
        lists=tuple(sorted(Counter(name for names in listed.values() for name in names).items())),
        whole=whole,
        estimated=estimated,
    )


def _strata(every: Mapping[int, PublicRecord], listed: Mapping[int, frozenset[str]]) -> dict[str, dict[History, int]]:
    """Return by theme how many stand in exactly which lists; what has several themes counts in the first of them."""
    strata: dict[str, list[frozenset[str]]] = {}
    for number, each in every.items():
        if listed[number]:
            strata.setdefault(min(_themes(each.listed), default=""), []).append(listed[number])
    return {theme: histories_of(found) for theme, found in strata.items()}


def _missing(every: Mapping[int, PublicRecord], shared: set[int], perhaps: frozenset[int]) -> tuple[Missing, ...]:
    found = [Missing(n, each.listed, n in perhaps) for n, each in every.items() if n not in shared]
    return tuple(sorted(found, key=lambda each: (sort_key(str(each.item.get("name", ""))), each.number)))


def _shares(values: Mapping[int, Iterable[str]], shared: set[int]) -> tuple[Share, ...]:
    """Count by value, the largest first; what has no value is counted under the empty one, last."""
    all_of, mine = Counter[str](), Counter[str]()
    for number, found in values.items():
        for value in set(found) or {""}:
            all_of[value] += 1
            mine[value] += number in shared
    shares = [Share(value, count, mine[value]) for value, count in all_of.items()]
    return tuple(sorted(shares, key=lambda each: (not each.value, -each.pool, each.value)))


def _themes(item: Item) -> set[str]:
    """The themes at the top of the tree."""
    said = item.get("theme", [])
    every = said if isinstance(said, list) else [said]
    return {themes.known_as(str(path)).partition("/")[0] for path in every}


def _commune(item: Item) -> set[str]:
    commune = item.get("commune")
    return {place_key(commune)} if isinstance(commune, Mapping) else set()


def _lists(item: Item) -> frozenset[str]:
    """The holders that publish it: two lists of one holder are no two witnesses."""
    return frozenset(str(each["holder"]) for each in item.get("sources", ()))


def _may_be_confirmed(item: Item) -> bool:
    """Whether its subject itself may have spoken: lists say so, or no list speaks of it."""
    sources = item.get("sources", ())
    return not sources or any(each.get("confirmed") for each in sources)
