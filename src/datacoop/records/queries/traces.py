"""The private way from a record to its entries in the ledger, and who made the changes they tell of."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import F

from datacoop.lib.sql import in_parts
from datacoop.records.models import Merge, Revision, Source, Statement, Trace


@dataclass(frozen=True)
class TraceFacts:
    """That an entry is about a record; `note` is the reason a steward gave, for the subject."""

    record_id: int
    entry: int
    revision: int | None
    note: str


@dataclass(frozen=True)
class RevisionFacts:
    """One change to the world: when, by whom (as actions name them), why."""

    number: int
    at: datetime
    actor: str
    why: str


@dataclass(frozen=True)
class Naming:
    """That an accepted contribution of a list said something new of a record, or ended what it said."""

    record_id: int
    source_id: int
    number: int


def traces_of(record_ids: Collection[int], *, revision: int | None = None) -> list[TraceFacts]:
    """Return which entries are about some records, oldest first; with `revision` those of that one alone."""
    found: list[TraceFacts] = []
    for part in in_parts(sorted(record_ids)):
        rows = Trace.objects.filter(record_id__in=part)
        if revision is not None:
            rows = rows.filter(revision=revision)
        found += [TraceFacts(*row) for row in rows.values_list("record_id", "entry", "revision", "note")]
    return sorted(found, key=lambda each: (each.entry, each.record_id))


def revisions(numbers: Collection[int]) -> dict[int, RevisionFacts]:
    """Return some revisions by number."""
    found: dict[int, RevisionFacts] = {}
    for part in in_parts(sorted(numbers)):
        rows = Revision.objects.filter(number__in=part).values_list("number", "at", "actor", "why")
        found.update({row[0]: RevisionFacts(*row) for row in rows})
    return found


def namings_of(record_ids: Collection[int]) -> list[Naming]:
    """Return the accepted contributions that began or ended statements about some records."""
    found: set[Naming] = set()
    for part in in_parts(sorted(record_ids)):
        for column in ("begin_contribution", "end_contribution"):
            rows = Statement.objects.filter(
                record_id__in=part, **{f"{column}__isnull": False, f"{column}__lte": F("source__accepted")}
            )
            found.update(Naming(*row) for row in rows.values_list("record_id", "source_id", column).distinct())
    return sorted(found, key=lambda each: (each.source_id, each.number, each.record_id))


def holder_uids() -> list[UUID]:
    """Return the uid of every holder of a list."""
    return list(Source.objects.order_by("holder_uid").values_list("holder_uid", flat=True).distinct())


def merge_reasons(revision_numbers: Collection[int]) -> dict[int, str]:
    """Return by revision why records were made one in it, where somebody said so."""
    found: dict[int, str] = {}
    for part in in_parts(sorted(revision_numbers)):
        rows = Merge.objects.filter(begin_revision__in=part).exclude(reason="")
        said = rows.values_list("begin_revision", "reason")
        found.update({number: reason for number, reason in said if number is not None})
    return found
