"""Merkle trees as RFC 6962 and RFC 9162 (section 2.1) describe them, over SHA-256: roots, proofs and their checks.

Whoever keeps the leaves gives the proofs a `Node`: the root of the leaves from start (included) to end (excluded),
counted from 0. It is asked only for ranges such a tree has as a subtree, so it can keep what it computed once.
"""

import hashlib
from collections.abc import Callable, Iterable, Sequence

EMPTY = hashlib.sha256().digest()
"""The root of a tree without leaves."""
Node = Callable[[int, int], bytes]


def leaf_hash(content: bytes) -> bytes:
    """Return the hash of a leaf: of a zero byte and its content, so that no leaf can pass for a node."""
    return hashlib.sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash over two subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root_of(hashes: Sequence[bytes]) -> bytes:
    """Return the root over hashes of leaves, or of equally large full subtrees of which the last may be smaller."""
    level = list(hashes)
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [node_hash(left, right) for left, right in pairs]
        # The last of an odd number goes up as it is: the same as splitting at the largest power of two.
        level = above + level[len(above) * 2 :]
    return level[0] if level else EMPTY


class Frontier:
    """The root of a growing row of leaf hashes, in memory that grows with its logarithm alone."""

    def __init__(self) -> None:
        """Start without leaves."""
        self.size = 0
        self._full: list[bytes] = []

    def add(self, leaf: bytes) -> None:
        """Take the hash of the next leaf."""
        size = self.size
        self.size += 1
        while size & 1:
            leaf = node_hash(self._full.pop(), leaf)
            size >>= 1
        self._full.append(leaf)

    def root(self) -> bytes:
        """Return the root over all leaves so far."""
        if not self._full:
            return EMPTY
        found = self._full[-1]
        for left in reversed(self._full[:-1]):
            found = node_hash(left, found)
        return found


def inclusion(index: int, size: int, node: Node) -> list[bytes]:
    """Return the proof that the leaf at `index` is in the tree of the first `size` leaves (RFC 9162, 2.1.3.1).

    Raises: ValueError where there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"A tree of {size} leaves has none at {index}.")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(node(middle, end))
            end = middle
        else:
            path.append(node(start, middle))
            start = middle
    return path[::-1]


def consistency(first: int, second: int, node: Node) -> list[bytes]:
    """Return the proof that the tree of `first` leaves begins the one of `second` (RFC 9162, 2.1.4.1).

    Raises: ValueError unless 0 < first ≤ second.
    """
    if not 0 < first <= second:
        raise ValueError(f"A tree of {first} leaves does not begin one of {second}.")
    path: list[bytes] = []
    start, end, is_whole = 0, second, True
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            path.append(node(middle, end))
            end = middle
        else:
            path.append(node(start, middle))
            start, is_whole = middle, False
    if not is_whole:
        path.append(node(start, end))
    return path[::-1]


def root_by_inclusion(leaf: bytes, *, index: int, size: int, path: Iterable[bytes]) -> bytes | None:
    """Return the root that a proof leads to from the hash of a leaf (RFC 9162, 2.1.3.2); None if it is malformed."""
    if not 0 <= index < size:
        return None
    here, last, found = index, size - 1, leaf
    for each in path:
        if last == 0:
            return None
        if here & 1 or here == last:
            found = node_hash(each, found)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            found = node_hash(found, each)
        here, last = here >> 1, last >> 1
    return found if last == 0 else None


def is_consistent(*, first: int, first_root: bytes, second: int, second_root: bytes, path: Sequence[bytes]) -> bool:
    """Return whether a proof shows that the first tree begins the second (RFC 9162, 2.1.4.2)."""
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    steps = [first_root, *path] if first & (first - 1) == 0 else list(path)
    if not path:
        return False
    here, last = first - 1, second - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    older = newer = steps[0]
    for each in steps[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            older, newer = node_hash(each, older), node_hash(each, newer)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            newer = node_hash(newer, each)
        here, last = here >> 1, last >> 1
    return last == 0 and older == first_root and newer == second_root


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1
