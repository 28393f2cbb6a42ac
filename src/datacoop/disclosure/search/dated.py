"""Which date an item of a list by start stands for: said in the item, where its record has several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from datacoop.disclosure.reading import Row
from datacoop.disclosure.slots import event_of
from datacoop.kinds.definition import Kind
from datacoop.kinds.definition import kind as kind_named
from datacoop.lib.dates import ZURICH
from datacoop.lib.recurring import occurrence_at, zone_of

OCCURRENCE = "occurrence"


def dated(bodies: list[bytes], rows: Sequence[Row], kind: str) -> list[bytes]:
    """Return items with `occurrence` in each of a recurring record; rows begin with the start of the date."""
    of = kind_named(kind)
    if "recurrence" not in of.slots:
        return bodies
    # No text of a body holds this: a quotation mark inside one is escaped.
    mark = b'"%b":' % of.slots["recurrence"].name.encode()
    return [
        _with_date(body, int(row[0]), of) if mark in body else body for body, row in zip(bodies, rows, strict=False)
    ]


def _with_date(body: bytes, instant: int, kind: Kind) -> bytes:
    event: Any = event_of(orjson.loads(body), kind)
    if event is None:
        return body
    found = occurrence_at(event, event["recurrence"], zone_of(event.get("zone"), ZURICH), instant)
    said = {"start": found.start, "end": found.end, "recurrence_id": found.recurrence_id, **found.said}
    told = orjson.dumps({name: value for name, value in said.items() if value is not None})
    # Before `modified`, which others look for at the end.
    head, mark, tail = body.rpartition(b',"modified":')
    return b'%b,"%b":%b%b%b' % (head, OCCURRENCE.encode(), told, mark, tail)
