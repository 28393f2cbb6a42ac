"""Signed checkpoints: the root of the tree over the chain, so that nobody, we included, rewrites what lies before it.

Whoever keeps one checkpoint can ask for the proof that each later one only adds to it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from datacoop.lib import merkle
from datacoop.lib.sql import moment, select

from . import rules
from .checking import CHECKPOINT_TYPE as TYPE
from .growing import tile_chain
from .models import Checkpoint
from .queries import get_tip
from .signing import sign
from .trees import TreeReader

_COLUMNS = "SELECT size, root, at, previous, signed FROM ledger_checkpoint"


class Forked(RuntimeError):
    """The chain no longer begins as the last checkpoint says: it was rewritten, and is not signed."""


@dataclass(frozen=True)
class CheckpointFacts:
    """A signed checkpoint: the root (hex) over the first `size` entries. `signed` is a JWS over `statement`."""

    size: int
    root: str
    at: datetime
    previous: int
    signed: str

    def statement(self) -> dict[str, object]:
        """Return what is signed, but for the place of signing."""
        return {"size": self.size, "root": self.root, "at": rules.instant(self.at), "previous": self.previous}


def latest_checkpoint() -> CheckpointFacts | None:
    """Return the newest checkpoint, None before the first."""
    return _one(f"{_COLUMNS} ORDER BY size DESC LIMIT 1", [])


def checkpoint_over(entry: int) -> CheckpointFacts | None:
    """Return the first checkpoint that an entry lies under; None while it lies under none."""
    return _one(f"{_COLUMNS} WHERE size >= %s ORDER BY size LIMIT 1", [entry])


def daily_checkpoint(size: int | None = None) -> CheckpointFacts | None:
    """Return the newest checkpoint that everybody may see, or the one of that size; None where there is none."""
    if size is not None:
        return _one(f"{_COLUMNS} WHERE daily AND size = %s", [size])
    return _one(f"{_COLUMNS} WHERE daily ORDER BY size DESC LIMIT 1", [])


def daily_over(entry: int) -> CheckpointFacts | None:
    """Return the first checkpoint, of those everybody may see, that an entry lies under."""
    return _one(f"{_COLUMNS} WHERE daily AND size >= %s ORDER BY size LIMIT 1", [entry])


def find_checkpoint(size: int) -> CheckpointFacts | None:
    """Return the checkpoint of so many entries, if there is one."""
    return _one(f"{_COLUMNS} WHERE size = %s", [size])


def all_checkpoints() -> Iterator[CheckpointFacts]:
    """Yield every checkpoint, the smallest first."""
    for c in Checkpoint.objects.order_by("size").iterator():
        yield CheckpointFacts(c.size, c.root, c.at, c.previous, c.signed)


def take_checkpoint(*, now: datetime, daily: bool = False) -> CheckpointFacts | None:
    """Sign the chain as it stands and return the checkpoint; where nothing was added, the last one; None if empty.

    A `daily` one everybody may see: take it at a moment that the clock alone chose, after an entry of the clock's own.
    Repeatable; processes that do it together agree. Call it outside of any transaction.

    Raises: Forked; signing.KeyUnusable.
    """
    tip, last = get_tip(), latest_checkpoint()
    if tip.number == 0 or (last is not None and last.size == tip.number):
        return last
    tile_chain(tip.number)
    node = TreeReader()
    if last is not None and (last.size > tip.number or node(0, last.size).hex() != last.root):
        raise Forked(f"The ledger does not begin as it did at entry {last.size}: run `datacoop verify`.")
    made = CheckpointFacts(tip.number, node(0, tip.number).hex(), now, last.size if last else 0, "")
    signed = sign(rules.canonical({"origin": settings.DATACOOP_BASE_URL, **made.statement()}), typ=TYPE)
    with transaction.atomic():
        Checkpoint.objects.bulk_create(
            [Checkpoint(size=made.size, root=made.root, at=now, previous=made.previous, signed=signed, daily=daily)],
            ignore_conflicts=True,
        )
        if daily:  # where somebody's question signed the same state an instant before
            Checkpoint.objects.filter(size=made.size, daily=False).update(daily=True)
    return find_checkpoint(made.size)


def covering(entry: int, *, now: datetime) -> CheckpointFacts:
    """Return the first checkpoint over an entry, taking one if none is there yet.

    Raises: LookupError for an entry that is not in the chain; Forked; signing.KeyUnusable.
    """
    found = checkpoint_over(entry)
    if found is None:
        take_checkpoint(now=now)
        found = checkpoint_over(entry)
    if found is None or entry < 1:
        raise LookupError(f"There is no entry {entry}.")
    return found


def root_at(size: int) -> str:
    """Return the root (hex) over the first `size` entries, as the chain and its tiles say now."""
    return TreeReader()(0, size).hex() if size else merkle.EMPTY.hex()


def matches(statement: bytes, facts: CheckpointFacts) -> bool:
    """Return whether what was signed says what the checkpoint's columns say."""
    try:
        said = json.loads(statement)
    except ValueError:
        return False
    return isinstance(said, dict) and {name: said.get(name) for name in facts.statement()} == facts.statement()


def _one(sql: str, parameters: list[object]) -> CheckpointFacts | None:
    found = select(sql, parameters)
    if not found:
        return None
    size, root, at, previous, signed = found[0]
    return CheckpointFacts(size, root, moment(at), previous, signed)
