"""Who was erased does not come back with a list: their rows are taken and say nothing (law 8).

The sender is answered as ever. What would know them again is kept as keyed digests, which nobody can read.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from datacoop.kinds.definition import Kind
from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.sql import placeholders, select
from datacoop.records.envelopes import digest
from datacoop.records.mentions import said_digest
from datacoop.records.models import Record, Statement, Suppression
from datacoop.records.queries import said_of
from datacoop.records.recognising import Told, recognised_by
from datacoop.records.rules import PERSONAL_MARKS
from datacoop.records.storing import Said

_AT_ONCE = 500
_Key = TypeVar("_Key")


class OfRecord(Protocol):
    """A row on its way in."""

    @property
    def record_id(self) -> int | None:
        """The record it is known to be about."""

    @property
    def subject_id(self) -> int | None:
        """The record of whoever decides about it."""

    @property
    def said(self) -> Sequence[Said]:
        """What it says."""


def digest_of(uid: object) -> bytes:
    """Return the keyed digest that stands for a record itself."""
    return digest("known", "record", str(uid))


def suppress(record_id: int, digests: Iterable[bytes], *, at: datetime) -> None:
    """Remember that whoever is known by these digests was erased; `record_id` is what their rows lead to."""
    rows = [Suppression(digest=each, record_id=record_id, at=at) for each in sorted(set(digests))]
    Suppression.objects.bulk_create(rows, ignore_conflicts=True)


def last_suppression() -> int:
    """Return the number of the last entry, 0 before the first: while it stays, nobody was erased."""
    return int(select("SELECT max(id) FROM records_suppression")[0][0] or 0)


def erased_among(record_ids: Collection[int]) -> set[int]:
    """Return those of the records that were erased: empty shells, kept so that feeds can tell of the deletion."""
    found: set[int] = set()
    every = list(record_ids)
    if not every or not last_suppression():
        return found
    for start in range(0, len(every), _AT_ONCE):
        part = every[start : start + _AT_ONCE]
        sql = f"SELECT DISTINCT record_id FROM records_suppression WHERE record_id IN ({placeholders(part)})"
        found |= {row[0] for row in select(sql, part)}
    return found


def known_by(digests: Collection[bytes]) -> dict[bytes, int]:
    """Return by digest the erased record that is known by it."""
    found: dict[bytes, int] = {}
    every = list(digests)
    for start in range(0, len(every), _AT_ONCE):
        part = every[start : start + _AT_ONCE]
        rows = Suppression.objects.filter(digest__in=part).values_list("digest", "record_id")
        found.update((bytes(each), number) for each, number in rows)
    return found


def suppressed(kind: Kind, told: Mapping[_Key, Sequence[Told]], beside: Mapping[_Key, Iterable[str]]) -> set[_Key]:
    """Return the keys of those who were erased among somebodies a row names. `beside`: names of where they are named.

    For a pipeline that names several records in one row, before it stages the first of them.
    """
    if not told or not last_suppression():
        return set()
    digests = {key: recognised_by(kind, said, beside=beside.get(key, ())) for key, said in told.items()}
    known = known_by({each for found in digests.values() for each in found})
    return {key for key, found in digests.items() if not known.keys().isdisjoint(found)}


def barred(kind: str, rows: Sequence[OfRecord]) -> dict[int, int]:
    """Return, by their place, the rows that are about somebody erased, each with the record that it leads to.

    A row is known by its record, by the record of its subject, or, where it is new, by what it says.
    """
    if not last_suppression():
        return {}
    found: dict[int, int] = {}
    gone = erased_among({n for row in rows for n in (row.record_id, row.subject_id) if n is not None})
    digests: dict[int, set[bytes]] = {}
    definition = kind_named(kind)
    for place, row in enumerate(rows):
        led = next((n for n in (row.record_id, row.subject_id) if n in gone), None)
        if led is not None:
            found[place] = row.record_id if row.record_id is not None else led
        elif row.record_id is None and definition.subject == "self":
            digests[place] = recognised_by(definition, [(s.property, s.value) for s in row.said])
    known = known_by({each for several in digests.values() for each in several})
    for place, several in digests.items():
        if hits := several & known.keys():
            found[place] = known[min(hits)]
    return found


def without_mentions(said: Sequence[Said]) -> Sequence[Said]:
    """Return what is said without what an erasure took out of the words about others, where it is said again."""
    asked = {
        said_digest(each.property, value)
        for each in said
        for value in ((each.value,) if each.mark in PERSONAL_MARKS else ())
        + ((each.unmasked,) if each.unmasked else ())
    }
    known = known_by(asked) if asked else {}
    if not known:
        return said
    kept = [s for s in said if s.mark not in PERSONAL_MARKS or said_digest(s.property, s.value) not in known]
    return [s._replace(unmasked=None) if said_digest(s.property, s.unmasked) in known else s for s in kept]


def staged_of_erased(source_id: int, number: int, record_ids: Collection[int], *, at: datetime) -> set[int]:
    """Return those of a contribution's new records that are about somebody erased, and make them known as theirs.

    For the acceptance, where somebody was erased after their row was staged: with the records of which they decide.
    """
    records = {r.id: r for r in Record.objects.filter(id__in=list(record_ids))}
    gone = erased_among({*records, *(r.subject_id for r in records.values() if r.subject_id is not None)})
    found = {r.id for r in records.values() if {r.id, r.subject_id} & gone}
    told: dict[int, list[Told]] = {}
    for said in said_of(source_id, number, list(records)):
        told.setdefault(said.record_id, []).append((said.property, said.value))
    digests = {
        each: recognised_by(kind_named(records[each].kind), values)
        for each, values in told.items()
        if kind_named(records[each].kind).subject == "self"
    }
    known = known_by({each for several in digests.values() for each in several})
    again = {each for each, several in digests.items() if not known.keys().isdisjoint(several)}
    again -= set(
        Statement.objects.filter(record_id__in=again)
        .exclude(source_id=source_id, begin_contribution=number)
        .values_list("record_id", flat=True)
    )
    for each in again:
        suppress(each, [digest_of(records[each].uid)], at=at)
    found |= again
    return found | set(Record.objects.filter(subject_id__in=again).values_list("id", flat=True))
