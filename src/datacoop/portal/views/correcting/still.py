"""The answer to "still correct?", without signing in: each page has one button, and looking changes nothing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from datacoop.consent.minors import is_person
from datacoop.portal.limits import TRIES, network_of
from datacoop.portal.own import open_link, sources_of_link
from datacoop.portal.pages import busy, page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.own.entering import opens_nothing
from datacoop.rights.actions.answering import Answerer
from datacoop.rights.actions.confirming import confirm_all, withdraw_all
from datacoop.rights.links import MAIL, SHARED, LinkFacts, find_link
from datacoop.rights.rules.confirmations import ANSWERS, CHANGE, CORRECT, WITHDRAW


@dataclass(frozen=True)
class Words:
    """The keys of what a page says: its title, what the button does, the button, and what is said after it."""

    title: str
    what: str
    button: str
    done: str


_CHANGE = Words("correcting.still_change", "correcting.still_change_what", "correcting.still_change_button", "")
_ORGANISATION = {
    CORRECT: Words(
        "correcting.still_correct", "correcting.still_correct_what", "correcting.still_correct_button",
        "correcting.still_correct_done",
    ),
    CHANGE: _CHANGE,
    WITHDRAW: Words(
        "correcting.still_withdraw", "correcting.still_withdraw_what", "correcting.still_withdraw_button",
        "correcting.still_withdraw_done",
    ),
}  # fmt: skip
_PERSON = {
    CORRECT: replace(_ORGANISATION[CORRECT], what="correcting.still_you_correct_what"),
    CHANGE: _CHANGE,
    WITHDRAW: Words(
        "correcting.still_you_withdraw", "correcting.still_you_withdraw_what", "correcting.still_you_withdraw_button",
        "correcting.still_you_withdraw_done",
    ),
}  # fmt: skip
#: To confirm, for whoever came from a mailbox that others read.
_SHARED = Words(
    "correcting.still_correct", "correcting.still_shared_correct_what", "correcting.still_shared_correct_button", ""
)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@busy
def still(request: HttpRequest, token: str, answer: str) -> HttpResponse:
    """One of the three answers. Unknown, expired and ended links get the page of what is not there."""
    now = datetime.now(UTC)
    link = find_link(token, now=now)
    if link is None or not _asks(link) or answer not in _answers(link):
        # Guesses are counted where they fail: whoever has a link may use it as often as they like.
        if not TRIES.allows(network_of(request)):
            return page(request, "letter_busy", status=429)
        return opens_nothing(request, status=404)
    words = _words(link, answer)
    if request.method != "POST":
        values = {"title": words.title, "what": words.what, "button": words.button}
        return page(request, "correcting/still", values)
    if answer == CHANGE or _proves_nothing(link, answer):
        open_link(request, link, now=now)
        onward = f"/my/{link.subject_uid}/correct"
        return redirect(onward if answer == CHANGE else f"/my/{link.subject_uid}/prove?next={onward}")
    _take(link, answer, now)
    return page(request, "correcting/still", {"title": words.title, "what": words.done})


def _asks(link: LinkFacts) -> bool:
    """Whether such a link goes out with the question: about everything, or about what one list says of a person."""
    if link.notice_id is None:
        return link.channel == MAIL
    return link.channel in {MAIL, SHARED} and is_person(link.subject_uid)


def _answers(link: LinkFacts) -> Collection[str]:
    """What may be answered by a link: one sent to whoever may only correct hides nothing."""
    return ANSWERS if link.may_decide else [each for each in ANSWERS if each != WITHDRAW]


def _proves_nothing(link: LinkFacts, answer: str) -> bool:
    """From a mailbox that several read, a person can only hide."""
    return answer == CORRECT and link.channel == SHARED


def _words(link: LinkFacts, answer: str) -> Words:
    if _proves_nothing(link, answer):
        return _SHARED
    return (_PERSON if is_person(link.subject_uid) else _ORGANISATION)[answer]


def _take(link: LinkFacts, answer: str, now: datetime) -> None:
    actor = f"link:{link.id}"
    if answer == CORRECT:
        confirm_all(subject=link.subject_uid, actor=actor, now=now)
        return
    capacity = "subject" if is_person(link.subject_uid) else "representative"
    by = Answerer(link.subject_uid, actor, None, sources_of_link(link), capacity, language())
    withdraw_all(by=by, now=now)
