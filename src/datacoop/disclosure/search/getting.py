"""One record by id."""

from __future__ import annotations

import uuid

from datacoop.consent.rules import PUBLIC
from datacoop.disclosure.compile.packing import key_of, kind_code
from datacoop.disclosure.deliveries import delivering
from datacoop.disclosure.readers import Reader
from datacoop.disclosure.reading import Reading, Row
from datacoop.disclosure.search.bodies import bodies
from datacoop.disclosure.search.clock import NEXT_DUE, check, check_clock
from datacoop.disclosure.search.questions import Found, Gone, Moved
from datacoop.disclosure.search.withheld import fitting
from datacoop.records.rules import ID_BITS, id_of

HEAD = 8
_COLUMNS = f"kind, state, body, private, key, version, {NEXT_DUE}"
_ONE = f"SELECT {_COLUMNS} FROM disclosure_view WHERE key = ?"
_CHAIN = f"SELECT {_COLUMNS} FROM disclosure_view WHERE key IN ({{}}) ORDER BY key DESC LIMIT 1"


@delivering
def get(reading: Reading, reader: Reader, kind: str, id_text: str) -> Found | Moved | Gone | None:
    """Return the record this reader knows under `id_text`, None where it knows none (hidden or not: the same).

    Raises `Due`.
    """
    uid = _uuid(id_text)
    if uid is None:
        return None
    if len(reader.chain) == 1:
        return _answer(reading, reader, kind, uid, _view(reading, reader, uid))
    return _of_client(reading, reader, kind, uid)


def get_by_head(reading: Reading, reader: Reader, kind: str, head: str) -> Found | Moved | None:
    """Return the record whose id begins with these eight characters: how pages are addressed.

    Where two public records share them, the first by number is meant.
    """
    if len(head) != HEAD or not set(head) <= set("0123456789abcdef"):
        return None
    check_clock(reading)
    low = int(head, 16) << (ID_BITS - 4 * HEAD)
    rows = reading.rows(
        "SELECT state, body, private, key, version FROM disclosure_view WHERE key >= ? AND key < ? AND kind = ?"
        " AND state <> 'd' ORDER BY state, key LIMIT 1",
        [key_of(PUBLIC, low), key_of(PUBLIC, low + (1 << (ID_BITS - 4 * HEAD))), kind_code(kind)],
    )
    if not rows:
        return None
    if rows[0][0] == "m":
        return _moved(reading, reader, bytes(rows[0][1]).decode())
    return Found(bytes(rows[0][1]))


def _of_client(reading: Reading, reader: Reader, kind: str, asked: uuid.UUID) -> Found | Moved | Gone | None:
    """A client names public records by their uid and all others by its own id; the other name finds nothing."""
    row = _view(reading, reader, asked)
    if row is not None and not _is_private(row, asked):
        return _answer(reading, reader, kind, asked, row)
    own = reader.ids.uid(str(asked)) if reader.ids else asked
    row = _view(reading, reader, own)
    if row is not None and (_is_private(row, own) or row[1] != "l"):
        return _answer(reading, reader, kind, own, row)
    return None


def _answer(
    reading: Reading, reader: Reader, kind: str, uid: uuid.UUID, row: Row | None
) -> Found | Moved | Gone | None:
    if row is None or row[0] != kind_code(kind):
        return None
    if row[1] == "l":
        if bytes(row[2])[7:43] != str(uid).encode():
            return None
        found = fitting(reading, reader, [row[2:6]])[0] if reader.held else row[2:6]
        return Found(bodies(reading, reader, [found])[0]) if found else None
    if row[1] == "m":
        return _moved(reading, reader, bytes(row[2]).decode())
    return Gone() if _has_tombstone(reading, reader, id_of(uid)) else None


def _moved(reading: Reading, reader: Reader, target: str) -> Moved | None:
    row = _view(reading, reader, uuid.UUID(target))
    if row is None or row[1] != "l":
        return None
    if _is_private(row, uuid.UUID(target)) and reader.ids:
        return Moved(reader.ids.of(target))
    return Moved(target)


def _view(reading: Reading, reader: Reader, uid: uuid.UUID) -> Row | None:
    number = id_of(uid)
    if len(reader.chain) == 1:
        rows = reading.rows(_ONE, [key_of(PUBLIC, number)])
    else:
        keys = [key_of(tier, number) for tier in reader.chain]
        rows = reading.rows(_CHAIN.format(", ".join("?" * len(keys))), keys)
    if not rows:
        check_clock(reading)
        return None
    check(rows[0][-1])
    return rows[0]


def _is_private(row: Row, uid: uuid.UUID) -> bool:
    return str(uid) in row[3].split(",") if row[3] else False


def _has_tombstone(reading: Reading, reader: Reader, record_id: int) -> bool:
    return bool(
        reading.rows(
            "SELECT 1 FROM disclosure_tombstone WHERE audience_id = ? AND record_id = ? AND deletion"
            " AND acknowledged_at IS NULL LIMIT 1",
            [reader.leaf, record_id],
        )
    )


def _uuid(text: str) -> uuid.UUID | None:
    try:
        found = uuid.UUID(text)
    except ValueError:
        return None
    return found if str(found) == text.lower() else None
