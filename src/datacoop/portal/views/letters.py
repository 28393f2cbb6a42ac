"""Writing to an organisation or to the cooperative: messages wait for a steward; the answer is always the same.

Whether an address is known is asked nowhere here: form, reply, work and delay cannot depend on it, and nobody gets a
copy. The steward, who passes a message on, sees whom it is for.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from datacoop.directory import rules
from datacoop.directory.actions import Letter, keep_message
from datacoop.portal.cards import card
from datacoop.portal.limits import LETTERS, LETTERS_FROM, LETTERS_TO, RETRY_SECONDS, network_of
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
        return _busy(request)
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
        return _busy(request)
    return _written(request, None, {})


def _writes_too_much(request: HttpRequest) -> bool:
    return request.method == "POST" and not LETTERS.allows(network_of(request))


def _written(request: HttpRequest, to: UUID | None, values: dict[str, object]) -> HttpResponse:
    values |= {"written": request.POST, "longest": rules.LONGEST_MESSAGE}
    if request.method != "POST":
        return page(request, "letter", values)
    letter = _letter(request)
    problems = rules.problems(sender_name=letter.sender_name, sender_email=letter.sender_email, text=letter.text)
    if problems:
        return page(request, "letter", values | {"problems": problems}, status=422)
    if not LETTERS_FROM.allows(letter.sender_email.lower()) or (to and not LETTERS_TO.allows(str(to))):
        return _busy(request)
    if not request.POST.get(TRAP):
        keep_message(record_uid=to, letter=letter, now=datetime.now(UTC))
    return page(request, "letter_sent", values)


def _busy(request: HttpRequest) -> HttpResponse:
    """The same page whatever was too much: that of many letters to one organisation is nobody's to know."""
    response = page(request, "letter_busy", status=429)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _letter(request: HttpRequest) -> Letter:
    return Letter(
        sender_name=request.POST.get("name", "").strip(),
        sender_email=request.POST.get("email", "").strip(),
        text=request.POST.get("text", "").strip(),
        language=language(),
    )
