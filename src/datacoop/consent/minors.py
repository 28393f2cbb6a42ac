"""Minors are shown to nobody, whoever decided otherwise: noted once, when a birth date is accepted, and kept.

What was decided before somebody came of age, by a guardian or by themselves, shows nothing afterwards either: an adult
is shown by their own word (law 6). So nothing changes by the mere passing of time. The note is stored beside the
record and never worked out again from other values when views are compiled (law 2); where the date was wrong, a
steward says so.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from datacoop.consent.models import Minority
from datacoop.consent.rules import of_age_from
from datacoop.lib.sql import execute, moment, placeholders, select, stored
from datacoop.records.actions.revising import Draft
from datacoop.records.queries import find_record, kinds_of, load, merges_of, records_about, root_of, subjects_of

_KIND, _BORN = "person", "birth_date"
#: In a revision about more persons none was merged nor split.
_FEW = 50
_ANY = "SELECT 1 FROM consent_minority LIMIT 1"
_OF = "SELECT record_id, until FROM consent_minority WHERE record_id IN ({})"
_NOTE = "INSERT INTO consent_minority (record_id, until, at) VALUES (%s, %s, %s) ON CONFLICT (record_id) DO NOTHING"


def note_minors(ids: Collection[int], *, now: datetime) -> set[int]:
    """Note those of some records that are persons under age, and return what must be compiled with them.

    Call it under the writers' lock, before their views are compiled. A quarantined birth date counts too. What people
    do follows them: all of it for those newly noted, and where a merge or a split, which come one at a time, may have
    made them one with a minor or parted them.
    """
    persons = [number for number, kind in kinds_of(ids).items() if kind == _KIND]
    if not persons:
        return set()
    concerned: set[int] = set()
    for facts in load(persons).values():
        for statement in facts.statements:
            of_age = of_age_from(statement.value) if statement.property == _BORN else None
            if of_age is None or of_age <= now:
                continue
            if execute(_NOTE, [statement.record_id, stored(of_age), stored(now)]) == 1:
                concerned.add(statement.record_id)
    if len(persons) <= _FEW and select(_ANY, []):
        concerned.update(persons)
    if not concerned:
        return set()
    merges = merges_of(concerned)
    return set(records_about(concerned | set(merges) | set(merges.values())))


def minors_of(ids: Collection[int]) -> dict[int, datetime]:
    """Return when the subjects of some records come, or came, of age; records of all others are absent."""
    if not ids or not select(_ANY, []):
        return {}
    subjects = subjects_of(ids)
    merges = merges_of(set(subjects.values()))
    every = sorted(set(subjects.values()) | set(merges) | set(merges.values()))
    until: dict[int, datetime] = {}
    for start in range(0, len(every), 500):
        part = every[start : start + 500]
        for number, when in select(_OF.format(placeholders(part)), part):
            root = root_of(number, merges)
            until[root] = max(moment(when), until.get(root, moment(when)))
    return {i: until[root] for i, subject in subjects.items() if (root := root_of(subject, merges)) in until}


def correct_age(draft: Draft, *, uid: UUID, of_age: datetime) -> bool:
    """Say when a person noted as under age really comes, or came, of age; False where nothing is noted of that record.

    What is noted of a record merged with it stays: it may be another's, and would be shown after a split.
    """
    record = find_record(uid)
    if record is None or not Minority.objects.filter(record_id=record.id).update(until=of_age):
        return False
    draft.touch(record.id)
    return True


def is_person(uid: UUID) -> bool:
    """Return whether a uid names a person's own record."""
    record = find_record(uid)
    return record is not None and record.kind == _KIND


def minor_until(uid: UUID) -> datetime | None:
    """Return when a person known as a minor once comes, or came, of age; None for everybody else."""
    record = find_record(uid)
    return minors_of([record.id]).get(record.id) if record is not None else None


def note_of_age(draft: Draft, *, uid: UUID, of_age: datetime) -> None:
    """Note a person as under age on a steward's word, where no birth date was accepted before."""
    record = find_record(uid)
    if record is not None:
        execute(_NOTE, [record.id, stored(of_age), stored(draft.now)])
        draft.touch(record.id)
