"""Guardians of minors: who speaks for whom, appointing one, and ending it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.accounts.actions import open_account
from datacoop.accounts.queries import list_guardians
from datacoop.directory import rules as writing
from datacoop.portal.asking import is_number
from datacoop.portal.entrance import is_fresh
from datacoop.portal.freshness import to_prove
from datacoop.portal.pages import page
from datacoop.portal.views.steward.guarding import steward_only
from datacoop.rights.actions.guarding import GuardianRefused, Guarding, appoint_guardian, dismiss_guardian

_REFUSALS: Final = {
    "reason": "claims.no_reason",
    "own": "claims.no_own",
    "nobody": "claims.no_person",
    "age": "claims.no_minor",
}


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def guardians(request: HttpRequest) -> HttpResponse:
    """List them; POST appoints one or ends it, with a reason."""
    if request.method != "POST":
        return page(request, "steward/guardians", _shown(request))
    if not is_fresh(request):
        return to_prove(request.path)  # type: ignore[return-value]
    problem = _done(request, datetime.now(UTC))
    if problem:
        return page(request, "steward/guardians", _shown(request) | {"problem": problem}, status=422)
    return redirect("/steward/guardians?done")


def _done(request: HttpRequest, now: datetime) -> str:
    """Do what the form asks; return what is wrong with it, if anything is."""
    form, steward = request.POST, int(request.user.pk or 0)
    try:
        person = UUID(form.get("person", "").strip())
    except ValueError:
        return "claims.no_person"
    try:
        if form.get("step") == "end":
            number = form.get("account", "")
            ending = Guarding(int(number) if is_number(number) else 0, person)
            dismiss_guardian(wanted=ending, steward=steward, reason=form.get("reason", ""), now=now)
            return ""
        email = form.get("email", "").strip()
        if "email" in writing.problems(sender_name="", sender_email=email, text="-"):
            return "claims.no_email"
        account = open_account(email=email, name="", now=now)
        if not account.is_active:
            return "claims.no_email"
        wanted = Guarding(account.pk, person, form.get("born", ""))
        appoint_guardian(wanted=wanted, steward=steward, reason=form.get("reason", ""), now=now)
    except GuardianRefused as refused:
        return _REFUSALS[refused.code]
    return ""


def _shown(request: HttpRequest) -> dict[str, Any]:
    return {"guardians": list_guardians(now=datetime.now(UTC)), "is_done": "done" in request.GET}
