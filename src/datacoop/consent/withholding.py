"""A subject chose that nothing be shown: that binds what is said of anything of it later, until it chooses otherwise.

Nothing is written about what comes later: whether its subject withholds is asked when it is compiled (`binding`).
Words that say the same are written where the subject opens something of it, so that the rest stays as it was.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

from datacoop.consent.actions import Wish, decide_many
from datacoop.consent.binding import bound_by_subjects
from datacoop.consent.models import Decision, Withholding
from datacoop.consent.rules import DecisionContext
from datacoop.consent.withdrawing import note_withheld
from datacoop.records.actions.revising import Draft
from datacoop.records.tracing import About


@dataclass(frozen=True)
class Withheld:
    """Whose records (a subject's and those one with it), and of which lists alone; None: whoever speaks of them."""

    record_ids: Collection[int]
    sources: Collection[int] | None = None


def withhold(draft: Draft, what: Withheld) -> None:
    """Let nothing be shown of what is said later, until `show_later`. What is there already is for its own words."""
    wanted = {(record, source) for record in what.record_ids for source in _sources(what)}
    standing = _standing(what.record_ids).values_list("record_id", "source_id")
    fresh = sorted(wanted - set(standing), key=lambda each: (each[0], each[1] or 0))
    made = {"at": draft.now, "begin_revision": draft.number}
    Withholding.objects.bulk_create([Withholding(record_id=r, source_id=s, **made) for r, s in fresh])
    note_withheld(draft, fresh)
    draft.touch(*what.record_ids)
    draft.enter("consent.withheld", about=[About(each) for each in sorted(what.record_ids)])


def withhold_again(draft: Draft, what: Withheld, *, said_at: datetime) -> None:
    """Withhold what was withheld at that moment, once more if it was before: what was opened in between binds no more.

    A word is noted only where none stood: so one that stood earlier had ended, which no log tells.
    """
    earlier = _standing(what.record_ids).filter(at__lt=said_at)
    lists = Q(source_id=None) if what.sources is None else Q(source_id__in=what.sources)
    earlier.filter(lists).update(end_revision=draft.number)
    withhold(draft, what)


def show_later(draft: Draft, what: Withheld) -> None:
    """Let the defaults hold for what is said later, by these lists or by everybody; what is there stays as it is."""
    standing = _standing(what.record_ids)
    if what.sources is not None:
        standing = standing.filter(source_id__in=what.sources)
    if standing.update(end_revision=draft.number):
        draft.touch(*what.record_ids)
        draft.enter("consent.withheld_no_more", about=[About(each) for each in sorted(what.record_ids)])


def say_what_is_withheld(draft: Draft, *, record_ids: Collection[int], context: DecisionContext) -> None:
    """Say of each record by itself what its subject said of all: that nothing of it is shown."""
    bound = bound_by_subjects(record_ids)
    withheld = {each: said.withheld for each, said in bound.items() if said.withheld and not said.withheld.is_spoken}
    shown = Decision.objects.filter(record_id__in=list(withheld), shows=True, end_revision=None)
    wishes = [
        (row.record_id, Wish(row.audience.key, None, row.property or None))
        for row in shown.select_related("audience")
        if row.begin_revision < withheld[row.record_id].revision
    ]
    wishes += [(record, Wish("public", False)) for record in sorted(withheld)]
    if wishes:
        decide_many(draft, wishes=wishes, reason="", context=context)


def _sources(what: Withheld) -> Collection[int | None]:
    return [None] if what.sources is None else what.sources


def _standing(record_ids: Collection[int]) -> QuerySet[Withholding]:
    return Withholding.objects.filter(record_id__in=record_ids, end_revision__isnull=True)
