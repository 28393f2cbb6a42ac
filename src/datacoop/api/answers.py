"""What goes back: status, headers, body. Headers that never change are put together once for all answers."""

import hashlib
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

from datacoop.api import problems
from datacoop.api.problems import Problem
from datacoop.api.site import Site

Header = tuple[bytes, bytes]

NOT_MODIFIED: Final = 304
_EXPOSED: Final = b"ETag, Link, Changes-After, RateLimit, RateLimit-Policy, Retry-After"
_KEPT_BY_304: Final = frozenset({b"cache-control", b"vary", b"etag", b"link", b"access-control-allow-origin"})


@dataclass(slots=True)
class Answer:
    """A whole answer."""

    status: int
    headers: list[Header] = field(default_factory=list)
    body: bytes = b""


class Answers:
    """Writes answers of one installation."""

    def __init__(self, site: Site) -> None:
        """Nothing is written before it is asked for."""
        self._site = site
        self._fixed: dict[tuple[str, bool], list[Header]] = {}

    def licence_of(self, public: bool) -> str:
        """The address of the licence: of open data for the public, a client's terms for a client."""
        return self._site.licence if public else self._site.terms

    def headers(self, media: str, public: bool) -> list[Header]:
        """The headers every answer of a media type has; not to be changed."""
        found = self._fixed.get((media, public))
        if found is None:
            found = self._fixed[media, public] = self._written(media, public)
        return found

    def _written(self, media: str, public: bool) -> list[Header]:
        links = f'<{self.licence_of(public)}>; rel="license", <{self._site.terms}>; rel="terms-of-service"'
        headers = [
            (b"content-type", media.encode()),
            (b"cache-control", b"no-cache" if public else b"private, no-store"),
            (b"vary", b"Authorization, Accept, Accept-Language"),
            (b"x-content-type-options", b"nosniff"),
            (b"link", links.encode()),
        ]
        if public:
            headers.append((b"access-control-allow-origin", b"*"))
            headers.append((b"access-control-expose-headers", _EXPOSED))
        return headers

    def found(self, body: bytes, media: str, public: bool, none_match: bytes, more: tuple[Header, ...] = ()) -> Answer:
        """200 with its entity tag, or 304 where the caller has the same bytes already."""
        tag = b'"%b"' % hashlib.sha1(body, usedforsecurity=False).hexdigest()[:32].encode()
        headers = [*self.headers(media, public), (b"etag", tag), *more]
        # Tags are compared weakly (RFC 9110 section 13.1.2); ours are 32 digits in quotes, so none is part of another.
        if none_match and (tag in none_match or none_match.strip() == b"*"):
            return Answer(NOT_MODIFIED, [each for each in headers if each[0] in _KEPT_BY_304])
        headers.append((b"content-length", b"%d" % len(body)))
        return Answer(200, headers, body)

    def problem(self, problem: Problem, public: bool) -> Answer:
        """The answer of a problem."""
        body = problem.body(self._site.base_url)
        headers = self.headers(problems.MEDIA_TYPE.decode(), public)
        length = (b"content-length", b"%d" % len(body))
        return Answer(problem.status, [*headers, *problem.headers, length], body)

    def moved(self, path: str, public: bool) -> Answer:
        """301 to another record."""
        headers = [each for each in self.headers("", public) if each[0] not in (b"content-type", b"content-length")]
        location = f"{self._site.base_url}{path}".encode()
        return Answer(301, [*headers, (b"location", location), (b"content-length", b"0")])


def link_next(address: str) -> Header:
    """The address of the next page, for formats whose body has no place for it."""
    safe = quote(address, safe=":/?&=%,+-._~@!$'()*;[]")
    return (b"link", f'<{safe}>; rel="next"'.encode("ascii"))
