"""Which records are one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.db import connection

from datacoop.lib.sql import placeholders
from datacoop.records.models import Merge
from datacoop.records.queries.effective import MERGED


def merges_of(ids: Collection[int]) -> dict[int, int]:
    """Return loser → survivor for every effective merge in the groups that `ids` belong to."""
    known: dict[int, int] = {}
    asked = set(ids)
    waiting = set(ids)
    while waiting:
        marks = placeholders(waiting)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT m.loser_id, m.survivor_id FROM records_merge m LEFT JOIN records_source o ON o.id = m.source_id"
                f" WHERE {MERGED} AND (m.loser_id IN ({marks}) OR m.survivor_id IN ({marks}))",
                [*waiting, *waiting],
            )
            found = dict(cursor.fetchall())
        known.update(found)
        waiting = (set(found) | set(found.values())) - asked
        asked |= waiting
    return known


def root_of(record_id: int, merges: Mapping[int, int]) -> int:
    """Return the survivor at the end of the chain of merges."""
    while record_id in merges:
        record_id = merges[record_id]
    return record_id


@dataclass(frozen=True)
class StagedMerge:
    """A standing merge that came with a contribution."""

    id: int
    loser_id: int
    survivor_id: int


def merges_staged(source_id: int, number: int) -> list[StagedMerge]:
    """Return the standing merges that a contribution brought."""
    rows = Merge.objects.filter(source_id=source_id, begin_contribution=number, end_revision__isnull=True)
    return [StagedMerge(*row) for row in rows.order_by("id").values_list("id", "loser_id", "survivor_id")]
