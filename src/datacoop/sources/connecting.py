"""The one way out to addresses that others gave: lists are fetched by it, and clients are told that something is new.

A name is resolved here, every address it has must be public (`reaching`), and the connection goes to the very address
that was checked: a name that changes its mind meanwhile (rebinding) gains nothing. Redirects are never followed here.
"""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore

from datacoop.sources.reaching import FetchFailed, Reach, is_public


def addresses_of(host: str, port: int, reach: Reach) -> list[str]:
    """Return what a name leads to now. Raises: FetchFailed, where it is unknown or leads into a private network."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise FetchFailed("address-unknown") from error
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    # One private address among public ones is a trap, or a network of one's own.
    if not reach.allows(host, port) and not all(map(is_public, addresses)):
        raise FetchFailed("address-private")
    return addresses


class Guard(httpcore.NetworkBackend):
    """Opens connections to public addresses, and ends them when the time is over."""

    def __init__(self, reach: Reach, deadline: float, step: float) -> None:
        self._reach, self._deadline, self._step = reach, deadline, step
        self._plain = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to an address that was checked, never to a name."""
        problem: Exception = FetchFailed("address-unknown")
        for address in addresses_of(host, port, self._reach):
            try:
                stream = self._plain.connect_tcp(address, port, self.left(), local_address, socket_options)
                return _Timed(stream, self)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                problem = error
        raise problem

    def left(self) -> float:
        """Return the seconds that a step may still take."""
        left = min(self._step, self._deadline - time.monotonic())
        if left <= 0:
            raise FetchFailed("too-slow")
        return left


class _Timed(httpcore.NetworkStream):
    """A stream whose every step ends with the time in all."""

    def __init__(self, inner: httpcore.NetworkStream, guard: Guard) -> None:
        self._inner, self._guard = inner, guard

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, self._guard.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, self._guard.left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _Timed(self._inner.start_tls(ssl_context, server_hostname, self._guard.left()), self._guard)

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


@contextmanager
def asked(
    url: str, headers: dict[str, str], guard: Guard, *, content: bytes | None = None
) -> Iterator[httpcore.Response]:
    """Ask for an address, or send it some content; what the network does becomes a failure with a code."""
    method = "GET" if content is None else "POST"
    try:
        with (
            httpcore.ConnectionPool(_trusted(), max_connections=1, network_backend=guard) as pool,
            pool.stream(method, url, headers=list(headers.items()), content=content) as response,
        ):
            yield response
    except httpcore.TimeoutException as error:
        raise FetchFailed("too-slow") from error
    except (httpcore.ConnectError, ssl.SSLError) as error:
        refused = isinstance(error, ssl.SSLError) or isinstance(error.__cause__ or error.__context__, ssl.SSLError)
        raise FetchFailed("certificate" if refused or "CERTIFICATE" in str(error) else "no-connection") from error
    except httpcore.RemoteProtocolError as error:
        raise FetchFailed("incomplete") from error
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
        raise FetchFailed("no-connection") from error


def _trusted() -> ssl.SSLContext:
    """Trust the public authorities, and those this machine's operator added (SSL_CERT_FILE)."""
    context = httpcore.default_ssl_context()
    context.load_default_certs()
    return context


def headers_of(response: httpcore.Response) -> dict[str, str]:
    """Return what was said of an answer, names in lower case."""
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
