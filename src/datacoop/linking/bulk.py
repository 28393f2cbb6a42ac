"""Find and weigh the pairs of everything indexed at once, by Splink; what they mean is judged as for every pair.

Its own weight only leaves out what is surely two. All rows and their keys are in memory once, pairs slice by slice.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from datacoop.linking.indexing import BLOCK, Index
from datacoop.linking.matching import Pairing
from datacoop.linking.rules.keys import unpack_numbers
from datacoop.linking.unlabelled.columns import Row, of_organisation
from datacoop.linking.unlabelled.estimating import Computing, Estimate
from datacoop.linking.unlabelled.settings import settings_of
from datacoop.linking.whole import Whole, compare_places

#: A million to one that they are two: of 8,275 look-alikes of an invented world none weighs less, at -15 thirteen.
_LEAST: Final = -20.0
#: Records of one slice, roughly: their pairs are in memory together.
_SLICE = 100_000


def compare_by(computing: Computing, index: Index, whole: Whole) -> Iterator[list[Pairing]]:
    """Yield the pairs that are not simply different, the smaller number first.

    Raises, before the first: MissingEngineError; TooFewRecordsError, where comparing slice by slice is as well.
    """
    estimate = Estimate(settings_of("organisation"), [_told(index)], computing)
    for weighed in estimate.weigh(_LEAST, slices=-(-len(whole.rows) // _SLICE)):
        yield compare_places(whole, np.array(weighed.left, dtype=np.int64), np.array(weighed.right, dtype=np.int64))


def _told(index: Index) -> list[Row]:
    """Return everything that counts as Splink compares it, in the order of `read_whole`."""
    profiles, keys = [], []
    for indexed in index.everything():
        profiles.append(indexed.profile)
        keys.append(unpack_numbers(indexed.keys))
    useful = _useful(keys)
    return [
        of_organisation(profile, [f"{key & 0xFFFFFFFFFFFFFFFF:016x}" for key in own if key in useful])
        for profile, own in zip(profiles, keys, strict=True)
    ]


def _useful(keys: Sequence[Sequence[int]]) -> set[int]:
    """Return the keys that several share, and not too many."""
    values, counts = np.unique(np.array([key for own in keys for key in own], np.int64), return_counts=True)
    return set(values[(counts > 1) & (counts <= BLOCK)].tolist())
