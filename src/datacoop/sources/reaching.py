"""Which addresses lists are fetched from: those of the public web, and those of hosts that the operator named.

Only http and https, on the ports of the web. Pure: nothing is asked of the network.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

#: 8000 to 8443: where open-data servers without a front server listen. Other ports speak other protocols.
PORTS = frozenset({80, 443, 8000, 8080, 8443})
#: Addresses that answer inside a cloud although their range is public (Azure's host agent).
_INSIDE_CLOUDS = frozenset({ipaddress.ip_address("168.63.129.16")})
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
#: Special ranges that older Pythons take for public: of the IETF, and for documentation (RFC 6890, RFC 9637).
_SPECIAL = (ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("3fff::/20"))
_GLOBAL6 = ipaddress.ip_network("2000::/3")
#: Names that never leave a machine or a network (RFC 6761, RFC 6762, RFC 8375; .internal: ICANN, 2024).
_INSIDE = frozenset({"localhost", "localdomain", "local", "internal", "home.arpa"})
_NUMBERS = re.compile(r"(?:0x[0-9a-f]+|\d+)(?:\.(?:0x[0-9a-f]+|\d+)){0,3}")


class FetchFailed(Exception):
    """The file was not fetched; `code` says why, `detail` which status or limit."""

    def __init__(self, code: str, detail: str = "") -> None:
        """Keep both."""
        super().__init__(f"{MEANINGS[code]}{f' ({detail})' if detail else ''}")
        self.code, self.detail = code, detail


#: What each code means, for people.
MEANINGS: Final = {
    "address-invalid": "This is no address of a file on the web: write https://…, without a user name",
    "address-port": "Lists are fetched from the ports of the web only",
    "address-private": "The address leads into a private network",
    "address-unknown": "There is no server of this name",
    "no-connection": "The server cannot be reached",
    "certificate": "The server's certificate cannot be trusted",
    "too-slow": "The server is too slow",
    "too-large": "The file is too large",
    "too-many-redirects": "The address leads on and on",
    "status": "The server refuses",
    "encoding": "The file is packed in a way that is not known",
    "incomplete": "The file ended too early",
}


@dataclass(frozen=True)
class Reach:
    """What may be reached. `hosts` are those of the operator's own network, as `name` or `name:port`."""

    hosts: Collection[str] = ()

    def allows(self, host: str, port: int) -> bool:
        """Return whether the operator named this host."""
        return host in self.hosts or f"{host}:{port}" in self.hosts


def check_address(url: str, reach: Reach = Reach()) -> str:
    """Return the address as it is asked for: ASCII, without a fragment.

    Whatever is private in any spelling is refused here, before anybody asks for it; what a name leads to is known only
    when it is resolved.

    Raises:
        FetchFailed: it is none that lists are fetched from.
    """
    try:
        parts = urlsplit(url.strip())
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
        host = (parts.hostname or "").rstrip(".").encode("idna").decode("ascii")
    except (ValueError, UnicodeError) as error:
        raise FetchFailed("address-invalid") from error
    if parts.scheme not in {"http", "https"} or not host or "@" in parts.netloc or re.search(r"[\s\\]", parts.netloc):
        raise FetchFailed("address-invalid")
    if is_private(host) and not reach.allows(host, port):
        raise FetchFailed("address-private")
    if port not in PORTS and not reach.allows(host, port):
        raise FetchFailed("address-port", str(port))
    shown = f"[{host}]" if ":" in host else host
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = f"?{quote(parts.query, safe='/%:@!$&()*+,;=~-._?')}" if parts.query else ""
    return f"{parts.scheme}://{shown}{f':{parts.port}' if parts.port else ''}{path}{query}"


def is_private(host: str) -> bool:
    """Return whether a host says by itself that it is no public one: a name of this machine or network, or an address.

    An IPv4 address may be one number or up to four, each decimal, octal or hexadecimal (127.1, 0x7f000001).
    """
    name = host.lower().rstrip(".")
    if name in _INSIDE or name.endswith(tuple(f".{each}" for each in _INSIDE)):
        return True
    if _NUMBERS.fullmatch(name):
        with suppress(OSError):
            return not is_public(str(ipaddress.IPv4Address(socket.inet_aton(name))))
    with suppress(ValueError):
        return not is_public(name)
    return False


def is_public(address: str) -> bool:
    """Return whether an IP address is anybody's: neither private, loopback, link-local, carrier-grade NAT nor reserved.

    IPv6 addresses that carry an IPv4 one (mapped, 6to4, NAT64) are as public as that one; Teredo never is.
    Source: the special-purpose registries of IANA (RFC 6890).
    """
    found = ipaddress.ip_address(address.partition("%")[0])
    if found.version == 6:
        carried = found.ipv4_mapped or found.sixtofour
        if found in _NAT64:
            carried = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
        if carried is not None:
            return is_public(str(carried))
    if any(found in each for each in _SPECIAL):
        return False
    if found.version == 6:
        return found in _GLOBAL6 and found.is_global and found.teredo is None
    return found.is_global and not found.is_multicast and found not in _INSIDE_CLOUDS
