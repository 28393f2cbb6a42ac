"""The pairs of many rows that share a key, in memory, slice by slice: their number is never held at once. Pure."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from datacoop.linking.rules.features import MANY, Indices

Numbers = npt.NDArray[np.int64]
Places = npt.NDArray[np.int32]


class Blocks:
    """Rows by the keys they share; a key of more than `block` rows is none.

    `numbers` are keys and `places` the rows they belong to, entry by entry, rows ascending; there are `count` rows.
    """

    def __init__(self, numbers: Numbers, places: Places, count: int, block: int = MANY) -> None:
        order = np.argsort(numbers, kind="stable")
        numbers = numbers[order]
        self._count = count
        self._by_key: Places = places[order]
        del order
        starts = np.flatnonzero(np.r_[True, numbers[1:] != numbers[:-1]]) if len(numbers) else np.zeros(0, np.int64)
        sizes = np.diff(np.r_[starts, len(numbers)])
        ends = np.repeat(np.where(sizes <= block, starts + sizes, 0), sizes)
        # Within a block rows ascend: whoever comes after an entry is its partner, once.
        after = np.maximum(ends - np.arange(1, len(numbers) + 1), 0).astype(np.int32)
        at = np.flatnonzero(after)
        at = at[np.argsort(self._by_key[at], kind="stable")]
        self._at: Places = at.astype(np.int32)
        self._after: Places = after[at]
        self._owners: Places = self._by_key[at]

    def pairs(self, start: int, stop: int) -> tuple[Indices, Indices]:
        """Return both sides of every pair whose smaller row is from `start` on and before `stop`, that row first."""
        first, last = np.searchsorted(self._owners, (start, stop))
        after = self._after[first:last].astype(np.int64)
        left = np.repeat(self._owners[first:last].astype(np.int64), after)
        begun = np.repeat(np.cumsum(after) - after, after)
        right = self._by_key[np.repeat(self._at[first:last].astype(np.int64) + 1, after) + np.arange(len(left)) - begun]
        every = np.unique(left * self._count + right)
        return every // self._count, every % self._count
