"""Pure rules of records: identifiers, the order in which sources win, the facts handed to readers of this room."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import NamedTuple

from datacoop.kinds.definition import Kind

ID_BITS = 48
ID_MASK = (1 << ID_BITS) - 1


class Origin(IntEnum):
    """Who speaks; the higher number wins a property (law 5)."""

    HOLDER = 10
    AUTHORITY = 20
    STEWARD = 30
    SUBJECT = 40


class State:
    """States of a statement."""

    LIVE = "l"
    QUARANTINED = "q"
    RESTRICTED = "r"


class Mark:
    """What was decided about a value when its statement was accepted (law 2: stored, never recomputed)."""

    NONE = ""
    PERSONAL = "p"
    CARRIES_NAME = "n"
    BESIDE_PERSON = "b"
    CARE_OF = "c"
    SHARED = "s"
    INFORMAL = "i"
    WITHHELD = "w"
    OWN = "o"
    HELD = "h"


#: Marks of what a subject says itself of a property that not everybody sees (decision 0032): shown to whoever sees what
#: others say of it, and by the subject's word; `OWN` by a word about the whole record too, `HELD` by none but one about
#: the property.
OWN_MARKS = frozenset({Mark.OWN, Mark.HELD})
#: Marks of values that count as personal until their subject says otherwise; `WITHHELD` is stronger: shown nowhere.
PERSONAL_MARKS = frozenset(
    {Mark.PERSONAL, Mark.CARRIES_NAME, Mark.BESIDE_PERSON, Mark.CARE_OF, Mark.SHARED, Mark.INFORMAL}
)
#: What a report calls them.
MARK_CODES = {
    Mark.PERSONAL: "personal",
    Mark.CARRIES_NAME: "carries-person-name",
    Mark.BESIDE_PERSON: "beside-person",
    Mark.CARE_OF: "care-of",
    Mark.SHARED: "shared",
    Mark.INFORMAL: "informal-group",
    Mark.WITHHELD: "withheld",
    Mark.OWN: "own",
    Mark.HELD: "held",
}


def id_of(uid: uuid.UUID) -> int:
    """Return the number a record is stored under: the first 48 bits of its uid, all of them random in UUIDv4.

    There is no sequential id in the house, so no order of arrival can be read from any output.
    """
    return uid.int >> (128 - ID_BITS)


def new_uid(is_taken: Callable[[int], bool]) -> uuid.UUID:
    """Draw a uid whose number is free (RFC 9562, version 4)."""
    while True:
        uid = uuid.uuid4()
        if not is_taken(id_of(uid)):
            return uid


def is_natural(kind: Kind) -> bool:
    """Return whether records of the kind are about one natural person (law 6)."""
    if kind.subject == "self":
        return kind.name == "person"
    return kind.property(kind.subject).refers == "person"


def is_sealed(kind: Kind, property_name: str, mark: str) -> bool:
    """Return whether a value is kept in its subject's envelope: everything that is about a natural person."""
    if mark in PERSONAL_MARKS:
        return True
    personal = kind.property(property_name).personal
    return personal == "sensitive" or (personal == "contact" and is_natural(kind))


@dataclass(frozen=True)
class SourceFacts:
    """What a statement needs to know of the list it came from."""

    id: int
    holder: str
    name: str
    authority: bool
    published: bool
    page: str
    origin: str = ""


class StatementFacts(NamedTuple):
    """One effective statement. `value` is the plain value; `refers` the number of the record it points to."""

    id: int
    record_id: int
    property: str
    value: object
    position: int
    origin: int
    source: SourceFacts | None
    since: datetime
    state: str
    mark: str
    refers: int | None


def is_published(statement: StatementFacts) -> bool:
    """Return whether the rule for published lists holds: a subject's or steward's own word counts as published."""
    return statement.source.published if statement.source else True


class RecordFacts(NamedTuple):
    """A record with the effective statements of itself and of everything merged into it."""

    id: int
    uid: uuid.UUID
    kind: str
    subject_id: int | None
    statements: tuple[StatementFacts, ...]
    members: tuple[int, ...] = ()
    merged_into: int | None = None


@dataclass(frozen=True)
class Marked:
    """A standing statement that a revision marked, and its mark before."""

    statement_id: int
    before: str
    after: str


@dataclass(frozen=True)
class Change:
    """What one revision did: its number, who, when, why, and the records it touched."""

    number: int
    actor: str
    at: datetime
    why: str
    touched: frozenset[int] = field(default_factory=frozenset)
    contribution: tuple[int, int] | None = None
    """Source and number of a contribution this revision accepted: its records are compiled in batches after it."""


def precedence(statement: StatementFacts) -> tuple[int, datetime, int]:
    """Return the sort key of rival statements, the winner highest: subject, steward, authority, newest.

    Ties fall to the source listed first, so that the answer never depends on the order of rows.
    """
    return statement.origin, statement.since, -(statement.source.id if statement.source else 0)


def winning(rivals: Sequence[StatementFacts]) -> tuple[StatementFacts, ...]:
    """Return the statements of the one speaker who wins a property, in the speaker's own order.

    The speaker wins with all values of the property: two lists of phones are never mixed into a third.
    """
    best = max(rivals, key=precedence)
    same = [s for s in rivals if s.origin == best.origin and s.source == best.source and s.record_id == best.record_id]
    return tuple(sorted(same, key=lambda s: (s.position, s.id)))


def fuse(statements: Sequence[StatementFacts]) -> Mapping[str, tuple[StatementFacts, ...]]:
    """Return the winning statements by property, over the statements given (fusion is per audience, law 2)."""
    rivals: dict[str, list[StatementFacts]] = {}
    for statement in statements:
        rivals.setdefault(statement.property, []).append(statement)
    return {name: winning(found) if len(found) > 1 else tuple(found) for name, found in rivals.items()}
