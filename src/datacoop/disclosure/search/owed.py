"""What a client must still erase, whatever its place in the feed: of kinds that have no feed, too."""

from __future__ import annotations

import json

from datacoop.consent.rules import PUBLIC
from datacoop.disclosure.compile.packing import key_of
from datacoop.disclosure.readers import Reader
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.clock import check_clock
from datacoop.lib.sql import identity, in_utc

_ROWS = (
    "SELECT t.uid, t.properties, t.deletion, t.deadline, r.uid, r.kind, p.state FROM disclosure_tombstone t"
    " JOIN records_record r ON r.id = t.record_id"
    f" LEFT JOIN disclosure_view p ON p.key = {key_of(PUBLIC, 0)} + t.record_id"
    " WHERE t.audience_id = ? AND t.acknowledged_at IS NULL ORDER BY t.id LIMIT ?"
)
#: Of the public row: it was there once, so that a client may know the record by its uid.
_ONCE_PUBLIC = frozenset("lmd")


def owed(reading: Reading, reader: Reader, limit: int) -> list[dict[str, object]]:
    """Return a client's oldest open tombstones, with every id it may know the record by. Raises: Due."""
    with reading.snapshot():
        check_clock(reading)
        rows = reading.rows(_ROWS, [reader.leaf, limit])
    found = []
    for mark, properties, deletion, deadline, uid, kind, public in rows:
        known = str(identity(uid))
        ids = [known] if public in _ONCE_PUBLIC else []
        item: dict[str, object] = {"tombstone": str(identity(mark)), "kind": kind}
        item["ids"] = ids + ([reader.ids.of(known)] if reader.ids else [])
        item["properties"] = [name for name in json.loads(properties) if name not in {"id", "kind"}]
        item["deleted"] = bool(deletion)
        item["deadline"] = in_utc(deadline)
        found.append(item)
    return found
