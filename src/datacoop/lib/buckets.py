"""Budgets of many callers, spent together by all processes of one machine, in a microsecond: a mapped file of rows.

A caller has one row: for each budget the moment at which nothing of it will be spent any more. No lock is taken: where
two processes spend for one caller in the same microsecond, one does not count. Callers are kept as keyed digests.
Whoever comes new takes the row of a caller that needs it no longer, else that of whoever spent least.
"""

from __future__ import annotations

import math
import mmap
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from time import monotonic

#: So many budgets a caller may have.
MOST_BUDGETS = 4
#: A row: the caller's key, then a moment for each budget.
_CELL, _ROW = 8, 1 + MOST_BUDGETS
#: A caller's row is one of so many.
_WAYS = 8
_REMEMBERED = 20_000
#: What adding up thousands of small numbers may be wrong by.
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Budget:
    """So much at once, and it comes back steadily within so many seconds. `place` is its place in a row."""

    name: str
    place: int
    quota: int
    seconds: int
    each: float = field(init=False, compare=False)
    """The seconds after which one more is there."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "each", self.seconds / self.quota)

    def left(self, owed: float) -> int:
        """What is left while so many seconds are owed."""
        return int((self.seconds - owed) / self.each + _ROUNDING)

    def wait(self, owed: float, cost: float = 1) -> int:
        """The seconds until so much is left."""
        return max(1, math.ceil(owed + min(cost, self.quota) * self.each - self.seconds))


class Spending:
    """What one request spends of some budgets, worked out once for all that spend as much.

    A cost of 0 asks whether there is anything left.
    """

    __slots__ = ("budgets", "steps")

    def __init__(self, *costs: tuple[Budget, float]) -> None:
        """Of each budget so much."""
        self.budgets = tuple(budget for budget, _ in costs)
        #: Place, the most that may be owed before, what is owed more, the most that can be owed.
        self.steps = tuple(
            (budget.place, budget.seconds + _ROUNDING - (cost or 1) * budget.each, cost * budget.each, budget.seconds)
            for budget, cost in costs
        )


class Buckets:
    """The rows of all callers; without a file those of this process alone.

    The clock is one for all processes, and may begin anew with the machine: nothing is owed for longer than it can be.
    """

    def __init__(
        self, secret: bytes, path: Path | None = None, *, rows: int = 1 << 15, clock: Callable[[], float] = monotonic
    ) -> None:
        """Open the file, or make it."""
        self._secret = blake2b(secret, digest_size=32).digest()
        self._sets = rows // _WAYS
        self._clock = clock
        mapped = memoryview(_mapped(path, self._sets * _WAYS * _ROW * _CELL))
        self._keys, self._until = mapped.cast("Q"), mapped.cast("d")
        self._known: dict[str, tuple[int, int]] = {}

    def spend(self, caller: str, spending: Spending) -> tuple[Budget | None, float]:
        """Spend of some budgets, of all or of none.

        Returns the budget that lacks and the seconds owed to it; where none does, those owed to the first one now.
        """
        now, row, until = self._clock(), self._row(caller), self._until
        first = -1.0
        for place, most, more, seconds in spending.steps:
            owed = until[row + place] - now
            if owed < 0 or owed > seconds:
                owed = 0.0
            if owed > most:
                return self._lacking(row, spending, place), owed
            until[row + place] = now + owed + more
            if first < 0:
                first = owed + more
        return None, first

    def _lacking(self, row: int, spending: Spending, lacking: int) -> Budget:
        """Give back what was spent of the budgets before the one that lacks."""
        places = [place for place, *_ in spending.steps]
        at = places.index(lacking)
        for place, _, more, _ in spending.steps[:at]:
            self._until[row + place] -= more
        return spending.budgets[at]

    def charge(self, caller: str, budget: Budget, cost: float) -> None:
        """Spend afterwards, what could not be refused before: all that is left, at the most."""
        now, place = self._clock(), self._row(caller) + budget.place
        owed = self._until[place] - now
        if not 0 < owed <= budget.seconds:
            owed = 0.0
        self._until[place] = now + min(float(budget.seconds), owed + cost * budget.each)

    def _row(self, caller: str) -> int:
        """Where the moments of a caller begin."""
        known = self._known.get(caller)
        if known is not None and self._keys[known[0]] == known[1]:
            return known[0] + 1
        digest = blake2b(caller.encode("utf-8", "surrogateescape"), key=self._secret, digest_size=8).digest()
        key = int.from_bytes(digest) or 1
        first = key % self._sets * _WAYS * _ROW
        rows = range(first, first + _WAYS * _ROW, _ROW)
        row = next((each for each in rows if self._keys[each] == key), None)
        if row is None:
            row = min(rows, key=lambda each: max(self._until[each + 1 : each + _ROW]))
            self._keys[row] = key
            for place in range(row + 1, row + _ROW):
                self._until[place] = 0.0
        if len(self._known) >= _REMEMBERED:
            self._known.clear()
        self._known[caller] = row, key
        return row + 1


def _mapped(path: Path | None, size: int) -> mmap.mmap:
    if path is None:
        return mmap.mmap(-1, size)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.ftruncate(file, size)
        return mmap.mmap(file, size)
    finally:
        os.close(file)
