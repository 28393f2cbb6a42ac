"""A restriction, an objection to a holder, and "show nothing", bind all of whoever spoke: what comes later as well.

It binds where it was said of everything; of a link that concerns some lists, "show nothing" binds what they name.
An activity that a list names a month after its organiser asked that nothing be shown is shown as little as the others.
Nothing is written for it: who is restricted, objected or withholds is asked of the subject when it is compiled.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from datacoop.lib.sql import moment, placeholders, select
from datacoop.records.queries import lists_naming, merges_ever, merges_of, records_about, root_of, subjects_of

_RESTRICTED = "SELECT record_id FROM consent_restriction WHERE record_id IN ({}) AND end_revision IS NULL AND whole"
_EVER = "SELECT record_id FROM consent_restriction WHERE record_id IN ({})"
_OBJECTED = "SELECT record_id, source_id FROM consent_noticestate WHERE record_id IN ({}) AND objected_at IS NOT NULL"
_WITHHELD = (
    "SELECT record_id, source_id, at, begin_revision FROM consent_withholding"
    " WHERE record_id IN ({}) AND end_revision IS NULL"
)
_WITHHELD_EVER = "SELECT record_id FROM consent_withholding WHERE record_id IN ({})"
_SPOKEN = (
    "SELECT record_id, max(begin_revision) FROM consent_decision WHERE record_id IN ({})"
    " AND audience_id IN (SELECT id FROM consent_audience WHERE key = 'public')"
    " AND property = '' AND valid_until IS NULL GROUP BY record_id"
)
#: In a revision about more records none was merged nor split.
_FEW = 50


@dataclass(frozen=True)
class Withheld:
    """When a record's subject chose that nothing be shown. `is_spoken`: it said something of this one itself since."""

    at: datetime
    revision: int
    is_spoken: bool


@dataclass(frozen=True)
class Bound:
    """What a record's subject said against all of itself: that nothing is shown, and the lists it objected to."""

    restricted: bool
    objected: frozenset[int]
    withheld: Withheld | None = None


def bound_by_subjects(ids: Collection[int]) -> dict[int, Bound]:
    """Return what binds records that are about somebody else; absent are those of whom nothing does."""
    subjects = {number: subject for number, subject in subjects_of(ids).items() if subject != number}
    if not subjects:
        return {}
    merges = merges_of(set(subjects.values()))
    every = {*subjects.values(), *merges, *merges.values()}
    restricted = {root_of(record, merges) for (record,) in _rows(_RESTRICTED, every)}
    objected: dict[int, set[int]] = {}
    for record, source in _rows(_OBJECTED, every):
        objected.setdefault(root_of(record, merges), set()).add(source)
    roots = {number: root_of(subject, merges) for number, subject in subjects.items()}
    withheld = _withheld(roots, every, merges)
    return {
        number: Bound(root in restricted, frozenset(objected.get(root, ())), withheld.get(number))
        for number, root in roots.items()
        if root in restricted or root in objected or number in withheld
    }


def bound_with(ids: Collection[int]) -> set[int]:
    """Return what must be compiled with some records: all that is about those who restrict or object, or did.

    Also where a merge or a split, which come one at a time, made them one with such a record, or parted them.
    """
    asked = set(ids)
    if len(asked) <= _FEW:
        asked |= {n for each in merges_ever(asked) for n in (each.loser_id, each.survivor_id)}
    said = {row[0] for sql in (_EVER, _OBJECTED, _WITHHELD_EVER) for row in _rows(sql, asked)}
    if not said:
        return set()
    near = asked if len(ids) <= _FEW else said
    merges = merges_of(near)
    return set(records_about(near | set(merges) | set(merges.values())))


def _withheld(roots: Mapping[int, int], every: Collection[int], merges: Mapping[int, int]) -> dict[int, Withheld]:
    """Return by record since when its subject withholds it, for all lists or one that names it; the last counts."""
    said: dict[int, list[tuple[int, datetime, int | None]]] = {}
    for record, source, at, revision in _rows(_WITHHELD, every):
        said.setdefault(root_of(record, merges), []).append((revision, moment(at), source))
    asked = [number for number, root in roots.items() if root in said]
    if not asked:
        return {}
    naming = lists_naming(asked)
    spoken = dict(_rows(_SPOKEN, asked))
    found = {}
    for number in asked:
        binding = [each for each in said[roots[number]] if each[2] is None or each[2] in naming.get(number, ())]
        if binding:
            revision, at, _ = max(binding, key=lambda each: each[0])
            found[number] = Withheld(at, revision, spoken.get(number, 0) >= revision)
    return found


def _rows(sql: str, records: Collection[int]) -> Iterator[tuple[Any, ...]]:
    every = sorted(records)
    for start in range(0, len(every), 500):
        part = every[start : start + 500]
        yield from select(sql.format(placeholders(part)), part)
