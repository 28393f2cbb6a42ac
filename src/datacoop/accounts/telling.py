"""What is kept of whoever has an account as somebody, and of mandates to act for somebody. Plain values by field.

An account is its owner's: only the one that *is* the subject (scope SELF) is told, not those of others who act for it.
"""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from .models import Account, Code, Mandate, SignInLink
from .rules import SELF

Rows = list[dict[str, object]]


def own_accounts(subject_uids: Collection[UUID]) -> frozenset[int]:
    """Return the accounts that ever were the subject's own."""
    own = Mandate.objects.filter(subject_uid__in=list(subject_uids), scope=SELF)
    return frozenset(own.values_list("account_id", flat=True))


def mandates_told(subject_uids: Collection[UUID], accounts: Collection[int]) -> Rows:
    """Return who may act for the subject, since when, on what proof; and for whom its own accounts may act."""
    about = Mandate.objects.filter(subject_uid__in=list(subject_uids)) | Mandate.objects.filter(account_id__in=accounts)
    return [
        {
            "record": str(m.subject_uid),
            "actor": f"account:{m.account_id}",
            "scope": m.scope,
            "since": m.valid_from,
            "until": m.valid_until,
            "proof": m.proof,
        }
        for m in about.order_by("pk")
    ]


def accounts_told(accounts: Collection[int]) -> Rows:
    """Return the accounts themselves."""
    return [
        {
            "actor": f"account:{a.pk}",
            "email": a.email,
            "name": a.name,
            "language": a.language,
            "since": a.created_at,
            "last_login": a.last_login,
            "asked_at": a.asked_at,
            "is_active": a.is_active,
            "is_steward": a.is_steward,
            "is_unconfirmed": a.is_unconfirmed,
        }
        for a in Account.objects.filter(pk__in=accounts).order_by("pk")
    ]


def sign_ins_told(subject_uids: Collection[UUID], accounts: Collection[int]) -> Rows:
    """Return the dates of links and codes made for them: neither is kept itself."""
    about = [*(f"account:{each}" for each in accounts), *map(str, subject_uids)]
    links = SignInLink.objects.filter(account_id__in=accounts).order_by("pk")
    codes = Code.objects.filter(about__in=about).order_by("pk")
    found: Rows = [{"sort": "link", "purpose": "", "at": x.created_at, "until": x.expires_at, "used_at": x.used_at}
                   for x in links]  # fmt: skip
    return found + [
        {"sort": "code", "purpose": x.purpose, "at": x.created_at, "until": x.expires_at, "used_at": x.used_at}
        for x in codes
    ]
