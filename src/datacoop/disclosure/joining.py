"""A client that waited joins its class: from this revision on it reads what was granted to the class.

What was granted is compiled already, for the class or, in parts before, for the version of the terms that the client
signed; so that the revision itself concerns only what was said about this client alone.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from datacoop.consent.joining import decided_for, is_waiting, make_version, move
from datacoop.disclosure.compile.writing import Counters
from datacoop.disclosure.models import View
from datacoop.records.actions.revising import revision, take_writers_lock

_WHY = "client joins its class"


def join(*, agreement: str, actor: str, now: datetime) -> bool:
    """Let a waiting client join. False where it does not wait, or was suspended. Repeatable after a crash."""
    if not is_waiting(agreement):
        return False
    with transaction.atomic():
        take_writers_lock()
        heard, version = make_version(agreement)
    if version != heard:
        for part in decided_for(heard):
            with revision(actor=actor, now=now, why=_WHY) as draft:
                draft.touch(*part)
    with revision(actor=actor, now=now, why=_WHY) as draft:
        if not is_waiting(agreement):
            return False
        leaf, waited = move(agreement, version=version, actor=actor, now=now)
        _feed_anew(leaf, waited)
        draft.touch(*View.objects.filter(tier=leaf).values_list("record_id", flat=True))
        for part in decided_for(leaf):
            draft.touch(*part)
    return True


def _feed_anew(leaf: int, waited: int) -> None:
    """Let a client's own rows that stand in the feed of the waiting version go on in its own."""
    counters = Counters()
    for row in View.objects.filter(tier=leaf, feed=waited).order_by("seq"):
        View.objects.filter(pk=row.pk).update(feed=leaf, seq=counters.next(leaf))
    counters.save()
