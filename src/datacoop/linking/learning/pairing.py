"""The pairs of many profiles that share a key, in memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from datacoop.linking.rules.blocking import Blocks
from datacoop.linking.rules.features import MANY, Indices
from datacoop.linking.rules.keys import numbers_of
from datacoop.linking.rules.profiles import Profile


def paired(profiles: Sequence[Profile], block: int = MANY) -> tuple[Indices, Indices]:
    """Return both sides of every pair that shares a key held by at most `block` profiles; the smaller place first."""
    keys = [numbers_of(profile) for profile in profiles]
    numbers = np.array([number for own in keys for number in own], dtype=np.int64)
    places = np.repeat(np.arange(len(profiles), dtype=np.int32), list(map(len, keys)))
    return Blocks(numbers, places, len(profiles), block).pairs(0, len(profiles))
