"""Proofs for whom an entry of the ledger is about: the digests in it that are theirs, opened.

What a digest is over is not kept; it is told again from what is kept (`tracing.About`), and held against the entry.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime

from datacoop.ledger.proving import Opening, proof_of
from datacoop.ledger.queries import EntryFacts, entries
from datacoop.ledger.trees import SubtreeFacts, place_of, subtree_of
from datacoop.records.actions.merging import LOSER, SURVIVOR
from datacoop.records.queries import traces_of
from datacoop.records.tracing import Tracer, entry_purpose, tracers_of

Contents = Mapping[int, Collection[Mapping[str, object]]]
"""By record, what its digests may be over, beside what every room's are."""


class NothingToProve(LookupError):
    """There is no such entry, or none of these records is what it is about, as far as anybody can still tell."""


def prove(
    entry: int, *, record_ids: Collection[int], now: datetime, contents: Contents | None = None
) -> dict[str, object]:
    """Return all that is needed to check offline that an entry is about some of these records: see `ledger.checking`.

    `contents` are what the digests of a room's own entries may be over (`consent.receipts.words_in`).

    Raises: NothingToProve; ledger.checkpoints.Forked; ledger.signing.KeyUnusable.
    """
    facts = entries([entry]).get(entry)
    if facts is None:
        raise NothingToProve("There is no such entry.")
    subtree = subtree_of(entry)
    found = _openings(facts, subtree, record_ids, contents or {})
    if not found:
        raise NothingToProve("The entry is about nobody of these.")
    return proof_of(facts, openings=found, subtree=subtree, now=now)


def is_in(name: str, record_id: int) -> bool:
    """Return whether a record's bare digest is a leaf of the subtree of this name."""
    maker = tracers_of([record_id]).get(record_id)
    return maker is not None and place_of(name, maker.digest(name, {})) is not None


def _openings(
    facts: EntryFacts, subtree: SubtreeFacts | None, record_ids: Collection[int], contents: Contents
) -> list[Opening]:
    purpose = subtree.name if subtree else entry_purpose(facts.number)
    notes = {each.record_id: each.note for each in traces_of(record_ids) if each.entry == facts.number}
    found: list[Opening] = []
    for number, maker in sorted(tracers_of(record_ids).items()):
        tried: list[Mapping[str, object]] = [
            {},
            LOSER,
            SURVIVOR,
            {"reason": notes.get(number, "")},
            _told(facts),
            *contents.get(number, ()),
        ]
        found += _opened(maker, purpose, tried, facts, subtree)
    return found


def _told(facts: EntryFacts) -> dict[str, object]:
    """Return what an entry itself says: some rooms make the digest over that."""
    ours = ("about", "subtree", "leaves", "revision")
    return {name: value for name, value in facts.payload.items() if name not in ours}


def _opened(
    maker: Tracer,
    purpose: str,
    tried: Iterable[Mapping[str, object]],
    facts: EntryFacts,
    subtree: SubtreeFacts | None,
) -> list[Opening]:
    about = facts.payload.get("about", ())
    known = set(about) if isinstance(about, list) else set()
    found: dict[bytes, Opening] = {}
    for more in tried:
        digest = maker.digest(purpose, more)
        is_there = digest.hex() in known if subtree is None else place_of(subtree.name, digest) is not None
        if is_there:
            found[digest] = Opening(maker.opening(purpose), maker.content(more), digest)
    return list(found.values())
