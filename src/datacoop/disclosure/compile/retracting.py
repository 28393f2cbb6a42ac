"""What everybody saw and a revision takes away, noted for whoever keeps a copy of the public data (law 4).

Made of the public view alone: so the list is the same whatever else there is.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import orjson
from django.db.models import Max

from datacoop.consent.rules import PUBLIC
from datacoop.disclosure.compile.differing import Difference
from datacoop.disclosure.compile.drafting import LIVE
from datacoop.disclosure.compile.packing import BESIDE, key_of, record_of
from datacoop.disclosure.models import Retraction, View

#: A copy that nobody compared for so long is not kept in step by a list.
KEPT = timedelta(days=730)
SWEEP = "disclosure.sweep_retractions"
_PART = 500


def retract(differences: Iterable[Difference], *, now: datetime) -> None:
    """Note what the public no longer sees. Runs before the new views are written, in the same revision.

    A value in another's place is no retraction: the change feed tells it.
    """
    changed = [each for each in differences if _was_public(each) and any(w.tier == PUBLIC for w in each.wanted)]
    bodies = _bodies([each.record_id for each in changed])
    made = [found for each in changed if (found := _taken(each, bodies[each.record_id], now))]
    if made:
        last = Retraction.objects.aggregate(Max("number"))["number__max"] or 0
        for number, each in enumerate(made, start=last + 1):
            each.number = number
        Retraction.objects.bulk_create(made, batch_size=_PART)


def sweep_retractions(*, now: datetime) -> int:
    """Remove those that are too old, and return how many; the newest stays, for numbers go on from it."""
    last = Retraction.objects.aggregate(Max("number"))["number__max"] or 0
    return Retraction.objects.filter(at__lt=now - KEPT, number__lt=last).delete()[0]


def _was_public(each: Difference) -> bool:
    return PUBLIC in each.standing and each.standing[PUBLIC].state == LIVE


def _bodies(records: list[int]) -> Mapping[int, bytes]:
    found: dict[int, bytes] = {}
    for start in range(0, len(records), _PART):
        keys = [key_of(PUBLIC, each) for each in records[start : start + _PART]]
        rows = View.objects.filter(key__in=keys).values_list("key", "body")
        found.update({record_of(key): bytes(body) for key, body in rows})
    return found


def _taken(each: Difference, before: bytes, now: datetime) -> Retraction | None:
    document = each.drafted.documents.get(PUBLIC)
    if document is None or each.drafted.moved is not None:
        return Retraction(record_id=each.record_id, properties="[]", deletion=True, at=now)
    gone = [name for name, value in orjson.loads(before).items() if _is_gone(value, document.body.get(name))]
    gone = [name for name in gone if name not in BESIDE]
    return Retraction(record_id=each.record_id, properties=json.dumps(gone), deletion=False, at=now) if gone else None


def _is_gone(before: object, after: object) -> bool:
    if isinstance(before, list) and isinstance(after, list):
        return len(after) < len(before) and any(value not in after for value in before)
    return after is None
