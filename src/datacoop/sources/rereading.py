"""Rows that must be read again although they did not change: a restore ended part of what they said (decision 0037)."""

from __future__ import annotations

from collections.abc import Collection

from datacoop.records.queries import accepted_numbers
from datacoop.sources.models import Row

#: What no row says: none is as it was then.
_UNLIKE_ANY = b"?"
_AT_ONCE = 500


def read_anew(said: Collection[tuple[int, int]]) -> None:
    """Let the next delivery of some lists say again what it says of some records, as (list, record); repeatable.

    A file that was pulled before is not pulled again: it may be the one that was undone.
    """
    accepted = accepted_numbers()
    for source_id in sorted({source for source, _ in said}):
        records = sorted(record for source, record in said if source == source_id)
        for start in range(0, len(records), _AT_ONCE):
            rows = list(Row.objects.filter(source_id=source_id, record_id__in=records[start : start + _AT_ONCE]))
            for row in rows:
                _unlike(row, accepted.get(source_id, 0))
            Row.objects.bulk_update(rows, ["content", "next_content"])


def _unlike(row: Row, accepted: int) -> None:
    stands = row.next_contribution is not None and row.next_contribution <= accepted
    if stands and row.next_content:
        row.next_content = _UNLIKE_ANY
    elif not stands and row.content:
        row.content = _UNLIKE_ANY
