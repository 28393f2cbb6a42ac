"""The check of everything the ledger keeps: the chain, the trees over it, the subtrees and what was signed."""

from collections.abc import Iterator

from datacoop.lib import merkle

from . import queries
from .checking import CHECKPOINT_TYPE
from .checkpoints import CheckpointFacts, all_checkpoints, matches
from .models import Entry, Subtree, Tile
from .signing import NotSigned, public_keys, signed_content
from .trees import TILE, leaves_in


def differences() -> Iterator[str]:
    """Yield one sentence per difference, none where everything holds. Streams along the chain.

    Raises: signing.KeyUnusable where signatures cannot be checked.
    """
    walk = _Walk()
    yield from queries.differences(walk.look)
    yield from walk.rest()
    yield from _signatures()
    yield from _subtrees()


def since(size: int, root: str) -> Iterator[str]:
    """Yield a sentence unless the chain still begins with what a checkpoint that somebody kept says of it.

    Grown anew from the entries' hashes, whatever is kept of the tree; `differences` holds these against the entries.
    """
    frontier = merkle.Frontier()
    hashes = Entry.objects.filter(number__lte=size).order_by("number").values_list("hash", flat=True)
    for each in hashes.iterator(chunk_size=queries.CHUNK):
        frontier.add(merkle.leaf_hash(bytes.fromhex(each)))
    if frontier.size < size:
        yield f"Ledger: the kept checkpoint is over {size} entries; only {frontier.size} are left."
    elif frontier.root().hex() != root:
        yield f"Ledger: the first {size} entries are not those of the kept checkpoint: the chain was rewritten."


class _Walk:
    """Grows the tree along the chain and holds it against checkpoints and tiles."""

    def __init__(self) -> None:
        self._whole, self._tile = merkle.Frontier(), merkle.Frontier()
        self._checkpoints = all_checkpoints()
        self._next = next(self._checkpoints, None)

    def look(self, entry: Entry) -> Iterator[str]:
        try:
            leaf = merkle.leaf_hash(bytes.fromhex(entry.hash))
        except ValueError:
            leaf = merkle.EMPTY  # the chain's own check tells that this entry was changed
        self._whole.add(leaf)
        self._tile.add(leaf)
        if self._tile.size == TILE:
            yield from self._end_tile()
        while self._next is not None and self._next.size <= self._whole.size:
            yield from self._compare(self._next)
            self._next = next(self._checkpoints, None)
        yield from _held(entry)

    def rest(self) -> Iterator[str]:
        while self._next is not None:
            yield f"Ledger: a checkpoint over {self._next.size} entries was signed; only {self._whole.size} are left."
            self._next = next(self._checkpoints, None)
        beyond = Tile.objects.filter(tree="", position__gte=self._whole.size // TILE).count()
        if beyond:
            yield f"Ledger: {beyond} tiles of the tree lie beyond its entries."

    def _end_tile(self) -> Iterator[str]:
        position, root = self._whole.size // TILE - 1, self._tile.root()
        self._tile = merkle.Frontier()
        kept = Tile.objects.filter(tree="", position=position).values_list("root", flat=True).first()
        if kept is not None and bytes(kept) != root:
            yield f"Ledger: tile {position} of the tree is not what its entries say."

    def _compare(self, checkpoint: CheckpointFacts) -> Iterator[str]:
        if checkpoint.size != self._whole.size or checkpoint.root != self._whole.root().hex():
            yield f"Ledger: the first {checkpoint.size} entries are not those that checkpoint signed."


def _held(entry: Entry) -> Iterator[str]:
    """An entry that holds a subtree, and the subtree."""
    if not isinstance(entry.payload, dict) or "subtree" not in entry.payload:
        return
    kept = Subtree.objects.filter(entry=entry.number).first()
    if kept is None:
        yield f"Ledger: the subtree of entry {entry.number} is missing."
    elif (kept.root, kept.size) != (entry.payload["subtree"], entry.payload.get("leaves")):
        yield f"Ledger: the subtree {kept.name} is not the one that entry {entry.number} holds."


def _signatures() -> Iterator[str]:
    keys = public_keys()
    previous = 0
    for each in all_checkpoints():
        try:
            fits = matches(signed_content(each.signed, keys, typ=CHECKPOINT_TYPE), each)
        except NotSigned:
            fits = False
        if not fits:
            yield f"Ledger: the signature of the checkpoint over {each.size} entries does not fit."
        if each.previous != previous:
            yield f"Ledger: a checkpoint between {previous} and {each.size} entries is missing."
        previous = each.size


def _subtrees() -> Iterator[str]:
    for each in Subtree.objects.filter(entry__isnull=False).order_by("entry").iterator():
        frontier, last = merkle.Frontier(), b""
        for tile in Tile.objects.filter(tree=each.name).order_by("position").iterator(chunk_size=16):
            part = merkle.Frontier()
            for leaf in leaves_in(bytes(tile.leaves)):
                part.add(merkle.leaf_hash(leaf))
                frontier.add(merkle.leaf_hash(leaf))
                if leaf < last:
                    yield f"Ledger: the leaves of the subtree {each.name} are out of order."
                last = leaf
            if bytes(tile.root) != part.root():
                yield f"Ledger: tile {tile.position} of the subtree {each.name} is not what its leaves say."
        if (frontier.size, frontier.root().hex()) != (each.size, each.root):
            yield f"Ledger: the leaves of the subtree {each.name} were changed."
