"""Whether there is anything new to tell: lists that say the same again make no notice go out again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby

from django.db import transaction

from datacoop.consent.actions import note_delivered
from datacoop.disclosure.own.notifying import Reach, reach
from datacoop.records.actions.revising import Draft, revision, take_writers_lock
from datacoop.rights.models.notices import Notice, Told
from datacoop.rights.rules.notices import DAYS_BETWEEN, DAYS_TO_TELL
from datacoop.sources.spoken import holder_uids, records_spoken_of, sources_of

_AT_ONCE = 200


def compare(*, now: datetime, limit: int = 5000) -> int:
    """Look at notices whose lists said something since, and return how many there is something new to tell for.

    At most `limit` in one run, those that wait longest first; whoever was written to within a week is not looked at.
    What was told already (by a digest that outlives the values) makes a fresh notice known at once. Something new
    makes the next generation, a week after the last message at the earliest.
    """
    anew = looked = 0
    rest = Notice.objects.filter(changed_at__lte=now).exclude(sent_at__gt=now - timedelta(days=DAYS_BETWEEN))
    while looked < limit and (rows := list(rest.order_by("changed_at", "pk")[:_AT_ONCE])):
        looked += len(rows)
        for holder, part in groupby(sorted(rows, key=lambda row: (row.holder_id, row.pk)), lambda row: row.holder_id):
            anew += _of_holder(holder, list(part), now)
    return anew


def mark_delivered(draft: Draft, *, subjects: Sequence[int], holder_id: int, at: datetime) -> None:
    """Note for all that a holder's lists say of some subjects that they were told: the default counts from it."""
    for source in sources_of(holder_id):
        for record in records_spoken_of(subjects, source):
            note_delivered(draft, record_id=record, source_id=source, at=at)


def _of_holder(holder: int, rows: Sequence[Notice], now: datetime) -> int:
    uid = holder_uids([holder]).get(holder)
    if uid is None:
        return 0
    found = reach([row.subject_id for row in rows], holder=uid, sources=sources_of(holder))
    return sum(_one(row, found.get(row.subject_id), now) for row in rows)


def _one(row: Notice, known: Reach | None, now: datetime) -> int:
    if known is None:  # no list says anything now: nothing to tell, nothing to compare
        Notice.objects.filter(pk=row.pk, changed_at=row.changed_at).update(changed_at=None)
        return 0
    told = Told.objects.filter(digest=known.content).first()
    if told is not None:
        _known(row, told.at, now)
        return 0
    if row.state in {Notice.WAITING, Notice.RETURNED}:
        _settled(row, {})
        return 0
    assert row.changed_at is not None
    fresh = {
        "state": Notice.WAITING, "generation": row.generation + 1,
        "due_at": row.changed_at + timedelta(days=DAYS_TO_TELL),
        "sending": None, "reminder": None, "channel": "", "composed_at": None, "sent_at": None, "delivered_at": None,
        "reminded_at": None, "answered_at": None, "quiet_at": None, "ended_at": None, "content": None,
    }  # fmt: skip
    _settled(row, fresh)
    return 1


def _known(row: Notice, at: datetime, now: datetime) -> None:
    """The same was told before: by an earlier delivery of the list, perhaps of a record that is gone since."""
    with revision(actor="rights", now=now, why="known") as draft:
        values: dict[str, object] = {"changed_at": None}
        if row.state in {Notice.WAITING, Notice.RETURNED, Notice.LAPSED} and row.composed_at is None:
            values |= {"state": Notice.KNOWN, "sending": None, "delivered_at": at, "ended_at": now}
        Notice.objects.filter(pk=row.pk, changed_at=row.changed_at).update(**values)
        mark_delivered(draft, subjects=[row.subject_id], holder_id=row.holder_id, at=at)


def _settled(row: Notice, values: dict[str, object]) -> None:
    with transaction.atomic():
        take_writers_lock()
        Notice.objects.filter(pk=row.pk, changed_at=row.changed_at).update(changed_at=None, **values)
