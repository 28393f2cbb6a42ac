"""Suspending a client at once: it reads nothing any more, and may still say that it erased what it must."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from datacoop.accounts.actions import end_tokens
from datacoop.consent.actions import suspend_agreement


def suspend_client(*, agreement: str, actor: str, now: datetime) -> int:
    """Suspend an agreement and end its tokens; returns how many. Its secret stays, for it owes acknowledgements.

    Raises: UnknownAudienceError for an agreement that does not run.
    """
    with transaction.atomic():
        suspend_agreement(agreement=agreement, actor=actor, now=now)
        return end_tokens(client_id=agreement, now=now)
