"""Who may enter the stewards' pages."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache

from datacoop.portal.pages import View, busy, is_steward, page


def steward_only(view: View) -> View:
    """Let stewards in, send visitors to sign in, refuse other accounts; nothing of these pages is kept by caches."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect("/sign-in")
        if not is_steward(request):
            return page(request, "forbidden", status=403)
        return view(request, *args, **kwargs)

    return never_cache(busy(guarded))


def actor_of(request: HttpRequest) -> str:
    """How actions name the steward: by number, never by name."""
    return f"steward:{request.user.pk}"
