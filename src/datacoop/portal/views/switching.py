"""Changing the language of the pages: one form, one cookie."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from datacoop.portal.catalogue import LANGUAGES

_YEAR = 365 * 24 * 3600


# A forged request could at most show somebody the page in another of the four languages.
@csrf_exempt
@require_POST
def switch_language(request: HttpRequest) -> HttpResponse:
    """Keep the language chosen and go back to the page."""
    back = request.POST.get("back", "/")
    if not back.startswith("/") or not url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        back = "/"
    response = redirect(back)
    chosen = request.POST.get("language")
    if chosen in LANGUAGES:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=_YEAR,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            samesite="Lax",
        )
    return response
