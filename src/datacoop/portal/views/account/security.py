"""How somebody signs in: passkeys, an authenticator with its spare codes; and proving once more that it is them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from allauth.mfa.base.forms import ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm, SignupWebAuthnForm
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import AddWebAuthnView, RemoveWebAuthnView
from django.db.transaction import atomic
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from datacoop.accounts.codes import make_code, redeem_code
from datacoop.portal.entrance import CODE, STEP_UP, STRONG, has_authenticator, send_code_later
from datacoop.portal.freshness import freshly_proven, next_address, signed_in
from datacoop.portal.limits import SIGN_INS_TO
from datacoop.portal.pages import page
from datacoop.portal.views.signing import Paged, problem_of


class AddPasskey(Paged, AddWebAuthnView):  # type: ignore[misc]
    """Add a passkey: one that the device keeps and opens with its own lock, so that it is a way in by itself."""

    form_class = SignupWebAuthnForm
    page_name = "account/passkey"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Ask for a passkey that can be found without the address, and for the device's lock."""
        found: dict[str, Any] = super().get_context_data(**kwargs)
        found["options"] = auth.begin_registration(self.request.user, True)
        return found

    def form_valid(self, form: Form) -> HttpResponse:
        """Keep it; spare codes belong to an authenticator alone."""
        super().form_valid(form)
        _tidy(self.request)
        return redirect("/account/?passkey")


class RemovePasskey(Paged, RemoveWebAuthnView):  # type: ignore[misc]
    """Remove a passkey of one's own."""

    page_name = "account/passkey_remove"
    success_url = "/account/?removed"


class SetUpAuthenticator(Paged, ActivateTOTPView):  # type: ignore[misc]
    """Set up an authenticator: from now on its code is asked for after the one by e-mail."""

    page_name = "account/authenticator"

    def form_valid(self, form: Form) -> HttpResponse:
        """Go on to its spare codes: its first code is a fresh proof as any other."""
        record_authentication(self.request, self.request.user, method=STRONG, type="totp", reauthenticated=True)
        answer: HttpResponse = super().form_valid(form)
        return answer


class GiveUpAuthenticator(Paged, DeactivateTOTPView):  # type: ignore[misc]
    """Give the authenticator up."""

    page_name = "account/authenticator_off"
    success_url = "/account/?authenticator_off"

    def form_valid(self, form: Form) -> HttpResponse:
        """Its spare codes go with it."""
        answer: HttpResponse = super().form_valid(form)
        _tidy(self.request)
        return answer


class SpareCodes(Paged, ViewRecoveryCodesView):  # type: ignore[misc]
    """The spare codes of an authenticator, to be written down."""

    page_name = "account/spare_codes"


add_passkey = freshly_proven(AddPasskey.as_view())
# What is removed is told to the log of withdrawals as it goes: where that cannot be written, it stays.
remove_passkey = freshly_proven(atomic(RemovePasskey.as_view()))
set_up_authenticator = freshly_proven(SetUpAuthenticator.as_view())
give_up_authenticator = freshly_proven(atomic(GiveUpAuthenticator.as_view()))
spare_codes = freshly_proven(SpareCodes.as_view())


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in
def confirm(request: HttpRequest) -> HttpResponse:
    """Prove once more that it is oneself, by any way one has, and go on to where it was asked for."""
    strong = has_authenticator(request.user)
    sent, problem = False, ""
    if request.method == "POST":
        if "send" in request.POST and not strong:
            if not SIGN_INS_TO.allows(str(request.user.email)):  # type: ignore[union-attr]
                return page(request, "letter_busy", status=429)
            sent = True
            _send(request)
        else:
            problem = _proved(request, strong)
            if not problem:
                return redirect(next_address(request, "/account/"))
            sent = "code" in request.POST
    has_passkey = Authenticator.objects.filter(user_id=request.user.pk, type="webauthn").exists()
    values = {
        "is_sent": sent,
        "has_authenticator": strong,
        "options": auth.begin_authentication(request.user) if has_passkey else None,
        "problem": problem,
        "next": next_address(request, "/account/"),
    }
    return page(request, "account/confirm", values, status=422 if problem else 200)


def _send(request: HttpRequest) -> None:
    now = datetime.now(UTC)
    code = make_code(purpose=STEP_UP, about=f"account:{request.user.pk}", now=now)
    send_code_later(account_id=int(request.user.pk or 0), code_id=code)


def _proved(request: HttpRequest, strong: bool) -> str:
    """Check what was sent and note it in the session; return the key of what is wrong."""
    user = request.user
    if "credential" in request.POST:
        return _saved(ReauthenticateWebAuthnForm(request.POST, user=user))
    if strong:
        return _saved(ReauthenticateForm(request.POST, user=user))
    text = request.POST.get("code", "")
    if not redeem_code(purpose=STEP_UP, about=f"account:{user.pk}", text=text, now=datetime.now(UTC)):
        return "sign_in.wrong_code"
    record_authentication(request, user, method=CODE, reauthenticated=True)
    return ""


def _saved(form: Any) -> str:
    problem = problem_of(form)
    if not problem:
        form.save()
    return problem


def _tidy(request: HttpRequest) -> None:
    """Forget spare codes that no authenticator needs."""
    if not has_authenticator(request.user if request.user.is_authenticated else None):
        Authenticator.objects.filter(user_id=request.user.pk, type="recovery_codes").delete()
