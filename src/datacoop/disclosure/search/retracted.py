"""What was taken away from everybody, in the order it was: for whoever keeps a copy of the public data. No value."""

from __future__ import annotations

import json
from dataclasses import dataclass

from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.clock import check_clock
from datacoop.lib.sql import identity, in_utc

_ROWS = (
    "SELECT t.number, r.uid, r.kind, t.properties, t.deletion, t.at FROM disclosure_retraction t"
    " JOIN records_record r ON r.id = t.record_id WHERE t.number > ? ORDER BY t.number LIMIT ?"
)


@dataclass(frozen=True)
class RetractionsPage:
    """Items as plain values, and the number of the last one."""

    items: list[dict[str, object]]
    last: int


def retractions(reading: Reading, after: int, limit: int) -> RetractionsPage:
    """Return the next retractions after a number, oldest first. Raises: Due."""
    with reading.snapshot():
        check_clock(reading)
        rows = reading.rows(_ROWS, [after, limit])
    items = []
    for _, uid, kind, properties, deletion, at in rows:
        item: dict[str, object] = {"id": str(identity(uid)), "kind": kind}
        item |= {"state": "deleted"} if deletion else {"state": "withdrawn", "properties": json.loads(properties)}
        item["at"] = in_utc(at)
        items.append(item)
    return RetractionsPage(items, rows[-1][0] if rows else after)
