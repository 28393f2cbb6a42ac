"""Who may act for a holder on its own pages."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.accounts.queries import representatives_of
from datacoop.pipelines.guarding import LONGEST_NAME
from datacoop.pipelines.inviting import SCOPE, AccountClosed, AddressTooLong, check_address, dismiss, invite
from datacoop.portal.asking import is_number
from datacoop.portal.entrance import is_fresh
from datacoop.portal.freshness import to_prove
from datacoop.portal.pages import page
from datacoop.portal.views.steward.guarding import actor_of, steward_only
from datacoop.sources.actions import register_holder
from datacoop.sources.owning import find_holder, list_holders


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def holders(request: HttpRequest) -> HttpResponse:
    """Every holder with the people who may act for it; POST invites somebody or ends it.

    Letting in takes a fresh proof and a reason; the others of the holder are told, whoever is let in is not.
    """
    problem = ""
    if request.method == "POST":
        if "account" not in request.POST and not is_fresh(request):
            return to_prove(request.path)  # type: ignore[return-value]
        problem = _dismissed(request) if "account" in request.POST else _invited(request)
        if not problem:
            return redirect("/steward/holders?saved")
    now = datetime.now(UTC)
    values = {
        "holders": [(each, representatives_of(subject_uid=each.uid, scope=SCOPE, now=now)) for each in list_holders()],
        "problem": problem,
        "given": request.POST,
        "is_saved": "saved" in request.GET,
    }
    return page(request, "steward/holders", values, status=422 if problem else 200)


def _invited(request: HttpRequest) -> str:
    """Invite, and return the key of what is wrong."""
    name, email = request.POST.get("holder", "").strip(), request.POST.get("email", "").strip()
    reason = request.POST.get("reason", "").strip()
    if not 0 < len(name) <= LONGEST_NAME:
        return "desk.no_holder"
    if not reason:
        return "desk.no_reason"
    try:
        validate_email(email)
        check_address(email)
        now = datetime.now(UTC)
        holder = register_holder(name=name, now=now)
        invite(holder=holder, email=email, actor=actor_of(request), now=now, reason=reason)
    except ValidationError:
        return "form.not_an_email"
    except AddressTooLong:
        return "form.email_too_long"
    except AccountClosed:
        return "desk.account_closed"
    return ""


def _dismissed(request: HttpRequest) -> str:
    account, uid = request.POST.get("account", ""), request.POST.get("holder_uid", "")
    try:
        holder = find_holder(UUID(uid))
    except ValueError:
        holder = None
    if holder and is_number(account):
        dismiss(holder=holder.uid, account_id=int(account), actor=actor_of(request), now=datetime.now(UTC))
    return ""
