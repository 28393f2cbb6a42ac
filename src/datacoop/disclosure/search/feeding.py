"""The change feed (RPDE) and exports: everything an audience has, in the order it changed or of its ids."""

from __future__ import annotations

import json
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from operator import itemgetter
from typing import cast

import orjson

from datacoop.consent.rules import PUBLIC
from datacoop.disclosure.compile.packing import key_of, kind_code
from datacoop.disclosure.deliveries import delivering, received_by
from datacoop.disclosure.readers import Reader
from datacoop.disclosure.reading import Reading, Row
from datacoop.disclosure.search.bodies import bodies, columns
from datacoop.disclosure.search.clock import check_clock
from datacoop.disclosure.search.conditions import masks, replaced
from datacoop.disclosure.search.questions import ChangesPage
from datacoop.disclosure.search.withheld import bare, fitting
from datacoop.kinds.definition import all_kinds
from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.sql import in_utc

_RECORD = itemgetter(0)
FIRST_UID_BYTE, LAST_UID_BYTE = 7, 43
_FEED_COLUMNS = "v.tier, v.seq, v.kind, v.state, v.record_id, v.modified, v.aliased, v.feed"
#: Gives the bodies of live rows, by record, of what is not held back.
_Texts = Callable[[Reading, Reader, Sequence[Row], Mapping[int, object]], Mapping[int, bytes]]


@delivering
def changes(reading: Reading, reader: Reader, after: Sequence[int] | None, limit: int) -> ChangesPage:
    """Return the next changes of everything the reader's kinds list, oldest first, at most `limit` items.

    `after` has one step for each audience of the chain; each item is served from the deepest audience that has a row.
    A step counts only what this reader was shown, so that no position tells of rows it never sees.
    """
    with reading.snapshot():
        check_clock(reading)
        goes_on, steps = _places(reader, after)
        items = _following(reading, reader, steps, limit, _texts)
        return ChangesPage(items, _position(reader, goes_on, steps))


def news(reading: Reading, reader: Reader, after: Sequence[int]) -> tuple[int, ...] | None:
    """Return where the reader's feed ends if there is any item after a position, else None. Nothing is sent by it."""
    with reading.snapshot():
        check_clock(reading)
        _, steps = _places(reader, after)
        return feed_position(reading, reader) if _following(reading, reader, steps, 1, _unwritten) else None


def _following(reading: Reading, reader: Reader, steps: list[int], limit: int, texts: _Texts) -> list[bytes]:
    """Return the items after these steps, which it moves on with them."""
    items: list[bytes] = []
    while rows := _changed(reading, reader, steps, limit):
        for tier, step, item in _items(reading, reader, rows, texts):
            place = reader.chain.index(tier)
            if step > steps[place] and len(items) < limit:
                items += [item] if item is not None else []
                steps[place] = step
        if items or not reader.held:
            break
    return items


def _places(reader: Reader, after: Sequence[int] | None) -> tuple[list[int], list[int]]:
    """Return where a reader goes on once nothing is held back from it, and where it stands now.

    While it is held a position says both: afterwards it is told everything since again, and loses nothing.
    """
    length = len(reader.chain)
    given = [_known_step(reader, each) for each in after] if after else [0] * length
    return given[:length], given[-length:] if reader.held else given[:length]


def _position(reader: Reader, goes_on: Sequence[int], steps: Sequence[int]) -> tuple[int, ...]:
    """Return the position of these steps. Those in the waiting version count in no other: they are told as such."""
    every = (*goes_on, *steps) if reader.held else tuple(steps)
    if not reader.waits:
        return every
    length, place = len(reader.chain), reader.chain.index(cast(int, reader.waited))
    return tuple(-step if at % length == place else step for at, step in enumerate(every))


def _known_step(reader: Reader, step: int) -> int:
    """Whoever joined its class since is told all that the class was shown."""
    return step if step >= 0 else -step if reader.waits else 0


def feed_position(reading: Reading, reader: Reader) -> tuple[int, ...]:
    """Return the steps of the last items there are: an export begun after it, and the feed from it, miss nothing."""
    steps = [0] * len(reader.chain)
    with reading.snapshot():
        for place, feed, tier in _sources(reader):
            shown, parameters = _shown(reader, feed, tier)
            sql = f"SELECT v.seq FROM disclosure_view v WHERE {shown} ORDER BY v.seq DESC LIMIT 1"
            rows = reading.rows(sql, parameters)
            steps[place] = max(steps[place], _step(rows[0][0]) if rows else 0)
    # What is held back from an export lies anywhere.
    return _position(reader, [0] * len(steps), steps)


