"""Messages waiting to be passed on, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from .models import RelayMessage


@dataclass(frozen=True)
class WaitingMessage:
    """One message as the steward reads it."""

    number: int
    record_uid: UUID | None
    """None: written to the cooperative itself."""
    sender_name: str
    sender_email: str
    text: str
    language: str
    created_at: datetime


def list_waiting(*, limit: int = 100) -> list[WaitingMessage]:
    """The messages nobody has settled yet, oldest first."""
    waiting = RelayMessage.objects.filter(state="waiting").order_by("created_at", "pk")[:limit]
    return [
        WaitingMessage(
            each.pk,
            each.record_uid,
            each.sender_name,
            each.sender_email,
            each.text,
            each.language,
            each.created_at,
        )
        for each in waiting
    ]


def count_waiting() -> int:
    """How many messages nobody has settled yet."""
    return RelayMessage.objects.filter(state="waiting").count()
