"""What waits for a steward, and the way to any entry."""

from __future__ import annotations

import re
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from datacoop.directory.queries import count_waiting
from datacoop.linking.queries import list_review
from datacoop.portal.pages import page
from datacoop.portal.views.organisations import find_one
from datacoop.portal.views.steward.entering import entry_kinds
from datacoop.portal.views.steward.guarding import steward_only
from datacoop.sources.queries import list_lists

_MOST_PAIRS = 100
_UID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@require_safe
@steward_only
def dashboard(request: HttpRequest) -> HttpResponse:
    """Numbers and ways on."""
    pairs = len(list_review(limit=_MOST_PAIRS))
    values = {
        "lists": len(list_lists()),
        "messages": count_waiting(),
        "pairs": f"{pairs}+" if pairs == _MOST_PAIRS else pairs,
        "not_found": "not-found" in request.GET,
        "kinds": entry_kinds(),
    }
    return page(request, "steward/dashboard", values)


@require_safe
@steward_only
def find_record(request: HttpRequest) -> HttpResponse:
    """From a page's address or an id to the stewards' page of that entry."""
    asked = request.GET.get("record", "").strip().lower()
    exact = _UID.search(asked)
    if exact:
        return redirect(f"/steward/records/{UUID(exact.group())}")
    slug = asked.split("?")[0].rstrip("/").rpartition("/")[2]
    kind = "activity" if "/a/" in asked else "organisation"
    found = find_one(kind, slug) if slug else None
    return redirect(f"/steward/records/{found['id']}" if found else "/steward/?not-found")