def _sources(reader: Reader) -> list[tuple[int, int, int]]:
    """Return (place in the chain, audience of the feed, audience of the rows) of everything a feed is made of."""
    chain = reader.chain
    return [(place, feed, tier) for place, feed in enumerate(chain) for tier in chain[place:]]


def _step(seq: int, *, before: bool = False) -> int:
    """Return the step of a view's item, or of the item before it that deletes another id of the same record."""
    return 2 * seq + (not before)


def _shown(reader: Reader, feed: int, tier: int) -> tuple[str, list[object]]:
    """Return the condition, and its parameters, of the rows of one audience that are in the reader's feed.

    A client is told of deletions only where it was ever sent something of the record.
    """
    listed = [kind_code(k.name) for k in all_kinds().values() if k.list_route]
    hidden = masks(reader.chain, tier)
    masked = "".join(" AND (v.deeper = '' OR v.deeper NOT LIKE ?)" for _ in hidden)
    kinds = ", ".join("?" * len(listed))
    gone, given = "v.state <> 'n'", []
    if reader.agreement is not None:
        keys = ", ".join(f"{key_of(each, 0)} + v.record_id" for each in reader.sent)
        gone = (
            "v.state <> 'n' AND (v.state = 'l' OR EXISTS (SELECT 1 FROM disclosure_delivery d"
            f" WHERE d.key IN ({keys}) AND d.audience_id = ?))"
        )
        given = [reader.leaf]
    condition = f"v.tier = ? AND v.feed = ? AND v.kind IN ({kinds}){masked} AND {gone}"
    return condition, [tier, feed, *listed, *hidden, *given]


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


@delivering
def _chunk(reading: Reading, reader: Reader, kind: str, after: int, size: int) -> list[tuple[int, bytes]]:
    """Return the next records, `size` of the first audience that has so many, and what the others have among them."""
    with reading.snapshot():
        found, last = _rows_of_chunk(reading, reader, kind, after, size)
    if len(reader.chain) > 1:
        found.sort(key=_RECORD)
        if last is not None:
            del found[bisect_right(found, last, key=_RECORD) :]
    return list(zip(map(_RECORD, found), bodies(reading, reader, [row[1:] for row in found]), strict=True))


def _rows_of_chunk(reading: Reading, reader: Reader, kind: str, after: int, size: int) -> tuple[list[Row], int | None]:
    """Return rows of each audience, and the record up to which all of them are there (None: to the end)."""
    found: list[Row] = []
    last: int | None = None
    for tier in reader.chain:
        unmasked, hidden = replaced(reading.vendor, reader, tier, "v")
        masked = f" AND {unmasked}" if unmasked else ""
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
    return found, last


