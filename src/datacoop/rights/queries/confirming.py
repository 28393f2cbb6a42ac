"""Reading what waits for a code to come back by post: numbers and moments, no value."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from datacoop.rights.models.confirming import PendingAnswer


@dataclass(frozen=True)
class PendingFacts:
    """One answer a steward entered, that waits for its code; with what became of its letter."""

    id: int
    choice: str
    method: str
    entered_at: datetime
    printed_at: datetime | None
    posted_at: datetime | None


def list_pending() -> list[PendingFacts]:
    """Return what waits for a code, oldest first."""
    rows = PendingAnswer.objects.filter(settled_at=None).order_by("pk")
    return [PendingFacts(row.pk, row.choice, row.method, row.entered_at, row.printed_at, row.posted_at) for row in rows]
