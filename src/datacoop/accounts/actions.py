"""Opening accounts, signing people in by one-time link, giving mandates, issuing tokens to clients."""

import hmac
from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce

from . import rules
from .endings import ACCOUNT, CLIENT, MANDATE, client_key, note_ended
from .models import AccessToken, Account, ClientCredential, Code, Mandate, SignInLink
from .queries import find_account


class LinkRefused(Exception):
    """The link is unknown, used or expired: one error for all, so that it tells nothing."""

    def __init__(self) -> None:
        super().__init__("This link is no longer valid. Ask for a new one.")


class ClientRefused(Exception):
    """The client is unknown, suspended or has another secret: one error for all."""

    def __init__(self) -> None:
        super().__init__("Unknown or suspended client, or wrong secret.")


class ClientExists(Exception):
    """The agreement has its credential already; a lost secret is replaced, not added."""


def open_account(*, email: str, name: str, now: datetime, language: str = "fr", is_steward: bool = False) -> Account:
    """Open the account of an address, or return the one it has; being a steward is only ever added here."""
    account, is_new = Account.objects.get_or_create(
        email=rules.plain_email(email),
        defaults={"name": name, "language": language, "is_steward": is_steward, "created_at": now},
    )
    if is_steward and not is_new and not account.is_steward:
        account.is_steward = True
        account.save(update_fields=["is_steward"])
    return account


def open_unconfirmed(*, email: str, language: str, now: datetime) -> Account | None:
    """Return the account of an address, a new one where there is none; None where it was closed.

    For somebody who asks for a code: the account is theirs once they have typed it, else it is removed after a day.
    """
    # One statement, whether there is such an account or not: the time it takes tells nothing.
    address = rules.plain_email(email)
    asking = Account(email=address, language=language, created_at=now, asked_at=now, is_unconfirmed=True)
    Account.objects.bulk_create([asking], update_conflicts=True, unique_fields=["email"], update_fields=["asked_at"])
    return find_account(address)


def confirm_account(*, account_id: int) -> None:
    """Note that whoever reads the address of an account has signed in: it stays."""
    Account.objects.filter(pk=account_id, is_unconfirmed=True).update(is_unconfirmed=False)


def describe_account(*, account_id: int, name: str, language: str) -> None:
    """Set what an account calls itself and the language it is written to in."""
    Account.objects.filter(pk=account_id).update(name=name.strip()[:200], language=language)


def close_account(*, account_id: int, now: datetime) -> None:
    """Shut an account at once: its sessions, links and mandates no longer work, nor do they in a backup restored."""
    with transaction.atomic():
        Account.objects.filter(pk=account_id).update(is_active=False, session_salt=rules.new_secret())
        Code.objects.filter(about=f"account:{account_id}").delete()
        SignInLink.objects.filter(account_id=account_id).delete()
        note_ended(ACCOUNT, [str(account_id)], at=now)


def drop_unused(*, account_id: int) -> bool:
    """Remove an account that somebody else opened and nobody ever entered, unless it may act for anybody."""
    unused = Account.objects.filter(pk=account_id, last_login__isnull=True, is_steward=False, name="")
    return unused.exclude(pk__in=Mandate.objects.values("account_id")).delete()[0] > 0


def end_sessions(*, account_id: int) -> None:
    """Sign an account out everywhere."""
    Account.objects.filter(pk=account_id).update(session_salt=rules.new_secret())


def create_link(*, email: str, now: datetime, lifetime: timedelta = rules.LINK_LIFETIME) -> str | None:
    """Make a one-time token for the account of an address and return it; None if there is none.

    The page that asks for a link answers the same either way. The token is in the mail and nowhere else.
    """
    token = rules.new_secret()
    account = Account.objects.filter(email=rules.plain_email(email), is_active=True).first()
    if account is None:
        return None
    SignInLink.objects.create(
        token_hash=rules.secret_hash(token), account=account, created_at=now, expires_at=now + lifetime
    )
    return token


def redeem_link(*, token: str, now: datetime) -> Account:
    """Use a link up and return its account. Of two who try at once, one succeeds. Raises: LinkRefused."""
    unused = SignInLink.objects.filter(
        token_hash=rules.secret_hash(token), used_at__isnull=True, expires_at__gt=now, account__is_active=True
    )
    with transaction.atomic():
        link = unused.select_related("account").first()
        if link is None or SignInLink.objects.filter(pk=link.pk, used_at__isnull=True).update(used_at=now) != 1:
            raise LinkRefused
    return link.account


