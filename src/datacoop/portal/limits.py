"""How many messages one connection may leave in a while, and how long a request may be, before anything is read."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from ipaddress import ip_address, ip_network
from threading import Lock
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from datacoop.pipelines.trying import held
from datacoop.portal import uploads

_MOST_CONNECTIONS = 10_000
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

#: What a form adds to its file.
ENVELOPE_BYTES = 20_000
#: When to try again, at the latest.
RETRY_SECONDS = 3600


class Limit:
    """At most `most` in `seconds`, for each key; the least recently seen keys are forgotten first."""

    def __init__(self, *, most: int, seconds: float) -> None:
        self._most = most
        self._seconds = seconds
        self._seen: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = Lock()

    def allows(self, key: str, now: float | None = None) -> bool:
        """Count one and say whether it is still within the limit."""
        now = time.monotonic() if now is None else now
        with self._lock:
            recent = [each for each in self._seen.pop(key, []) if each > now - self._seconds]
            allowed = len(recent) < self._most
            if allowed:
                recent.append(now)
            self._seen[key] = recent
            while len(self._seen) > _MOST_CONNECTIONS:
                self._seen.popitem(last=False)
        return allowed


def connection_of(request: HttpRequest) -> str:
    """The address a request comes from; behind a proxy, the one that proxy saw (the last it wrote)."""
    if settings.DATACOOP_BEHIND_PROXY:
        told = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
        if told:
            return told
    return str(request.META.get("REMOTE_ADDR", ""))


def network_of(request: HttpRequest) -> str:
    """The network a request comes from: of IPv6 the /64, since one connection has the whole of it to itself."""
    address = connection_of(request)
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(ip_network((found, 64), strict=False)) if found.version == 6 else address


#: Letters of one network, of one sender's address, to one organisation.
LETTERS = Limit(most=10, seconds=3600)
LETTERS_FROM = Limit(most=5, seconds=3600)
LETTERS_TO = Limit(most=30, seconds=3600)
#: Reports of one network, of one address left for the answer, about one page.
REPORTS = Limit(most=10, seconds=3600)
REPORTS_FROM = Limit(most=5, seconds=3600)
REPORTS_ABOUT = Limit(most=30, seconds=3600)
SIGN_INS = Limit(most=20, seconds=3600)
#: Codes to one address: nobody's mailbox is filled by strangers.
SIGN_INS_TO = Limit(most=8, seconds=3600)
TRIES = Limit(most=20, seconds=3600)
#: Links to one's own page and codes of letters: of one network, and of everybody together (a code has 50 bits).
LINKS = Limit(most=60, seconds=3600)
CODES = Limit(most=10, seconds=3600)
CODES_OF_ALL = Limit(most=600, seconds=3600)
#: Codes to a subject's own address: of one network, and to one subject, whose mailbox nobody is to fill.
PROOFS = Limit(most=20, seconds=3600)
PROOFS_TO = Limit(most=6, seconds=3600)
#: Claims of one account, what is sent to one organisation because of them, codes typed, websites looked at, people
#: invited; links of objections opened by one network.
CLAIMS = Limit(most=10, seconds=3600)
CLAIMS_TO = Limit(most=10, seconds=24 * 3600)
CLAIM_CODES = Limit(most=20, seconds=3600)
CLAIM_LOOKS = Limit(most=10, seconds=3600)
INVITATIONS = Limit(most=20, seconds=24 * 3600)
OBJECTIONS = Limit(most=60, seconds=3600)


class BoundedBodies:
    """An ASGI application that spares `inner`, which puts bodies on disk before it looks at them, one that is too long.

    It gets an empty body with the length that was announced, or the one that was read when the limit was passed,
    and so can say in its own words that this is too much.
    """

    def __init__(self, inner: Application) -> None:
        self._inner = inner

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on. What came before the limit was passed is dropped by `inner` with the request."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        scope = {**scope, "headers": list(scope["headers"])}
        await self._inner(scope, _Bounded(scope, receive), send)


class _Bounded:
    """What `receive` gives, as long as it is not too much."""

    def __init__(self, scope: Message, receive: Receive) -> None:
        self._headers, self._receive = scope["headers"], receive
        self._most = _longest(scope["path"])
        self._read = 0
        self._is_over = False

    async def __call__(self) -> Message:
        while self._is_over:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                return message
        if _announced(self._headers) <= self._most:
            message = await self._receive()
            self._read += len(message.get("body", b""))
            if self._read <= self._most:
                return message
            self._headers.append((b"content-length", str(self._read).encode()))
        self._is_over = True
        return {"type": "http.request", "body": b"", "more_body": False}


def _longest(path: str) -> int:
    """How many bytes a request to a path may have; with a list twice, for a little too much is told on the page."""
    if path.startswith(("/steward/", "/desk/")):
        return 2 * uploads.MOST_BYTES
    if path == "/try":
        return held.MOST_BYTES + ENVELOPE_BYTES
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) + ENVELOPE_BYTES


def _announced(headers: list[tuple[bytes, bytes]]) -> int:
    told = next((value for name, value in headers if name == b"content-length"), b"0")
    return int(told) if told.isdigit() else 0
