"""What nobody sees until a person looked at it: a new record that may be one whose subject hid it (decision 0050).

It is no word of a subject: no withdrawal is told of it, and it ends where a person answered.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q, QuerySet

from datacoop.consent.models import Decision, NoticeState, Restriction
from datacoop.consent.rules import PUBLIC
from datacoop.lib.sql import in_parts
from datacoop.records.actions.revising import Draft
from datacoop.records.tracing import About

#: The ground of a restriction that a person's look ends.
REVIEW = "review"


def awaiting_review() -> set[int]:
    """Return the records that wait for somebody's look."""
    return set(_waiting().values_list("record_id", flat=True))


def hidden_by_word(record_ids: Collection[int], *, now: datetime) -> set[int]:
    """Return those of some records that their own subject keeps from everybody: hidden, restricted, or objected."""
    found: set[int] = set()
    for part in in_parts(sorted(record_ids)):
        lasts = Q(valid_until__isnull=True) | Q(valid_until__gt=now)
        hidden = Decision.objects.filter(lasts, property="", audience_id=PUBLIC, shows=False, end_revision__isnull=True)
        restricted = Restriction.objects.filter(end_revision__isnull=True).exclude(ground=REVIEW)
        objected = NoticeState.objects.filter(objected_at__isnull=False)
        for rows in (hidden, restricted, objected):
            found.update(rows.filter(record_id__in=part).values_list("record_id", flat=True))
    return found


def await_review(draft: Draft, *, record_ids: Collection[int]) -> None:
    """Let nobody see some records until a person looked at them."""
    fresh = sorted(set(record_ids) - awaiting_review())
    made = {"ground": REVIEW, "at": draft.now, "begin_revision": draft.number}
    Restriction.objects.bulk_create([Restriction(record_id=each, **made) for each in fresh])
    draft.touch(*fresh)
    if fresh:
        draft.enter("consent.awaits_review", about=[About(each) for each in fresh])


def end_review(draft: Draft, *, record_ids: Collection[int]) -> None:
    """Let records be seen again as everything else about them says; of those that do not wait nothing changes."""
    waiting = sorted(set(record_ids) & awaiting_review())
    for part in in_parts(waiting):
        _waiting().filter(record_id__in=part).update(end_revision=draft.number)
    draft.touch(*waiting)
    if waiting:
        draft.enter("consent.reviewed", about=[About(each) for each in waiting])


def once_awaited(record_ids: Collection[int]) -> set[int]:
    """Return those of some records that ever waited."""
    ever = Restriction.objects.filter(ground=REVIEW)
    return {
        n
        for part in in_parts(sorted(record_ids))
        for n in ever.filter(record_id__in=part).values_list("record_id", flat=True)
    }


def _waiting() -> QuerySet[Restriction]:
    return Restriction.objects.filter(ground=REVIEW, end_revision__isnull=True)
