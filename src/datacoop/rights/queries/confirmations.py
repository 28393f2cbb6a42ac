"""Reading when an organisation last said that all is correct."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from datacoop.records.rules import id_of
from datacoop.rights.models.confirmations import Confirmation
from datacoop.rights.rules.confirmations import is_stale


@dataclass(frozen=True)
class ConfirmationFacts:
    """When an organisation last confirmed everything, and whether it left the last question without an answer."""

    confirmed_at: datetime | None
    stale: bool


def confirmation_of(subject: UUID, *, now: datetime) -> ConfirmationFacts | None:
    """Return what is known, None where an organisation was neither asked nor ever confirmed anything."""
    row = Confirmation.objects.filter(record_id=id_of(subject)).first()
    if row is None:
        return None
    return ConfirmationFacts(row.confirmed_at, is_stale(asked_at=row.asked_at, confirmed_at=row.confirmed_at, now=now))
