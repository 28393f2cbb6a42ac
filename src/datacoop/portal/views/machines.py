"""What programs ask for: robots, site maps, security contact, whether the house is up."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import urljoin
from uuid import UUID
from xml.sax.saxutils import escape

from django.db import connection
from django.db.utils import Error as DatabaseProblem
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from datacoop.consent.queries import unindexed
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.feeding import export
from datacoop.pipelines.keeping import unfinished
from datacoop.portal import gate
from datacoop.portal.cards import card
from datacoop.portal.linked import base_url
from datacoop.portal.pages import busy, contact, missing
from datacoop.records.rules import id_of

_PARTS = "0123456789abcdef"
_BATCH = 500
_LONGEST_MAP = 50_000  # sitemaps.org
_XML = "application/xml"


@require_safe
def robots(_request: HttpRequest) -> HttpResponse:
    """Pages may be read; lists by filter, forms and the stewards' pages are no use to anybody's index."""
    closed = ("/steward/", "/sign-in", "/*?", "/o/*/write", "/write", "/my/", "/n/", "/code")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in closed), f"Sitemap: {base_url()}/sitemap.xml"]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def sitemap_index(_request: HttpRequest) -> HttpResponse:
    """Sixteen site maps, by the first character of the id."""
    parts = "".join(f"<sitemap><loc>{base_url()}/sitemap-{part}.xml</loc></sitemap>" for part in _PARTS)
    return _xml(f'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{parts}</sitemapindex>')


@require_safe
@busy
def sitemap(request: HttpRequest, part: str) -> HttpResponse:
    """The public organisations of one part, but those whose subject wants no search engine to list them."""
    if len(part) != 1 or part not in _PARTS:
        return missing(request)
    entries = gate.ask(lambda reading: "".join(_entries(reading, _PARTS.index(part))))
    return _xml(f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>')


def _entries(reading: Reading, part: int) -> Iterator[str]:
    first = id_of(UUID(int=part << 124))
    end = id_of(UUID(int=(part << 124) | ((1 << 124) - 1)))
    written = 0
    for batch in export(reading, PUBLIC, "organisation", first - 1, _BATCH):
        closed = unindexed([number for number, _ in batch])
        for number, body in batch:
            if number > end or written == _LONGEST_MAP:
                return
            if number in closed:
                continue
            shown = card(gate.items([body])[0], "fr")
            written += 1
            changed = f"<lastmod>{shown.modified:%Y-%m-%d}</lastmod>" if shown.modified else ""
            yield f"<url><loc>{escape(base_url() + shown.url)}</loc>{changed}</url>"


@require_safe
def security(_request: HttpRequest) -> HttpResponse:
    """Whom to tell of a weakness (RFC 9116)."""
    expires = (datetime.now(UTC) + timedelta(days=180)).replace(hour=0, minute=0, second=0, microsecond=0)
    lines = (
        f"Contact: {urljoin(base_url(), contact())}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: fr, de, it, en",
        f"Canonical: {base_url()}/.well-known/security.txt",
    )
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
def readyz(_request: HttpRequest) -> HttpResponse:
    """The database answers too, and no restore is under way: what was withdrawn might not be withdrawn again yet."""
    if unfinished.is_unfinished():
        return HttpResponse("restoring\n", content_type="text/plain", status=503)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM directory_relaymessage WHERE 1 = 0")
    except DatabaseProblem:
        return HttpResponse("not ready\n", content_type="text/plain", status=503)
    return HttpResponse("ok\n", content_type="text/plain")


def _xml(body: str) -> HttpResponse:
    return HttpResponse(f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n', content_type=_XML)
