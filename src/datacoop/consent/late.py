"""Agreements whose clients are late: nothing new that is not public reaches them until they acknowledged.

Under the caller's writers' lock, in its transaction; who is late is known one room above.
"""

from __future__ import annotations

from datetime import datetime

from datacoop.consent.models import Agreement
from datacoop.ledger.actions import append


def hold(agreement: str, *, now: datetime) -> bool:
    """Hold back from a client what it was never sent and is not public. False if it is held already, or suspended."""
    running = Agreement.objects.filter(uid=agreement, held_at__isnull=True, suspended_at__isnull=True)
    if not running.update(held_at=now):
        return False
    append(at=now, kind="agreement.held", payload={"agreement": agreement})
    return True


def let_go(agreement: str, *, now: datetime) -> bool:
    """Hold nothing back any more. False if nothing was."""
    if not Agreement.objects.filter(uid=agreement, held_at__isnull=False).update(held_at=None):
        return False
    append(at=now, kind="agreement.let_go", payload={"agreement": agreement})
    return True
