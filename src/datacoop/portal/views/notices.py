"""What anybody may open about notices: whether a letter is genuine, the documents, and the way to hear no more."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from datacoop.charter.controller import controller
from datacoop.portal.limits import RETRY_SECONDS, Limit, network_of
from datacoop.portal.pages import is_steward, missing, page
from datacoop.portal.templatetags.portal import language
from datacoop.rights.actions.returning import no_more as write_no_more
from datacoop.rights.queries.agreements import ASSESSMENT, DOCUMENTS, find_text, languages_of

#: Presses of “no more” from one network in an hour.
NO_MORE = Limit("no_more", most=60, seconds=3600)


@require_safe
def genuine(request: HttpRequest) -> HttpResponse:
    """What the cooperative sends and what it never asks, and the field for a code."""
    return page(request, "notices/genuine", {"controller": controller()})


@require_safe
def document(request: HttpRequest, name: str) -> HttpResponse:
    """One of the documents the cooperative works under, in its newest version; its own paper for stewards alone."""
    may_read = name in DOCUMENTS and (name != ASSESSMENT or is_steward(request))
    text = find_text(name, request.GET.get("text", "") or language()) if may_read else None
    if text is None:
        return missing(request)
    return page(request, "notices/document", {"text": text, "languages_of": languages_of(name)})


# A mail program presses it without a page of ours before it (RFC 8058); nobody's session is acted upon.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def no_more(request: HttpRequest, token: str) -> HttpResponse:
    """The button, and what a press of it says: the same for known and unknown links."""
    if request.method != "POST":
        return page(request, "notices/no_more", {"is_done": False})
    if not NO_MORE.allows(network_of(request)):
        response = page(request, "letter_busy", status=429)
        response.headers["Retry-After"] = str(RETRY_SECONDS)
        return response
    write_no_more(token=token, now=datetime.now(UTC))
    return page(request, "notices/no_more", {"is_done": True})
