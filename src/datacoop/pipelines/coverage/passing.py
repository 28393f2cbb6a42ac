"""What whoever is named lets a holder know: corrections in the columns of its list, and objections.

It depends on the list's own words, on what was passed on to this holder and on which records are one; on nothing else
(law 2).
"""

from __future__ import annotations

from dataclasses import dataclass

from datacoop.disclosure.holding import Words, own_words, passed_words
from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.text import sort_key
from datacoop.pipelines.coverage.changes import Change, changes_between, columns_of
from datacoop.rights.queries.objections import ObjectionFacts, list_objections_to, passed_to
from datacoop.sources.owning import HolderFacts, OwnList, rows_present


@dataclass(frozen=True)
class PassedRow:
    """A row of the list of which its subject says something else: its name in the list, its words, the differences."""

    number: int
    name: str
    words: Words
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class ObjectedRow:
    """A row of the list whose subject does not want to be published by this holder."""

    name: str
    words: Words
    objection: ObjectionFacts


def passed_rows(holder: HolderFacts, own: OwnList) -> list[PassedRow]:
    """Return the corrections that subjects pass on to a holder about rows of one of its lists, by the list's names."""
    rows = rows_present(own.source_id, own.kind)
    passed = passed_words(passed_to(holder.uid), rows)
    words = own_words(own.source_id, list(passed))
    columns = columns_of(own)
    found = []
    for number, said in words.items():
        item = {
            name: each if kind_named(own.kind).property(name).many else each[0] for name, each in passed[number].items()
        }
        if changes := changes_between(columns, said, item, whole=True):
            found.append(PassedRow(number, _name(own, said), said, changes))
    return sorted(found, key=lambda each: (sort_key(each.name), each.number))


def objected_rows(holder: HolderFacts, own: OwnList) -> list[ObjectedRow]:
    """Return the objections to what one list says, those that wait for an answer first."""
    rows = rows_present(own.source_id, own.kind)
    objections = [each for each in list_objections_to(holder.uid) if each.record_id in rows]
    words = own_words(own.source_id, [each.record_id for each in objections])
    found = [(words.get(each.record_id, {}), each) for each in objections]
    return [ObjectedRow(_name(own, said), said, each) for said, each in found]


def _name(own: OwnList, words: Words) -> str:
    slot = kind_named(own.kind).slots.get("name")
    return str((words.get(slot.name) or [""])[0]) if slot else ""
