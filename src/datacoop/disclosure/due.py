"""What happens by the mere passing of time (law 3): moments at which views change, and the one readers look at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django.db import connection

from datacoop.disclosure.models import Clock, Due, Pending
from datacoop.lib.sql import placeholders

NEVER = 1 << 62
_CLOCK = 1


def microseconds(moment: datetime) -> int:
    """Return an instant as whole microseconds since 1970, without the rounding of floats."""
    seconds = int(moment.replace(microsecond=0).timestamp())
    return seconds * 1_000_000 + moment.microsecond


def schedule(moments: Mapping[int, int | None]) -> None:
    """Note when each record changes next (None: never by itself), and move the clock accordingly."""
    timed = {i: at for i, at in moments.items() if at is not None}
    known = list(moments)
    changed = bool(timed)
    for start in range(0, len(known), 500):
        part = known[start : start + 500]
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM disclosure_due WHERE record_id IN ({placeholders(part)})", part)
            changed |= cursor.rowcount > 0
    if timed:
        Due.objects.bulk_create([Due(record_id=i, at=at) for i, at in timed.items()])
    if changed:
        set_clock()


def set_clock() -> None:
    """Point the clock at the first moment anything is due; at once while a narrowing is still being compiled."""
    first = Due.objects.order_by("at").values_list("at", flat=True).first()
    next_due = 0 if Pending.objects.filter(narrowing=True).exists() else (first if first is not None else NEVER)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO disclosure_clock (id, next_due) VALUES (%s, %s)"
            " ON CONFLICT (id) DO UPDATE SET next_due = excluded.next_due",
            [_CLOCK, next_due],
        )


def list_due(now: datetime, limit: int) -> list[int]:
    """Return records due by `now`, earliest first."""
    rows = Due.objects.filter(at__lte=microseconds(now)).order_by("at", "record_id")
    return list(rows.values_list("record_id", flat=True)[:limit])


def next_due() -> int:
    """Return the clock as readers see it."""
    return Clock.objects.filter(id=_CLOCK).values_list("next_due", flat=True).first() or NEVER
