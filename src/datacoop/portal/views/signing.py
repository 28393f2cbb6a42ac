"""Signing in by a link sent by mail, and out. The page answers the same whether an account exists or not."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from datacoop.accounts.actions import LinkRefused, redeem_link
from datacoop.directory import rules
from datacoop.portal.entrance import ask_link
from datacoop.portal.limits import SIGN_INS, connection_of
from datacoop.portal.pages import holders_of, page
from datacoop.portal.templatetags.portal import language


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for a link."""
    if request.method != "POST":
        return page(request, "sign_in")
    email = request.POST.get("email", "").strip()
    if "email" in rules.problems(sender_name="", sender_email=email, text="-"):
        return page(request, "sign_in", {"problems": {"email": "not_an_email"}, "email": email}, status=422)
    if not SIGN_INS.allows(connection_of(request)):
        return page(request, "letter_busy", status=429)
    ask_link(email=email, language=language(), now=datetime.now(UTC))
    return page(request, "sign_in_sent")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Show the button that signs in: mail programs open links by themselves, people press buttons."""
    if request.method != "POST":
        return page(request, "sign_in_confirm")
    try:
        account = redeem_link(token=token, now=datetime.now(UTC))
    except LinkRefused:
        return page(request, "sign_in_refused", status=410)
    login(request, account, backend="django.contrib.auth.backends.ModelBackend")
    if account.is_steward:
        return redirect("/steward/")
    return redirect("/desk/" if holders_of(account.pk) else "/")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("/")
