"""The trees: one over the whole chain, and one over the digests of each entry that concerns many. Reads only.

The leaf of an entry is its hash (32 bytes); the leaf of a subtree is a keyed digest, and leaves lie in the order of
their bytes, so that nothing but the digest itself tells where it lies.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from datacoop.lib import merkle
from datacoop.lib.sql import placeholders, select

TILE = 1024
"""Leaves of a full tile: a power of two."""
WIDTH = 32
_HASHES = "SELECT hash FROM ledger_entry WHERE number > %s AND number <= %s ORDER BY number"
_ROOTS = "SELECT position, root FROM ledger_tile WHERE tree = %s AND position >= %s AND position < %s ORDER BY position"
_LEAVES = "SELECT leaves FROM ledger_tile WHERE tree = %s AND position = %s"
_TILE = "SELECT position, leaves FROM ledger_tile WHERE tree = %s AND first <= %s ORDER BY first DESC LIMIT 1"
_SUBTREES = "SELECT name, size, root, entry FROM ledger_subtree WHERE {}"


@dataclass(frozen=True)
class SubtreeFacts:
    """One subtree: its leaves' number, its root in hex, and the entry that holds it once appended."""

    name: str
    size: int
    root: str
    entry: int | None


class TreeReader:
    """Roots of ranges of a tree's leaves, as `merkle.Node` asks for them. Full tiles are read, not hashed again."""

    def __init__(self, tree: str = "") -> None:
        """Read the tree of a subtree, or that over the chain."""
        self._tree = tree

    def __call__(self, start: int, end: int) -> bytes:
        """Return the root over the leaves from `start` (from 0) to before `end`."""
        if end - start <= TILE:
            return merkle.root_of(self.hashes(start, end))
        full = end - end % TILE
        roots = self._roots(start // TILE, full // TILE)
        return merkle.root_of([*roots, merkle.root_of(self.hashes(full, end))] if full < end else roots)

    def hashes(self, start: int, end: int) -> list[bytes]:
        """Return the hashes of leaves that lie in one tile."""
        if not self._tree:
            return [merkle.leaf_hash(bytes.fromhex(text)) for (text,) in select(_HASHES, [start, end])]
        found = select(_LEAVES, [self._tree, start // TILE])
        leaves = bytes(found[0][0]) if found else b""
        part = leaves[start % TILE * WIDTH : (start % TILE + end - start) * WIDTH]
        return [merkle.leaf_hash(bytes(each)) for each in leaves_in(part)]

    def _roots(self, first: int, last: int) -> list[bytes]:
        known = {position: bytes(root) for position, root in select(_ROOTS, [self._tree, first, last])}
        return [
            known[tile] if tile in known else merkle.root_of(self.hashes(tile * TILE, tile * TILE + TILE))
            for tile in range(first, last)
        ]


def leaves_in(content: bytes) -> Iterator[bytes]:
    """Cut leaves that lie side by side."""
    return (content[at : at + WIDTH] for at in range(0, len(content), WIDTH))


def place_of(name: str, digest: bytes) -> int | None:
    """Return where a digest lies in a subtree, counted from 0; None if it is not in it."""
    found = select(_TILE, [name, digest.hex()])
    if not found:
        return None
    position, leaves = found[0]
    for index, leaf in enumerate(leaves_in(bytes(leaves))):
        if leaf == digest:
            return int(position) * TILE + index
    return None


def subtrees(names: Sequence[str]) -> dict[str, SubtreeFacts]:
    """Return some subtrees, by name; those that were never made are absent."""
    found = {}
    for start in range(0, len(names), 500):
        part = names[start : start + 500]
        rows = select(_SUBTREES.format(f"name IN ({placeholders(part)})"), part)
        found.update({row[0]: SubtreeFacts(*row) for row in rows})
    return found


def subtree_of(entry: int) -> SubtreeFacts | None:
    """Return the subtree that an entry holds the root of."""
    found = select(_SUBTREES.format("entry = %s"), [entry])
    return SubtreeFacts(*found[0]) if found else None
