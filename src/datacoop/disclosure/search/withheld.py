"""What a client that is late gets until it acknowledges: everything public, and what it was sent already (law 4).

Held back are the values that its own row of a record has and the public one has not, in a version it was never sent.
Then it gets what both rows say, so that what is hidden from it stays hidden. Only for readers that are `held`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import orjson

from datacoop.consent.rules import PUBLIC
from datacoop.disclosure.compile.packing import BESIDE, key_of, record_of
from datacoop.disclosure.readers import Reader
from datacoop.disclosure.reading import COVERS, Reading, Row

_ALWAYS = frozenset({"id", "kind", "modified"})
_GIVEN = (
    "EXISTS (SELECT 1 FROM disclosure_delivery d WHERE d.key = o.key AND d.audience_id = ? AND d.version = o.version)"
)


def condition(vendor: str, reader: Reader, tier: int, record: str) -> tuple[str, list[object]]:
    """Return the condition, and its parameters, of the rows of one audience that a list may be made of.

    `record` is the record's column. Rows of its own count where they hold nothing back, the public ones where the
    reader has none of its own, or one that says all of it and more. Where each says what the other does not, no index
    says what both do: lists leave the record out.
    """
    if tier != PUBLIC:
        sql = f"EXISTS (SELECT 1 FROM disclosure_view o WHERE o.key = {key_of(tier, 0)} + {record} AND {_open(vendor)})"
        return sql, [reader.leaf]
    own = ", ".join(f"{key_of(each, 0)} + {record}" for each in reader.chain[1:])
    nearest = f"o.key = (SELECT max(x.key) FROM disclosure_view x WHERE x.key IN ({own}))"
    public = f"p.key = {key_of(PUBLIC, 0)} + {record}"
    sql = (
        f"(NOT EXISTS (SELECT 1 FROM disclosure_view x WHERE x.key IN ({own})) OR EXISTS (SELECT 1 FROM disclosure_view"
        f" o JOIN disclosure_view p ON {public} WHERE {nearest} AND o.state = 'l' AND NOT {_open(vendor)}"
        f" AND {_says_all(vendor, 'o', 'p', BESIDE)}))"
    )
    return sql, [reader.leaf]


def fitting(reading: Reading, reader: Reader, rows: Sequence[Row]) -> list[Row | None]:
    """Return rows of (body, private, key, version) as the reader may have them now, None for those held back whole."""
    own = [int(row[2]) for row in rows if row[2] >= key_of(PUBLIC + 1, 0)]
    whole = _held_nothing_back(reading, reader, own)
    kept = {record_of(key) for key in own if key not in whole}
    public = _public(reading, kept)
    return [
        row if record_of(row[2]) not in kept else _common(row, public.get(record_of(row[2]))) for row in rows
    ]  # fmt: skip


def bare(body: bytes) -> bytes:
    """Return a body without any value."""
    return orjson.dumps({name: value for name, value in orjson.loads(body).items() if name in _ALWAYS})


def _held_nothing_back(reading: Reading, reader: Reader, keys: Sequence[int]) -> set[int]:
    if not keys:
        return set()
    marks = ", ".join("?" * len(keys))
    sql = f"SELECT o.key FROM disclosure_view o WHERE o.key IN ({marks}) AND {_open(reading.vendor)}"
    return {row[0] for row in reading.rows(sql, [*keys, reader.leaf])}


def _public(reading: Reading, records: set[int]) -> dict[int, Row]:
    if not records:
        return {}
    keys = [key_of(PUBLIC, each) for each in sorted(records)]
    sql = f"SELECT body, key, version FROM disclosure_view WHERE key IN ({', '.join('?' * len(keys))}) AND state = 'l'"
    return {record_of(row[1]): row for row in reading.rows(sql, keys)}


def _common(row: Row, public: Row | None) -> Row | None:
    """What both rows say, in the order and under the ids of the reader's own; it counts as the public one, received."""
    if public is None:
        return None
    own, known = orjson.loads(row[0]), orjson.loads(public[0])
    said = {name: value if name in _ALWAYS else _both(value, known.get(name)) for name, value in own.items()}
    return orjson.dumps({name: value for name, value in said.items() if value is not None}), row[1], *public[1:]


def _both(own: object, known: object) -> object:
    if isinstance(own, list) and isinstance(known, list):
        return [each for each in own if each in known] or None
    return own if own == known else None


def _open(vendor: str) -> str:
    """Row `o` holds nothing back: the client was sent it, or the public row of the record says all of it."""
    says = _says_all(vendor, "q", "o", {"modified"})
    public = f"SELECT 1 FROM disclosure_view q WHERE q.key = {key_of(PUBLIC, 0)} + o.record_id AND q.state = 'l'"
    return f"({_GIVEN} OR EXISTS ({public} AND {says}))"


def _says_all(vendor: str, more: str, less: str, beside: Collection[str]) -> str:
    """Whether one row has everything that another one says, `beside` left out: JSON's containment.

    Unknown where one of them is gone and says nothing: a database may ask it of rows that no list comes to.
    """
    left_out = ",".join(sorted(beside))
    if vendor == "sqlite":
        return f"{COVERS}({more}.body, {less}.body, '{left_out}')"
    return f"{_said(more)} @> ({_said(less)} - '{{{left_out}}}'::text[])"


def _said(row: str) -> str:
    return f"convert_from(NULLIF({row}.body, ''::bytea), 'UTF8')::jsonb"
