"""What each room destroys when somebody is erased: told by the room itself, in its `ready()`.

Rooms above this one keep ids of records, and sometimes words about whoever these are; nobody below knows their tables.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime

from datacoop.records.recognising import Traits


@dataclass(frozen=True)
class Erasure:
    """Who is erased: every record that is theirs, by number and uid, and by what they are known in texts.

    `subjects` are those of the records that are themselves the subject; `traits` live in memory alone.
    `mentions` are statements about others in which they stand, `originals` those whose text before masking does.
    `for_good`: no list brings them back, and what they may do for others ends.
    """

    subjects: frozenset[int]
    record_ids: frozenset[int]
    uids: frozenset[uuid.UUID]
    now: datetime
    traits: Traits = field(default_factory=Traits)
    mentions: Collection[int] = ()
    originals: Collection[int] = ()
    for_good: bool = False


AtOnce = Callable[[Erasure], object]
Before = Callable[[Erasure], object]
_at_once: dict[str, AtOnce] = {}
_before: dict[str, Before] = {}


def register(room: str, *, at_once: AtOnce | None = None, before: Before | None = None) -> None:
    """Say how a room forgets somebody.

    `at_once` runs inside the revision, under the writers' lock: by ids, over indexes, in milliseconds. `before` runs
    ahead of it in transactions of its own and may take its time: to look through texts for `traits`. Both repeatable.
    """
    if at_once is not None:
        _at_once[room] = at_once
    if before is not None:
        _before[room] = before


def look_through(erasure: Erasure) -> None:
    """Let every room look through its texts."""
    for each in _before.values():
        each(erasure)


def destroy(erasure: Erasure) -> None:
    """Let every room destroy what it keeps by id; inside the revision."""
    for each in _at_once.values():
        each(erasure)