def _changed(reading: Reading, reader: Reader, steps: Sequence[int], limit: int) -> list[Row]:
    """Return rows of `_FEED_COLUMNS` and the columns of a body, merged over the chain."""
    found: list[Row] = []
    for place, feed, tier in _sources(reader):
        shown, parameters = _shown(reader, feed, tier)
        sql = (
            f"SELECT {_FEED_COLUMNS}, {columns(reader)} FROM disclosure_view v"
            f" WHERE {shown} AND v.seq > ? ORDER BY v.seq LIMIT {limit}"
        )
        found += reading.rows(sql, [*parameters, (steps[place] - 1) // 2])
    # Within one audience by its counter; between audiences by the time their view changed.
    found.sort(key=lambda row: (row[5], reader.chain.index(row[7]), row[1]))
    return _in_order(found, reader)[:limit]


def _in_order(rows: list[Row], reader: Reader) -> list[Row]:
    """Keep each audience's own order, whatever the clocks said: a position must never pass over an item."""
    queues = {tier: [row for row in sorted(rows, key=lambda r: r[1]) if row[7] == tier] for tier in reader.chain}
    return [queues[row[7]].pop(0) for row in rows]


def _items(
    reading: Reading, reader: Reader, rows: Sequence[Row], texts_of: _Texts
) -> Iterator[tuple[int, int, bytes | None]]:
    """Yield (audience of the feed, step, item or None for one held back).

    Where a client knew a record by another id, that id is deleted first.

    It knows a public record by its uid and any other by an id of its own, so whatever enters or leaves the public
    view changes its id for a client that sees it before and after.
    """
    had = received_by(reading, reader, [row[4] for row in rows])
    live = [row for row in rows if row[3] == "l"]
    erasures = _erasures(reading, reader, rows)
    texts = texts_of(reading, reader, live, erasures)
    public = _public_states(reading, [row[4] for row in rows if row[0] != reader.chain[0]])
    uids = _uids(reading, [row[4] for row in rows if row[3] != "l" or row[6] or public.get(row[4]) == "d"])
    names = {kind_code(k.name): k.name for k in all_kinds().values()}
    for row in rows:
        kind, erase, body = names[row[2]], erasures.get(row[4]), texts.get(row[4])
        known = _known_as(reader, row, uids.get(row[4], ""), public.get(row[4]))
        if len(known) > 1 and row[4] in had:
            yield row[7], _step(row[1], before=True), _gone(row, known[0], kind, None)
        if row[3] != "l":
            yield row[7], _step(row[1]), _gone(row, known[-1], kind, erase)
        else:
            yield row[7], _step(row[1]), _live(row, body, kind, erase) if body else None


def _texts(reading: Reading, reader: Reader, live: Sequence[Row], erasures: Mapping[int, object]) -> dict[int, bytes]:
    """Return record → body as the reader gets it. What is held back whole has none, unless there is to be erased."""
    rows = [row[8:] for row in live]
    shown = fitting(reading, reader, rows) if reader.held else rows
    numbers = [row[4] for row, fit in zip(live, shown, strict=True) if fit]
    texts = dict(zip(numbers, bodies(reading, reader, [fit for fit in shown if fit]), strict=True))
    for row in live:
        if row[4] not in texts and row[4] in erasures and reader.ids:
            texts[row[4]] = reader.ids.splice(bare(row[8]), row[9])
    return texts


def _unwritten(
    reading: Reading, reader: Reader, live: Sequence[Row], erasures: Mapping[int, object]
) -> dict[int, bytes]:
    """Stand in for `_texts` where it only matters whether there is a body: none is read, and nobody is sent one."""
    rows = [row[8:] for row in live]
    shown = fitting(reading, reader, rows) if reader.held else rows
    return {row[4]: b"{}" for row, fit in zip(live, shown, strict=True) if fit or row[4] in erasures}


def _known_as(reader: Reader, row: Row, uid: str, public: str | None) -> list[str]:
    """Return the ids under which the reader knew the record of a row, the last being that of the row's own item."""
    if reader.ids is None or row[0] == reader.chain[0] or not uid:
        return [uid]
    own, was_own = reader.ids.of(uid), bool(row[6])
    if public in {"l", "m"}:
        return [own, uid] if was_own else [uid]
    if public == "d":
        return [uid, own] if was_own or row[3] == "l" else [uid]
    return [own]


def _live(row: Row, body: bytes, kind: str, erase: dict[str, object] | None) -> bytes:
    head: dict[str, object] = {"kind": kind, "modified": row[5]}
    head["id"] = body[FIRST_UID_BYTE:LAST_UID_BYTE].decode()
    head["state"] = "updated"
    if erase:
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
    """Return what this client still has to erase, by record: only of what it received itself.

    Of several tombstones of one record the newest is told, with the properties of all and the first deadline.
    """
    if len(reader.chain) == 1 or not rows:
        return {}
    marks = ", ".join("?" * len(rows))
    found = reading.rows(
        "SELECT record_id, uid, properties, deadline FROM disclosure_tombstone"
        f" WHERE audience_id = ? AND record_id IN ({marks}) AND acknowledged_at IS NULL ORDER BY id",
        [reader.leaf, *(row[4] for row in rows)],
    )
    told: dict[int, dict[str, object]] = {}
    for record_id, uid, properties, deadline in found:
        before = told.get(record_id, {"properties": [], "deadline": "9"})
        told[record_id] = {
            "tombstone": _dashed(uid),
            "properties": list(dict.fromkeys([*cast(list[str], before["properties"]), *json.loads(properties)])),
            "deadline": min(str(before["deadline"]), in_utc(deadline)),
        }
    return told


def _uids(reading: Reading, ids: Sequence[int]) -> dict[int, str]:
    if not ids:
        return {}
    marks = ", ".join("?" * len(ids))
    rows = reading.rows(f"SELECT id, uid FROM records_record WHERE id IN ({marks})", list(ids))
    return {record_id: _dashed(uid) for record_id, uid in rows}


def _dashed(uid: object) -> str:
    text = str(uid).replace("-", "")
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def is_listed(kind: str) -> bool:
    """Return whether records of a kind appear in lists, feeds and exports."""
    return kind_named(kind).list_route
