"""Which clients are about to come, and which have not confirmed for a week that they erased what was withdrawn."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from datacoop.clients.queries import list_announced, list_joining
from datacoop.disclosure.late import list_for_everybody
from datacoop.portal.pages import busy, page
from datacoop.portal.views.applying import said


@require_safe
@busy
def clients(request: HttpRequest) -> HttpResponse:
    """One page for everybody. What was withdrawn, of whom and how much of it, it does not say."""
    now = datetime.now(UTC)
    values = {
        "late": sorted(list_for_everybody(now=now), key=lambda each: (each.since, each.agreement.name)),
        "announced": [{"client": each, **said(each)} for each in list_announced()],
        "joining": [{"client": each, **said(each)} for each in list_joining(now=now)],
    }
    return page(request, "clients", values)
