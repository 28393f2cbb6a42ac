"""Pairs of anything that shares a key: how every kind finds what to compare. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from itertools import combinations

Key = tuple[object, ...]
#: A key that more records share is no key, as for organisations.
BLOCK = 50


def pairs_sharing(keys: Mapping[int, Collection[Key]]) -> list[tuple[int, int]]:
    """Return the pairs of numbers that share a key, the smaller first, each once, in order."""
    blocks: dict[Key, set[int]] = {}
    for number, own in keys.items():
        for key in own:
            blocks.setdefault(key, set()).add(number)
    found = {pair for block in blocks.values() if len(block) <= BLOCK for pair in combinations(sorted(block), 2)}
    return sorted(found)
