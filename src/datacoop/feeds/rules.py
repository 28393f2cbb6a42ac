"""Pure rules of webhooks (Standard Webhooks 1.0): how a message is signed, what it says, when it is tried again."""

from __future__ import annotations

import base64
import hmac
import json
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

#: How a secret begins, so that everybody sees what it is.
PREFIX = "whsec_"
_SECRET_BYTES = 32
#: What every message says: that there is something to fetch, and nothing of what, of whom or how much.
TYPE = "changes.available"
#: A client is told once in so long at most.
PAUSE = timedelta(minutes=1)
#: After each failure, as the standard suggests: three days in all, then the message is given up.
LADDER = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    *(timedelta(hours=hours) for hours in (2, 5, 10, 14, 20, 24)),
)
#: A pause is longer by a random part of so much: receivers that fail together are not asked again together.
JITTER = 0.2
#: No receiver puts us off for longer.
LONGEST_PUT_OFF = timedelta(hours=24)
LONGEST_ADDRESS = 1000
#: So many messages that were given up are kept of each client.
MOST_DEAD = 20
WAITING, DEAD = STATES = ("waiting", "dead")


def new_secret() -> str:
    """Return a fresh secret to sign with."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def body_of(made_at: datetime) -> bytes:
    """Return what a message says; `made_at` is when it was found that there is something."""
    return json.dumps({"type": TYPE, "timestamp": made_at.isoformat(), "data": {}}, separators=(",", ":")).encode()


def headers_of(*, message: str, body: bytes, keys: Iterable[str], now: datetime) -> dict[str, str]:
    """Return the three headers of an attempt, signed with every secret that counts.

    >>> now = datetime.fromisoformat("2023-01-19T00:13:51+00:00")
    >>> made = headers_of(message="msg_a", body=b"{}", keys=["whsec_c2VjcmV0"], now=now)
    >>> made["webhook-timestamp"], made["webhook-signature"]
    ('1674087231', 'v1,g4Fqm30y127ioXlhheEaO1hyI9gn9Fx211/cTw9PQMo=')
    """
    at = str(int(now.timestamp()))
    signed = b".".join((message.encode(), at.encode(), body))
    return {
        "webhook-id": message,
        "webhook-timestamp": at,
        "webhook-signature": " ".join(f"v1,{_signature(key, signed)}" for key in keys),
    }


def _signature(key: str, signed: bytes) -> str:
    secret = base64.b64decode(key.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(secret, signed, "sha256")).decode()


def pause_after(attempts: int, *, put_off: timedelta = timedelta(), chance: float) -> timedelta | None:
    """Return how long to wait after the n-th failure, None to give up. `chance` lies between 0 and 1.

    `put_off` is what the receiver asked for (Retry-After).

    >>> pause_after(2, chance=0.5), pause_after(10, chance=0.5)
    (datetime.timedelta(seconds=330), None)
    """
    if attempts > len(LADDER):
        return None
    return max(LADDER[attempts - 1] * (1 + JITTER * chance), min(put_off, LONGEST_PUT_OFF))
