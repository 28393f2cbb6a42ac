"""Which records there are: their numbers, uids, kinds and subjects."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable

from django.db.models import Q

from datacoop.lib.sql import placeholders, select
from datacoop.records.models import Record
from datacoop.records.rules import id_of


def find_record(uid: uuid.UUID) -> Record | None:
    """Return the record of `uid`, or None."""
    return Record.objects.filter(id=id_of(uid), uid=uid).first()


def list_record_ids(*, kind: str | None = None, after: int = -1, limit: int = 1000) -> list[int]:
    """Return record numbers above `after`, in order, at most `limit`: for walks over everything."""
    rows = Record.objects.filter(id__gt=after)
    if kind:
        rows = rows.filter(kind=kind)
    return list(rows.order_by("id").values_list("id", flat=True)[:limit])


def uids_of(ids: Iterable[int]) -> dict[int, uuid.UUID]:
    """Return uid by record number, for those that exist."""
    return dict(Record.objects.filter(id__in=set(ids)).values_list("id", "uid"))


def kinds_of(ids: Collection[int]) -> dict[int, str]:
    """Return kind by record number, for those that exist."""
    found: dict[int, str] = {}
    every = list(ids)
    for start in range(0, len(every), 500):
        part = every[start : start + 500]
        found.update(select(f"SELECT id, kind FROM records_record WHERE id IN ({placeholders(part)})", part))
    return found


def subjects_of(ids: Collection[int]) -> dict[int, int]:
    """Return by record number the number of its subject: the record itself where it names nobody."""
    found: dict[int, int] = {}
    every = list(ids)
    for start in range(0, len(every), 500):
        subjects = Record.objects.filter(id__in=every[start : start + 500]).values_list("id", "subject_id")
        found.update({number: subject or number for number, subject in subjects})
    return found


def records_about(subject_ids: Collection[int]) -> list[int]:
    """Return the numbers of every record whose subject is one of `subject_ids`, themselves included, in order."""
    own = Q(id__in=subject_ids) | Q(subject_id__in=subject_ids)
    return list(Record.objects.filter(own).order_by("id").values_list("id", flat=True))
