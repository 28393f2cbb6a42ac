"""Fetch one file from an address on the web, and trust nothing on the way.

Where a connection may go is for `connecting` to say. Each redirect is checked anew. Size, unpacked size, total time and
number of redirects are limited.
"""

from __future__ import annotations

import hashlib
import re
import time
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import httpcore

from datacoop.sources.connecting import Guard, asked, headers_of
from datacoop.sources.masking import plain_name
from datacoop.sources.reaching import FetchFailed, Reach, check_address

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PIECE = 1 << 20
#: How files of a type end.
ENDINGS = {
    "text/csv": ".csv",
    "text/tab-separated-values": ".tsv",
    "application/json": ".json",
    "application/geo+json": ".geojson",
    "application/x-ndjson": ".ndjson",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": ".xlsx",
    "application/vnd.oasis.opendocument.spreadsheet": ".ods",
    "application/vnd.ms-excel": ".xls",
}
_ENDING = re.compile(r"\.(csv|tsv|txt|xlsx|xls|ods|json|ndjson|geojson)$", re.IGNORECASE)


@dataclass(frozen=True)
class Limits:
    """How much and how long: bytes as sent and as unpacked, seconds in all and for each step."""

    bytes: int = 200_000_000
    seconds: float = 120.0
    step_seconds: float = 20.0
    redirects: int = 5


@dataclass(frozen=True)
class Known:
    """What the server said of the file it gave last."""

    etag: str = ""
    last_modified: str = ""


@dataclass(frozen=True)
class Fetched:
    """A file, or the server's word that it is the one it gave last (`path` None)."""

    path: Path | None
    sha256: str = ""
    size: int = 0
    known: Known = field(default_factory=Known)


def fetch(
    url: str,
    *,
    into: Path,
    known: Known = Known(),
    limits: Limits = Limits(),
    reach: Reach = Reach(),  # noqa: B008 -- frozen
    agent: str = "datacoop",
) -> Fetched:
    """Fetch the file of an address into a folder, unless it is the one `known`.

    Raises:
        FetchFailed: it could not be had; nothing remains in the folder.
    """
    deadline = time.monotonic() + limits.seconds
    headers = {"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "gzip"}
    if known.etag:
        headers["If-None-Match"] = known.etag
    if known.last_modified:
        headers["If-Modified-Since"] = known.last_modified
    for _ in range(limits.redirects + 1):
        url = check_address(url, reach)
        with asked(url, headers, Guard(reach, deadline, limits.step_seconds)) as response:
            said = headers_of(response)
            if response.status in _REDIRECTS and "location" in said:
                reach = _reach_after(url, reach)
                url = _next(url, said["location"])
            elif response.status == 304 and (known.etag or known.last_modified):
                return Fetched(None, known=known)
            elif response.status == 200:
                return _saved(response, said, into / _name(url, said), limits)
            else:
                raise FetchFailed("status", str(response.status))
    raise FetchFailed("too-many-redirects", str(limits.redirects))


def _reach_after(url: str, reach: Reach) -> Reach:
    """Return what a redirect may lead to: into the operator's own network only out of it."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    return reach if reach.allows(parts.hostname or "", port) else Reach()


def _next(url: str, location: str) -> str:
    target = urljoin(url, location)
    if url.startswith("https:") and not target.lower().startswith("https:"):
        raise FetchFailed("address-invalid")
    return target


def _saved(response: httpcore.Response, said: dict[str, str], path: Path, limits: Limits) -> Fetched:
    if said.get("content-length", "").isdigit() and int(said["content-length"]) > limits.bytes:
        raise FetchFailed("too-large", f"{limits.bytes // 1_000_000} MB")
    digest, size = hashlib.sha256(), 0
    try:
        with path.open("xb") as stream:
            path.chmod(0o600)
            for block in _unpacked(response, said.get("content-encoding", "").strip().lower(), limits.bytes):
                size += len(block)
                digest.update(block)
                stream.write(block)
    except BaseException:
        path.unlink(missing_ok=True)
        raise
    known = Known(said.get("etag", "")[:300], said.get("last-modified", "")[:80])
    return Fetched(path, digest.hexdigest(), size, known)


def _unpacked(response: httpcore.Response, encoding: str, most: int) -> Iterator[bytes]:
    """Yield what was sent, unpacked in pieces: neither form may grow beyond the limit."""
    too_large = FetchFailed("too-large", f"{most // 1_000_000} MB")
    if encoding not in {"", "identity", "gzip", "x-gzip", "deflate"}:
        raise FetchFailed("encoding", encoding[:40])
    unpacking = _Unpacking() if encoding not in {"", "identity"} else None
    sent = given = 0
    for chunk in response.iter_stream():
        sent += len(chunk)
        if sent > most:
            raise too_large
        for block in unpacking.pieces(chunk) if unpacking else (chunk,):
            given += len(block)
            if given > most:
                raise too_large
            yield block
    if unpacking and not unpacking.is_over:
        raise FetchFailed("incomplete")


class _Unpacking:
    """Unpacks deflate, and gzip of one or several members (RFC 1952, 2.2), between which zeros may stand."""

    def __init__(self) -> None:
        self._member = zlib.decompressobj(zlib.MAX_WBITS | 32)
        self._begun = b""

    @property
    def is_over(self) -> bool:
        """Return whether what was sent ends where a member does."""
        return self._member.eof

    def pieces(self, chunk: bytes) -> Iterator[bytes]:
        """Yield what the next bytes hold. Raises: FetchFailed."""
        self._begun = self._begun or chunk[:1]
        try:
            while chunk:
                if self._member.eof:
                    chunk = chunk.lstrip(b"\0")
                    if not chunk or self._begun != b"\x1f":
                        return
                    self._member = zlib.decompressobj(zlib.MAX_WBITS | 16)
                block = self._member.decompress(chunk, _PIECE)
                yield block
                while len(block) == _PIECE and not self._member.unconsumed_tail and not self._member.eof:
                    block = self._member.decompress(b"", _PIECE)
                    yield block
                chunk = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
        except zlib.error as error:
            raise FetchFailed("incomplete") from error


def _name(url: str, said: dict[str, str]) -> str:
    """Return a plain name for the file, with the ending its readers know it by."""
    message = Message()
    message["content-disposition"] = said.get("content-disposition", "")
    given = message.get_filename() or unquote(urlsplit(url).path)
    plain = plain_name(given)
    ending = ENDINGS.get(said.get("content-type", "").partition(";")[0].strip().lower(), "")
    return plain if _ENDING.search(plain) else plain + ending
