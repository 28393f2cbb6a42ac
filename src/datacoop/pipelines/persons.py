"""Columns about natural persons, for lists imported with them: who has which function in the organisation of a row.

They become quarantined records of persons and roles, shown to nobody until the person decides (law 6).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.text import plain_words, words
from datacoop.records.actions.staging import StagedRow
from datacoop.records.envelopes import digest
from datacoop.records.storing import Said
from datacoop.records.suppressing import suppressed
from datacoop.sources.rows import NamedPerson

#: How headers name a function, by the beginning of a word; the first that fits counts. Else: a contact person.
_FUNCTIONS = (
    ("vice_president", ("vice", "vize")),
    ("president", ("president", "prasident", "praesident", "presid", "chair", "obmann", "obfrau")),
    ("treasurer", ("tresor", "caissier", "kassier", "kassenwart", "tesorier", "cassier", "treasur")),
    ("secretary", ("secretair", "sekretar", "sekretaer", "aktuar", "segretari", "secretary")),
    ("committee", ("comite", "vorstand", "comitato", "committee", "board")),
)

#: Stage rows of a kind, given with their keys and contents, and return their record numbers.
StageRows = Callable[[str, Sequence[tuple[bytes, bytes, StagedRow]]], list[int]]


@dataclass(frozen=True)
class Officer:
    """Somebody a row names."""

    function: str
    name: str
    email: str | None

    @property
    def content(self) -> bytes:
        """Return a keyed digest of what is said."""
        return digest("officer", self.function, self.name, self.email or "")


#: Key of the row, number of its organisation, whom it names.
Named = tuple[bytes, int, Officer]


def officers(named: Sequence[NamedPerson]) -> tuple[Officer, ...]:
    """Return one person for each function that the columns name: first and family names stand in several columns."""
    cells: dict[str, list[str]] = {}
    for each in named:
        cells.setdefault(function_of(each.column), []).append(each.text)
    found = []
    for function, texts in cells.items():
        emails = [t for t in texts if "@" in t]
        name = " ".join(dict.fromkeys(t for t in texts if "@" not in t and any(map(str.isalpha, t))))
        if name:
            found.append(Officer(function, name[:200], emails[0][:200] if emails else None))
    return tuple(found)


def names_of(named: Sequence[NamedPerson]) -> list[str]:
    """Return the names of the persons a row names, folded so that one spelling more makes no person more."""
    return [" ".join(sorted(set(words(each.name)))) for each in officers(named)]


def digest_of(found: Sequence[Officer]) -> bytes:
    """Return one digest of everybody a row names."""
    return hashlib.blake2b(b"".join(each.content for each in found), digest_size=16).digest() if found else b""


def stage_officers(
    found: Sequence[Named], stage: StageRows, uids: Callable[[Sequence[int]], Mapping[int, object]]
) -> None:
    """Stage persons and their roles."""
    persons = stage("person", [(digest("person", k.hex(), o.function), o.content, _person(o)) for k, _, o in found])
    known = uids([*persons, *(organisation for _, organisation, _ in found)])
    roles = []
    for (key, organisation, officer), person in zip(found, persons, strict=True):
        said = [
            Said("organisation", str(known[organisation]), refers=organisation),
            Said("person", str(known[person]), refers=person),
            Said("role", officer.function),
        ]
        row = StagedRow(None, said, person)
        roles.append((digest("role", key.hex(), officer.function), officer.content, row))
    stage("role", roles)


def not_erased(named: Sequence[Named], organisations: Mapping[int, Sequence[str]]) -> list[Named]:
    """Return those of the persons that rows name who were not erased; `organisations`: names by record."""
    told = {place: [(s.property, s.value) for s in _person(o).said] for place, (_, _, o) in enumerate(named)}
    beside = {place: organisations.get(organisation, ()) for place, (_, organisation, _) in enumerate(named)}
    gone = suppressed(kind_named("person"), told, beside)
    return [each for place, each in enumerate(named) if place not in gone]


def _person(officer: Officer) -> StagedRow:
    said = [Said("name", officer.name)]
    if officer.email:
        said.append(Said("email", officer.email))
    return StagedRow(None, said)


@lru_cache(maxsize=1000)
def function_of(column: str) -> str:
    """Return the function of whom a column is about: a value of `role`."""
    words = plain_words(column)
    for function, beginnings in _FUNCTIONS:
        if any(word.startswith(beginnings) for word in words):
            return function
    return "contact"
