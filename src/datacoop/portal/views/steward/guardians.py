"""Guardians of minors: who speaks for whom, appointing one, ending it; and an age that was noted wrongly."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.accounts.actions import open_account
from datacoop.accounts.queries import list_guardians
from datacoop.directory import rules as writing
from datacoop.lib.dates import ZURICH
from datacoop.portal.asking import is_number
from datacoop.portal.entrance import is_fresh
from datacoop.portal.freshness import to_prove
from datacoop.portal.pages import page
from datacoop.portal.views.steward.guarding import steward_only
from datacoop.rights.actions.guarding import (
    GuardianRefused,
    Guarding,
    appoint_guardian,
    correct_birth_date,
    dismiss_guardian,
)

_REFUSALS: Final = {
    "reason": "claims.no_reason",
    "own": "claims.no_own",
    "nobody": "claims.no_person",
    "age": "claims.no_minor",
    "date": "claims.no_date",
    "merged": "claims.age_of_another",
}


@require_http_methods(["GET", "HEAD", "POST"])
@steward_only
def guardians(request: HttpRequest) -> HttpResponse:
    """List them; POST appoints one, ends it or corrects an age, with a reason."""
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
    form = request.POST
    try:
        person = UUID(form.get("person", "").strip())
    except ValueError:
        return "claims.no_person"
    step = {"age": _corrected, "end": _dismissed}.get(form.get("step", ""), _appointed)
    try:
        return step(form, person, int(request.user.pk or 0), now)
    except GuardianRefused as refused:
        return _REFUSALS[refused.code]


def _corrected(form: QueryDict, person: UUID, steward: int, now: datetime) -> str:
    born, reason = form.get("born", ""), form.get("reason", "")
    correct_birth_date(person=person, born=born, steward=steward, reason=reason, now=now)
    return ""


def _dismissed(form: QueryDict, person: UUID, steward: int, now: datetime) -> str:
    number = form.get("account", "")
    ending = Guarding(int(number) if is_number(number) else 0, person)
    dismiss_guardian(wanted=ending, steward=steward, reason=form.get("reason", ""), now=now)
    return ""


def _appointed(form: QueryDict, person: UUID, steward: int, now: datetime) -> str:
    email = form.get("email", "").strip()
    if "email" in writing.problems(sender_name="", sender_email=email, text="-"):
        return "claims.no_email"
    account = open_account(email=email, name="", now=now)
    if not account.is_active:
        return "claims.no_email"
    wanted = Guarding(account.pk, person, form.get("born", ""))
    appoint_guardian(wanted=wanted, steward=steward, reason=form.get("reason", ""), now=now)
    return ""


def _shown(request: HttpRequest) -> dict[str, Any]:
    """`person` comes from the page of a record, whose age is to be corrected."""
    now = datetime.now(UTC)
    values = {
        "guardians": list_guardians(now=now),
        "is_done": "done" in request.GET,
        "today": now.astimezone(ZURICH).date().isoformat(),
    }
    return values | {"person": request.GET.get("person", "")[:40]}
