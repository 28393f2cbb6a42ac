"""Keys of holders: with one, a holder's own program brings in its lists, and reads nothing.

A key is a client's credential whose id names the holder instead of an agreement: no reader hangs under it, so that a
token of it opens nothing that answers with data.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from datacoop.accounts import rules
from datacoop.accounts.actions import add_client, replace_secret, rotate_secret, suspend_client
from datacoop.accounts.models import AccessToken, ClientCredential
from datacoop.accounts.queries import is_client

#: What a token of a holder is for (the `scope` of RFC 6749).
CONTRIBUTIONS = "contributions"
_PREFIX = "holder-"


def key_of(holder: UUID) -> str:
    """Return the client id of a holder's key."""
    return f"{_PREFIX}{holder.hex}"


def scope_of(client_id: str) -> str:
    """Return what the tokens of a client are for; empty for one that reads under its agreement.

    >>> scope_of("holder-0c8b3a527f1e4a8e9d7b5f2f9a1c6e30"), scope_of("5f2f9a1c6e300c8b")
    ('contributions', '')
    """
    return CONTRIBUTIONS if client_id.startswith(_PREFIX) else ""


def give_key(*, holder: UUID, now: datetime, overlap: timedelta = rules.OVERLAP) -> tuple[str, str]:
    """Give a holder a key, or a new one after it: (client id, secret). The secret is told here once.

    One that was in use opens too until the overlap is over; without an overlap it ends at once, with its tokens.
    """
    client_id = key_of(holder)
    with transaction.atomic():
        known = ClientCredential.objects.filter(client_id=client_id)
        if not known.exists():
            return add_client(agreement=client_id, now=now)
        if is_client(client_id) and overlap:
            return client_id, rotate_secret(client_id=client_id, now=now, overlap=overlap)
        known.update(revoked_at=None)
        return client_id, replace_secret(client_id=client_id, now=now)


def end_key(*, holder: UUID, now: datetime) -> bool:
    """End a holder's key and its tokens now; return whether it had one."""
    client_id = key_of(holder)
    if not is_client(client_id):
        return False
    suspend_client(client_id=client_id, now=now)
    return True


def holder_of_token(token: str, *, now: datetime) -> UUID | None:
    """Return the holder whose key a token is of; None for a bad, expired or ended one, and for one of a reader."""
    live = AccessToken.objects.filter(token_hash=rules.secret_hash(token), revoked_at=None, expires_at__gt=now)
    client_id = live.values_list("agreement", flat=True).first()
    return UUID(client_id.removeprefix(_PREFIX)) if client_id and scope_of(client_id) else None
