"""The change feed (RPDE) and exports: everything an audience has, in the order it changed or of its ids."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

import orjson

from datacoop.consent.rules import PUBLIC
from datacoop.disclosure.compile.packing import key_of, kind_code
from datacoop.disclosure.readers import Reader
from datacoop.disclosure.reading import Reading, Row
from datacoop.disclosure.search.bodies import bodies, columns
from datacoop.disclosure.search.clock import check_clock
from datacoop.disclosure.search.conditions import masks
from datacoop.disclosure.search.questions import ChangesPage
from datacoop.kinds.definition import all_kinds
from datacoop.kinds.definition import kind as kind_named

FIRST_UID_BYTE, LAST_UID_BYTE = 7, 43


def changes(reading: Reading, reader: Reader, after: Sequence[int] | None, limit: int) -> ChangesPage:
    """Return the next changes of everything the reader's kinds list, oldest first.

    `after` is the vector of counters over the chain; each item is served from the deepest audience that has a row.
    A client knew a public record by its uid: that one is deleted in the item before the first with an id of its own.
    """
    with reading.snapshot():
        check_clock(reading)
        seen = list(after) if after else [0] * len(reader.chain)
        rows = _changed(reading, reader, seen, limit)
        for row in rows:
            place = reader.chain.index(row[0])
            seen[place] = row[1]
        return ChangesPage(_items(reading, reader, rows), tuple(seen))


def feed_position(reading: Reading, reader: Reader) -> tuple[int, ...]:
    """Return the vector of counters now: an export begun after it, and the feed from it, miss nothing."""
    counters: dict[int, int] = dict(reading.rows("SELECT tier, seq FROM disclosure_counter"))
    return tuple(counters.get(tier, 0) for tier in reader.chain)


def export(
    reading: Reading, reader: Reader, kind: str, after: int | None, size: int
) -> Iterator[list[tuple[int, bytes]]]:
    """Yield the records of a kind in the order of ids, in chunks of (number, body), each a fresh snapshot."""
    last = -1 if after is None else after
    while True:
        check_clock(reading)
        chunk = _chunk(reading, reader, kind, last, size)
        if not chunk:
            return
        yield chunk
        last = chunk[-1][0]


def _chunk(reading: Reading, reader: Reader, kind: str, after: int, size: int) -> list[tuple[int, bytes]]:
    """Return the next records, `size` of the first audience that has so many, and what the others have among them."""
    found: list[Row] = []
    last: int | None = None
    for tier in reader.chain:
        hidden = masks(reader.chain, tier)
        masked = "".join(" AND (v.deeper = '' OR v.deeper NOT LIKE ?)" for _ in hidden)
        sql = (
            f"SELECT v.record_id, {columns(reader)} FROM disclosure_view v WHERE v.key > ? AND v.key < ? AND v.kind = ?"
            f" AND v.state = 'l'{masked} ORDER BY v.key LIMIT {size}"
        )
        start = key_of(tier, max(after, 0)) if after >= 0 else key_of(tier, 0) - 1
        end = key_of(tier + 1, 0) if last is None else key_of(tier, last) + 1
        rows = reading.rows(sql, [start, end, kind_code(kind), *hidden])
        if len(rows) == size:
            last = rows[-1][0]
        found += rows
    if len(reader.chain) > 1:
        found = sorted((row for row in found if last is None or row[0] <= last), key=lambda row: row[0])
    return list(zip((row[0] for row in found), bodies(reading, reader, [row[1:] for row in found]), strict=True))


def _changed(reading: Reading, reader: Reader, seen: Sequence[int], limit: int) -> list[Row]:
    """Return (audience, seq, kind, state, record, modified, body, private, key, version), merged over the chain."""
    listed = [kind_code(k.name) for k in all_kinds().values() if k.list_route]
    found: list[Row] = []
    for tier, after in zip(reader.chain, seen, strict=True):
        hidden = masks(reader.chain, tier)
        masked = "".join(" AND (v.deeper = '' OR v.deeper NOT LIKE ?)" for _ in hidden)
        sql = (
            f"SELECT v.tier, v.seq, v.kind, v.state, v.record_id, v.modified, {columns(reader)} FROM disclosure_view v"
            f" WHERE v.tier = ? AND v.seq > ? AND v.state <> 'n' AND v.kind IN ({', '.join('?' * len(listed))}){masked}"
            f" ORDER BY v.seq LIMIT {limit}"
        )
        found += reading.rows(sql, [tier, after, *listed, *hidden])
    # Within one audience by its counter; between audiences by the time their view changed.
    found.sort(key=lambda row: (row[5], reader.chain.index(row[0]), row[1]))
    return _in_order(found, reader)[:limit]


def _in_order(rows: list[Row], reader: Reader) -> list[Row]:
    """Keep each audience's own order, whatever the clocks said: a position must never pass over an item."""
    queues = {tier: [row for row in sorted(rows, key=lambda r: r[1]) if row[0] == tier] for tier in reader.chain}
    return [queues[row[0]].pop(0) for row in rows]


