"""How often clients got again what they had been sent before: counted in memory, written once a minute (decision 0059).

A crash loses a minute of it. What was sent for the first time is no part of it: that is durable before it leaves.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from threading import Lock

from datacoop.disclosure.noting import moment_for
from datacoop.disclosure.reading import open_reading

Repeats = dict[tuple[int, int, int], tuple[int, float]]
"""Audience, key of the view, version → how often, and when last."""

#: Written so many at once, so that nobody waits long for the writers' lock.
_AT_ONCE = 500
_MOST_PAGES = 10_000
_AGAIN = (
    "UPDATE disclosure_delivery SET repeats = repeats + ?,"
    " last_at = CASE WHEN last_at IS NULL OR last_at < ? THEN ? ELSE last_at END"
    " WHERE key = ? AND audience_id = ? AND version = ?"
)


class Parcel:
    """The views in one answer, which may be given many times before it is forgotten."""

    __slots__ = ("audience", "last", "times", "versions")

    def __init__(self, audience: int, versions: Mapping[int, int]) -> None:
        """Given once, which is counted elsewhere."""
        self.audience, self.versions = audience, versions
        self.times, self.last = 0, 0.0


_mutex = Lock()
_repeats: Repeats = {}
#: What was looked up together, for the same is mostly looked up again: to be told apart when it is written.
_pages: dict[tuple[int, tuple[tuple[int, int], ...]], tuple[int, float]] = {}
_given: list[Parcel] = []


def count(audience: int, versions: Collection[tuple[int, int]]) -> None:
    """Count views, by key and version, that were looked up for a client that has them."""
    page, now = (audience, tuple(versions)), time.time()
    with _mutex:
        times, _ = _pages.get(page, (0, 0.0))
        if not times and len(_pages) >= _MOST_PAGES:
            _unfold(_repeats)
        _pages[page] = times + 1, now


def count_again(parcel: Parcel) -> None:
    """Count an answer that was given again as it is."""
    with _mutex:
        if not parcel.times:
            _given.append(parcel)
        parcel.times += 1
        parcel.last = time.time()


def write_repeats() -> int:
    """Write what was counted since the last time; return of how many deliveries. What fails is kept for the next."""
    waiting = _taken()
    written = 0
    while waiting:
        part = sorted(waiting)[:_AT_ONCE]
        try:
            _write({each: waiting[each] for each in part})
        except Exception:
            with _mutex:
                for each, (times, last) in waiting.items():
                    _add(_repeats, each, times, last)
            raise
        for each in part:
            del waiting[each]
        written += len(part)
    return written


def forget_repeats() -> None:
    """Forget what was counted and not written: after a restore, and between tests."""
    _taken()


def _taken() -> Repeats:
    """What was counted, all versions of one view in one, and begin anew."""
    with _mutex:
        found = dict(_repeats)
        _repeats.clear()
        _unfold(found)
        for parcel in _given:
            for key, version in parcel.versions.items():
                _add(found, (parcel.audience, key, version), parcel.times, parcel.last)
            parcel.times = 0
        _given.clear()
    return found


def _unfold(repeats: Repeats) -> None:
    """Put what was looked up together into single views."""
    for (audience, versions), (times, last) in _pages.items():
        for key, version in versions:
            _add(repeats, (audience, key, version), times, last)
    _pages.clear()


def _add(repeats: Repeats, delivery: tuple[int, int, int], times: int, last: float) -> None:
    before, at = repeats.get(delivery, (0, 0.0))
    repeats[delivery] = before + times, max(at, last)


def _write(repeats: Repeats) -> None:
    reading = open_reading()
    try:
        with reading.writing() as writer:
            rows = []
            for (audience, key, version), (times, last) in repeats.items():
                moment = moment_for(writer, datetime.fromtimestamp(last, UTC))
                rows.append((times, moment, moment, key, audience, version))
            writer.write(_AGAIN, rows)
    finally:
        reading.close()
