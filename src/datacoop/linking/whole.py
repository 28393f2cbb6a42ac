"""Compare everything indexed at once: rows and keys are in memory, pairs slice by slice, on as many cores as given.

What is found equals what comparing batch by batch finds. Memory grows with the records, not with the pairs.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations
from multiprocessing import get_context
from typing import Final

import numpy as np
from django.db import connections

from datacoop.linking.indexing import Index
from datacoop.linking.matching import Pairing
from datacoop.linking.rules.blocking import Blocks
from datacoop.linking.rules.encoding import ROW, Rows
from datacoop.linking.rules.features import MANY, Held, Indices, count_held
from datacoop.linking.rules.judging import Judged, judge_pairs
from datacoop.linking.rules.scoring import scorer
from datacoop.linking.runs import Compared, Run

#: Records of one slice: some hundred thousand pairs at most are in memory for each core.
SLICE: Final = 10_000
#: Pairs compared at once: what is worked out of them stays in the core's own memory.
_JUDGED_AT_ONCE: Final = 8_000


@dataclass(frozen=True)
class Whole:
    """Everything that counts, as it is compared."""

    rows: Rows
    blocks: Blocks
    held: Held

    @property
    def slices(self) -> int:
        """How many slices its pairs are compared in."""
        return -(-len(self.rows) // SLICE)

    @cached_property
    def places(self) -> dict[int, int]:
        """The place of each record among the rows."""
        return {record: place for place, record in enumerate(self.rows["record"].tolist())}


def read_whole(index: Index) -> Whole:
    """Read the rows and keys of everything that counts; the index keeps what it read."""
    rows: list[bytes] = []
    keys: list[bytes] = []
    for indexed in index.everything():
        rows.append(indexed.row)
        keys.append(indexed.keys)
    places = np.repeat(np.arange(len(keys), dtype=np.int32), [len(packed) // 8 for packed in keys])
    numbers = np.frombuffer(b"".join(keys), dtype="<i8")
    del keys
    table: Rows = np.frombuffer(b"".join(rows), dtype=ROW)
    del rows
    return Whole(table, Blocks(numbers, places, len(table)), _with_many(count_held(table)))


def compare_whole(whole: Whole, *, cores: int, run: Run) -> Iterator[list[Pairing]]:
    """Yield, slice by slice, the pairs that are not simply different, the smaller record first.

    What `run` holds already is not compared again; it is given what is.
    """
    missing = [number for number in range(whole.slices) if not run.has(number)]
    fresh = _slices(whole, missing, cores)
    for number in range(whole.slices):
        if not run.has(number):
            run.put(*next(fresh))
        yield _pairings(whole, *run.take(number))


def unlike_within(whole: Whole, groups: Sequence[set[int]]) -> set[tuple[int, int]]:
    """Compare the members of each group with one another, whether or not they share a key; return who is apart."""
    places = whole.places
    pairs = [pair for group in groups for pair in combinations(sorted(group & places.keys()), 2)]
    found: set[tuple[int, int]] = set()
    for start in range(0, len(pairs), _JUDGED_AT_ONCE):
        part = pairs[start : start + _JUDGED_AT_ONCE]
        left, right = (np.array([places[pair[side]] for pair in part], dtype=np.int64) for side in (0, 1))
        apart = judge_pairs(whole.rows, whole.held, left, right, scorer()).apart
        found.update(part[at] for at in np.flatnonzero(apart).tolist())
    return found


def _slices(whole: Whole, numbers: Sequence[int], cores: int) -> Iterator[tuple[int, Compared]]:
    if cores == 1 or len(numbers) < 2:
        yield from ((number, _compared(whole, number)) for number in numbers)
        return
    with _forked(whole, cores) as pool:
        # A few slices ahead of who reads: what was found and not read yet stays few too.
        waiting = [pool.submit(_in_child, number) for number in numbers[: 2 * cores]]
        for at, number in enumerate(numbers):
            found = waiting.pop(0).result()
            waiting += [pool.submit(_in_child, later) for later in numbers[at + 2 * cores : at + 2 * cores + 1]]
            yield number, found


_inherited: Whole | None = None


@contextmanager
def _forked(whole: Whole, cores: int) -> Iterator[ProcessPoolExecutor]:
    """Children that inherit what was read, without a copy. They never speak to the database."""
    global _inherited  # noqa: PLW0603 -- a fork inherits what a module holds
    _inherited = whole
    # Two processes on one connection would hear each other's answers.
    connections.close_all()
    try:
        with ProcessPoolExecutor(cores, mp_context=get_context("fork"), initializer=_be_quiet) as pool:
            yield pool
    finally:
        _inherited = None


def _be_quiet() -> None:
    """Let whoever waits for the machine go first."""
    os.nice(5)


def _in_child(number: int) -> Compared:
    if _inherited is None:
        raise RuntimeError("Nothing was inherited.")
    return _compared(_inherited, number)


def _compared(whole: Whole, number: int) -> Compared:
    """Return the pairs of one slice that are not simply different."""
    return _judged(whole, *whole.blocks.pairs(number * SLICE, (number + 1) * SLICE))


def compare_places(whole: Whole, left: Indices, right: Indices) -> list[Pairing]:
    """Compare pairs of rows and return those that are not simply different, the smaller record first."""
    return _pairings(whole, *_judged(whole, left, right))


def _judged(whole: Whole, left: Indices, right: Indices) -> Compared:
    swapped = whole.rows["record"][left] > whole.rows["record"][right]
    left, right = np.where(swapped, right, left), np.where(swapped, left, right)
    found: list[Compared] = []
    for start in range(0, max(len(left), 1), _JUDGED_AT_ONCE):
        part = slice(start, start + _JUDGED_AT_ONCE)
        judged = judge_pairs(whole.rows, whole.held, left[part], right[part], scorer())
        at = np.flatnonzero(judged.verdicts)
        found.append((left[part][at], right[part][at], judged.only(at)))
    lefts, rights, judgements = zip(*found, strict=True)
    return np.concatenate(lefts), np.concatenate(rights), Judged.joined(judgements)


def _pairings(whole: Whole, left: Indices, right: Indices, judged: Judged) -> list[Pairing]:
    records = whole.rows["record"]
    pairs = zip(records[left].tolist(), records[right].tolist(), strict=True)
    return [Pairing(one, two, judged, at) for at, (one, two) in enumerate(pairs)]


def _with_many(held: Held) -> Held:
    """Say of what more records hold than a block has that as many names do, as where blocks are read one by one."""
    names = {field: np.where(held.records[field] > MANY, MANY, counted) for field, counted in held.names.items()}
    return replace(held, names=names)
