"""How many messages one connection may leave in a while, and how long a request may be, before anything is read."""

from __future__ import annotations

import logging
import secrets
import sqlite3
import time
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import salted_hmac

from datacoop.lib.networks import network
from datacoop.lib.tallies import Allowance, Tallies
from datacoop.pipelines import uploads
from datacoop.pipelines.trying import held

#: The file in the data folder in which all processes of an installation count; no backup holds it.
TALLIES = "tallies.sqlite3"
_log = logging.getLogger("datacoop.portal")
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Message, Receive, Send], Awaitable[None]]

#: Where holders' programs send lists.
SENDING = "/api/v1/contributions"
#: What a form adds to its file.
ENVELOPE_BYTES = 20_000
#: When to try again, at the latest.
RETRY_SECONDS = 3600


class Limit:
    """At most `most` in `seconds`, for each key, whatever process of the installation counts.

    With `pause` nobody is shut out: those beyond wait so many seconds, then twice as many, `longest` at most.
    Kept are keyed digests and moments, until they no longer count. What cannot be counted is not allowed.
    """

    def __init__(
        self, name: str = "", *, most: int, seconds: float, pause: float = 0.0, longest: float = 600.0
    ) -> None:
        """Two of one name count together; without a name it counts for itself."""
        self._name = name or secrets.token_hex(8)
        self._allowance = Allowance(most, seconds, pause, longest)

    def allows(self, key: str, now: float | None = None) -> bool:
        """Count one and say whether it is still within the limit."""
        return self.wait(key, now) == 0

    def wait(self, key: str, now: float | None = None) -> float:
        """Count one, unless it must wait, and return for how many seconds."""
        moment = time.time() if now is None else now
        try:
            return _tallies().count(self._digest(key), self._allowance, moment)
        except sqlite3.Error as error:
            _uncounted(error)
            return RETRY_SECONDS

    def forgive(self, key: str) -> None:
        """Take the last one back: it was none of those that are limited."""
        try:
            _tallies().forgive(self._digest(key), time.time(), self._allowance.seconds)
        except sqlite3.Error as error:
            _uncounted(error)

    def _digest(self, key: str) -> bytes:
        return digest_of(self._name, key)


def digest_of(*parts: str) -> bytes:
    """Return what something counted is called in the file of tallies: it tells nothing without the secret key."""
    return salted_hmac("datacoop.portal.limits", "\x1f".join(parts), algorithm="sha256").digest()[:16]


def _tallies() -> Tallies:
    return Tallies(Path(settings.DATACOOP_DATA_DIR) / TALLIES)


def _uncounted(error: sqlite3.Error) -> None:
    """Say why, and begin anew where a power cut left a file that is none."""
    _log.error("%s cannot be counted in (%s)", TALLIES, error)
    if type(error) is sqlite3.DatabaseError:
        _tallies().begin_anew()


def connection_of(request: HttpRequest) -> str:
    """The address a request comes from; behind a proxy, the one that proxy saw (the last it wrote)."""
    if settings.DATACOOP_BEHIND_PROXY:
        told = str(request.META.get("HTTP_X_FORWARDED_FOR", "")).rpartition(",")[2].strip()
        if told:
            return told
    return str(request.META.get("REMOTE_ADDR", ""))


def network_of(request: HttpRequest) -> str:
    """The network a request comes from: of IPv6 the /64, since one connection has the whole of it to itself."""
    return network(connection_of(request), 64, 32)


def site_of(request: HttpRequest) -> str:
    """What one customer may be given whole: of IPv6 the /48, of IPv4 the /24."""
    return network(connection_of(request), 48, 24)


def provider_of(request: HttpRequest) -> str:
    """What a provider of many is given at least: of IPv6 the /32, of IPv4 the /16."""
    return network(connection_of(request), 32, 16)


