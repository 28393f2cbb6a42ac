"""Pure rules of consent: which decision holds for an audience, what the default says, when either changes next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

PUBLIC = 1
COOPERATORS = 2
#: Properties' rules while the subject has not spoken (the charter's default policy explains them).
NOBODY, PUBLISHED, NOTIFIED = "nobody", "published", "notified"


@dataclass(frozen=True)
class Tree:
    """The audiences: parent by audience. A reader is one leaf and sees along the path from the root."""

    parents: Mapping[int, int | None]

    def path(self, audience: int) -> tuple[int, ...]:
        """Return the audiences from the root to `audience`."""
        found = [audience]
        while (parent := self.parents[found[-1]]) is not None:
            found.append(parent)
        return tuple(reversed(found))


@dataclass(frozen=True)
class Ruling:
    """One decision as the rules need it."""

    record_id: int
    property: str
    audience: int
    shows: bool
    since: datetime
    until: datetime | None
    order: int

    def holds(self, now: datetime) -> bool:
        """Return whether `now` lies in the half-open interval since–until."""
        return self.since <= now and (self.until is None or now < self.until)


@dataclass(frozen=True)
class Rulings:
    """Everything decided about one record, or about the records merged into one."""

    decisions: tuple[Ruling, ...] = ()
    restricted: bool = False
    notices: Mapping[tuple[int, int], tuple[datetime | None, bool]] | None = None
    """(Record, source) → (delivered, objected): a merge does not carry a notice over to what was said elsewhere."""

    def audiences(self) -> frozenset[int]:
        """Return the audiences anything was ever decided for."""
        return frozenset(d.audience for d in self.decisions)


NOTHING_DECIDED = Rulings()


def verdict(rulings: Rulings, *, path: Sequence[int], names: Sequence[str], now: datetime) -> bool | None:
    """Return what the subject decided for the leaf of `path`: shown, hidden, or None for nothing.

    `names` are the properties that bind, strongest first; `""` stands for the whole record. The decision nearest the
    leaf holds; at one audience the stronger name, and of two the newer. Members merged into one record may have
    decided differently: the narrower wins until the subject speaks (law 2).
    """
    if not rulings.decisions:
        return None
    answers = [_verdict_of(found, path, names, now) for found in _by_record(rulings.decisions).values()]
    spoken = [answer for answer in answers if answer is not None]
    return all(spoken) if spoken else None


def _verdict_of(decisions: Sequence[Ruling], path: Sequence[int], names: Sequence[str], now: datetime) -> bool | None:
    for audience in reversed(path):
        for name in names:
            found = [d for d in decisions if d.audience == audience and d.property == name and d.holds(now)]
            if found:
                return max(found, key=lambda d: d.order).shows
    return None


def _by_record(decisions: Iterable[Ruling]) -> dict[int, list[Ruling]]:
    found: dict[int, list[Ruling]] = {}
    for decision in decisions:
        found.setdefault(decision.record_id, []).append(decision)
    return found


def default_shows(
    rule: str, *, published: bool, notice: tuple[datetime | None, bool] | None, days: int, now: datetime
) -> bool:
    """Return whether the voted default makes a value public: see the charter's default policy."""
    if rule == NOBODY:
        return False
    if published:
        return True
    if rule != NOTIFIED or notice is None:
        return False
    delivered, objected = notice
    return delivered is not None and not objected and delivered + timedelta(days=days) <= now


def next_change(rulings: Rulings, *, days: int, now: datetime) -> datetime | None:
    """Return the first moment after `now` at which the mere passing of time changes what is disclosed."""
    moments = [d.since for d in rulings.decisions] + [d.until for d in rulings.decisions if d.until]
    for delivered, objected in (rulings.notices or {}).values():
        if delivered and not objected:
            moments.append(delivered + timedelta(days=days))
    return min((m for m in moments if m > now), default=None)
