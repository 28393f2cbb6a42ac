"""Enter or correct one record by hand: the same reading and the same marks as for a row of a list.

A steward's word wins over every list; the subject's own word still wins over the steward's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings

from datacoop.disclosure.describe import self_body
from datacoop.kinds.definition import Kind
from datacoop.kinds.definition import kind as kind_named
from datacoop.pipelines.preparing import Prepared, Preparing
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import create_record, retract, state
from datacoop.records.actions.withholding import unite
from datacoop.records.rules import Origin, id_of, is_natural
from datacoop.records.tracing import About
from datacoop.sources.normalising import Setting
from datacoop.sources.places import default_gazetteer
from datacoop.sources.readers.table import Row
from datacoop.sources.rows import Problem, RowReader


class EntryRefused(Exception):
    """Nothing was saved; `problems` say what is wrong in which field."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        """Keep the problems; their `column` is the field's path."""
        super().__init__("The entry was not saved.")
        self.problems = problems


@dataclass(frozen=True)
class Entry:
    """What was typed: text (or lines of text) by path (`name`, `addresses.street`). Without `uid` it is new."""

    kind: str
    cells: Mapping[str, str | list[str]]
    uid: UUID | None = None


def may_be_entered(kind: Kind) -> bool:
    """Return whether a steward may enter records of a kind: never about natural persons, who speak for themselves."""
    return kind.list_route and not is_natural(kind)


def enter(entry: Entry, *, actor: str, reason: str, now: datetime) -> UUID:
    """Save an entry in one revision and return the record's uid. Only properties that differ are stated.

    An emptied field takes back what a steward said before; what a list says stays, and a decision hides it.

    Raises:
        EntryRefused: a field cannot be read, or there is no name.
    """
    kind = kind_named(entry.kind)
    prepared = _read(kind, entry.cells, now)
    before = self_body(uid=entry.uid, now=now) if entry.uid else {}
    changed = _changed(kind, prepared, before or {})
    emptied = [path for path, text in entry.cells.items() if not text and path in (before or {})]
    with revision(actor=actor, now=now, why=f"entered: {reason}"[:200]) as draft:
        uid = entry.uid or create_record(draft, kind=kind.name, subject_id=prepared.subject_id).uid
        said = [s for s in prepared.said if s.property in changed]
        if said:
            state(draft, record_id=id_of(uid), said=said, origin=Origin.STEWARD)
        if emptied:
            retract(draft, record_id=id_of(uid), properties=emptied, origin=Origin.STEWARD)
        unite(draft, record_ids=[id_of(uid)])
        draft.enter("record.entered", about=[About(id_of(uid))], properties=sorted(changed))
    return uid


def _read(kind: Kind, cells: Mapping[str, str | list[str]], now: datetime) -> Prepared:
    gazetteer = default_gazetteer(settings.DATACOOP_DATA_DIR)
    filled: dict[str, object] = {path: text for path, text in cells.items() if text}
    reader = RowReader({path: path for path in cells}, kind, Setting("CH"), gazetteer=gazetteer)
    mapped = reader.read(Row(1, filled))
    prepared = Preparing(kind, {}, gazetteer=gazetteer, now=now).prepare(mapped)
    problems = (*mapped.problems, *prepared.problems)
    if problems:
        raise EntryRefused(problems)
    return prepared


def _changed(kind: Kind, prepared: Prepared, before: Mapping[str, object]) -> set[str]:
    typed: dict[str, list[object]] = {}
    for said in prepared.said:
        typed.setdefault(said.property, []).append(said.value)
    return {
        name
        for name, values in typed.items()
        if (values if kind.property(name).many else values[0]) != before.get(name)
    }
