"""The tables of accounts, mandates, sign-in links, client credentials and access tokens."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.crypto import salted_hmac

from . import rules


class AccountManager(models.Manager["Account"]):
    """What Django's session code asks of a user's manager, and nothing more."""

    def get_by_natural_key(self, email: str) -> "Account":
        return self.get(email=rules.plain_email(email))


class Account(AbstractBaseUser):
    """A person who can sign in, by code, link or passkey: there is no password to lose."""

    password = None  # type: ignore[assignment]
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=2, default="fr")
    is_active = models.BooleanField(default=True)
    is_steward = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    #: Somebody typed this address to sign in and nobody has yet: removed after a day (`sweep`).
    is_unconfirmed = models.BooleanField(default=False)
    asked_at = models.DateTimeField(null=True, blank=True)
    session_salt = models.CharField(max_length=64, default=rules.new_secret)

    USERNAME_FIELD = "email"
    objects: ClassVar[AccountManager] = AccountManager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="accounts_account_email_lower"),
        ]

    def __str__(self) -> str:
        return f"account {self.pk}"

    def has_usable_password(self) -> bool:
        """No."""
        return False

    def set_unusable_password(self) -> None:
        """Nothing to do: there is none."""

    def get_session_auth_hash(self) -> str:
        """Sessions hang on the account's salt; a new salt ends them all."""
        return salted_hmac("datacoop.accounts.session", self.session_salt, algorithm="sha256").hexdigest()

    def get_session_auth_fallback_hash(self) -> list[str]:
        """No older keys: a changed secret key signs everybody out."""
        return []


class Mandate(models.Model):
    """An account may act for a subject, named by its plain uid, from–until (half open; null = no end)."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    subject_uid = models.UUIDField()
    scope = models.CharField(max_length=32)
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField(null=True, blank=True)
    proof = models.CharField(max_length=200, blank=True)

    class Meta:
        indexes = [models.Index(fields=["subject_uid", "scope"], name="accounts_mandate_subject")]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
                name="accounts_mandate_from_until",
            ),
            models.CheckConstraint(condition=Q(scope__in=rules.SCOPES), name="accounts_mandate_scope"),
        ]

    def __str__(self) -> str:
        return f"mandate {self.pk} ({self.scope})"


class SignInLink(models.Model):
    """A link that signs one account in once; the token itself is nowhere, only its hash."""

    token_hash = models.CharField(max_length=64, unique=True)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"sign-in link {self.pk}"


class Code(models.Model):
    """A code somebody is sent and types, for one purpose about one thing. It follows from `nonce` and the secret key.

    So neither this table nor a queue holds it: whoever sends it derives it at that moment.
    """

    purpose = models.CharField(max_length=16)
    about = models.CharField(max_length=64)
    nonce = models.CharField(max_length=64, default=rules.new_secret)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["purpose", "about"], name="accounts_code_about")]

    def __str__(self) -> str:
        return f"code {self.pk}"


class ClientCredential(models.Model):
    """The secret of a client; its id is the uid of its agreement. The one before opens too, until its end."""

    client_id = models.CharField(max_length=64, unique=True)
    secret_hash = models.CharField(max_length=64)
    former_hash = models.CharField(max_length=64, blank=True, default="")
    former_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"client {self.client_id}"


class AccessToken(models.Model):
    """An opaque token of an agreement, checked in this table at each request."""

    token_hash = models.CharField(max_length=64, unique=True)
    agreement = models.CharField(max_length=64, db_index=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"access token {self.pk}"
