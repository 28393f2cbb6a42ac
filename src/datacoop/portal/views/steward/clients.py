"""Clients that wait for stewards: approved by two, or with three days of public notice, or by a vote; or refused."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.accounts.queries import names_of
from datacoop.clients.approving import NotApprovable, Vote, approve_by_vote, assent, refuse
from datacoop.clients.queries import ApplicationFacts, list_waiting
from datacoop.clients.rules import LONGEST_ADDRESS, LONGEST_REASON, LONGEST_VOTE
from datacoop.clients.suspending import suspend_client
from datacoop.consent.queries import UnknownAudienceError, list_agreements
from datacoop.portal.cards import day_of
from datacoop.portal.pages import page
from datacoop.portal.readers import names_of_readers
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.applying import said
from datacoop.portal.views.steward.guarding import actor_of, steward_only


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def clients(request: HttpRequest) -> HttpResponse:
    """What waits, the oldest first; below it the clients that run."""
    problem = ""
    if request.method == "POST":
        try:
            _settle(request)
            return redirect("/steward/clients")
        except NotApprovable as refused:
            problem = f"applying.not.{refused.code}"
        except UnknownAudienceError:
            problem = "applying.not.settled"
    waiting = list_waiting()
    names = names_of({number for each in waiting for number in each.assents})
    asked = request.POST.get("client", "")
    values = {
        "waiting": [_row(each, names) for each in waiting],
        "running": _running(),
        "problem": problem,
        "problem_in": asked if any(each.agreement == asked for each in waiting) else "",
        "longest": LONGEST_REASON,
        "longest_vote": LONGEST_VOTE,
        "longest_address": LONGEST_ADDRESS,
        "given": request.POST,
    }
    return page(request, "steward/clients", values, status=422 if problem else 200)


def _settle(request: HttpRequest) -> None:
    """Raises: NotApprovable, UnknownAudienceError."""
    form, now = request.POST, datetime.now(UTC)
    agreement, steward, step = form.get("client", ""), int(request.user.pk or 0), form.get("step", "")
    if step == "assent":
        assent(agreement=agreement, steward=steward, now=now)
    elif step == "refuse":
        refuse(agreement=agreement, reason=form.get("reason", ""), steward=steward, now=now)
    elif step == "vote":
        vote = Vote(form.get("vote", ""), day_of(form.get("vote_on")) or date.max, form.get("vote_at", ""))
        approve_by_vote(agreement=agreement, vote=vote, steward=steward, now=now)
    elif step == "suspend":
        suspend_client(agreement=agreement, actor=actor_of(request), now=now)
    else:
        raise NotApprovable("settled")


def _row(each: ApplicationFacts, names: dict[int, str]) -> dict[str, Any]:
    assents = [names.get(number, str(number)) for number in each.assents]
    return {"client": each, "state": f"applying.state.{each.state}", "assents": assents, **said(each)}


def _running() -> list[tuple[str, str, str]]:
    names = names_of_readers(language())
    signed = [each for each in list_agreements() if not each.suspended]
    rows = [(each.uid, each.name, names.get(f"terms:{each.terms}", each.terms)) for each in signed]
    return sorted(rows, key=lambda each: each[1])
