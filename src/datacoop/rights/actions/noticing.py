"""Make the notices that accepted contributions call for. Nothing is sent by it.

A notice is made after the acceptance, outside of its transaction, in short ones of which each commits how far it
came: whoever is killed on the way is followed by a job that finds the lists which are not looked through.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

from datacoop.lib.sql import stored
from datacoop.records.actions.revising import take_writers_lock
from datacoop.records.actions.staging import touched_by
from datacoop.rights.models.notices import NoticedList
from datacoop.rights.rules.notices import DAYS_TO_TELL
from datacoop.sources.spoken import AcceptedList, accepted_at, lists_accepted, subjects_spoken_of

#: Records looked at in one short transaction.
BATCH = 1000
_NOTICE = (
    'INSERT INTO rights_notice (holder_id, subject_id, "natural", state, created_at, due_at, generation, channel,'
    " language, text_sha256, changed_at) VALUES (%s, %s, %s, 'waiting', %s, %s, 1, '', '', '', %s)"
    " ON CONFLICT (subject_id, holder_id) DO UPDATE SET changed_at = excluded.created_at"
)


def make_notices(*, now: datetime) -> int:
    """Make the missing notices of every accepted contribution and return how many subjects were looked at.

    One notice for each subject and holder, due thirty days after the acceptance (GDPR 14(3)(a); LPD 19(5)); one that
    is there already is only marked as changed.
    """
    seen = {row.source_id: row for row in NoticedList.objects.all()}
    looked = 0
    for each in lists_accepted():
        row = seen.get(each.source_id)
        while row is None or row.number < each.number or row.unfinished:
            row, subjects = _one_batch(each, now)
            looked += subjects
    return looked


def _one_batch(each: AcceptedList, now: datetime) -> tuple[NoticedList, int]:
    """Go on where the list stands, whoever brought it there."""
    with transaction.atomic():
        take_writers_lock()
        row, _ = NoticedList.objects.get_or_create(source_id=each.source_id)
        if not row.unfinished:
            if row.number >= each.number:
                return row, 0
            row.number, row.after, row.unfinished = row.number + 1, -1, True
        return row, _batch(each, row, accepted_at(each.source_id, row.number) or now)


def _batch(each: AcceptedList, row: NoticedList, at: datetime) -> int:
    records = touched_by(each.source_id, row.number, ended=False, after=row.after, limit=BATCH)
    subjects = subjects_spoken_of(records)
    moments = stored(at), stored(at + timedelta(days=DAYS_TO_TELL)), stored(at)
    rows = [(each.holder_id, subject, natural, *moments) for subject, natural in sorted(subjects.items())]
    if rows:
        with connection.cursor() as cursor:
            cursor.executemany(_NOTICE, rows)
    row.after = records[-1] if records else row.after
    row.unfinished = len(records) == BATCH
    row.save()
    return len(subjects)
