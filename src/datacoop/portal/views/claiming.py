"""Claiming an organisation from its page, and objecting by the link of a mail.

What the first page offers follows from what everybody sees of the organisation: it tells nothing about addresses that
are hidden, nor whether anybody represents it.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from datacoop.accounts.actions import describe_account
from datacoop.accounts.rules import DECIDE, EDIT
from datacoop.portal.cards import card
from datacoop.portal.claims_said import HINTS, METHODS, REFUSALS, SCOPES
from datacoop.portal.limits import CLAIMS, CLAIMS_TO, OBJECTIONS, RETRY_SECONDS, network_of
from datacoop.portal.pages import busy, is_signed_in, missing, page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.organisations import find_one
from datacoop.rights.actions.claim_steps import ClaimRefused, Wanted
from datacoop.rights.actions.claiming import open_claim
from datacoop.rights.actions.granting import object_to
from datacoop.rights.actions.representing import object_to_removal
from datacoop.rights.claim_links import CLAIM, MAILBOX, Objector, read_token
from datacoop.rights.published import published
from datacoop.rights.queries.claims import find_claim, find_removal
from datacoop.rights.rules import claims as rules
from datacoop.rights.rules.claims import Published, published_of


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@busy
def claim(request: HttpRequest, slug: str) -> HttpResponse:
    """Say how one shows that one may speak for an organisation; POST opens the claim."""
    item = find_one("organisation", slug)
    if item is None:
        return missing(request)
    seen = published_of(item)
    values = _values(request, seen) | {"card": card(item, language())}
    if request.method != "POST" or not is_signed_in(request):
        return page(request, "claims/claim", values)
    if not CLAIMS.allows(str(request.user.pk)) or not CLAIMS_TO.allows(seen.uid):
        return too_many(request)
    problem, number = _opened(request, seen)
    if number is not None:
        return redirect(f"/account/claims/{number}")
    return page(request, "claims/claim", values | {"problem": problem}, status=422)


# Nobody's session is acted upon: the address is the proof, and all it can do is make things rest.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@busy
def objection(request: HttpRequest, token: str) -> HttpResponse:
    """Show what is about to happen and a button; pressing it stops it. Opening the page does nothing."""
    if not OBJECTIONS.allows(network_of(request)):
        return too_many(request)
    objector, now = read_token(token), datetime.now(UTC)
    shown = _concerned(objector, now) if objector else None
    if objector is None or shown is None:
        return page(request, "claims/objection_over", status=410)
    if request.method != "POST":
        return page(request, "claims/objection", shown)
    try:
        _object(objector, now)
    except ClaimRefused:
        return page(request, "claims/objection_over", status=410)
    return page(request, "claims/objection_done", shown)


def too_many(request: HttpRequest) -> HttpResponse:
    """The same page whatever was too much."""
    response = page(request, "letter_busy", status=429)
    response.headers["Retry-After"] = str(RETRY_SECONDS)
    return response


def _opened(request: HttpRequest, seen: Published) -> tuple[str, int | None]:
    """Open the claim: what is wrong with it, or the number of it, or of the one that runs already."""
    account, name = int(request.user.pk or 0), request.POST.get("name", "").strip()
    if not name:
        return "claims.no_name", None
    wanted = Wanted(UUID(seen.uid), request.POST.get("scope", ""), request.POST.get("method", ""), language())
    try:
        number = open_claim(account_id=account, wanted=wanted, possible=seen.methods, now=datetime.now(UTC))
    except ClaimRefused as refused:
        return REFUSALS[refused.code], refused.claim_id
    describe_account(account_id=account, name=name, language=getattr(request.user, "language", "fr"))
    return "", number


def _values(request: HttpRequest, seen: Published) -> dict[str, Any]:
    given = request.POST
    shown = {rules.MAILBOX: seen.email, rules.WEBSITE: seen.website, rules.LETTER: ", ".join(seen.address)}
    return {
        "methods": [(each, METHODS[each], HINTS[each], shown.get(each, "")) for each in seen.methods],
        "scopes": [(EDIT, SCOPES[EDIT]), (DECIDE, SCOPES[DECIDE])],
        "method": given.get("method", _likeliest(seen.methods)),
        "scope": given.get("scope", EDIT),
        "name": given.get("name", getattr(request.user, "name", "") if is_signed_in(request) else ""),
    }


def _likeliest(methods: Collection[str]) -> str:
    """Which way is ticked at first: one that leads somewhere, whoever represents the organisation or nobody does."""
    return next(each for each in (rules.MAILBOX, rules.LETTER, rules.WEBSITE, rules.STEWARD) if each in methods)


def _concerned(objector: Objector, now: datetime) -> dict[str, Any] | None:
    """What a link is about, None where there is nothing to stop any more; it names nobody."""
    if objector.kind == CLAIM:
        found = find_claim(objector.number)
        if found is None or not found.may_be_objected(now):
            return None
        by_mailbox = objector.account == MAILBOX
        values = {"method": METHODS[found.method], "scope": SCOPES[found.scope], "since": found.made_at}
        return {**values, "name": published(found.subject_uid).name, "is_claim": True, "by_mailbox": by_mailbox}
    removal = find_removal(objector.number)
    if removal is None or removal.state != rules.WAITING:
        return None
    return {"name": published(removal.subject_uid).name, "is_claim": False, "since": removal.made_at}


def _object(objector: Objector, now: datetime) -> None:
    if objector.kind == CLAIM:
        account = None if objector.account == MAILBOX else objector.account
        object_to(claim_id=objector.number, account_id=account, now=now)
    else:
        object_to_removal(removal_id=objector.number, account_id=objector.account, now=now)
