"""Who may do what: accounts, mandates, tokens. Changes nothing; answers with plain values."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from datacoop.lib.sql import in_parts

from . import rules
from .models import AccessToken, Account, ClientCredential, Mandate


def find_account(email: str) -> Account | None:
    """The active account of an address, however it is capitalised."""
    return Account.objects.filter(email=rules.plain_email(email), is_active=True).first()


def find_accounts(account_ids: Collection[int]) -> dict[int, Account]:
    """The active accounts among some, by number."""
    return {each.pk: each for each in Account.objects.filter(pk__in=list(account_ids), is_active=True)}


def list_active() -> list[int]:
    """Return every account that somebody can enter, and entered or was given something to do."""
    return list(
        Account.objects.filter(is_active=True, is_unconfirmed=False).order_by("pk").values_list("pk", flat=True)
    )


def address_of(account_id: int) -> str | None:
    """Return the address of an active account, for a mail to it."""
    return Account.objects.filter(pk=account_id, is_active=True).values_list("email", flat=True).first()


def is_one_person(account_id: int, other_id: int) -> bool:
    """Return whether two accounts are one, or have one mailbox: as far as addresses tell who is one person."""
    emails = Account.objects.filter(pk__in=[account_id, other_id]).values_list("email", flat=True)
    boxes = [rules.mailbox_of(each) for each in emails]
    return account_id == other_id or (len(boxes) == 2 and boxes[0] == boxes[1])


def names_of(account_ids: Collection[int]) -> dict[int, str]:
    """Return account → its name, its address where it has none, for stewards; accounts that are gone are left out."""
    rows = Account.objects.filter(pk__in=account_ids).values_list("pk", "name", "email")
    return {pk: name or email for pk, name, email in rows}


def list_mandate_subjects(*, account_id: int, now: datetime) -> list[tuple[UUID, str]]:
    """The (subject uid, scope) pairs an account may act for now, oldest mandate first."""
    valid = _valid_mandates(now).filter(account_id=account_id, account__is_active=True)
    return list(valid.order_by("valid_from", "pk").values_list("subject_uid", "scope"))


def has_mandate(*, account_id: int, subject_uid: UUID, scope: str, now: datetime) -> bool:
    """Whether the account may act for the subject in this scope now; as the person or its guardian it may do all."""
    valid = _valid_mandates(now).filter(account_id=account_id, account__is_active=True)
    return valid.filter(subject_uid=subject_uid, scope__in=rules.scopes_for(scope)).exists()


def proofs_given(*, account_id: int, subject_uid: UUID, scope: str) -> list[str]:
    """Return by what an account was ever let act for a subject in a scope, ended mandates too, oldest first."""
    held = Mandate.objects.filter(account_id=account_id, subject_uid=subject_uid, scope=scope)
    return list(held.order_by("valid_from", "pk").values_list("proof", flat=True))


def list_representatives(*, subject_uid: UUID, scope: str, now: datetime) -> list[int]:
    """Ids of the active accounts that may act for a subject in a scope."""
    valid = _valid_mandates(now).filter(subject_uid=subject_uid, scope=scope, account__is_active=True)
    return sorted(set(valid.values_list("account_id", flat=True)))


@dataclass(frozen=True)
class Representative:
    """Somebody who may act for a subject: the account, its address, and since when."""

    account_id: int
    email: str
    since: datetime
    language: str = ""


def representatives_of(*, subject_uid: UUID, scope: str, now: datetime) -> list[Representative]:
    """Who may act for a subject in a scope, each account once, oldest mandate first: for stewards."""
    valid = _valid_mandates(now).filter(subject_uid=subject_uid, scope=scope, account__is_active=True)
    found: dict[int, Representative] = {}
    for mandate in valid.select_related("account").order_by("valid_from", "pk"):
        found.setdefault(
            mandate.account_id,
            Representative(mandate.account_id, mandate.account.email, mandate.valid_from, mandate.account.language),
        )
    return list(found.values())


@dataclass(frozen=True)
class Representing:
    """An account that represents somebody: how it is called and written to, in which scopes, and since when."""

    account_id: int
    email: str
    name: str
    language: str
    scopes: frozenset[str]
    since: datetime


def list_representing(subject_uids: Collection[UUID], *, now: datetime) -> list[Representing]:
    """Return who represents an organisation (give all uids that are one with it), each account once, oldest first.

    Exactly the mandates to correct and to decide: to be a person, or a guardian, represents nobody.
    """
    valid = _valid_mandates(now).filter(
        subject_uid__in=list(subject_uids), scope__in=rules.REPRESENTING, account__is_active=True
    )
    found: dict[int, list[Mandate]] = {}
    for mandate in valid.select_related("account").order_by("valid_from", "pk"):
        found.setdefault(mandate.account_id, []).append(mandate)
    return [
        Representing(
            number, held[0].account.email, held[0].account.name, held[0].account.language,
            frozenset(each.scope for each in held), held[0].valid_from,
        )
        for number, held in found.items()
    ]  # fmt: skip


def list_represented(account_id: int, *, now: datetime) -> list[UUID]:
    """Return what an account represents, oldest mandate first."""
    valid = _valid_mandates(now).filter(account_id=account_id, scope__in=rules.REPRESENTING, account__is_active=True)
    return list(dict.fromkeys(valid.order_by("valid_from", "pk").values_list("subject_uid", flat=True)))


def list_guardians(*, now: datetime) -> list[tuple[Account, UUID, datetime | None]]:
    """Return who speaks for which minor, and until when, oldest first: for stewards."""
    held = _valid_mandates(now).filter(scope=rules.GUARDIAN, account__is_active=True).select_related("account")
    return [(each.account, each.subject_uid, each.valid_until) for each in held.order_by("valid_from", "pk")]


def list_unrepresented(*, now: datetime) -> list[UUID]:
    """Return whom nobody represents any more although somebody did: the last one left, or closed the account."""
    ever = Mandate.objects.filter(scope__in=rules.REPRESENTING, valid_from__lte=now)
    still = _valid_mandates(now).filter(scope__in=rules.REPRESENTING, account__is_active=True)
    left = ever.exclude(subject_uid__in=still.values("subject_uid"))
    return sorted(set(left.values_list("subject_uid", flat=True)))


def list_represented_since(*, now: datetime, since: datetime) -> list[UUID]:
    """Return the organisations somebody has been allowed to act for since `since` or longer, in order."""
    valid = _valid_mandates(now).filter(scope__in=rules.REPRESENTING, valid_from__lte=since, account__is_active=True)
    return sorted(set(valid.values_list("subject_uid", flat=True)))


def agreement_of_token_hash(token_hash: str, now: datetime) -> str | None:
    """The agreement an access token stands for; None if it is unknown, expired or revoked. One look-up."""
    return (
        AccessToken.objects.filter(token_hash=token_hash, revoked_at__isnull=True, expires_at__gt=now)
        .values_list("agreement", flat=True)
        .first()
    )


def is_client(client_id: str) -> bool:
    """Whether a client of that id exists and is not suspended."""
    return ClientCredential.objects.filter(client_id=client_id, revoked_at__isnull=True).exists()


@dataclass(frozen=True)
class SecretFacts:
    """Since when a client has a secret, when it was last used, and until when the one before opens too."""

    created_at: datetime
    used_at: datetime | None
    former_until: datetime | None


def find_secret(client_id: str, *, now: datetime) -> SecretFacts | None:
    """Return what there is to say of a client's secret, None where it has none that opens."""
    found = ClientCredential.objects.filter(client_id=client_id, revoked_at__isnull=True).first()
    if found is None:
        return None
    until = found.former_until if found.former_until and found.former_until > now else None
    return SecretFacts(found.created_at, found.used_at, until)


def _valid_mandates(now: datetime) -> QuerySet[Mandate]:
    unended = Q(valid_until__isnull=True) | Q(valid_until__gt=now)
    return Mandate.objects.filter(unended, valid_from__lte=now)


def steward_mailboxes() -> list[tuple[str, str]]:
    """Return the addresses of the active stewards with the language each reads, for mails to them."""
    rows = Account.objects.filter(is_steward=True, is_active=True).order_by("pk")
    return list(rows.values_list("email", "language"))


def steward_accounts() -> list[int]:
    """Return the active stewards."""
    return list(Account.objects.filter(is_steward=True, is_active=True).order_by("pk").values_list("pk", flat=True))


def deciding_accounts(subject_uids: Collection[UUID], *, now: datetime) -> frozenset[int]:
    """Return the accounts that may decide for any of some subjects: as themselves, their guardian or representative."""
    found: set[int] = set()
    scopes = rules.scopes_for(rules.DECIDE)
    for part in in_parts(subject_uids):
        valid = _valid_mandates(now).filter(subject_uid__in=part, scope__in=scopes)
        found.update(valid.filter(account__is_active=True).values_list("account_id", flat=True))
    return frozenset(found)
