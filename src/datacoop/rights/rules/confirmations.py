"""When organisations are asked whether all is still correct, and what is told where nobody answers. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

EVERY = timedelta(days=365)
#: Nobody is asked in the first year after they looked at everything.
FIRST_AFTER = timedelta(days=365)
#: So many organisations are asked in a day.
PER_DAY = 50
#: Whoever does not answer for so long is silent.
SILENT_AFTER = timedelta(days=90)


def is_stale(*, asked_at: datetime | None, confirmed_at: datetime | None, now: datetime) -> bool:
    """Return whether the last question stayed without an answer: told on the page, and nothing else follows from it."""
    if asked_at is None or (confirmed_at is not None and confirmed_at >= asked_at):
        return False
    return asked_at + SILENT_AFTER <= now
