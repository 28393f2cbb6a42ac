"""One claim of one's own: type the code, have the website looked at, take an invitation up, or withdraw."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from datacoop.consent.speaking import organisation_uids
from datacoop.portal.claims_said import REFUSALS, told
from datacoop.portal.entrance import is_fresh
from datacoop.portal.freshness import signed_in, to_prove
from datacoop.portal.limits import CLAIM_CODES, CLAIM_LOOKS, CLAIMS_TO
from datacoop.portal.pages import missing, page
from datacoop.portal.typed_codes import drop, keep, kept
from datacoop.portal.views.claiming import too_many
from datacoop.rights.actions import claiming, inviting
from datacoop.rights.actions.claim_steps import ClaimRefused
from datacoop.rights.claim_links import site_token
from datacoop.rights.queries.claims import ClaimFacts, find_own_claim, list_claims_of, list_rivals
from datacoop.rights.rules import claims as rules

#: What changes who represents an organisation, and so asks for a fresh proof first.
_CHANGES = ("code", "take-up")
_STEPS = {
    "again": claiming.send_again,
    "look": claiming.ask_to_look,
    "take-up": inviting.take_up,
    "withdraw": claiming.withdraw,
}
_AFTER = {"again": "?again", "look": "?looking"}
#: What is limited, and for whom: codes sent for the organisation, the rest for whoever presses.
_LIMITS = {
    "code": (CLAIM_CODES, "account_id"),
    "again": (CLAIMS_TO, "subject_uid"),
    "look": (CLAIM_LOOKS, "account_id"),
}
_TOLD = {"again": "claims.sent_again", "looking": "claims.looking"}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def claim(request: HttpRequest, claim_id: int) -> HttpResponse:
    """Show how it stands and what is next; the claims of others are as none."""
    found = find_own_claim(claim_id, int(request.user.pk or 0))
    if found is None:
        return page(request, "claims/over", status=404)
    if request.method != "POST":
        return page(request, "claims/own", _shown(found, request))
    step = request.POST.get("step", "")
    if step in _CHANGES and not is_fresh(request):
        if step == "code":
            keep(request, request.POST.get("code", ""), now=datetime.now(UTC))
        return to_prove(request.path)  # type: ignore[return-value]
    drop(request)
    try:
        return _done(request, found, step, datetime.now(UTC))
    except ClaimRefused as refused:
        return _again(request, claim_id, REFUSALS[refused.code])


@require_safe
@signed_in
def typed(request: HttpRequest) -> HttpResponse:
    """Lead whoever typed a claim's code elsewhere to the claim of theirs that waits for one; else to all of them."""
    now = datetime.now(UTC)
    waiting = [
        each for each in list_claims_of(int(request.user.pk or 0)) if each.method in rules.BY_CODE and each.is_open(now)
    ]
    return redirect(f"/account/claims/{waiting[-1].id}" if len(waiting) == 1 else "/account/?code")


def _done(request: HttpRequest, found: ClaimFacts, step: str, now: datetime) -> HttpResponse:
    """Do what a button says; too much of it is answered with one page for all."""
    limit, key = _LIMITS.get(step, (None, ""))
    if limit is not None and not limit.allows(str(getattr(found, key))):
        return too_many(request)
    who, claim_id = found.account_id, found.id
    if step == "code":
        text = request.POST.get("code", "")
        if not claiming.prove_by_code(claim_id=claim_id, account_id=who, text=text, now=now):
            return _again(request, claim_id, "claims.wrong_code")
    elif step in _STEPS:
        _STEPS[step](claim_id=claim_id, account_id=who, now=now)
    return redirect(f"{request.path}{_AFTER.get(step, '')}")


def _again(request: HttpRequest, claim_id: int, problem: str) -> HttpResponse:
    found = find_own_claim(claim_id, int(request.user.pk or 0))
    if found is None:
        return missing(request)
    return page(request, "claims/own", _shown(found, request) | {"problem": problem}, status=422)


def _shown(found: ClaimFacts, request: HttpRequest) -> dict[str, Any]:
    now = datetime.now(UTC)
    is_frozen = found.state == rules.FROZEN
    token = site_token(found.seed) if found.method == rules.WEBSITE else ""
    is_invited = found.method == rules.INVITATION
    is_open = found.is_open(now) and not (is_invited and not inviting.is_standing(found.id, now=now))
    return {
        "claim": told(found, now),
        "is_open": is_open,
        "is_over": is_invited and not is_open and found.state != rules.GRANTED,
        "typed": kept(request, now=now),
        "is_running": found.state in rules.RUNNING,
        "has_code": found.method in rules.BY_CODE,
        "token": token,
        "element": f'<meta name="{rules.PROOF_NAME}" content="{token}">',
        "proof_path": rules.PROOF_PATH,
        "proof_name": rules.PROOF_NAME,
        "rivals": [told(each, now) for each in list_rivals(found, organisation_uids(found.subject_uid))]
        if is_frozen
        else [],
        "told": next((key for name, key in _TOLD.items() if name in request.GET), ""),
    }
