"""Signing in by a code, a passkey or a one-time link, and out. Pages answer the same whether an account exists."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from allauth.account.forms import RequestLoginCodeForm
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.account.views import ConfirmLoginCodeView, RequestLoginCodeView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.contrib.auth import logout
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from datacoop.accounts.actions import LinkRefused, open_unconfirmed, redeem_link
from datacoop.directory import rules
from datacoop.portal.entrance import LINK, send_nothing_later
from datacoop.portal.freshness import next_address
from datacoop.portal.limits import SIGN_INS, SIGN_INS_TO, network_of
from datacoop.portal.pages import page
from datacoop.portal.templatetags.portal import language

_PROBLEMS = {"too_many_login_attempts": "sign_in.too_many", "rate_limited": "sign_in.too_many"}


def problem_of(form: Form | None) -> str:
    """Return the key of what is wrong with a code or a passkey, empty where nothing is."""
    if form is None or not form.is_bound or form.is_valid():
        return ""
    codes = [error.code or "" for errors in form.errors.as_data().values() for error in errors]
    return next((_PROBLEMS[code] for code in codes if code in _PROBLEMS), "sign_in.wrong_code")


class Paged:
    """A view of allauth's, answered by a page of the portal."""

    page_name = ""
    request: HttpRequest

    def render_to_response(self, context: dict[str, Any], **_: object) -> HttpResponse:
        """Make the page; 422 where something typed was wrong."""
        posted = context.get("form") if self.request.method == "POST" else None
        problem = context.get("problem") or problem_of(posted)
        values = {**context, "problem": problem, "next": next_address(self.request, "")}
        return page(self.request, self.page_name, values, status=422 if problem else 200)


class Anew:
    """A page that begins anew, whatever sign-in was begun before: a mistyped address can be typed again."""

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: object) -> None:
        return None


class AddressForm(RequestLoginCodeForm):  # type: ignore[misc]
    """The address a code goes to; whose account it is, or becomes once the code is typed."""

    def clean_email(self) -> str:
        """Find or open the account; a closed one is as none."""
        email = str(self.cleaned_data["email"])
        self._user = open_unconfirmed(email=email, language=language(), now=datetime.now(UTC))
        return email


class SignIn(Anew, Paged, RequestLoginCodeView):  # type: ignore[misc]
    """Ask for a code."""

    form_class = AddressForm
    page_name = "sign_in"

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send a code, unless the address is none or too many were asked for."""
        email = request.POST.get("email", "").strip()
        if "email" in rules.problems(sender_name="", sender_email=email, text="-"):
            values = {"problems": {"email": "not_an_email"}, "email": email, "next": next_address(request, "")}
            return page(request, "sign_in", values, status=422)
        if not SIGN_INS.allows(network_of(request)) or not SIGN_INS_TO.allows(email.lower()):
            return page(request, "letter_busy", status=429)
        answer: HttpResponseBase = super().post(request, *args, **kwargs)
        return answer

    def form_valid(self, form: AddressForm) -> HttpResponse:
        """Go on to where the code is typed; for a closed account too."""
        if form._user is None:
            send_nothing_later()
        answer: HttpResponse = super().form_valid(form)
        return answer


class TypeCode(Paged, ConfirmLoginCodeView):  # type: ignore[misc]
    """Type the code that was sent."""

    page_name = "sign_in_code"


class ByPasskey(Anew, Paged, LoginWebAuthnView):  # type: ignore[misc]
    """Sign in with a passkey, which the browser asks for."""

    page_name = "sign_in"

    def form_invalid(self, form: Form) -> HttpResponse:
        """Say on the page itself that it did not work."""
        return page(self.request, "sign_in", {"passkey_problem": problem_of(form)}, status=422)


class ByAuthenticator(Paged, AuthenticateView):  # type: ignore[misc]
    """Type the authenticator's code after the one by e-mail."""

    page_name = "sign_in_authenticator"


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
    if request.user.is_authenticated:
        logout(request)
    record_authentication(request, account, method=LINK)
    answer: HttpResponse = perform_login(request, Login(user=account))
    return answer


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session."""
    logout(request)
    return redirect("/")