#: Letters of one network, of one sender's address, to one organisation.
LETTERS = Limit("letters", most=10, seconds=3600)
LETTERS_FROM = Limit("letters_from", most=5, seconds=3600)
LETTERS_TO = Limit("letters_to", most=30, seconds=3600)
#: Reports of one network, of one address left for the answer, about one page.
REPORTS = Limit("reports", most=10, seconds=3600)
REPORTS_FROM = Limit("reports_from", most=5, seconds=3600)
REPORTS_ABOUT = Limit("reports_about", most=30, seconds=3600)
SIGN_INS = Limit("sign_ins", most=20, seconds=3600)
#: Codes to one address: nobody's mailbox is filled by strangers.
SIGN_INS_TO = Limit("sign_ins_to", most=8, seconds=3600)
TRIES = Limit("tries", most=20, seconds=3600)
#: Contacts shown to one network: more than people look up, less than gathering them takes.
CONTACTS = Limit("contacts", most=60, seconds=3600)
#: Links to one's own page: of one network.
LINKS = Limit("links", most=60, seconds=3600)
#: Codes of letters that open nothing: of one network, one site, one provider, and of everybody together. Who types a
#: code whose check character is wrong, or one that opens, is not counted: a whole home for the aged may sit behind one
#: address.
#:
#: How far guessing gets: beyond 600 in an hour everybody together has one try in 4 seconds, 900 an hour, so at most
#: 600 + 24 * 900 = 22,200 in a day. With V codes that open and a code of 50 bits, the chance of one hit is
#: 22,200 V / 2**50 a day: for 100,000 letters on the way one in 507,000; in a year without a pause one in 1,390.
#:
#: How far shutting others out gets: nobody is ever told to come back in an hour. A try that finds everybody waiting is
#: counted for its network, its site and its provider all the same; so whoever asks again and again uses up their own. A
#: network has 10 tries and then some 15 an hour, a site with all its networks 30 and then as few, a provider 200 and
#: then 360 an hour. So it takes networks of three providers to make others wait at all, and then everybody gets their
#: part of 900 tries an hour by their part in all that are made.
CODES = Limit("codes", most=10, seconds=3600, pause=10)
CODES_OF_SITES = Limit("codes_of_sites", most=30, seconds=3600, pause=10)
CODES_OF_PROVIDERS = Limit("codes_of_providers", most=200, seconds=3600, pause=10, longest=10)
CODES_OF_ALL = Limit("codes_of_all", most=600, seconds=3600, pause=4, longest=4)
#: Codes to a subject's own address: of one network, and to one subject, whose mailbox nobody is to fill.
PROOFS = Limit("proofs", most=20, seconds=3600)
PROOFS_TO = Limit("proofs_to", most=6, seconds=3600)
#: Wrong answers to what a list knows of somebody and no message carries, for what the same lists say of one subject.
KNOWN = Limit("known", most=5, seconds=24 * 3600)
#: Claims of one account, what is sent to one organisation because of them, codes typed, websites looked at, people
#: invited; links of objections opened by one network.
CLAIMS = Limit("claims", most=10, seconds=3600)
CLAIMS_TO = Limit("claims_to", most=10, seconds=24 * 3600)
CLAIM_CODES = Limit("claim_codes", most=20, seconds=3600)
CLAIM_LOOKS = Limit("claim_looks", most=10, seconds=3600)
INVITATIONS = Limit("invitations", most=20, seconds=24 * 3600)
OBJECTIONS = Limit("objections", most=60, seconds=3600)


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
    if path == SENDING:
        return uploads.MOST_BYTES
    if path == "/try":
        return held.MOST_BYTES + ENVELOPE_BYTES
    return int(settings.DATA_UPLOAD_MAX_MEMORY_SIZE or 0) + ENVELOPE_BYTES


def _announced(headers: list[tuple[bytes, bytes]]) -> int:
    told = next((value for name, value in headers if name == b"content-length"), b"0")
    return int(told) if told.isdigit() else 0
