"""What whoever is named lets a holder know: corrections in the columns of its list, and objections.

It depends on the list's own words, on what was passed on to this holder and on which records are one; on nothing else
(law 2). People whom a row names in columns of their own are told with that row.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from datacoop.disclosure.holding import Words, own_words, passed_words
from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.text import sort_key
from datacoop.pipelines.coverage.changes import Change, Column, changes_between, columns_of
from datacoop.pipelines.coverage.people import InRow, people_in, person_columns
from datacoop.rights.queries.objections import ObjectionFacts, list_objections_to, passed_to
from datacoop.sources.owning import HolderFacts, OwnList, rows_present


@dataclass(frozen=True)
class ListRow:
    """A row as its list says it: its words, and those about the people it names, by function.

    `persons` are the records of these people, of restricted ones too.
    """

    number: int
    name: str
    words: Words
    people: Mapping[str, Words] = field(default_factory=dict)
    persons: Mapping[str, int] = field(default_factory=dict)

    def said(self, column: Column) -> list[object]:
        """Return what stands in the row of a column's property."""
        words = self.people.get(column.function, {}) if column.function else self.words
        return words.get(column.property.name, [])


@dataclass(frozen=True)
class PassedRow:
    """A row of which somebody it is about says something else, and the differences."""

    row: ListRow
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class ObjectedRow:
    """A row in which somebody does not want to be published by this holder; `function`: whom it names so, or empty."""

    row: ListRow
    function: str
    objection: ObjectionFacts


def told_columns(own: OwnList) -> list[Column]:
    """Return the columns in which a holder is told: those that became something, then those about people."""
    return [*columns_of(own), *person_columns(own)]


def passed_rows(holder: HolderFacts, own: OwnList) -> list[PassedRow]:
    """Return the corrections that subjects pass on to a holder about rows of one of its lists, by the list's names."""
    return [each for each in _compared(holder, own, whole=False) if each.changes]


def every_row(holder: HolderFacts, own: OwnList) -> list[PassedRow]:
    """Return all rows of a list by its names, each with the corrections passed on; restricted ones are not there."""
    return _compared(holder, own, whole=True)


def _compared(holder: HolderFacts, own: OwnList, *, whole: bool) -> list[PassedRow]:
    """Return rows and what is passed on about them: all of the list, or those of which anything is."""
    people, present = people_in(own), rows_present(own.source_id, own.kind)
    passed = passed_words(passed_to(holder.uid), present | people.keys())
    concerned = {people[number].row if number in people else number for number in passed}
    rows = _rows(own, present if whole else concerned, people)
    persons = {(each.row, each.function): each.person for each in people.values()}
    columns = told_columns(own)
    found = []
    for number, row in rows.items():
        changes = changes_between(
            [c for c in columns if not c.function], row.words, _item(own.kind, passed, number), whole=True
        )
        for function, words in row.people.items():
            about = [c for c in columns if c.function == function]
            item = _item("person", passed, persons[number, function])
            changes += changes_between(about, words, item, whole=True)
        found.append(PassedRow(row, changes))
    return sorted(found, key=lambda each: (sort_key(each.row.name), each.row.number))


def objected_rows(holder: HolderFacts, own: OwnList) -> list[ObjectedRow]:
    """Return the objections to what one list says, those that wait for an answer first."""
    people = people_in(own)
    present = rows_present(own.source_id, own.kind) | people.keys()
    objections = [each for each in list_objections_to(holder.uid) if each.record_id in present]
    where = {each.id: people.get(each.record_id, InRow(each.record_id, "", 0)) for each in objections}
    rows = _rows(own, {each.row for each in where.values()}, people)
    nothing = ListRow(0, "", {})
    return [ObjectedRow(rows.get(where[e.id].row, nothing), where[e.id].function, e) for e in objections]


def told_about(corrected: Sequence[PassedRow], objected: Sequence[ObjectedRow], *, whole: bool) -> set[int]:
    """Return the records that are seen where these rows are told: their own, and those of the people they name.

    `whole`: the rows with all their columns, as files hold them; else the differences alone, as the page does.
    """
    found = {each.objection.record_id for each in objected}
    for row, functions in [
        *((each.row, {change.column.function for change in each.changes}) for each in corrected),
        *((each.row, {each.function}) for each in objected),
    ]:
        # Of a restricted row there are no words, and no number.
        found |= {row.number} if row.number else set()
        found |= {person for function, person in row.persons.items() if whole or function in functions}
    return found


def _rows(own: OwnList, numbers: Collection[int], people: Mapping[int, InRow]) -> dict[int, ListRow]:
    """Return rows as the list says them, with whom they name; of restricted ones there are no words."""
    words = own_words(own.source_id, numbers)
    named = {each for each in people.values() if each.row in words}
    said = own_words(own.source_id, [each.person for each in named])
    return {
        number: ListRow(
            number,
            _name(own, each),
            each,
            {p.function: said[p.person] for p in named if p.row == number and p.person in said},
            {p.function: p.person for p in named if p.row == number},
        )
        for number, each in words.items()
    }


def _item(kind: str, passed: Mapping[int, Words], number: int) -> dict[str, object]:
    many = {each.name: each.many for each in kind_named(kind).properties}
    return {name: each if many[name] else each[0] for name, each in passed.get(number, {}).items()}


def _name(own: OwnList, said: Mapping[str, Sequence[object]]) -> str:
    slot = kind_named(own.kind).slots.get("name")
    return str((said.get(slot.name) or [""])[0]) if slot else ""
