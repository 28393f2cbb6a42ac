"""Growing the trees: subtrees of keyed digests before their entry is appended, full tiles of the chain after.

Neither needs the writers' lock for long: tiles go in by short transactions, and only say again what is there already.
"""

from collections.abc import Iterable, Iterator, Sequence

from django.db import transaction

from datacoop.lib import merkle

from .models import Subtree, Tile
from .trees import TILE, SubtreeFacts, TreeReader, subtrees

_AT_ONCE = 64
"""Tiles written in one transaction: 2 MB of leaves."""


class AlreadyHeld(RuntimeError):
    """An entry holds the subtree of this name; what is in the ledger does not change."""


def grow(name: str, digests: Iterable[bytes]) -> SubtreeFacts:
    """Make the subtree over some keyed digests (32 bytes each), in the order of their bytes; one by that name goes.

    Memory: the digests themselves. `actions.append` puts its root into an entry. Raises: AlreadyHeld.
    """
    standing = subtrees([name]).get(name)
    if standing is not None and standing.entry is not None:
        raise AlreadyHeld(f"Entry {standing.entry} holds the subtree {name}.")
    with transaction.atomic():
        Tile.objects.filter(tree=name).delete()
        Subtree.objects.filter(name=name).delete()
    roots: list[bytes] = []
    size = 0
    waiting: list[Tile] = []
    for leaves in _tiles(_in_order(digests)):
        root = merkle.root_of([merkle.leaf_hash(leaf) for leaf in leaves])
        waiting.append(Tile(tree=name, position=len(roots), root=root, first=leaves[0].hex(), leaves=b"".join(leaves)))
        roots.append(root)
        size += len(leaves)
        if len(waiting) == _AT_ONCE:
            Tile.objects.bulk_create(waiting)
            waiting = []
    whole = merkle.root_of(roots).hex()
    with transaction.atomic():
        Tile.objects.bulk_create(waiting)
        Subtree.objects.create(name=name, size=size, root=whole)
    return SubtreeFacts(name, size, whole, None)


def drop(name: str) -> None:
    """Remove a subtree that no entry came to hold; one that is held stays."""
    with transaction.atomic():
        if Subtree.objects.filter(name=name, entry__isnull=True).delete()[0]:
            Tile.objects.filter(tree=name).delete()


def tile_chain(size: int) -> None:
    """Keep the roots of the chain's full tiles among its first `size` entries; those there already are left alone."""
    last = Tile.objects.filter(tree="").order_by("-position").values_list("position", flat=True).first()
    reader = TreeReader()
    first, full = -1 if last is None else last, size // TILE
    for start in range(first + 1, full, _AT_ONCE):
        made = [
            Tile(position=at, root=merkle.root_of(reader.hashes(at * TILE, at * TILE + TILE)))
            for at in range(start, min(start + _AT_ONCE, full))
        ]
        # Another process may be at the same: both compute the same.
        Tile.objects.bulk_create(made, ignore_conflicts=True)


def _in_order(digests: Iterable[bytes]) -> Iterator[bytes]:
    """Sort digests by parts, side by side in memory: a million are 32 MB, not a million objects."""
    parts = [bytearray() for _ in range(256)]
    for digest in digests:
        parts[digest[0]] += digest
    for number, part in enumerate(parts):
        yield from sorted(bytes(part[at : at + 32]) for at in range(0, len(part), 32))
        parts[number] = bytearray()


def _tiles(leaves: Iterator[bytes]) -> Iterator[Sequence[bytes]]:
    tile: list[bytes] = []
    for leaf in leaves:
        tile.append(leaf)
        if len(tile) == TILE:
            yield tile
            tile = []
    if tile:
        yield tile
