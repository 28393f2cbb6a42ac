"""One's account: how one is called and signs in, and whom one may act for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from allauth.mfa.models import Authenticator
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.accounts.actions import close_account, describe_account, end_sessions
from datacoop.accounts.queries import list_mandate_subjects, list_represented
from datacoop.accounts.rules import HOLDER
from datacoop.clients.queries import list_of
from datacoop.disclosure.own.naming import titles_of
from datacoop.portal.catalogue import LANGUAGES
from datacoop.portal.claims_said import told
from datacoop.portal.entrance import has_authenticator, is_fresh
from datacoop.portal.freshness import signed_in, to_prove
from datacoop.portal.pages import page
from datacoop.rights.queries.claims import list_claims_of
from datacoop.rights.rules.claims import RUNNING

_TOLD = ("saved", "passkey", "removed", "authenticator_off")
_SAID = {"left": "claims.left", "code": "claims.code_which"}


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def home(request: HttpRequest) -> HttpResponse:
    """Show everything on one page; POST saves the name, signs out everywhere or closes the account."""
    if request.method == "POST":
        return _done(request)
    return page(request, "account/home", _shown(request))


def _done(request: HttpRequest) -> HttpResponse:
    account = int(request.user.pk or 0)
    if "everywhere" in request.POST:
        end_sessions(account_id=account)
        logout(request)
        return redirect("/sign-in")
    if "close" in request.POST:
        if not is_fresh(request):
            return to_prove("/account/")  # type: ignore[return-value]
        close_account(account_id=account, now=datetime.now(UTC))
        logout(request)
        return redirect("/")
    spoken = request.POST.get("language", "")
    describe_account(
        account_id=account,
        name=request.POST.get("name", ""),
        language=spoken if spoken in LANGUAGES else "fr",
    )
    return redirect("/account/?saved")


def _shown(request: HttpRequest) -> dict[str, Any]:
    account, now = int(request.user.pk or 0), datetime.now(UTC)
    keys = Authenticator.objects.filter(user_id=request.user.pk, type="webauthn").order_by("pk")
    return {
        "passkeys": [{"id": each.pk, "name": each.wrap().name, "since": each.created_at} for each in keys],
        "has_authenticator": has_authenticator(request.user),
        "subjects": _subjects(account),
        "organisations": frozenset(list_represented(account, now=now)),
        "claims": [told(each, now) for each in list_claims_of(account) if each.state in RUNNING],
        "applied": [(each, f"applying.state.{each.state}") for each in list_of(account)],
        "told": next((f"account.told.{each}" for each in _TOLD if each in request.GET), "")
        or next((key for name, key in _SAID.items() if name in request.GET), ""),
        "now": now,
    }


def _subjects(account: int) -> list[tuple[UUID, str]]:
    """Whom one may act for, oldest first, each once, by name; holders of lists have their desk."""
    mandates = list_mandate_subjects(account_id=account, now=datetime.now(UTC))
    subjects = list(dict.fromkeys(uid for uid, scope in mandates if scope != HOLDER))
    titles = titles_of(subjects)
    return [(uid, titles[uid]) for uid in subjects]
