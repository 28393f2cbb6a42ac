"""From view rows to the bytes a reader gets: the open body for anonymous lists, client ids spliced in, deliveries."""

from __future__ import annotations

from collections.abc import Iterable

from datacoop.consent.rules import PUBLIC
from datacoop.disclosure.deliveries import note_deliveries
from datacoop.disclosure.readers import Reader
from datacoop.disclosure.reading import Reading
from datacoop.records.rules import ID_BITS

#: What a list needs of a view `v`, for the public and for clients.
OPEN_COLUMNS = "COALESCE(v.open_body, v.body), v.private, v.key, v.version"
FULL_COLUMNS = "v.body, v.private, v.key, v.version"
_BELOW_PUBLIC = (PUBLIC + 1) << ID_BITS


def columns(reader: Reader) -> str:
    """Return the columns of a view that make a list item for the reader."""
    return OPEN_COLUMNS if len(reader.chain) == 1 else FULL_COLUMNS


def bodies(reading: Reading, reader: Reader, rows: Iterable[tuple[bytes, str, int, int]]) -> list[bytes]:
    """Return items of (body, private, key, version), first deliveries made durable before they are handed out."""
    rows = list(rows)
    if len(reader.chain) == 1:
        return [bytes(row[0]) for row in rows]
    restricted = [(row[2], row[3]) for row in rows if row[2] >= _BELOW_PUBLIC]
    if restricted:
        note_deliveries(reading, reader.leaf, restricted)
    ids = reader.ids
    return [ids.splice(bytes(row[0]), row[1]) if row[1] and ids else bytes(row[0]) for row in rows]
