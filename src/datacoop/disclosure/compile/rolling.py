"""Rows of dates, and how far ahead those of a recurrence are indexed: two years, moved on month by month.

How far is noted by view: of what others see, nobody's dates depend.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import orjson
from django.db import connection

from datacoop.disclosure.compile.dating import horizon, starts_of
from datacoop.disclosure.compile.differing import Wanted
from datacoop.disclosure.compile.drafting import LIVE
from datacoop.disclosure.compile.packing import kind_code
from datacoop.disclosure.models import Entry, Occurrence, Rolling, View
from datacoop.disclosure.slots import event_of
from datacoop.kinds.definition import all_kinds
from datacoop.records.actions.revising import revision

BATCH = 100
ROLL = "disclosure.roll"
_INSERT = (
    "INSERT INTO disclosure_occurrence (record_id, tier, theme, start, kind, place, cell, lat, lon, deeper)"
    " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
)
_ROLLING = (
    "INSERT INTO disclosure_rolling (key, until) VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET until = excluded.until"
)
Rows = list[tuple[object, ...]]


def occurrence_rows(want: Wanted, until: int, deeper: str) -> Rows:
    """Return the rows of one view: each date under each theme and under none."""
    found = want.indexed
    if found is None or found.event is None:
        return []
    where = (kind_code(want.kind), found.place, found.cell, found.lat, found.lon, deeper)
    starts = starts_of(found.event, until)
    return [(want.record_id, want.tier, theme, at, *where) for theme in ("", *found.themes) for at in starts]


def write_occurrences(rows: Rows, recurring: Sequence[int], until: int) -> None:
    """Insert rows of dates, and of views with a recurrence, by key, up to when they are indexed."""
    with connection.cursor() as cursor:
        if rows:
            cursor.executemany(_INSERT, rows)  # type: ignore[arg-type]
        if recurring:
            cursor.executemany(_ROLLING, [(key, until) for key in recurring])


def roll(*, now: datetime) -> int:
    """Index the dates that came within two years, and no longer those of more than a year ago; return how many views.

    A job for every few hours; it has work once a month. Each batch is a revision that changes no view: answers that
    were remembered are asked anew.
    """
    ahead, rolled = horizon(int(now.timestamp())), 0
    while keys := list(Rolling.objects.filter(until__lt=ahead).values_list("key", flat=True)[:BATCH]):
        with revision(actor="clock", now=now, why="dates come within two years"):
            _roll(keys, ahead)
        rolled += len(keys)
    return rolled


def _roll(keys: Sequence[int], ahead: int) -> None:
    kinds = {kind_code(name): kind for name, kind in all_kinds().items()}
    rows: Rows = []
    views = View.objects.filter(key__in=keys, state=LIVE)
    for record_id, tier, code, body, opened in views.values_list("record_id", "tier", "kind", "body", "open_body"):
        event = event_of(orjson.loads(bytes(opened if opened is not None else body)), kinds[code])
        starts = starts_of(event, ahead)
        columns = ("theme", "kind", "place", "cell", "lat", "lon", "deeper")
        places = Entry.objects.filter(record_id=record_id, tier=tier).values_list(*columns)
        rows += [(record_id, tier, theme, at, *where) for theme, *where in places for at in starts]
        Occurrence.objects.filter(record_id=record_id, tier=tier).delete()
    write_occurrences(rows, keys, ahead)
