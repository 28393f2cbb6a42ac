"""What waits for a steward, and the way to any entry."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from datacoop.clients.queries import list_waiting as list_applications
from datacoop.directory.queries import count_waiting
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.questions import Question
from datacoop.linking.queries import list_review
from datacoop.pipelines import uploads
from datacoop.portal import gate
from datacoop.portal.cards import cards
from datacoop.portal.pages import page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.activities import with_organisers
from datacoop.portal.views.organisations import find_one
from datacoop.portal.views.steward.entering import entry_kinds
from datacoop.portal.views.steward.guarding import steward_only
from datacoop.rights.queries.claims import list_for_stewards, list_frozen_removals
from datacoop.rights.queries.confirming import list_pending
from datacoop.rights.queries.notices import count_late
from datacoop.rights.queries.reports import list_reports
from datacoop.rights.queries.requests import count_open
from datacoop.sources.queries import list_lists

_MOST_PAIRS = 100
_MOST_FOUND, _LONGEST = 10, 200
_FOUND_KINDS = ("organisation", "activity")
_UID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@require_safe
@steward_only
def dashboard(request: HttpRequest) -> HttpResponse:
    """Numbers and ways on."""
    pairs = len(list_review(limit=_MOST_PAIRS))
    asked, late = count_open(now=datetime.now(UTC))
    values = {
        "requests": asked,
        "requests_late": late,
        "lists": len(list_lists()),
        "uploads": len(uploads.list_waiting()),
        "messages": count_waiting(),
        "claims": len(list_for_stewards(now=datetime.now(UTC))) + len(list_frozen_removals()),
        "clients": len(list_applications()),
        "late": count_late(datetime.now(UTC)),
        "pending": len(list_pending()),
        "reports": len(list_reports(now=datetime.now(UTC))),
        "pairs": f"{pairs}+" if pairs == _MOST_PAIRS else pairs,
        "not_found": "not-found" in request.GET,
        "kinds": entry_kinds(),
    }
    return page(request, "steward/dashboard", values)


def uid_in(asked: str) -> UUID | None:
    """Return the id of a record within what was typed, in lower case; None where there is none."""
    exact = _UID.search(asked)
    return UUID(exact.group()) if exact else None


@require_safe
@steward_only
def find_record(request: HttpRequest) -> HttpResponse:
    """From a page's address, an id or a name to the stewards' page of that entry."""
    asked = request.GET.get("record", "").strip().lower()[:_LONGEST]
    if exact := uid_in(asked):
        return redirect(f"/steward/records/{exact}")
    slug = asked.split("?")[0].rstrip("/").rpartition("/")[2]
    kind = "activity" if "/a/" in asked else "organisation"
    found = find_one(kind, slug) if slug else None
    items = [found] if found else _named(asked)
    if len(items) == 1:
        return redirect(f"/steward/records/{items[0]['id']}")
    if not items:
        return redirect("/steward/?not-found")
    return page(request, "steward/found", {"found": with_organisers(cards(items, language()))})


def _named(text: str) -> list[gate.Item]:
    """What the public finds under a name; entries that are not shown have their number only."""

    def question(reading: Reading) -> list[gate.Item]:
        return [
            item
            for kind in _FOUND_KINDS
            for item in gate.items(find(reading, PUBLIC, Question(kind, text=text, limit=_MOST_FOUND)).bodies)
        ]

    return gate.ask(question) if text else []
