"""How people come in: what django-allauth asks of this house, and the codes that are mailed.

A request does the same for every address, so neither its answer, its duration nor its failures tell who has an
account. The code follows from a row of `accounts.codes` under the secret key: the job that mails it holds two
numbers and derives it when it is sent.
"""

from __future__ import annotations

import secrets
import time
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse

from datacoop.accounts.actions import confirm_account
from datacoop.accounts.codes import make_code, text_of
from datacoop.accounts.queries import find_account
from datacoop.accounts.rules import FRESH
from datacoop.jobs.actions import enqueue
from datacoop.portal.catalogue import say
from datacoop.portal.limits import connection_of
from datacoop.portal.pages import holders_of
from datacoop.portal.templatetags.portal import language
from datacoop.post.mailing import Mail, send

JOB = "portal.send_code"
#: What codes to an account's own address are for.
SIGN_IN, STEP_UP = "sign-in", "step-up"
#: How allauth calls a proof by an authenticator or a passkey, and by a code; how we call one by a one-time link.
STRONG, CODE, LINK = "mfa", "code", "link"
_NOBODY = 0


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """allauth's account flows in this house: texts are the pages' own, mails leave by the job worker."""

    def generate_login_code(self) -> str:
        """Make a code; its number waits in the request for the mail that follows."""
        now = datetime.now(UTC)
        context.request.login_code = make_code(purpose=SIGN_IN, about=secrets.token_hex(16), now=now)
        return text_of(context.request.login_code, now=now) or ""

    def send_mail(self, template_prefix: str, email: str, context_: dict[str, Any]) -> None:
        """Queue the mail with the code that was just made; no other mail of allauth's leaves this house."""
        account = find_account(email)
        if template_prefix == "account/email/login_code" and account is not None:
            send_code_later(account_id=account.pk, code_id=context.request.login_code)

    def add_message(self, *_: object, **__: object) -> None:
        """Say nothing: pages say in their own words what was done."""

    def get_client_ip(self, request: HttpRequest) -> str:
        """The connection that limits count."""
        return connection_of(request)

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """No form of its own: who types the code sent to an address has its account."""
        return False

    def is_reauthentication_required(self, *, app: str, **_: object) -> bool:
        """Pages that change how somebody signs in ask for a fresh proof themselves (`freshness`)."""
        return False

    def get_login_stages(self) -> list[str]:
        """Ask for an authenticator where the account has one: a passkey is another way in, not a second lock."""
        return ["allauth.account.stages.LoginByCodeStage", "datacoop.portal.entrance.AuthenticatorStage"]

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where somebody's work waits."""
        if getattr(request.user, "is_steward", False):
            return "/steward/"
        return "/desk/" if request.user.pk and holders_of(request.user.pk) else "/account/"

    def respond_user_inactive(self, request: HttpRequest, user: AbstractBaseUser) -> HttpResponse:
        """Answer a closed account as one that never was."""
        return HttpResponse(status=302, headers={"Location": "/sign-in"})

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        """Sign in; whoever does has read what was sent to the address."""
        super().login(request, user)
        confirm_account(account_id=user.pk)


class AuthenticatorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """allauth's passkeys and authenticators in this house."""

    def encrypt(self, text: str) -> str:
        """Seal an authenticator's secret: a copy of the database alone gives no codes."""
        return _seal().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open it again."""
        return _seal().decrypt(encrypted_text.encode()).decode()

    def get_totp_issuer(self) -> str:
        """The name an authenticator shows."""
        return say(language(), "site.name")

    def generate_authenticator_name(self, user: AbstractBaseUser, type: Authenticator.Type) -> str:
        """What a passkey is called until its owner says otherwise: when it was made."""
        return f"{datetime.now(UTC):%Y-%m-%d}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The name a browser shows when it asks for a passkey."""
        return {**super().get_public_key_credential_rp_entity(), "name": say(language(), "site.name")}

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, Any]:
        """How a browser tells two accounts apart: by their addresses."""
        name = str(getattr(user, "email", ""))
        return {**super().get_public_key_credential_user_entity(user), "display_name": name, "name": name}


class AuthenticatorStage(AuthenticateStage):  # type: ignore[misc]
    """Asks for an authenticator's code after the one by e-mail, of whoever set one up."""

    def _should_handle(self, request: HttpRequest) -> bool:
        return has_authenticator(self.login.user) and bool(super()._should_handle(request))


def has_authenticator(user: AbstractBaseUser | AnonymousUser | None) -> bool:
    """Whether an account asks for an authenticator's code when it signs in."""
    return user is not None and Authenticator.objects.filter(user_id=user.pk, type="totp").exists()


def is_fresh(request: HttpRequest) -> bool:
    """Whether somebody proved within ten minutes that it is them: by a code, a link, a passkey, an authenticator.

    Where the account has an authenticator, a code or a link by e-mail alone does not count.
    """
    if not request.user.is_authenticated:
        return False
    counting = (STRONG,) if has_authenticator(request.user) else (STRONG, CODE, LINK)
    records = get_authentication_records(request, request.user)
    age = FRESH.total_seconds()
    return any(each["method"] in counting and 0 <= time.time() - each["at"] < age for each in records)


def send_code_later(*, account_id: int, code_id: int) -> None:
    """Queue the mail with a code."""
    now = datetime.now(UTC)
    payload = {"account": account_id, "code": code_id, "language": language()}
    enqueue(name=JOB, payload=payload, due_at=now, now=now)


def send_nothing_later() -> None:
    """Queue work that does nothing, where there is nobody to write to: it takes as long."""
    send_code_later(account_id=_NOBODY, code_id=_NOBODY)


def send_code(*, now: datetime, account: int, code: int, language: str) -> None:
    """Derive a code that still works and mail it to an account that may still sign in."""
    found = get_user_model().objects.filter(pk=account, is_active=True).first()
    text = text_of(code, now=now)
    if found is None or text is None:
        return
    service = say(language, "site.name")
    subject = say(language, "sign_in.mail_subject", service=service)
    body = say(language, "sign_in.mail_text", code=text, service=service, address=settings.DATACOOP_BASE_URL)
    send(Mail(found.email, subject, body, language))


def _seal() -> Fernet:
    derived = HKDF(SHA256(), 32, salt=None, info=b"datacoop authenticators").derive(settings.SECRET_KEY.encode())
    return Fernet(urlsafe_b64encode(derived))
