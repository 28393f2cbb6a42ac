"""Whom lines of `withdrawals.log` are about: their digests held against every record there is.

A digest leads nowhere by itself; whoever holds the key of the installation can only try all records, which takes a
second for a hundred thousand.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from typing import NamedTuple

from datacoop.lib.sql import placeholders, select
from datacoop.records.models import Record, Source, Statement
from datacoop.records.rules import PERSONAL_MARKS
from datacoop.records.withdrawals import record_digest

_AT_ONCE = 500
_WALKED = 2000


class Named(NamedTuple):
    """A record that a line is about."""

    id: int
    uid: uuid.UUID
    kind: str
    subject_id: int | None


def records_called(digests: Collection[bytes]) -> dict[bytes, Named]:
    """Return by digest the records that lines of the log call so; of the others there is no record here."""
    if not digests:
        return {}
    found = {}
    for each in every_record():
        called = record_digest(each.uid)
        if called in digests:
            found[called] = each
    return found


def every_record() -> Iterator[Named]:
    """Yield every record, by number; records made meanwhile may be among them."""
    after = -1
    while part := list(Record.objects.filter(id__gt=after).order_by("id")[:_WALKED]):
        after = part[-1].id
        yield from (Named(r.id, r.uid, r.kind, r.subject_id) for r in part)


def source_ids() -> list[int]:
    """Return the numbers of all lists."""
    return list(Source.objects.order_by("id").values_list("id", flat=True))


def personal_properties(record_ids: Collection[int]) -> dict[int, set[str]]:
    """Return by record the properties of which some value was marked as personal when it was accepted."""
    found: dict[int, set[str]] = {}
    every = sorted(record_ids)
    for start in range(0, len(every), _AT_ONCE):
        rows = Statement.objects.filter(record_id__in=every[start : start + _AT_ONCE], mark__in=sorted(PERSONAL_MARKS))
        for record_id, name in rows.values_list("record_id", "property").distinct():
            found.setdefault(record_id, set()).add(name)
    return found


def still_told_of(record_ids: Collection[int]) -> set[int]:
    """Return those of some records about which anything is stored."""
    found: set[int] = set()
    every = sorted(record_ids)
    for start in range(0, len(every), _AT_ONCE):
        part = every[start : start + _AT_ONCE]
        sql = f"SELECT DISTINCT record_id FROM records_statement WHERE record_id IN ({placeholders(part)})"
        found.update(row[0] for row in select(sql, part))
    return found
