"""Proofs that an entry is in the ledger: all that anybody needs to check it offline, as plain values.

What a proof is made of is told in `checking`, which checks it and needs neither this database nor us.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from datacoop.lib import merkle

from .checking import FORM
from .checkpoints import CheckpointFacts, covering
from .queries import EntryFacts
from .trees import SubtreeFacts, TreeReader, place_of


@dataclass(frozen=True)
class Opening:
    """What one digest of an entry is over, and the key that opens it: that of this entry (or subtree) alone."""

    key: bytes
    content: Mapping[str, object]
    digest: bytes


def proof_of(
    entry: EntryFacts, *, openings: Sequence[Opening], subtree: SubtreeFacts | None, now: datetime
) -> dict[str, object]:
    """Return the proof of an entry under the first signed checkpoint over it; one is signed now if there is none yet.

    `openings` are told one by one, each with its place in the `subtree` where the entry holds one.

    Raises: LookupError for a digest that is not in the subtree; checkpoints.Forked; signing.KeyUnusable.
    """
    checkpoint = covering(entry.number, now=now)
    return {
        "form": FORM,
        "entry": entry.as_json(),
        "openings": [_opening(each, subtree) for each in openings],
        "inclusion": chain_inclusion(entry.number, checkpoint.size),
        "checkpoint": checkpoint.signed,
    }


def chain_inclusion(number: int, size: int) -> dict[str, object]:
    """Return the proof that an entry is among the first `size` of the chain. Raises: ValueError for one that is not."""
    path = merkle.inclusion(number - 1, size, TreeReader())
    return {"index": number - 1, "size": size, "path": [each.hex() for each in path]}


def chain_consistency(first: int, second: CheckpointFacts) -> list[str]:
    """Return the proof (hex) that the first so many entries begin what a checkpoint signed. Raises: ValueError."""
    return [each.hex() for each in merkle.consistency(first, second.size, TreeReader())]


def _opening(each: Opening, subtree: SubtreeFacts | None) -> dict[str, object]:
    told: dict[str, object] = {"key": each.key.hex(), "content": dict(each.content)}
    if subtree is None:
        return told
    index = place_of(subtree.name, each.digest)
    if index is None:
        raise LookupError(f"The digest is not in the subtree {subtree.name}.")
    path = merkle.inclusion(index, subtree.size, TreeReader(subtree.name))
    return told | {"inclusion": {"index": index, "size": subtree.size, "path": [step.hex() for step in path]}}
