"""Claims that wait for a steward: frozen ones, those that ask the cooperative, letters to post; and removals."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from datacoop.accounts.actions import open_account
from datacoop.accounts.codes import text_of
from datacoop.accounts.queries import find_accounts, list_representing, list_unrepresented, names_of
from datacoop.accounts.rules import DECIDE, EDIT
from datacoop.charter.controller import controller
from datacoop.consent.speaking import organisation_uids
from datacoop.directory import rules as writing
from datacoop.portal.asking import is_number
from datacoop.portal.claims_said import REFUSALS, SCOPES, told
from datacoop.portal.entrance import is_fresh
from datacoop.portal.freshness import to_prove
from datacoop.portal.linked import base_url
from datacoop.portal.pages import missing, page
from datacoop.portal.sendings import needs_said
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.organisations import find_one
from datacoop.portal.views.steward.guarding import steward_only
from datacoop.rights.actions import claiming, granting, representing
from datacoop.rights.actions.claim_steps import ClaimRefused, Wanted
from datacoop.rights.published import published
from datacoop.rights.queries.claims import ClaimFacts, find_claim, list_for_stewards, list_frozen_removals
from datacoop.rights.queries.readiness import list_missing
from datacoop.rights.rules.claims import LETTER, STEWARD


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def claims(request: HttpRequest) -> HttpResponse:
    """Everything that waits; POST settles a removal, or lets somebody represent an organisation."""
    if request.method != "POST":
        return page(request, "steward/claims", _all(request))
    if not is_fresh(request):
        return to_prove(request.path)  # type: ignore[return-value]
    try:
        problem = _removal(request) if request.POST.get("step") == "removal" else _given(request)
    except ClaimRefused as refused:
        problem = REFUSALS[refused.code]
    if problem:
        return page(request, "steward/claims", _all(request) | {"problem": problem}, status=422)
    return redirect("/steward/claims?done")


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def claim(request: HttpRequest, claim_id: int) -> HttpResponse:
    """One claim with who asks, who represents the organisation and who objected; POST settles it with a reason."""
    found = find_claim(claim_id)
    if found is None:
        return missing(request)
    problem = ""
    if request.method == "POST":
        if not is_fresh(request):
            return to_prove(request.path)  # type: ignore[return-value]
        try:
            _settle(request, claim_id)
        except ClaimRefused as refused:
            problem = REFUSALS[refused.code]
        else:
            is_printed = request.POST.get("step") == "print"
            return redirect(f"{request.path}/letter" if is_printed else "/steward/claims?done")
    now = datetime.now(UTC)
    people = find_accounts([found.account_id])
    values = {
        "claim": told(found, now),
        "who": people.get(found.account_id),
        "others": list_representing(organisation_uids(found.subject_uid), now=now),
        "is_letter": found.method == LETTER and found.is_open(now),
        "hands": _hands(found),
        "is_shown": found.proven_at is not None,
        "had_part": found.proven_at is not None and found.was_hand(int(request.user.pk or 0)),
        "problem": problem,
        "needs": needs_said(),
    }
    return page(request, "steward/claim", values, status=422 if problem else 200)


@require_safe
@steward_only
def letter(request: HttpRequest, claim_id: int) -> HttpResponse:
    """The letter with the code, to be posted to the address everybody sees: for whoever pressed to print it alone."""
    found, now = find_claim(claim_id), datetime.now(UTC)
    if found is None or found.method != LETTER or not found.is_open(now) or found.code_id is None:
        return missing(request)
    if not found.was_hand(int(request.user.pk or 0)):
        return missing(request)
    if list_missing():
        return redirect(f"/steward/claims/{claim_id}")
    seen, code = published(found.subject_uid), text_of(found.code_id, now=now)
    if code is None or not seen.address:
        return missing(request)
    values = {"name": seen.name, "lines": seen.address, "code": code, "base": base_url(), "now": now}
    values["controller"] = controller()
    return page(request, "steward/claim_letter", {**values, "page_of": f"{base_url()}/account/claims/{claim_id}"})


def _settle(request: HttpRequest, claim_id: int) -> None:
    now, step = datetime.now(UTC), request.POST.get("step")
    if step == "print":
        claiming.new_letter(claim_id=claim_id, steward=int(request.user.pk or 0), now=now)
    elif step == "posted":
        claiming.note_posted(claim_id=claim_id, steward=int(request.user.pk or 0), now=now)
    else:
        granting.settle(
            claim_id=claim_id,
            steward=int(request.user.pk or 0),
            granted=step == "grant",
            reason=request.POST.get("reason", ""),
            now=now,
        )


def _hands(found: ClaimFacts) -> list[str]:
    """The stewards who had a part in a claim, by name."""
    return sorted(names_of({int(each.partition(":")[2]) for each in found.hands}).values())


def _removal(request: HttpRequest) -> str:
    number = request.POST.get("number", "")
    representing.settle_removal(
        removal_id=int(number) if is_number(number) else 0,
        steward=int(request.user.pk or 0),
        removed=request.POST.get("verdict") == "remove",
        reason=request.POST.get("reason", ""),
        now=datetime.now(UTC),
    )
    return ""


def _given(request: HttpRequest) -> str:
    """Let somebody represent an organisation; return what is wrong with the form, if anything is."""
    email, asked = request.POST.get("email", "").strip(), request.POST.get("organisation", "").strip()
    if "email" in writing.problems(sender_name="", sender_email=email, text="-"):
        return "claims.no_email"
    item = find_one("organisation", asked.split("?")[0].rstrip("/").rpartition("/")[2])
    if item is None:
        return "claims.no_organisation"
    now = datetime.now(UTC)
    account = open_account(email=email, name="", now=now)
    if not account.is_active:
        return "claims.no_email"
    granting.give_by_steward(
        account_id=account.pk,
        wanted=Wanted(UUID(item["id"]), request.POST.get("scope", ""), STEWARD, language()),
        steward=int(request.user.pk or 0),
        reason=request.POST.get("reason", ""),
        now=now,
    )
    return ""


def _all(request: HttpRequest) -> dict[str, Any]:
    now = datetime.now(UTC)
    waiting, removals = list_for_stewards(now=now), list_frozen_removals()
    both = {number for each in removals for number in (each.account_id, each.proposed_by)}
    people = find_accounts({each.account_id for each in waiting} | both)
    return {
        "waiting": [(told(each, now), people.get(each.account_id)) for each in waiting],
        "removals": [
            (each, published(each.subject_uid).name, people.get(each.account_id), people.get(each.proposed_by))
            for each in removals
        ],
        "alone": [(uid, published(uid).name) for uid in list_unrepresented(now=now)],
        "scopes": [(DECIDE, SCOPES[DECIDE]), (EDIT, SCOPES[EDIT])],
        "is_done": "done" in request.GET,
    }
