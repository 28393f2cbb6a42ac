"""Compare drafts with the views that stand, and say what to write. Reads nothing, writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from datacoop.consent.rules import PUBLIC, Tree
from datacoop.disclosure.compile.drafting import DELETED, LIVE, MOVED, NEVER, Drafted
from datacoop.disclosure.compile.packing import Indexed, Packed, packed
from datacoop.disclosure.rules import Policy

NO_DIGEST = b""


@dataclass(frozen=True)
class Standing:
    """A view as stored now."""

    tier: int
    record_id: int
    state: str
    version: int
    modified: int
    digest: bytes
    deeper: str
    aliased: bool
    feed: int
    seq: int


class Wanted(NamedTuple):
    """A view to store: `packed` is None for one that is gone or has moved."""

    tier: int
    record_id: int
    kind: str
    state: str
    digest: bytes
    packed: Packed | None
    body: bytes
    modified_as: int | None
    """Keep this time of change: the audience sees what it saw before."""
    aliased: bool
    """Its readers know the record by ids of their own, or did once."""
    fed: tuple[int, int] | None = None
    """Take this place in this audience's feed: its readers saw the very same there."""

    @property
    def indexed(self) -> Indexed | None:
        """Index values, None where nothing is listed."""
        return self.packed.indexed if self.packed and self.state == LIVE else None


class Difference(NamedTuple):
    """What one record's revision changes: views to write, and the audiences that have rows afterwards."""

    record_id: int
    kind: str
    wanted: tuple[Wanted, ...]
    tiers: tuple[int, ...]
    deeper: Mapping[int, str]
    existence_changed: bool
    standing: Mapping[int, Standing]
    drafted: Drafted


def difference(drafted: Drafted, standing: Mapping[int, Standing], tree: Tree, policy: Policy) -> Difference:
    """Return what must be written so that the stored views equal the draft.

    A row, once made, is kept and kept complete, even when it equals the one above again: its readers' feed has moved
    on to it. An audience that sees nothing of a record that exists above it gets an empty row.
    """
    tiers = sorted({*standing, *drafted.documents})
    forms = _forms(drafted, tiers, tree, policy)
    wanted: list[Wanted] = []
    rows: dict[int, Wanted | Standing] = {}
    existence_changed = False
    for tier in tiers:
        above = _nearest(tree, tier, rows)
        want = _fed(_wanted(drafted, tier, forms[tier], standing, tree), standing, tree)
        now = standing.get(tier)
        if now is None and _same_as_above(want, above):
            continue
        if now is not None and (now.state, now.digest) == (want.state, want.digest):
            rows[tier] = now
            continue
        rows[tier] = want
        wanted.append(want)
        existence_changed |= (now.state if now else None) != want.state
    deeper = {tier: _deeper(tier, rows, tree) for tier in rows}
    return Difference(
        drafted.facts.id,
        drafted.facts.kind,
        tuple(wanted),
        tuple(rows),
        deeper,
        existence_changed,
        standing,
        drafted,
    )


def _forms(drafted: Drafted, tiers: Iterable[int], tree: Tree, policy: Policy) -> dict[int, Packed | None]:
    public = drafted.documents.get(PUBLIC) is not None
    forms: dict[int, Packed | None] = {}
    for tier in tiers:
        # Where nothing was decided, the nearest audience above speaks.
        document = next(drafted.documents[each] for each in reversed(tree.path(tier)) if each in drafted.documents)
        forms[tier] = (
            packed(document, drafted.kind, policy, open_lists=tier == PUBLIC, public=public) if document else None
        )
    return forms


def _wanted(drafted: Drafted, tier: int, own: Packed | None, standing: Mapping[int, Standing], tree: Tree) -> Wanted:
    record_id, kind = drafted.facts.id, drafted.facts.kind
    saw = next((standing[each] for each in reversed(tree.path(tier)) if each in standing), None)
    aliased = bool(own and own.aliased) or bool(saw and saw.aliased)
    if own is None:
        gone = NEVER if saw is None or saw.state == NEVER else DELETED
        return Wanted(tier, record_id, kind, gone, NO_DIGEST, None, b"", None, aliased)
    if drafted.moved is not None:
        target = str(drafted.moved).encode()
        return Wanted(tier, record_id, kind, MOVED, target[:16], None, target, None, aliased)
    kept = saw.modified if saw and saw.state == LIVE and saw.digest == own.digest else None
    return Wanted(tier, record_id, kind, LIVE, own.digest, own, own.body, kept, aliased)


def _fed(want: Wanted, standing: Mapping[int, Standing], tree: Tree) -> Wanted:
    """A first row that says what the row above has said until now is no change for its readers."""
    saw = next((standing[each] for each in reversed(tree.path(want.tier)) if each in standing), None)
    if saw is None or saw.tier == want.tier or (saw.state, saw.digest) != (want.state, want.digest):
        return want
    return want._replace(fed=(saw.feed, saw.seq), modified_as=saw.modified)


def _same_as_above(want: Wanted, above: Wanted | Standing | None) -> bool:
    if above is None:
        return want.state != LIVE
    return (above.state, above.digest) == (want.state, want.digest)


def _nearest(tree: Tree, tier: int, rows: Mapping[int, Wanted | Standing]) -> Wanted | Standing | None:
    return next((rows[each] for each in reversed(tree.path(tier)[:-1]) if each in rows), None)


def _deeper(tier: int, rows: Mapping[int, Wanted | Standing], tree: Tree) -> str:
    below = [each for each in rows if each != tier and tier in tree.path(each)]
    return "," + ",".join(map(str, below)) + "," if below else ""
