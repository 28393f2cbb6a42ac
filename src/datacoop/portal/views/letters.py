"""Writing to an organisation or to the cooperative: messages wait for a steward; the answer is always the same."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from datacoop.directory import rules
from datacoop.directory.actions import Letter, MessageRefused, keep_message
from datacoop.portal.cards import card
from datacoop.portal.limits import LETTERS, connection_of
from datacoop.portal.pages import busy, missing, page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.organisations import find_one

TRAP = "website"


# Nobody's session is acted upon, so there is nothing a forged request could borrow; visitors get no cookie.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@busy
def write(request: HttpRequest, slug: str) -> HttpResponse:
    """The form on a page of its own, and where the form of every organisation's page is sent."""
    if _writes_too_much(request):
        return page(request, "letter_busy", status=429)
    found = find_one("organisation", slug)
    if found is None:
        return missing(request)
    return _written(request, UUID(found["id"]), {"card": card(found, language())})


# As above: no session, nothing to borrow.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@busy
def write_us(request: HttpRequest) -> HttpResponse:
    """The form to the cooperative itself: there is always somebody to write to."""
    if _writes_too_much(request):
        return page(request, "letter_busy", status=429)
    return _written(request, None, {})


def _writes_too_much(request: HttpRequest) -> bool:
    return request.method == "POST" and not LETTERS.allows(connection_of(request))


def _written(request: HttpRequest, to: UUID | None, values: dict[str, object]) -> HttpResponse:
    values |= {"written": request.POST, "longest": rules.LONGEST_MESSAGE}
    if request.method != "POST":
        return page(request, "letter", values)
    try:
        if not request.POST.get(TRAP):
            keep_message(record_uid=to, letter=_letter(request), now=datetime.now(UTC))
    except MessageRefused as refused:
        return page(request, "letter", values | {"problems": refused.problems}, status=422)
    return page(request, "letter_sent", values)


def _letter(request: HttpRequest) -> Letter:
    return Letter(
        sender_name=request.POST.get("name", "").strip(),
        sender_email=request.POST.get("email", "").strip(),
        text=request.POST.get("text", "").strip(),
        language=language(),
    )
