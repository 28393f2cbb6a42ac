"""Proving who one is: a code to one's own address, the code of a letter, or an account that may act.

Where a code goes is never the visitor's to choose: addresses are those the lists know, and nothing of them stands here.
A code to a mailbox that several people read proves less: whoever has it narrows, as with a link. One that only a list
knows may be a stranger's: with its code goes what no message carried (decision 0049).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.accounts import proofs
from datacoop.accounts.codes import redeem_code
from datacoop.consent.speaking import subject_uids
from datacoop.portal.freshness import next_address
from datacoop.portal.limits import KNOWN, PROOFS, PROOFS_TO, network_of
from datacoop.portal.own import Visitor, for_subject, is_recent, open_link
from datacoop.portal.pages import page
from datacoop.portal.reaching import PURPOSE, Own, about, own_mailboxes, send_code_later
from datacoop.portal.views.own.entering import too_many, too_many_codes, wait_for_code, was_no_guess
from datacoop.rights.codes import read_code
from datacoop.rights.links import LETTER, find_code
from datacoop.rights.queries.knowing import knows

_LONGEST = 100


@require_http_methods(["GET", "HEAD", "POST"])
@for_subject
def prove(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Offer what there is to prove oneself by; POST sends a code, or takes one that was typed."""
    step = request.POST.get("step", "") if request.method == "POST" else ""
    if step == "send":
        return _send(request, visitor)
    if step == "code":
        return _typed(request, visitor)
    if step == "letter":
        return _letter(request, visitor)
    return page(request, "own/prove", _values(request, visitor))


def _send(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    if not PROOFS.allows(network_of(request)) or not PROOFS_TO.allows(visitor.subject.hex):
        return too_many(request)
    chosen = _chosen(request, visitor)
    if chosen is None:
        return page(request, "own/prove", _values(request, visitor), status=422)
    send_code_later(visitor.subject, chosen, sources=visitor.sources)
    return page(request, "own/prove", {**_values(request, visitor), "sent_to": chosen})


def _typed(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    chosen = _chosen(request, visitor)
    now = datetime.now(UTC)
    text = request.POST.get("code", "")[:_LONGEST]
    is_asked = chosen is not None and chosen.is_listed
    if is_asked:
        counted = f"{visitor.subject.hex} {sorted(visitor.sources or ())}"
        if not KNOWN.allows(counted):
            return too_many(request)
        if _knows(request, visitor):
            KNOWN.forgive(counted)
        else:
            # A try of the code as well, and it reads as a wrong one does: which of the two was wrong is not told.
            text = ""
    if chosen is None or not redeem_code(
        purpose=PURPOSE, about=about(visitor.subject, chosen.method), text=text, now=now
    ):
        problem = "answer.wrong_known" if is_asked else "sign_in.wrong_code"
        typed = {field: request.POST.get(field, "")[:_LONGEST] for field in ("name", "known")}
        values = {**_values(request, visitor), "sent_to": chosen, "problem": problem, "typed": typed}
        return page(request, "own/prove", values, status=422)
    proofs.record(request, visitor.subject, chosen.method, now)
    if chosen.method == proofs.SHARED_MAILBOX:
        return page(request, "own/prove", {**_values(request, visitor), "is_shared": True})
    return redirect(_onward(request, visitor))


def _knows(request: HttpRequest, visitor: Visitor) -> bool:
    name, thing = (request.POST.get(field, "")[:_LONGEST] for field in ("name", "known"))
    return knows(visitor.subject, sources=visitor.sources, name=name, thing=thing)


def _letter(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    now = datetime.now(UTC)
    text = request.POST.get("code", "")[:_LONGEST]
    if read_code(text) is None:
        return _refused_letter(request, visitor, "answer.code_mistyped")
    if wait := wait_for_code(request):
        return too_many_codes(request, wait)
    link = find_code(text, now=now)
    if link is None or link.channel != LETTER or link.subject_uid not in subject_uids(visitor.subject):
        return _refused_letter(request, visitor, "answer.code_wrong")
    was_no_guess(request)
    if link.was_held_by(request.user.pk):
        return _refused_letter(request, visitor, "answer.code_held")
    open_link(request, link, now=now)
    proofs.record(request, visitor.subject, proofs.LETTER_CODE, now)
    return redirect(_onward(request, visitor))


def _refused_letter(request: HttpRequest, visitor: Visitor, problem: str) -> HttpResponse:
    return page(request, "own/prove", {**_values(request, visitor), "letter_problem": problem}, status=422)


def _chosen(request: HttpRequest, visitor: Visitor) -> Own | None:
    which = request.POST.get("which", "")
    return next((each for each in own_mailboxes(visitor.subject, visitor.sources) if str(each.place) == which), None)


def _values(request: HttpRequest, visitor: Visitor) -> dict[str, Any]:
    return {
        "visitor": visitor,
        "mailboxes": own_mailboxes(visitor.subject, visitor.sources),
        "next": _onward(request, visitor),
        # What cannot be undone asks for a proof of a moment ago: an older one is renewed here.
        "is_proven": visitor.is_proven and is_recent(request, visitor),
    }


def _onward(request: HttpRequest, visitor: Visitor) -> str:
    return next_address(request, f"{visitor.address}/")
