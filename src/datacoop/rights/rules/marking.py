"""Which states of a notice lead where. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

from datacoop.rights.rules.notices import DAYS_BETWEEN, DAYS_TO_ARRIVE


def may_be_told_anew(last_told: datetime | None, now: datetime) -> bool:
    """Return whether something new may be told: a week after the last message about it.

    >>> from datetime import UTC
    >>> may_be_told_anew(datetime(2030, 1, 1, tzinfo=UTC), datetime(2030, 1, 7, tzinfo=UTC))
    False
    """
    return last_told is None or last_told + timedelta(days=DAYS_BETWEEN) <= now


def arrives_at(sent_at: datetime, channel: str) -> datetime:
    """Return from when on what was sent and did not come back counts as delivered."""
    return sent_at + timedelta(days=DAYS_TO_ARRIVE[channel])
