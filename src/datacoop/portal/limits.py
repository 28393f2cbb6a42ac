"""How many messages one connection may leave in a while: counted in this process, before anything is looked up."""

from __future__ import annotations

import time
from collections import OrderedDict
from ipaddress import ip_address, ip_network
from threading import Lock

from django.conf import settings
from django.http import HttpRequest

_MOST_CONNECTIONS = 10_000
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
SIGN_INS = Limit(most=20, seconds=3600)
TRIES = Limit(most=20, seconds=3600)
