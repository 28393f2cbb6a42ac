"""How every page is answered: its template, its language, and whom it may be kept by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import wraps
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_cache_control, patch_vary_headers

from datacoop.accounts.queries import list_mandate_subjects
from datacoop.disclosure.errors import Due
from datacoop.pipelines.inviting import SCOPE
from datacoop.portal.catalogue import LANGUAGES, NAMES
from datacoop.portal.templatetags.portal import language

View = Callable[..., HttpResponseBase]


def page(
    request: HttpRequest, template: str, values: Mapping[str, Any] | None = None, *, status: int = 200
) -> HttpResponse:
    """Return a page with what all pages share."""
    current = language()
    shared = {
        "language": current,
        "languages": [(code, NAMES[code]) for code in LANGUAGES],
        "here": request.get_full_path(),
        "section": request.path.strip("/").partition("/")[0],
        "is_steward": is_steward(request),
        "is_signed_in": is_signed_in(request),
        "has_desk": bool(acts_for(request)),
        "contact": contact(),
    }
    response = render(request, f"portal/{template}.html", {**shared, **(values or {})}, status=status)
    patch_cache_control(response, no_cache=True)
    patch_vary_headers(response, ["Accept-Language", "Cookie"])
    return response


def contact() -> str:
    """Where to write to the cooperative: the address its operator gave, else the form."""
    given = settings.DATACOOP_CONTACT
    if not given:
        return "/write"
    return f"mailto:{given}" if "@" in given and ":" not in given else str(given)


def is_steward(request: HttpRequest) -> bool:
    """Whether a steward is signed in."""
    if not request.COOKIES.get("session"):
        return False
    return bool(getattr(request.user, "is_steward", False))


def is_signed_in(request: HttpRequest) -> bool:
    """Whether anybody is."""
    return bool(request.COOKIES.get("session")) and request.user.is_authenticated


def acts_for(request: HttpRequest) -> list[UUID]:
    """The holders of lists that whoever is signed in may act for, asked once for each request."""
    known: list[UUID] | None = getattr(request, "acts_for", None)
    if known is None:
        known = holders_of(request.user.pk) if is_signed_in(request) and request.user.pk else []
        request.acts_for = known  # type: ignore[attr-defined]
    return known


def holders_of(account_id: int) -> list[UUID]:
    """The holders of lists that an account may act for."""
    subjects = list_mandate_subjects(account_id=account_id, now=datetime.now(UTC))
    return list(dict.fromkeys(uid for uid, scope in subjects if scope == SCOPE))


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """The page for what is not there, or not shown: the same."""
    return page(request, "missing", status=404)


def busy(view: View) -> View:
    """Answer 503, to be tried again, while something stays due."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except Due:
            return busy_page(request)

    return answered


def busy_page(request: HttpRequest, values: Mapping[str, Any] | None = None) -> HttpResponse:
    """The page for what stays due; with a `framing`, one that fits its frame."""
    response = page(request, "busy", values, status=503)
    response.headers["Retry-After"] = "2"
    return response


def broken(request: HttpRequest) -> HttpResponse:
    """The page for our own mistakes; it asks nothing of the database."""
    return render(request, "500.html", status=500)


def expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The page for a form that is too old to be believed."""
    return page(request, "expired", status=403)