def give_mandate(
    *,
    account_id: int,
    subject_uid: UUID,
    scope: str,
    valid_from: datetime,
    valid_until: datetime | None = None,
    proof: str = "",
) -> int:
    """Let an account act for a subject; `proof` is a code or an id, not a document. Returns its number.

    Raises: ValueError for an unknown scope.
    """
    if scope not in rules.SCOPES:
        raise ValueError(f"There is no mandate “{scope}”. Use one of: {', '.join(rules.SCOPES)}.")
    mandate = Mandate.objects.create(
        account_id=account_id,
        subject_uid=subject_uid,
        scope=scope,
        valid_from=valid_from,
        valid_until=valid_until,
        proof=proof,
    )
    return mandate.pk


def end_mandates(
    *,
    account_id: int,
    subject_uid: UUID,
    now: datetime,
    scopes: Collection[str] = rules.SCOPES,
    proof: str | None = None,
) -> int:
    """End what an account may do for a subject now, in some scopes or all; returns how many mandates ended.

    With `proof` only what was given on it.
    """
    running = Mandate.objects.filter(
        account_id=account_id, subject_uid=subject_uid, valid_from__lte=now, scope__in=scopes
    )
    if proof is not None:
        running = running.filter(proof=proof)
    return _end(running, now, now)


def move_end(*, account_id: int, subject_uid: UUID, scope: str, until: datetime, now: datetime) -> int:
    """Let what an account may do for a subject, in a scope, end at another moment, now at the earliest; how many."""
    running = Mandate.objects.filter(account_id=account_id, subject_uid=subject_uid, scope=scope, valid_from__lte=now)
    return _end(running, max(until, now), now)


def _end(running: QuerySet[Mandate], until: datetime, now: datetime) -> int:
    """Let mandates end at a moment, told to the log of withdrawals before it counts."""
    with transaction.atomic():
        rows = running.filter(Q(valid_until__isnull=True) | Q(valid_until__gt=now))
        numbers = list(rows.select_for_update().values_list("pk", flat=True))
        count = Mandate.objects.filter(pk__in=numbers).update(valid_until=until)
        note_ended(MANDATE, [str(number) for number in numbers], at=now, until=until if until > now else None)
    return count


def add_client(*, agreement: str, now: datetime) -> tuple[str, str]:
    """Give an agreement its credential: (client id, secret). The secret is told here once, then never again.

    Raises: ClientExists.
    """
    secret = rules.new_secret()
    _, is_new = ClientCredential.objects.get_or_create(
        client_id=agreement, defaults={"secret_hash": rules.secret_hash(secret), "created_at": now}
    )
    if not is_new:
        raise ClientExists(f"The agreement {agreement} already has a secret; replace it instead.")
    return agreement, secret


def replace_secret(*, client_id: str, now: datetime) -> str:
    """Give a client a new secret; every old one and all its tokens end at once. Raises: ClientRefused."""
    secret = rules.new_secret()
    with transaction.atomic():
        before = _locked(client_id)
        _credentials(client_id).update(secret_hash=rules.secret_hash(secret), former_hash="", former_until=None)
        AccessToken.objects.filter(agreement=client_id, revoked_at__isnull=True).update(revoked_at=now)
        _note_secrets(before, before.secret_hash, before.former_hash, at=now)
    return secret


def rotate_secret(*, client_id: str, now: datetime, overlap: timedelta = rules.OVERLAP) -> str:
    """Give a client a new secret; the one before opens too until the overlap is over, and one before that no more.

    Raises:
        ClientRefused: no such client, or its secret was revoked.
        ValueError: an overlap that is none, or longer than the longest.
    """
    if not timedelta() < overlap <= rules.LONGEST_OVERLAP:
        raise ValueError(f"The old secret may open for 1 to {rules.LONGEST_OVERLAP.days} days more.")
    secret, until = rules.new_secret(), now + overlap
    with transaction.atomic():
        before = _locked(client_id)
        _credentials(client_id).update(
            secret_hash=rules.secret_hash(secret), former_hash=before.secret_hash, former_until=until
        )
        _note_secrets(before, before.former_hash, at=now)
        _note_secrets(before, before.secret_hash, at=now, until=until)
    return secret


