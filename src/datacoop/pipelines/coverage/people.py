"""Whom the rows of a list name in columns of their own: which person stands where."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from datacoop.disclosure.holding import roles_said
from datacoop.kinds.definition import kind as kind_named
from datacoop.pipelines.coverage.changes import Column
from datacoop.pipelines.persons import function_of
from datacoop.sources.headers import vocabulary, weigh
from datacoop.sources.mapping import PERSON
from datacoop.sources.owning import OwnList, rows_present
from datacoop.sources.targets import own_words

#: Lists of these name people in their rows themselves.
_THEMSELVES = frozenset({"person", "role"})


@dataclass(frozen=True)
class InRow:
    """Where a person stands: the record of the row, and the function that the columns name."""

    row: int
    function: str
    person: int


def people_in(own: OwnList) -> dict[int, InRow]:
    """Return where in a list those stand whom its rows name, by the records of persons and of their roles."""
    if own.kind in _THEMSELVES:
        return {}
    roles = roles_said(own.source_id, rows_present(own.source_id, "role"))
    found = {}
    for number, said in roles.items():
        found[number] = found[said.person] = InRow(said.row, said.function, said.person)
    return found


def with_people(own: OwnList, rows: Collection[int]) -> set[int]:
    """Return the records of rows of a list, and of the people whom these rows name."""
    return set(rows) | {each.person for each in people_in(own).values() if each.row in rows}


def person_columns(own: OwnList) -> list[Column]:
    """Return the columns of a list about people, by function: that of the name, then that of the e-mail address.

    First and family names of one person stand in several columns: the first of these is told the whole name.
    """
    by_function: dict[str, list[str]] = {}
    for name in sorted(column for column, target in own.mapping.items() if target == PERSON):
        by_function.setdefault(function_of(name), []).append(name)
    person = kind_named("person")
    found = []
    for function, names in by_function.items():
        mailbox = _mailbox_among(names)
        rest = [name for name in names if name != mailbox]
        found += [Column(name, person.property("name"), "", function) for name in rest[:1]]
        found += [Column(mailbox, person.property("email"), "", function)] if mailbox else []
    return found


def _mailbox_among(names: list[str]) -> str:
    """The column with e-mail addresses: by its heading, else, of several, the last."""
    words = vocabulary(own_words(kind_named("person")))
    weighed = {name: weigh(name, words).get("email", 0.0) for name in names}
    best = max(names, key=lambda name: weighed[name])
    if weighed[best] > 0:
        return best
    return names[-1] if len(names) > 1 else ""
