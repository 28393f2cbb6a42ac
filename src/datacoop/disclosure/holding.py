"""What a holder is told beside its own list: its own words, and what the public sees. Nothing else has a say (law 2).

The audience `holder:H` is personal: evaluated when asked, never compiled nor searched. What others say in lists that
are not published, and what is hidden in published ones, is asked for nowhere here; which records are one is the
partition, which everybody's answers rest on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from datacoop.consent.queries import audience_tree, rulings_of, together
from datacoop.consent.rules import NOTHING_DECIDED, PUBLIC, Rulings
from datacoop.disclosure.compile.packing import key_of, kind_code
from datacoop.disclosure.compile.policies import current_policy
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.rules import shown
from datacoop.disclosure.search.clock import check_clock
from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.sql import in_parts
from datacoop.records.queries import load, merges_of, root_of
from datacoop.records.rules import Mark, Origin, RecordFacts, State, StatementFacts, id_of

_AT_ONCE = 500
Item = dict[str, Any]
Words = dict[str, list[object]]


@dataclass(frozen=True)
class PublicRecord:
    """A record as the public sees it. `item` is its page, `listed` what anonymous lists show of it."""

    number: int
    item: Item
    listed: Item


def own_words(source_id: int, record_ids: Collection[int]) -> dict[int, Words]:
    """Return what one list says of records, by record and property; of restricted ones nothing, they are absent."""
    found: dict[int, Words] = {}
    for part in in_parts(sorted(record_ids)):
        every = load(part)
        rulings = rulings_of(list(every))
        for record_id in part:
            own = every.get(record_id)
            if own is None or _decided(own, every, rulings).restricted:
                continue
            if said := _said_by(source_id, own):
                found[record_id] = said
    return found


@dataclass(frozen=True)
class SaidRole:
    """Whom one list names in one of its rows, by number of their records, and with which function."""

    row: int
    person: int
    function: str


def roles_said(source_id: int, record_ids: Collection[int]) -> dict[int, SaidRole]:
    """Return which person of which row some roles of one list are about, by role: restricted ones too.

    Whoever restricts what a list says may object to it all the same, and the list must be told of which row.
    """
    found: dict[int, SaidRole] = {}
    for part in in_parts(sorted(record_ids)):
        every = load(part)
        for number in part:
            said = {s.property: s.value for s in every[number].statements if s.source and s.source.id == source_id}
            if {"organisation", "person", "role"} <= said.keys():
                row, person = (id_of(UUID(str(said[name]))) for name in ("organisation", "person"))
                found[number] = SaidRole(row, person, str(said["role"]))
    return found


def _said_by(source_id: int, facts: RecordFacts) -> Words:
    return _by_property(
        s
        for s in facts.statements
        if s.source and s.source.id == source_id and s.record_id == facts.id and s.state != State.RESTRICTED
    )


def _by_property(statements: Iterable[StatementFacts]) -> Words:
    words: Words = {}
    for s in sorted(statements, key=lambda s: (s.property, s.position, s.id)):
        words.setdefault(s.property, []).append(s.value)
    return words


def passed_words(passed: Mapping[int, Collection[str]], record_ids: Collection[int]) -> dict[int, Words]:
    """Return what subjects say themselves of records, as far as they let one holder know: `passed` by record.

    For those of `record_ids` that are one with a record of `passed`. Restricted and withheld ones are absent.
    """
    wanted, found = set(record_ids), dict[int, Words]()
    for part in in_parts(sorted(passed)):
        every = load(part)
        rulings = rulings_of(list(every))
        for number in part:
            facts = every.get(number)
            if facts is None or _decided(facts, every, rulings).restricted:
                continue
            head = every[facts.merged_into] if facts.merged_into is not None else facts
            # What others said of a record that became one with it later, nobody chose to pass on.
            words = _own_words(number, facts, passed[number])
            for member in {head.id, *head.members} & wanted if words else ():
                found.setdefault(member, {}).update(words)
    return found


def _own_words(number: int, facts: RecordFacts, names: Collection[str]) -> Words:
    said = (
        s
        for s in facts.statements
        if s.record_id == number and s.source is None and s.origin == Origin.SUBJECT and s.state == State.LIVE
    )
    return _by_property(s for s in said if s.property in names and s.mark != Mark.WITHHELD)


def world_of(reading: Reading) -> tuple[int, str]:
    """Return the last revision, its number and its time: while it is the last, every answer here is the same."""
    rows = reading.rows("SELECT number, at FROM records_revision ORDER BY number DESC LIMIT 1")
    return (rows[0][0], str(rows[0][1])) if rows else (0, "")


def public_of(reading: Reading, record_ids: Collection[int]) -> dict[int, int]:
    """Return by record the number of the public record it is one with; those that are not public are absent."""
    found: dict[int, int] = {}
    for part in in_parts(sorted(record_ids)):
        merges = merges_of(part)
        roots = {i: root_of(i, merges) for i in part}
        live = _live(reading, set(roots.values()))
        found |= {i: root for i, root in roots.items() if root in live}
    return found


def public_records(reading: Reading, kind: str, numbers: Collection[int]) -> dict[int, PublicRecord]:
    """Return these public records, by number. Raises `Due`."""
    check_clock(reading)
    found: dict[int, PublicRecord] = {}
    for part in in_parts(sorted(numbers)):
        keys = [key_of(PUBLIC, number) for number in part]
        sql = f"{_VIEWS} WHERE key IN ({', '.join('?' * len(keys))}) AND kind = ? AND state = 'l'"
        for row in reading.rows(sql, [*keys, kind_code(kind)]):
            found[row[0]] = _public(row)
    return found


def pool(reading: Reading, kind: str) -> Iterator[PublicRecord]:
    """Yield everything of a kind that the public sees, in the order of ids. Raises `Due`.

    Open a snapshot round it where all of it must be of one moment.
    """
    check_clock(reading)
    after = key_of(PUBLIC, 0) - 1
    sql = f"{_VIEWS} WHERE key > ? AND key < ? AND kind = ? AND state = 'l' ORDER BY key LIMIT {_AT_ONCE}"
    while rows := reading.rows(sql, [after, key_of(PUBLIC + 1, 0), kind_code(kind)]):
        yield from map(_public, rows)
        after = key_of(PUBLIC, rows[-1][0])


def confirmed_between(numbers: Collection[int], *, since: datetime, now: datetime) -> set[int]:
    """Return the public records of which the subject itself said, since then, something that the public sees."""
    path, policy = audience_tree().path(PUBLIC), current_policy()
    found: set[int] = set()
    for part in in_parts(sorted(numbers)):
        every = load(part)
        rulings = rulings_of(list(every))
        for number in part:
            facts = every[number]
            own = [s for s in facts.statements if s.origin == Origin.SUBJECT and since <= s.since <= now]
            decided, kind = _decided(facts, every, rulings), kind_named(facts.kind)
            if any(shown(s, kind, decided, path=path, now=now, policy=policy) for s in own):
                found.add(number)
    return found


_VIEWS = "SELECT record_id, body, open_body FROM disclosure_view"


def _decided(facts: RecordFacts, every: Mapping[int, RecordFacts], rulings: Mapping[int, Rulings]) -> Rulings:
    """Return what was decided about everything merged with a record."""
    head = every[facts.merged_into] if facts.merged_into is not None else facts
    return together(rulings, (head.id, *head.members)) if rulings else NOTHING_DECIDED


def _public(row: tuple[Any, ...]) -> PublicRecord:
    item = orjson.loads(bytes(row[1]))
    return PublicRecord(row[0], item, orjson.loads(bytes(row[2])) if row[2] is not None else item)


def _live(reading: Reading, numbers: Collection[int]) -> set[int]:
    keys = [key_of(PUBLIC, number) for number in numbers]
    marks = ", ".join("?" * len(keys))
    sql = f"SELECT record_id FROM disclosure_view WHERE state = 'l' AND key IN ({marks})"
    return {row[0] for row in reading.rows(sql, keys)} if keys else set()
