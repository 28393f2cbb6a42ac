"""Who was told, said nothing, and is to be reminded once: numbers of notices, and how many."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from datacoop.rights.models.notices import Notice
from datacoop.rights.rules.notices import DAYS_TO_REMIND
from datacoop.rights.rules.sending import BY_HAND


def silent(channel: str, *, now: datetime) -> QuerySet[Notice]:
    """Return the notices that arrived by a channel two weeks ago and were neither answered nor reminded of.

    Not of those whose list says something new, who want no further message, and whose sending somebody stopped.
    """
    return Notice.objects.filter(
        state=Notice.DELIVERED, channel=channel, delivered_at__lte=now - timedelta(days=DAYS_TO_REMIND),
        reminded_at=None, quiet_at=None, changed_at=None, sending__stopped_at=None,
    )  # fmt: skip


def count_silent(holder: UUID, *, now: datetime) -> dict[str, int]:
    """Return how many are to be reminded by hand, by channel, without those in a sending already; no zeros."""
    counts = {each: silent(each, now=now).filter(holder__uid=holder, reminder=None).count() for each in BY_HAND}
    return {channel: count for channel, count in counts.items() if count}
