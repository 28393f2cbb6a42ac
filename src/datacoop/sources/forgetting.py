"""Kept rows that are erased: those past their time, superseded, undone, or about somebody who was erased.

Destroying a row's key erases it (decision 0017). Everything here may be done twice.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import orjson
from django.db.models import Exists, OuterRef, QuerySet

from datacoop.lib.sheets import text_of
from datacoop.records.recognising import Traits
from datacoop.records.suppressing import erased_among, last_suppression
from datacoop.sources.actions import ACCEPTED, UNCHANGED
from datacoop.sources.keeping import (
    LONGEST,
    OWN,
    REJECTED,
    name_of,
    own_rows,
    plain_of,
    present_rows,
    remove_rows,
    undone,
)
from datacoop.sources.models import KeptRow, Row, SourceList

_AT_ONCE = 500


def tidy(source_id: int) -> None:
    """Erase what no longer counts: all of an undone contribution, of own columns what is superseded or vanished.

    In short transactions, after the contribution counts; repeatable.
    """
    newer = own_rows(source_id).filter(key=OuterRef("key"), pk__gt=OuterRef("pk"))
    gone = ~Exists(present_rows(source_id).filter(key=OuterRef("key")))
    standing = KeptRow.objects.filter(source_id=source_id, sort=OWN, contribution__state__in=(ACCEPTED, UNCHANGED))
    taken_back = KeptRow.objects.filter(undone(), source_id=source_id)
    for old in (taken_back, standing.filter(Exists(newer)), standing.filter(gone)):
        _remove_all(old)
    _remove_all(standing.filter(wrapped__isnull=True))
    _remove_erased(source_id)


def erase_due(*, now: datetime) -> int:
    """Destroy the keys of rejected rows past their time, and return how many; their digests stay."""
    due = KeptRow.objects.filter(sort=REJECTED, wrapped__isnull=False, kept_at__lte=now - LONGEST)
    count = 0
    while part := list(due.values_list("pk", flat=True)[:_AT_ONCE]):
        count += KeptRow.objects.filter(pk__in=part).update(wrapped=None, sealed=None)
    return count


def keep_in_time(*, now: datetime) -> None:
    """Erase what is past its time, and what an interrupted process left to erase."""
    erase_due(now=now)
    for source_id in list(KeptRow.objects.values_list("source_id", flat=True).distinct()):
        tidy(source_id)


def erase_rejected(source_id: int, name: str) -> bool:
    """Destroy one rejected row; False if there is none of that name."""
    rows = KeptRow.objects.filter(source_id=source_id, sort=REJECTED, wrapped__isnull=False)
    found = [row.pk for row in rows.only("digest") if name_of(row) == name]
    remove_rows(found)
    return bool(found)


def erase_kept(source_id: int) -> None:
    """Destroy everything that is kept for the holder of a list alone: it left. Repeatable."""
    _remove_all(KeptRow.objects.filter(source_id=source_id))


def erase_naming(traits: Traits) -> int:
    """Destroy every kept row in which somebody of these traits stands, and forget them as a list's contact.

    For an erasure: rejected rows belong to no record, so they are opened and looked through. Return how many.
    """
    found = []
    for row in KeptRow.objects.filter(wrapped__isnull=False).iterator(chunk_size=_AT_ONCE):
        said = orjson.loads(plain_of(row))
        cells = said["cells"] if row.sort == REJECTED else said
        if traits.stand_in(text_of(each) for each in cells.values()):
            found.append(row.pk)
    remove_rows(found)
    _forget_contacts(traits)
    return len(found)


def erase_own_of(record_ids: Collection[int]) -> None:
    """Destroy what holders keep in their own columns about some records, and what tells their rows apart.

    That a row leads to one of them stays, as a keyed digest: the next list names it again.
    """
    every = list(record_ids)
    for start in range(0, len(every), _AT_ONCE):
        rows = Row.objects.filter(record_id__in=every[start : start + _AT_ONCE])
        for source_id, key in rows.values_list("source_id", "key"):
            KeptRow.objects.filter(source_id=source_id, key=key).delete()
        rows.update(content=b"", before_content=None, before_contribution=None)
        rows.filter(next_content__isnull=False).update(next_content=b"")


def _forget_contacts(traits: Traits) -> None:
    """Take somebody out of what lists name as their contact: their holder names another."""
    for row in SourceList.objects.exclude(contact=""):
        if traits.stand_in([row.contact]):
            SourceList.objects.filter(pk=row.pk).update(contact="")


def _remove_erased(source_id: int) -> None:
    """Remove what rows say, in the holder's own columns, about somebody who was erased: the list names them again."""
    if not last_suppression():
        return
    led = list(KeptRow.objects.filter(source_id=source_id, sort=OWN).values_list("key", flat=True).distinct())
    said = Row.objects.filter(source_id=source_id).values_list("key", "record_id") if led else ()
    rows = {bytes(key): record_id for key, record_id in said}
    gone = erased_among(set(rows.values()))
    _remove_all(
        KeptRow.objects.filter(source_id=source_id, sort=OWN, key__in=[k for k in led if rows.get(bytes(k)) in gone])
    )


def _remove_all(rows: QuerySet[KeptRow]) -> None:
    while part := list(rows.values_list("pk", flat=True)[:_AT_ONCE]):
        remove_rows(part)
