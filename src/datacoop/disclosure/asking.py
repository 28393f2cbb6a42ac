"""Ask disclosure and settle first what is due (law 3): for whoever may wait and write."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TypeVar

from datacoop.disclosure.actions import settle
from datacoop.disclosure.errors import Due
from datacoop.disclosure.reading import Reading, reading

Answer = TypeVar("Answer")


def ask(question: Callable[[Reading], Answer], *, now: datetime | None = None, settlings: int = 1) -> Answer:
    """Return the answer of a question, read in one snapshot. What is due by `now` is settled up to so many times.

    Raises: Due when something stays due even then.
    """
    for _ in range(settlings):
        try:
            with reading() as open_reading:
                return question(open_reading)
        except Due:
            # What fell due since `now` would be asked about again: readers go by the clock.
            settle(max(now or datetime.now(UTC), datetime.now(UTC)))
    with reading() as open_reading:
        return question(open_reading)
