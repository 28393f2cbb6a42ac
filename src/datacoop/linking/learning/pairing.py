"""The pairs of many profiles that share a key, in memory."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from datacoop.linking.rules.encoding import digest_of
from datacoop.linking.rules.features import MANY, Indices
from datacoop.linking.rules.keys import keys_of
from datacoop.linking.rules.profiles import Profile


def paired(profiles: Sequence[Profile], block: int = MANY) -> tuple[Indices, Indices]:
    """Return both sides of every pair that shares a key held by at most `block` profiles; the smaller place first."""
    keys: list[int] = []
    places: list[int] = []
    for place, profile in enumerate(profiles):
        own = {digest_of("\n".join(key)) for key in keys_of(profile)} | set(map(digest_of, profile.contacts()))
        keys.extend(own)
        places.extend([place] * len(own))
    digests, rows = np.array(keys, dtype=np.uint64), np.array(places, dtype=np.int64)
    order = np.argsort(digests, kind="stable")
    digests, rows = digests[order], rows[order]
    starts = np.flatnonzero(np.r_[True, digests[1:] != digests[:-1]])
    sizes = np.diff(np.r_[starts, len(digests)])
    found = [_within(rows, starts[sizes == n], int(n), len(profiles)) for n in np.unique(sizes) if 1 < n <= block]
    every = np.unique(np.concatenate(found)) if found else np.zeros(0, np.int64)
    return every // len(profiles), every % len(profiles)


def _within(rows: Indices, starts: Indices, size: int, count: int) -> Indices:
    """Both places of each pair of a block as one number."""
    blocks = rows[starts[:, None] + np.arange(size)]
    one, two = np.triu_indices(size, 1)
    left, right = blocks[:, one].ravel(), blocks[:, two].ravel()
    return np.asarray(np.minimum(left, right) * count + np.maximum(left, right))
