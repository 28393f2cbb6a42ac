"""What each room keeps of somebody, told by the room itself, in its `ready()`: for the package of access (LPD 25).

The counterpart of `erasers`: rooms above this one keep ids of records, and words about whoever these are; nobody below
knows their tables. What is said of somebody is told by `disclosure`, which gathers all (`disclosure.own.packing`).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from datacoop.records.recognising import Traits

Row = Mapping[str, object]
"""Plain values by the name of a field: text, whole numbers, true and false, moments, lists and mappings of these."""


@dataclass(frozen=True)
class Concerned:
    """Who asks: every record that is theirs, uid by number, the uids of themselves, their own accounts, their traits.

    `traits` live in memory alone, for as long as the package is made.
    """

    records: Mapping[int, uuid.UUID]
    subject_uids: frozenset[uuid.UUID]
    accounts: frozenset[int]
    now: datetime
    traits: Traits = field(default_factory=Traits)
    is_person: bool = False

    @property
    def ids(self) -> list[int]:
        """The numbers of the records, in order."""
        return sorted(self.records)

    def name(self, record_id: int | None) -> str:
        """Return a record of theirs as packages name it; empty for any other, which is not theirs to know."""
        found = self.records.get(record_id) if record_id is not None else None
        return str(found) if found else ""


@dataclass(frozen=True)
class Chapter:
    """Rows of one sort, under a code that the package has a title for."""

    name: str
    rows: Collection[Row]


Tell = Callable[[Concerned], Iterable[Chapter]]
_tellers: dict[str, Tell] = {}


def register(room: str, tell: Tell) -> None:
    """Say how a room tells somebody what it keeps of them. `tell` reads and changes nothing."""
    _tellers[room] = tell


def told(concerned: Concerned) -> list[Chapter]:
    """Return the chapters of all rooms, the rooms in the order of their names."""
    return [chapter for room in sorted(_tellers) for chapter in _tellers[room](concerned)]
