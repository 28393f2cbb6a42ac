"""Reading when somebody last said that all is correct."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max

from datacoop.disclosure.own.subjects import group_of
from datacoop.rights.models.confirmations import Confirmation
from datacoop.rights.rules.confirmations import is_stale


@dataclass(frozen=True)
class ConfirmationFacts:
    """When somebody was last asked and last confirmed everything, and whether the last question stayed unanswered."""

    asked_at: datetime | None
    confirmed_at: datetime | None
    stale: bool

    @property
    def waits(self) -> bool:
        """Whether the last question waits for its answer."""
        return self.asked_at is not None and (self.confirmed_at is None or self.confirmed_at < self.asked_at)


def confirmation_of(subject: UUID, *, now: datetime) -> ConfirmationFacts | None:
    """Return what is known of a subject and all that is one with it, None where it was neither asked nor confirmed."""
    rows = Confirmation.objects.filter(record_id__in=group_of(subject))
    found = rows.aggregate(asked_at=Max("asked_at"), confirmed_at=Max("confirmed_at"))
    if not any(found.values()):
        return None
    return ConfirmationFacts(**found, stale=is_stale(**found, now=now))
