"""What becomes of the rows of a contribution on their way: waiting, put, taken; and in which order they are written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from datacoop.pipelines.persons import Officer
from datacoop.pipelines.preparing import Prepared
from datacoop.records.actions.staging import StagedRow, draw_uids, free_among, touched_by
from datacoop.sources.queries import Opened
from datacoop.sources.rows import Problem


class Taken(NamedTuple):
    """A row that was taken: under which digest it is known, and what is wrong in it all the same."""

    key: bytes
    problems: tuple[Problem, ...]


class Waiting(NamedTuple):
    """A row that was offered and is not staged yet. `uid`: what its record is to be called, where that is free."""

    key: bytes
    content: bytes
    prepared: Prepared
    officers: tuple[Officer, ...]
    uid: UUID | None = None


class Put(NamedTuple):
    """A row that was staged, or needed not be."""

    record_id: int
    how: str
    known: bool


def in_order(waiting: Sequence[tuple[bytes, bytes, StagedRow]]) -> list[tuple[bytes, bytes, StagedRow]]:
    """Give new rows their uids, in an order of their own, and return all in the order of their records' numbers.

    A uid that a row brings along is its own where it is free.
    """
    free = free_among([row.uid for _, _, row in waiting if row.uid is not None])
    rows = [(key, content, row if row.uid in free else row._replace(uid=None)) for key, content, row in waiting]
    uids = iter(draw_uids(sum(row.record_id is None and row.uid is None for _, _, row in rows)))
    given = [
        (key, content, row if row.record_id is not None or row.uid else row._replace(uid=next(uids)))
        for key, content, row in rows
    ]
    return sorted(given, key=lambda each: each[2].number)


def staged_by(opened: Opened) -> list[int]:
    """Return the records for which a contribution, this one or one killed under its number, staged something."""
    found: list[int] = []
    while part := touched_by(
        opened.source_id, opened.number, ended=False, after=found[-1] if found else -1, limit=5000
    ):
        found += part
    return found
