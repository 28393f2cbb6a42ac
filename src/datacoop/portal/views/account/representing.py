"""One organisation that one represents: who else does, who asks to, inviting, handing over, leaving."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.accounts.actions import open_account
from datacoop.accounts.queries import Representing, find_accounts, list_representing
from datacoop.accounts.rules import DECIDE, EDIT
from datacoop.consent.speaking import organisation_uids
from datacoop.directory import rules as writing
from datacoop.disclosure.own.naming import titles_of
from datacoop.portal.asking import is_number
from datacoop.portal.claims_said import REFUSALS, SCOPES, told
from datacoop.portal.entrance import is_fresh
from datacoop.portal.freshness import signed_in, to_prove
from datacoop.portal.limits import INVITATIONS
from datacoop.portal.pages import missing, page
from datacoop.portal.templatetags.portal import language
from datacoop.portal.views.claiming import too_many
from datacoop.rights.actions import granting, inviting, representing
from datacoop.rights.actions.claim_steps import ClaimRefused, Wanted
from datacoop.rights.published import published
from datacoop.rights.queries.claims import list_claims_about, list_invitations, list_removals_about
from datacoop.rights.rules.claims import INVITATION

_TOLD = {"done": "claims.done", "invited": "claims.invited"}


@dataclass(frozen=True)
class _Mine:
    """Whoever asks, as one who represents the organisation."""

    uid: UUID
    uids: Collection[UUID]
    account: int
    everybody: list[Representing]

    @property
    def name(self) -> str:
        """How it is called, shown to others or not: whoever represents it sees that on its own pages too."""
        return titles_of([self.uid])[self.uid]

    @property
    def decides(self) -> bool:
        return any(DECIDE in each.scopes for each in self.everybody if each.account_id == self.account)

    @property
    def corrects(self) -> bool:
        return any(EDIT in each.scopes for each in self.everybody if each.account_id == self.account)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def organisation(request: HttpRequest, uid: UUID) -> HttpResponse:
    """Show everything about who represents it, to whoever does; to all others there is nothing here."""
    mine = _mine(request, uid)
    if mine is None:
        return missing(request)
    if request.method != "POST":
        return page(request, "claims/organisation", _shown(mine, request))
    if not is_fresh(request):
        return to_prove(request.path)  # type: ignore[return-value]
    try:
        return _done(request, mine, datetime.now(UTC))
    except ClaimRefused as refused:
        return _again(request, uid, REFUSALS[refused.code])


def _done(request: HttpRequest, mine: _Mine, now: datetime) -> HttpResponse:
    step, number = request.POST.get("step", ""), request.POST.get("number", "")
    which = int(number) if is_number(number) else 0
    if step == "invite":
        return _invited(request, mine, now)
    if step in ("agree", "object", "call-back"):
        _about_claim(step, which, mine, now)
    elif step == "propose":
        scope = request.POST.get("scope", "")
        representing.propose_removal(by=mine.account, account_id=which, subject_uid=mine.uid, scope=scope, now=now)
    elif step == "take-back":
        representing.take_back(removal_id=which, account_id=mine.account, now=now)
    elif step == "object-removal":
        representing.object_to_removal(removal_id=which, account_id=mine.account, now=now)
    elif step == "narrow":
        representing.keep_editing(account_id=mine.account, subject_uid=mine.uid, now=now)
    elif step == "leave" and "sure" not in request.POST:
        values = {"name": mine.name, "is_last": len(mine.everybody) == 1, "uid": mine.uid}
        return page(request, "claims/leave", values)
    elif step == "leave":
        representing.leave(account_id=mine.account, subject_uid=mine.uid, now=now)
        return redirect("/account/?left")
    return redirect(f"{request.path}?done")


def _about_claim(step: str, claim_id: int, mine: _Mine, now: datetime) -> None:
    """Answer a claim of this organisation; those of others are as none."""
    known = [*list_claims_about(mine.uids, now=now), *list_invitations(mine.uids, now=now)]
    if claim_id not in {each.id for each in known}:
        raise ClaimRefused("not-theirs")
    acting = {"agree": granting.agree, "object": granting.object_to, "call-back": inviting.call_back}[step]
    acting(claim_id=claim_id, account_id=mine.account, now=now)


def _invited(request: HttpRequest, mine: _Mine, now: datetime) -> HttpResponse:
    email = request.POST.get("email", "").strip()
    if "email" in writing.problems(sender_name="", sender_email=email, text="-"):
        return _again(request, mine.uid, "claims.no_email")
    if not mine.decides:
        raise ClaimRefused("not-theirs")
    if not INVITATIONS.allows(str(mine.account)):
        return too_many(request)
    account = open_account(email=email, name="", now=now, language=language())
    wanted = Wanted(mine.uid, request.POST.get("scope", ""), INVITATION, language())
    hands_over = "hand_over" in request.POST
    if account.is_active:
        inviting.make_invitation(by=mine.account, account_id=account.pk, wanted=wanted, hands_over=hands_over, now=now)
    return redirect(f"{request.path}?invited")


def _mine(request: HttpRequest, uid: UUID) -> _Mine | None:
    account, uids = int(request.user.pk or 0), organisation_uids(uid)
    everybody = list_representing(uids, now=datetime.now(UTC))
    return _Mine(uid, uids, account, everybody) if account in {each.account_id for each in everybody} else None


def _again(request: HttpRequest, uid: UUID, problem: str) -> HttpResponse:
    mine = _mine(request, uid)
    if mine is None:
        return missing(request)
    return page(request, "claims/organisation", _shown(mine, request) | {"problem": problem}, status=422)


def _shown(mine: _Mine, request: HttpRequest) -> dict[str, Any]:
    now = datetime.now(UTC)
    claims = list_claims_about(mine.uids, now=now)
    invited, removals = list_invitations(mine.uids, now=now), list_removals_about(mine.uids)
    concerned = {each.account_id for each in (*claims, *invited)} | {each.account_id for each in removals}
    people = find_accounts(concerned)
    return {
        "name": mine.name,
        "is_shown": bool(published(mine.uid).uid),
        "uid": mine.uid,
        "mine": mine,
        "is_last": len(mine.everybody) == 1,
        "people": [(each, SCOPES[DECIDE if DECIDE in each.scopes else EDIT]) for each in mine.everybody],
        "claims": [
            (told(each, now), people.get(each.account_id), each.may_be_objected(now))
            for each in claims
            if each.account_id != mine.account
        ],
        "invited": [(told(each, now), people.get(each.account_id)) for each in invited],
        "removals": [(each, people.get(each.account_id)) for each in removals],
        "scopes": [(EDIT, SCOPES[EDIT]), (DECIDE, SCOPES[DECIDE])],
        "told": next((key for name, key in _TOLD.items() if name in request.GET), ""),
    }
