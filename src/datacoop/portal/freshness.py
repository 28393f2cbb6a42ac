"""Pages for whoever is signed in, and pages that ask them to prove once more that it is them (step-up)."""

from __future__ import annotations

from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache

from datacoop.portal.entrance import is_fresh
from datacoop.portal.pages import View, busy


def signed_in(view: View) -> View:
    """Let in whoever is signed in, send others to sign in and back; nothing of these pages is kept by caches."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect(f"/sign-in?{urlencode({'next': request.path})}")
        return view(request, *args, **kwargs)

    return never_cache(busy(guarded))


def freshly_proven(view: View) -> View:
    """Let in whoever proved within ten minutes that it is them; others prove it and come back to the page.

    What a form sent before is not kept: they press its button again, seeing what it does.
    """

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs) if is_fresh(request) else to_prove(request.path)

    return signed_in(guarded)


def to_prove(back: str) -> HttpResponseBase:
    """Send somebody to prove that it is them, and back to a page of ours."""
    return redirect(f"/account/confirm?{urlencode({'next': back})}")


def next_address(request: HttpRequest, otherwise: str) -> str:
    """Where a form says to go on to, if that is a page of ours."""
    wished = request.POST.get("next") or request.GET.get("next") or ""
    is_ours = wished.startswith("/") and url_has_allowed_host_and_scheme(
        wished, {request.get_host()}, require_https=request.is_secure()
    )
    return wished if is_ours else otherwise