def _items(reading: Reading, reader: Reader, rows: Sequence[Row]) -> list[bytes]:
    live = [row for row in rows if row[3] == "l"]
    texts = dict(zip((row[8] for row in live), bodies(reading, reader, [row[6:] for row in live]), strict=True))
    names = {kind_code(k.name): k.name for k in all_kinds().values()}
    erasures = _erasures(reading, reader, rows)
    public = _public_states(reading, [row[4] for row in rows if row[0] != reader.chain[0]])
    uids = _uids(reading, [row[4] for row in rows if row[3] != "l" or public.get(row[4]) == "d"])
    items: list[bytes] = []
    for row in rows:
        kind, state, erase = names[row[2]], public.get(row[4]), erasures.get(row[4])
        body = texts.get(row[8])
        if body is None:
            private = reader.ids is not None and row[0] != reader.chain[0] and state not in {"l", "m"}
            uid = uids[row[4]]
            items.append(_gone(row, reader.ids.of(uid) if private and reader.ids else uid, kind, erase))
            continue
        if state == "d":
            # It was public once: the id it was known by is gone, the client's own takes its place.
            items.append(_gone(row, uids[row[4]], kind, None))
        items.append(_live(row, body, kind, erase))
    return items


def _live(row: Row, body: bytes, kind: str, erase: dict[str, object] | None) -> bytes:
    head: dict[str, object] = {"kind": kind, "modified": row[5]}
    head["id"] = body[FIRST_UID_BYTE:LAST_UID_BYTE].decode()
    head["state"] = "updated"
    if erase and not erase["deletion"]:
        head["erase"] = {k: erase[k] for k in ("tombstone", "properties", "deadline")}
    return orjson.dumps(head)[:-1] + b',"data":' + body + b"}"


def _gone(row: Row, known_as: str, kind: str, erase: dict[str, object] | None) -> bytes:
    head: dict[str, object] = {"kind": kind, "modified": row[5], "id": known_as, "state": "deleted"}
    if erase:
        head |= {k: erase[k] for k in ("tombstone", "deadline")}
    return orjson.dumps(head)


def _public_states(reading: Reading, ids: Sequence[int]) -> dict[int, str]:
    """Return the state of the public view of records that have one of their own below it, where there ever was one."""
    if not ids:
        return {}
    keys = [key_of(PUBLIC, i) for i in ids]
    marks = ", ".join("?" * len(keys))
    return dict(reading.rows(f"SELECT record_id, state FROM disclosure_view WHERE key IN ({marks})", keys))


def _erasures(reading: Reading, reader: Reader, rows: Sequence[Row]) -> dict[int, dict[str, object]]:
    """Return what this client still has to erase, by record: only of what it received itself."""
    if len(reader.chain) == 1 or not rows:
        return {}
    marks = ", ".join("?" * len(rows))
    found = reading.rows(
        "SELECT record_id, uid, properties, deadline, deletion FROM disclosure_tombstone"
        f" WHERE audience_id = ? AND record_id IN ({marks}) AND acknowledged_at IS NULL ORDER BY id",
        [reader.leaf, *(row[4] for row in rows)],
    )
    return {
        r: {"tombstone": _dashed(u), "properties": json.loads(p), "deadline": _iso(d), "deletion": bool(x)}
        for r, u, p, d, x in found
    }


def _uids(reading: Reading, ids: Sequence[int]) -> dict[int, str]:
    if not ids:
        return {}
    marks = ", ".join("?" * len(ids))
    rows = reading.rows(f"SELECT id, uid FROM records_record WHERE id IN ({marks})", list(ids))
    return {record_id: _dashed(uid) for record_id, uid in rows}


def _dashed(uid: object) -> str:
    text = str(uid).replace("-", "")
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def _iso(moment: object) -> str:
    return str(moment).replace(" ", "T")[:19] + "Z"


def is_listed(kind: str) -> bool:
    """Return whether records of a kind appear in lists, feeds and exports."""
    return kind_named(kind).list_route
