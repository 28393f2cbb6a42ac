"""The dates of a document that the index holds: one, or those of a recurrence from a year back to two years ahead.

What is disclosed alone decides: a view that shows no end or no recurrence has no dates from them. Pure.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import cast

from datacoop.lib.dates import ZURICH
from datacoop.lib.recurring import instant_of, occurrences, zone_of

_log = logging.getLogger(__name__)
AHEAD, BACK = 25, 12
"""Months: the running one and two years, and the year before."""


def horizon(now: int) -> int:
    """Return up to which instant dates are indexed by now: the begin of a month (UTC), so that it moves monthly."""
    return _months_from(now, AHEAD)


def starts_of(event: Mapping[str, object] | None, until: int) -> list[int]:
    """Return the starts to index, in seconds since 1970, in their order: none without an event."""
    if event is None:
        return []
    zone = zone_of(event.get("zone"), ZURICH)
    recurrence = recurrence_of(event)
    if recurrence is None:
        return [instant_of(str(event["start"]), zone)]
    since = datetime.fromtimestamp(_months_from(until, -AHEAD - BACK), UTC)
    try:
        found = occurrences(event, recurrence, zone, since, datetime.fromtimestamp(until, UTC))
    except (ValueError, OverflowError):
        # Such a rule is refused where it is said; one from before must not keep all others from being shown.
        _log.exception("A recurrence cannot be worked out; its record has no dates.")
        return []
    return sorted({each.instant for each in found})


def recurrence_of(event: Mapping[str, object] | None) -> Mapping[str, object] | None:
    """Return the recurrence of an event, None where it has one date."""
    return cast("Mapping[str, object] | None", event.get("recurrence")) if event else None


def _months_from(instant: int, months: int) -> int:
    day = datetime.fromtimestamp(instant, UTC)
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return int(datetime(year, month + 1, 1, tzinfo=UTC).timestamp())