def _credentials(client_id: str) -> QuerySet[ClientCredential]:
    return ClientCredential.objects.filter(client_id=client_id, revoked_at__isnull=True)


def _locked(client_id: str) -> ClientCredential:
    found = _credentials(client_id).select_for_update().first()
    if found is None:
        raise ClientRefused
    return found


def _note_secrets(client: ClientCredential, *hashes: str, at: datetime, until: datetime | None = None) -> None:
    keys = [client_key(client.client_id, each) for each in hashes if each]
    if keys:
        note_ended(CLIENT, keys, at=at, until=until)


def issue_token(
    *, client_id: str, client_secret: str, now: datetime, lifetime_seconds: int = rules.TOKEN_SECONDS
) -> tuple[str, datetime]:
    """Exchange a client's secret for an access token: (token, its end). Raises: ClientRefused.

    A client whose agreement is suspended gets one too: it opens the way to acknowledge, and nothing else.
    """
    given = rules.secret_hash(client_secret)
    kept = ClientCredential.objects.filter(client_id=client_id).values_list("secret_hash", "former_hash").first()
    # Both are compared, whichever fits: the time it takes tells nothing.
    fits = [hmac.compare_digest(given, each or rules.NO_HASH) for each in kept or ("", "")]
    if not any(fits):
        raise ClientRefused
    live = ClientCredential.objects.filter(client_id=client_id)
    live = live.filter(Q(secret_hash=given) | Q(former_hash=given, former_until__gt=now))
    return _issue(live, client_id, now, lifetime_seconds)


def issue_token_as_steward(
    *, client_id: str, now: datetime, lifetime_seconds: int = rules.TOKEN_SECONDS
) -> tuple[str, datetime]:
    """An access token without the secret, for the steward's command. Raises: ClientRefused."""
    return _issue(ClientCredential.objects.filter(client_id=client_id), client_id, now, lifetime_seconds)


def suspend_client(*, client_id: str, now: datetime) -> int:
    """End a client's credential and tokens now; returns how many tokens ended. Repeating it is harmless.

    Raises: ClientRefused if there never was such a client.
    """
    with transaction.atomic():
        found = ClientCredential.objects.filter(client_id=client_id)
        if found.update(revoked_at=Coalesce("revoked_at", Value(now))) != 1:
            raise ClientRefused
        ended = AccessToken.objects.filter(agreement=client_id, revoked_at__isnull=True).update(revoked_at=now)
        credential = found.get()
        _note_secrets(credential, credential.secret_hash, credential.former_hash, at=now)
    return ended


def end_tokens(*, client_id: str, now: datetime) -> int:
    """End a client's tokens now, and leave it its secret; returns how many."""
    return AccessToken.objects.filter(agreement=client_id, revoked_at__isnull=True, expires_at__gt=now).update(
        revoked_at=now
    )


def _issue(
    credentials: QuerySet[ClientCredential], client_id: str, now: datetime, lifetime_seconds: int
) -> tuple[str, datetime]:
    token = rules.new_secret()
    expires_at = now + timedelta(seconds=lifetime_seconds)
    with transaction.atomic():
        # The UPDATE locks the credential's row: a suspension comes wholly before (then nothing is issued) or
        # wholly after (then it sees and revokes this token), never in between.
        if credentials.filter(revoked_at__isnull=True).update(used_at=now) != 1:
            raise ClientRefused
        AccessToken.objects.create(token_hash=rules.secret_hash(token), agreement=client_id, expires_at=expires_at)
    return token, expires_at


def sweep(*, now: datetime) -> int:
    """Remove what ended a day ago: links, codes, tokens, accounts nobody confirmed; returns how many.

    Nothing depends on it for safety.
    """
    ended = now - timedelta(days=1)
    links, _ = SignInLink.objects.filter(Q(expires_at__lt=ended) | Q(used_at__lt=ended)).delete()
    tokens, _ = AccessToken.objects.filter(Q(expires_at__lt=ended) | Q(revoked_at__lt=ended)).delete()
    codes, _ = Code.objects.filter(Q(expires_at__lt=ended) | Q(used_at__lt=ended)).delete()
    unconfirmed = Account.objects.filter(is_unconfirmed=True, asked_at__lt=ended)
    accounts, _ = unconfirmed.exclude(pk__in=Mandate.objects.values("account_id")).delete()
    return links + tokens + codes + accounts
