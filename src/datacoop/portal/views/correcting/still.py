"""The answer to "still correct?", without signing in: each page has one button, and looking changes nothing."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from datacoop.portal.limits import TRIES, network_of
from datacoop.portal.own import open_link
from datacoop.portal.pages import busy, missing, page
from datacoop.portal.templatetags.portal import language
from datacoop.rights.actions.answering import Answerer
from datacoop.rights.actions.confirming import confirm_all, withdraw_all
from datacoop.rights.links import MAIL, LinkFacts, find_link

#: By answer: the title, what the button does, the button, and what is said once it was pressed.
ANSWERS = {
    "correct": (
        "correcting.still_correct",
        "correcting.still_correct_what",
        "correcting.still_correct_button",
        "correcting.still_correct_done",
    ),
    "change": ("correcting.still_change", "correcting.still_change_what", "correcting.still_change_button", ""),
    "withdraw": (
        "correcting.still_withdraw",
        "correcting.still_withdraw_what",
        "correcting.still_withdraw_button",
        "correcting.still_withdraw_done",
    ),
}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@busy
def still(request: HttpRequest, token: str, answer: str) -> HttpResponse:
    """One of the three answers. Unknown, expired and ended links get the page of what is not there."""
    now = datetime.now(UTC)
    link = find_link(token, now=now)
    if link is None or link.channel != MAIL or link.notice_id is not None or answer not in ANSWERS:
        # Guesses are counted where they fail: whoever has a link may use it as often as they like.
        if not TRIES.allows(network_of(request)):
            return page(request, "letter_busy", status=429)
        return missing(request)
    title, what, button, done = ANSWERS[answer]
    if request.method != "POST":
        return page(request, "correcting/still", {"title": title, "what": what, "button": button})
    if answer == "change":
        open_link(request, link, now=now)
        return redirect(f"/my/{link.subject_uid}/correct")
    _take(link, answer, now)
    return page(request, "correcting/still", {"title": title, "what": done})


def _take(link: LinkFacts, answer: str, now: datetime) -> None:
    actor = f"link:{link.id}"
    if answer == "correct":
        confirm_all(subject=link.subject_uid, actor=actor, now=now)
        return
    by = Answerer(link.subject_uid, actor, None, None, "representative", language())
    withdraw_all(by=by, now=now)
