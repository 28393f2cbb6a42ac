"""What lists, stewards and subjects no longer say, told to `withdrawals.log`, and ended again after a restore (law 8).

Each statement that ends is told by a digest of its number, which is the same in every backup that holds it. Those of a
contribution are gathered before its acceptance, without its lock, and written with it: a few long lines, one fsync.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from datacoop.lib.sql import select
from datacoop.records.actions.revising import revision
from datacoop.records.models import Statement
from datacoop.records.withdrawals import UNSAID, Line, Withdrawal, statement_digest

#: Digests in one line: some 30 KB.
_IN_A_LINE = 1000
_WALKED = 5000
_AT_ONCE = 200
_ENDING = (
    "SELECT id FROM records_statement WHERE source_id = %s AND end_contribution = %s AND end_revision IS NULL"
    " ORDER BY id"
)


def ended_by(source_id: int, number: int) -> list[Withdrawal]:
    """Return what a contribution, not yet accepted, ends of what its list said."""
    return list(_told(number for (number,) in select(_ENDING, [source_id, number])))


def unsaid(statement_ids: Collection[int]) -> list[Withdrawal]:
    """Return how the log is told that some statements end."""
    return list(_told(iter(sorted(statement_ids))))


def unsay_again(lines: Sequence[Line], *, actor: str, now: datetime) -> set[tuple[int, int]]:
    """End again the statements that lines of the log tell of; return all of lists among them, as (list, record).

    What was ended by an interrupted run is among them too. Every number is tried: seconds for a million.
    """
    digests = {known for line in lines for known in line.known_by}
    found: set[tuple[int, int]] = set()
    if not digests:
        return found
    standing: dict[int, list[int]] = {}
    for number, record_id, source_id, ended in _every_statement():
        if statement_digest(number) in digests:
            if source_id is not None:
                found.add((source_id, record_id))
            if ended is None:
                standing.setdefault(record_id, []).append(number)
    records = sorted(standing)
    for start in range(0, len(records), _AT_ONCE):
        part = records[start : start + _AT_ONCE]
        numbers = [number for record in part for number in standing[record]]
        with revision(actor=actor, now=now, why="restore") as draft:
            for begin in range(0, len(numbers), 500):
                Statement.objects.filter(id__in=numbers[begin : begin + 500]).update(end_revision=draft.number)
            draft.touch(*part)
    return found


def _told(numbers: Iterator[int]) -> Iterator[Withdrawal]:
    """Cut digests into lines. Which list or record it is about is nobody's business: the digests say enough."""
    known: list[bytes] = []
    for number in numbers:
        known.append(statement_digest(number))
        if len(known) == _IN_A_LINE:
            yield Withdrawal(UNSAID, None, known_by=tuple(known))
            known = []
    if known:
        yield Withdrawal(UNSAID, None, known_by=tuple(known))


def _every_statement() -> Iterator[tuple[int, int, int | None, int | None]]:
    after = -1
    columns = ("id", "record_id", "source_id", "end_revision")
    while part := list(Statement.objects.filter(id__gt=after).order_by("id").values_list(*columns)[:_WALKED]):
        after = part[-1][0]
        yield from part
