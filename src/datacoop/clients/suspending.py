"""A client is suspended, or ends its agreement, at once: it reads nothing any more, and may still acknowledge."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from django.db import transaction

from datacoop.accounts.actions import end_tokens
from datacoop.clients.models import Application
from datacoop.clients.rules import APPROVED, ENDED
from datacoop.consent.actions import suspend_agreement
from datacoop.consent.queries import UnknownAudienceError
from datacoop.ledger.actions import append
from datacoop.records.actions.revising import take_writers_lock


def suspend_client(*, agreement: str, actor: str, now: datetime) -> int:
    """Suspend an agreement and end its tokens; returns how many. Its secret stays, for it owes acknowledgements.

    Raises: UnknownAudienceError for an agreement that does not run.
    """
    with transaction.atomic():
        suspend_agreement(agreement=agreement, actor=actor, now=now)
        return end_tokens(client_id=agreement, now=now)


def end_client(*, agreement: str, actor: str, now: datetime) -> int:
    """End an agreement as the client itself wishes, and its tokens; returns how many. It owes what it owed.

    Raises: UnknownAudienceError for one that was not approved, or is ended.
    """
    with transaction.atomic():
        take_writers_lock()
        if not Application.objects.filter(agreement=agreement, state=APPROVED).update(state=ENDED):
            raise UnknownAudienceError(f"There is no running agreement “{agreement}”.")
        append(at=now, kind="client.ended", payload={"agreement": agreement, "actor": actor})
        with suppress(UnknownAudienceError):  # stewards suspended it before
            suspend_agreement(agreement=agreement, actor=actor, now=now)
        return end_tokens(client_id=agreement, now=now)
