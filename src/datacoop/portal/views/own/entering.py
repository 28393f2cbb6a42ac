"""Coming without an account: by the link of a message, by the code of a letter.

Unknown, expired and ended ones get one and the same page, after the same work. Opening shows and decides nothing:
mail scanners follow links. What opens stands in no address of a page, so that none is kept in a history or a log.
"""

from __future__ import annotations

import math
from datetime import UTC, datetime

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from datacoop.charter.controller import controller
from datacoop.portal.limits import (
    CODES,
    CODES_OF_ALL,
    CODES_OF_PROVIDERS,
    CODES_OF_SITES,
    LINKS,
    RETRY_SECONDS,
    Limit,
    network_of,
    provider_of,
    site_of,
)
from datacoop.portal.own import Visitor, for_subject, open_link
from datacoop.portal.pages import page
from datacoop.portal.typed_codes import is_claim_code, keep
from datacoop.rights.codes import read_code
from datacoop.rights.links import LinkFacts, find_code, find_link

_LONGEST = 100
#: Where the switch of languages leads from a page of refusal: its own address would tell what was tried.
_ANYWHERE = {"here": "/code"}


@require_safe
@never_cache
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Open the link of a message in this session."""
    if not LINKS.allows(network_of(request)):
        return too_many(request)
    now = datetime.now(UTC)
    return _opened(request, find_link(token[:_LONGEST], now=now), now)


# A form on a holder's own site leads here: it only fills in the code, and whoever sees it presses the button.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def by_code(request: HttpRequest) -> HttpResponse:
    """Ask for the code of a letter and open what it stands for.

    That a sign was mistyped is found from the code itself: it tells nothing of which codes there are, and is no guess.
    A claim's code, known by its shape, leads to where claims are: it opens nothing here.
    """
    if request.method != "POST":
        return page(request, "own/code")
    typed = request.POST.get("code", "")[:_LONGEST]
    if not _is_ours(request):
        return page(request, "own/code", {"typed": typed})
    if is_claim_code(typed):
        # Whoever shows that they may speak for an organisation does so signed in, on the page of their claim.
        keep(request, typed, now=datetime.now(UTC))
        return redirect("/account/claims/code")
    if read_code(typed) is None:
        return page(request, "own/code", {"is_mistyped": True, "typed": typed}, status=422)
    if wait := wait_for_code(request):
        return too_many_codes(request, wait)
    now = datetime.now(UTC)
    link = find_code(typed, now=now)
    if link is not None:
        was_no_guess(request)
    return _opened(request, link, now)


def wait_for_code(request: HttpRequest) -> float:
    """Count a whole code that somebody types, before it is looked up; return for how long it must wait, else 0.

    Whoever is to wait for all the others has used up one of their own tries: asking often keeps nobody else out.
    """
    return next((wait for limit, key in _counted(request) if (wait := limit.wait(key))), 0.0)


def was_no_guess(request: HttpRequest) -> None:
    """Take back what was counted: the code opens."""
    for limit, key in _counted(request):
        limit.forgive(key)


def _counted(request: HttpRequest) -> tuple[tuple[Limit, str], ...]:
    """Where a code is counted, and as whose: from the narrowest to everybody."""
    return (
        (CODES, network_of(request)),
        (CODES_OF_SITES, site_of(request)),
        (CODES_OF_PROVIDERS, provider_of(request)),
        (CODES_OF_ALL, ""),
    )


class _Check(CsrfViewMiddleware):
    """Django's own check, told and not answered."""

    def _reject(self, request: HttpRequest, reason: str) -> HttpResponseForbidden:
        return HttpResponseForbidden(reason)


def _is_ours(request: HttpRequest) -> bool:
    """Whether a form of ours was sent: only then does it change anything in this session."""
    check = _Check(lambda _request: HttpResponse())
    check.process_request(request)
    return check.process_view(request, lambda _request: HttpResponse(), (), {}) is None


@require_POST
@for_subject
def leave(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """End the session: whoever sits here next, or goes back, finds every page of it closed."""
    logout(request)
    # The page must greet nobody any more.
    request.COOKIES.pop("session", None)
    return page(request, "own/left", _ANYWHERE)


def too_many(request: HttpRequest) -> HttpResponse:
    """Return the page for too many tries, whatever was tried."""
    response = page(request, "own/too_many", _ANYWHERE, status=429)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def opens_nothing(request: HttpRequest, *, status: int) -> HttpResponse:
    """Say what may have happened and how to get a new link: the same for unknown, expired and ended ones."""
    return page(request, "own/over", {"phone": controller().phone, **_ANYWHERE}, status=status)


def too_many_codes(request: HttpRequest, wait: float) -> HttpResponse:
    """Return the page for codes that must wait a moment, the same whatever was typed."""
    response = page(
        request, "own/too_many", {"are_codes": True, "minutes": math.ceil(wait / 60), **_ANYWHERE}, status=429
    )
    response.headers["Retry-After"] = str(math.ceil(wait))
    return response


def _opened(request: HttpRequest, link: LinkFacts | None, now: datetime) -> HttpResponse:
    if link is None:
        return opens_nothing(request, status=403)
    open_link(request, link, now=now)
    return redirect(f"/my/{link.subject_uid}/")
