"""Erase again whom `withdrawals.log` says was erased after a backup was made (law 8).

They are erased as they were then, and known by what they were known by then: also what lists said of them since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from datacoop.lib.sql import in_parts
from datacoop.records.actions.erasing import erase_subjects
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import create_record
from datacoop.records.resolving import Named, records_called, still_told_of
from datacoop.records.suppressing import known_by, suppress
from datacoop.records.withdrawals import Line

_AT_ONCE = 200
_Item = TypeVar("_Item")


def erase_again(lines: Sequence[Line], *, actor: str, now: datetime) -> int:
    """Erase every record that the lines are about and return how many; repeatable, whatever was done already.

    Where a record was made and erased after the backup there is none: an empty one of its kind is made, to which rows
    about that person lead from then on.
    """
    known = records_called({line.record for line in lines})
    lasting = [line for line in lines if line.known_by]
    _suppress(lasting, known, now)
    for returns in (False, True):
        group = [known[line.record] for line in lines if line.record in known and bool(line.known_by) is not returns]
        for subjects in in_parts(_subjects(group), _AT_ONCE):
            erase_subjects(subject_ids=subjects, actor=actor, now=now, why="restore", returns=returns)
    for part in in_parts(lasting, _AT_ONCE):
        with revision(actor=actor, now=now, why="restore") as draft:
            missing = [line for line in part if line.record not in known]
            have = known_by({each for line in missing for each in line.known_by})
            for line in missing:
                if not have.keys() >= set(line.known_by):
                    shell = create_record(draft, kind=line.kind)
                    suppress(shell.id, line.known_by, at=line.at)
    return len(known)


def _suppress(lines: Sequence[Line], known: Mapping[bytes, Named], now: datetime) -> None:
    """Keep them away first: what an interrupted run did not erase yet is erased by the next one."""
    for part in in_parts([line for line in lines if line.record in known], _AT_ONCE):
        with revision(actor="restore", now=now, why="restore"):
            for line in part:
                suppress(known[line.record].id, line.known_by, at=line.at)


def _subjects(named: Sequence[Named]) -> list[int]:
    """Return whom to erase so that all of these go: not who is erased with somebody, nor who is gone already."""
    left = still_told_of([each.id for each in named])
    ids = {each.id for each in named}
    led = [each.subject_id if each.subject_id in ids else each.id for each in named if each.id in left]
    return sorted({number for number in led if number is not None})
