"""Any search of the agenda as a subscription: a calendar or an Atom feed, the same for everybody who asks it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.search.coming import find_each_once
from datacoop.feeds.formatting import Context, Format, render_list
from datacoop.feeds.registry import format_of_extension
from datacoop.kinds.definition import kind as kind_named
from datacoop.portal import gate, linked
from datacoop.portal.asking import Asked, asked
from datacoop.portal.catalogue import LANGUAGES
from datacoop.portal.pages import busy, missing

MOST = 300
_KIND = "activity"
_PATH = "/activities"


@require_safe
@busy
def agenda(request: HttpRequest, extension: str) -> HttpResponseBase:
    """The next activities by their start, each once, as a calendar or a feed; the language is part of the address."""
    layout = format_of_extension(kind_named(_KIND), extension)
    if layout is None:
        return missing(request)
    wish = asked(_KIND, _PATH, request.GET, now=datetime.now(UTC))
    given = request.GET.get("lang", "")
    language = given if given in LANGUAGES else LANGUAGES[0]
    body = _written(layout, wish, language)
    tag = f'"{hashlib.blake2b(body, digest_size=16).hexdigest()}"'
    headers = {"ETag": tag, "Content-Language": language}
    response = HttpResponse(body, content_type=layout.MEDIA_TYPES[0], headers=headers)
    patch_cache_control(response, no_cache=True)
    return get_conditional_response(request, etag=tag, response=response) or response


def _written(layout: Format, wish: Asked, language: str) -> bytes:
    question = replace(wish.question, limit=MOST, after=None)
    bodies = gate.ask(lambda reading: find_each_once(reading, PUBLIC, question))
    base = linked.base_url()
    context = Context(
        kind=kind_named(_KIND),
        base_url=base,
        licence=linked.licence(),
        terms=f"{base}/api/#terms",
        open_only=True,
        has_pages=True,
        language=language,
        url=f"{base}/agenda.{layout.EXTENSION}?{urlencode([*wish.pairs, ('lang', language)])}",
    )
    return render_list(layout, bodies, context)
