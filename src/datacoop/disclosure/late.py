"""Clients that do not say that they erased: at twice the agreed hours nothing new but what is public reaches them.

By the clock of a job that may run late: that holds nothing longer, for the last acknowledgement lets go by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Min

from datacoop.consent.late import hold
from datacoop.consent.queries import AgreementFacts, list_agreements
from datacoop.disclosure.models import Tombstone
from datacoop.records.actions.revising import take_writers_lock

HOLD = "disclosure.hold_late"
PUBLIC_AFTER = timedelta(days=7)


def overdue(agreement: AgreementFacts, *, now: datetime) -> bool:
    """Return whether something is not acknowledged after twice the agreed hours."""
    before = now - timedelta(hours=agreement.hours_to_erase)
    owed = Tombstone.objects.filter(audience_id=agreement.audience, acknowledged_at__isnull=True)
    return owed.filter(deadline__lte=before).exists()


@dataclass(frozen=True)
class Late:
    """A client that has not acknowledged in time: since when, and from when on something is held back."""

    agreement: AgreementFacts
    since: datetime

    @property
    def held_from(self) -> datetime:
        """When twice the agreed hours are over."""
        return self.since + timedelta(hours=self.agreement.hours_to_erase)


def list_late(*, now: datetime) -> list[Late]:
    """Return the running clients that are late, with the oldest deadline each of them let pass."""
    owed = Tombstone.objects.filter(acknowledged_at__isnull=True, deadline__lte=now)
    since = dict(owed.values_list("audience_id").annotate(Min("deadline")))
    return [Late(each, since[each.audience]) for each in list_agreements(since) if not each.suspended]


def list_for_everybody(*, now: datetime) -> list[Late]:
    """Return those who are late by more than a week: they are named in public."""
    return [each for each in list_late(now=now) if each.since + PUBLIC_AFTER < now]


def count_owed() -> int:
    """Return how many tombstones no client has acknowledged."""
    return Tombstone.objects.filter(acknowledged_at__isnull=True).count()


def hold_late(*, now: datetime) -> int:
    """Hold back from every client that is so late, and return from how many anew. Repeatable."""
    return sum(_hold(each, now) for each in list_agreements() if _may_be_held(each) and overdue(each, now=now))


def _may_be_held(agreement: AgreementFacts) -> bool:
    return not agreement.held and not agreement.suspended


def _hold(agreement: AgreementFacts, now: datetime) -> bool:
    """Looked at again under the lock: an acknowledgement may have come."""
    with transaction.atomic():
        take_writers_lock()
        return overdue(agreement, now=now) and hold(agreement.uid, now=now)
