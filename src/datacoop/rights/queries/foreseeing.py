"""What an answer would change, found before it is given, and by the rules that would then hold. Nothing is written."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from datacoop.consent.actions import Wish
from datacoop.consent.queries import last_word
from datacoop.disclosure.own.naming import person_name
from datacoop.disclosure.own.previewing import Preview, Saying, Seen
from datacoop.disclosure.own.subjects import Group, groups_of
from datacoop.disclosure.own.telling import OwnRecord
from datacoop.kinds.definition import kind as kind_named
from datacoop.rights.rules.answers import FULL, NAMING, Asked, Meaning, Spoken, initials


@dataclass(frozen=True)
class Change:
    """What one audience would see, or see no longer, of one record. `altered`: seen before and after, but not alike."""

    audience: str
    record: int
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    altered: tuple[str, ...]


@dataclass(frozen=True)
class Foreseen:
    """What an answer would do. `widens`: it would show somebody more than today, so it needs a proof."""

    widens: bool
    changes: tuple[Change, ...]


def asked_of(records: Sequence[OwnRecord]) -> list[Asked]:
    """Return a subject's records as the rules of answering take them."""
    return [
        Asked(each.id, kind_named(each.kind), tuple(Spoken(a, name or None, s) for a, name, s in each.standing))
        for each in records
    ]


def said_by_lists(records: Sequence[OwnRecord], sources: Collection[int]) -> dict[int, frozenset[str]]:
    """Return by record the properties that some lists speak of and the subject itself does not."""
    found = {}
    for each in records:
        own = {value.property for value in each.values if value.said_by == "subject"}
        theirs = {value.property for value in each.values if value.source_id in sources}
        found[each.id] = frozenset(theirs - own)
    return found


def wishes_of(meaning: Meaning) -> list[tuple[int, Wish]]:
    """Return what an answer means as wishes about the records it names."""
    return [(each.record, Wish(each.audience, each.shows, each.property, each.until)) for each in meaning.words]


def sayings_of(meaning: Meaning, groups: Sequence[Group]) -> list[Saying]:
    """Return how the person is to be named beside functions: the full name or its initials, as their record has it."""
    names: Mapping[int, str] = meaning.names or {}
    name = person_name(groups) if names else ""
    said = ((record, NAMING, name if level == FULL else initials(name)) for record, level in names.items())
    return [each for each in said if each[2]]


def spoken_until(subject: uuid.UUID) -> int:
    """Return the last revision in which anything was decided about a subject: what `answer` takes as `seen`."""
    return last_word([member for group in groups_of(subject) for member in group.members])


def looked_at(subject: uuid.UUID, meaning: Meaning, *, now: datetime, proven: bool) -> Preview:
    """Return what everybody would see of a subject if it answered so."""
    sayings = sayings_of(meaning, groups_of(subject))
    return Preview(subject, now=now, wishes=wishes_of(meaning), sayings=sayings, proven=proven)


def foreseen(
    subject: uuid.UUID, meaning: Meaning, *, audiences: Sequence[str], records: Collection[int], now: datetime
) -> Foreseen:
    """Return what an answer would change for some audiences about some records, in the audiences' order."""
    before = Preview(subject, now=now, proven=True)
    after = looked_at(subject, meaning, now=now, proven=True)
    changes = []
    for audience in audiences:
        for old, new in zip(before.seen_by(audience), after.seen_by(audience), strict=True):
            change = _change(audience, old, new)
            if old.id in records and (change.gained or change.lost or change.altered):
                changes.append(change)
    widens = after.widens(wishes_of(meaning)) or FULL in (meaning.names or {}).values()
    return Foreseen(widens, tuple(changes))


def _change(audience: str, old: Seen, new: Seen) -> Change:
    was, will = old.body or {}, new.body or {}
    return Change(
        audience,
        old.id,
        tuple(name for name in will if name not in was),
        tuple(name for name in was if name not in will),
        tuple(name for name in will if name in was and was[name] != will[name]),
    )
