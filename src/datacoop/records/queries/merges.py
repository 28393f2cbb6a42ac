"""Which records are one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import F, Q

from datacoop.lib.sql import placeholders, select
from datacoop.records.models import Merge, Revision
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


@dataclass(frozen=True)
class MergeFacts:
    """A merge that stands, or stood once. `source_id` is the list that brought it, None where a person made it.

    `begun_at` is None for one that came with a list; `ended_at` is None while it stands.
    """

    id: int
    loser_id: int
    survivor_id: int
    source_id: int | None
    actor: str
    reason: str
    begun_at: datetime | None
    ended_at: datetime | None


def merges_ever(ids: Collection[int]) -> list[MergeFacts]:
    """Return every merge of these records themselves, standing or ended, the oldest first; none that is only staged."""
    rows = Merge.objects.filter(Q(loser__in=ids) | Q(survivor__in=ids)).order_by("id")
    effective = rows.filter(Q(begin_contribution__isnull=True) | Q(begin_contribution__lte=F("source__accepted")))
    found = list(effective)
    numbers = {n for each in found for n in (each.begin_revision, each.end_revision) if n is not None}
    at = dict(Revision.objects.filter(number__in=numbers).values_list("number", "at"))
    return [
        MergeFacts(
            each.id, each.loser_id, each.survivor_id, each.source_id, each.actor, each.reason,
            at.get(each.begin_revision or 0), at.get(each.end_revision or 0),
        )
        for each in found
    ]  # fmt: skip


def mergers_of(loser_ids: Collection[int]) -> dict[int, str]:
    """Return who made the effective merge of each of these losers."""
    if not loser_ids:
        return {}
    sql = (
        "SELECT m.loser_id, m.actor FROM records_merge m LEFT JOIN records_source o ON o.id = m.source_id"
        f" WHERE {MERGED} AND m.loser_id IN ({placeholders(loser_ids)}) ORDER BY m.id"
    )
    return dict(select(sql, list(loser_ids)))
