"""Messages visitors wrote to organisations or to the cooperative: read, passed on by the steward, then erased here."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.directory.actions import settle_message
from datacoop.directory.queries import list_waiting
from datacoop.portal.asking import is_number
from datacoop.portal.cards import card
from datacoop.portal.pages import page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.organisations import find_one
from datacoop.portal.views.steward.guarding import steward_only


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def messages(request: HttpRequest) -> HttpResponse:
    """The oldest first."""
    if request.method == "POST":
        number, state = request.POST.get("number", ""), request.POST.get("state")
        if is_number(number) and state in ("passed_on", "refused"):
            settle_message(number=int(number), state=state, now=datetime.now(UTC))
        return redirect("/steward/messages")
    found = []
    for each in list_waiting():
        item = find_one("organisation", str(each.record_uid)) if each.record_uid else None
        found.append((each, card(item, language()) if item else None))
    return page(request, "steward/messages", {"waiting": found})
