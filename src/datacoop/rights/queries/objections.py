"""Reading what holders were told by whom they name, and what they answered."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from datacoop.disclosure.own.subjects import Group
from datacoop.rights.models.objections import Objection, Passed
from datacoop.sources.spoken import holders_of_lists


@dataclass(frozen=True)
class Naming:
    """A holder whose lists name a record: of which of the records that are one, and in which list (both by number)."""

    id: int
    uid: uuid.UUID
    name: str
    said: frozenset[tuple[int, int]]

    @property
    def records(self) -> list[int]:
        """The records its lists speak of."""
        return sorted({record for record, _ in self.said})


@dataclass(frozen=True)
class ObjectionFacts:
    """One objection; `answer` is empty while it waits."""

    id: int
    record_id: int
    holder_uid: uuid.UUID
    holder: str
    made_at: datetime
    answer: str
    note: str
    answered_at: datetime | None


def holders_naming(group: Group) -> list[Naming]:
    """Return the holders whose lists name a record, by name."""
    said: dict[int, set[int]] = {}
    for s in group.facts.statements:
        if s.source is not None:
            said.setdefault(s.source.id, set()).add(s.record_id)
    found = []
    for holder in holders_of_lists(said):
        pairs = frozenset((record, source) for source in holder.sources for record in said.get(source, ()))
        found.append(Naming(holder.id, holder.uid, holder.name, pairs))
    return sorted(found, key=lambda each: (each.name, each.id))


def list_objections_of(record_ids: Collection[int]) -> list[ObjectionFacts]:
    """Return every objection about some records, newest first."""
    rows = Objection.objects.select_related("holder").filter(record_id__in=list(record_ids))
    return [_facts(row) for row in rows.order_by("-made_at", "-pk")]


def list_objections_to(holder: uuid.UUID) -> list[ObjectionFacts]:
    """Return every objection to a holder, those that wait first, then the newest."""
    rows = Objection.objects.select_related("holder").filter(holder__uid=holder).order_by("-made_at", "-pk")
    return sorted(map(_facts, rows), key=lambda each: each.answered_at is not None)


def passed_to(holder: uuid.UUID) -> dict[int, set[str]]:
    """Return the properties that whoever is named lets a holder know, by record."""
    found: dict[int, set[str]] = {}
    for record, name in Passed.objects.filter(holder__uid=holder).values_list("record_id", "property"):
        found.setdefault(record, set()).add(name)
    return found


def passed_of(record_ids: Collection[int]) -> dict[uuid.UUID, set[str]]:
    """Return by holder what of some records is passed on to it."""
    found: dict[uuid.UUID, set[str]] = {}
    rows = Passed.objects.filter(record_id__in=list(record_ids)).values_list("holder__uid", "property")
    for holder, name in rows:
        found.setdefault(holder, set()).add(name)
    return found


def _facts(row: Objection) -> ObjectionFacts:
    return ObjectionFacts(
        row.pk, row.record_id, row.holder.uid, row.holder.name, row.made_at, row.answer, row.note, row.answered_at
    )
