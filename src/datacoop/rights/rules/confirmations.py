"""When organisations and persons are asked whether all is still correct, and what silence means. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta

EVERY = timedelta(days=365)
#: Nobody is asked in the first year after they looked at everything.
FIRST_AFTER = timedelta(days=365)
#: The three answers, as they stand in addresses.
ANSWERS = (CORRECT, CHANGE, WITHDRAW) = ("correct", "change", "withdraw")
#: So many organisations, and so many persons, are asked in a day.
PER_DAY = 50
#: Whom there was nothing to ask, or no way to, is looked at again.
LOOK_AGAIN = timedelta(days=30)
#: Whoever does not answer for so long is silent.
SILENT_AFTER = timedelta(days=90)


def is_stale(*, asked_at: datetime | None, confirmed_at: datetime | None, now: datetime) -> bool:
    """Return whether the last question stayed without an answer: told on the page, and nothing else follows from it."""
    if asked_at is None or (confirmed_at is not None and confirmed_at >= asked_at):
        return False
    return asked_at + SILENT_AFTER <= now
