"""What accounts lose when somebody they act for, or are, is erased."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db.models import Q

from . import rules
from .endings import ACCOUNT, note_ended
from .models import Account, Code, Mandate

#: What becomes of an account whose subject is erased: it goes; or it stays, because it is a steward's, because it is
#: another person too, or because it acts for others.
GOES, STEWARD, ANOTHER, ACTS = "goes", "steward", "another", "acts"


def own_accounts(subject_uids: Collection[UUID], *, now: datetime) -> frozenset[int]:
    """Return the accounts that are these persons themselves, and nobody who stays. A steward's is left out."""
    being = Mandate.objects.filter(_unended(now), scope=rules.SELF, account__is_steward=False)
    held = being.filter(subject_uid__in=list(subject_uids)).values_list("account_id", flat=True)
    staying = being.exclude(subject_uid__in=list(subject_uids)).filter(account_id__in=set(held))
    return frozenset(held) - frozenset(staying.values_list("account_id", flat=True))


def forget_subjects(subject_uids: Collection[UUID], *, now: datetime, for_good: bool) -> list[int]:
    """Remove every mandate of these subjects, and the accounts that stand for nobody else; returns their numbers.

    What ended stands for nobody. The own accounts of persons who are erased for good go whatever they may do for
    others (decision 0047). Codes that were made for them go as well. A steward's account stays. No backup opens them
    again. Call it inside the transaction that erases.
    """
    own = own_accounts(subject_uids, now=now) if for_good else frozenset()
    held = Mandate.objects.filter(subject_uid__in=list(subject_uids))
    accounts = set(held.values_list("account_id", flat=True))
    held.delete()
    acting = Mandate.objects.filter(_unended(now), account_id__in=accounts - own).values("account_id")
    going = Account.objects.filter(pk__in=accounts, is_steward=False).exclude(pk__in=acting)
    numbers = sorted(going.values_list("pk", flat=True))
    about = [*(f"account:{number}" for number in numbers), *map(str, subject_uids)]
    Code.objects.filter(about__in=about).delete()
    Account.objects.filter(pk__in=numbers).delete()
    note_ended(ACCOUNT, [str(number) for number in numbers], at=now)
    return numbers


def foresee(subject_uids: Collection[UUID], *, account_id: int | None, now: datetime) -> frozenset[str]:
    """Return what would become of an account if these were erased for good: GOES, or why it stays.

    Without an account, of those that are these persons themselves; empty where there is none.
    """
    uids = list(subject_uids)
    being = Mandate.objects.filter(_unended(now), subject_uid__in=uids, scope=rules.SELF)
    asked = being.values_list("account_id", flat=True) if account_id is None else [account_id]
    own = own_accounts(uids, now=now)
    accounts = Account.objects.filter(pk__in=set(asked))
    return frozenset(GOES if each.pk in own else _fate(each, uids, now) for each in accounts)


def _fate(account: Account, gone: Collection[UUID], now: datetime) -> str:
    if account.is_steward:
        return STEWARD
    others = Mandate.objects.filter(_unended(now), account_id=account.pk).exclude(subject_uid__in=gone)
    scopes = set(others.values_list("scope", flat=True))
    return GOES if not scopes else ANOTHER if rules.SELF in scopes else ACTS


def _unended(now: datetime) -> Q:
    return Q(valid_until__isnull=True) | Q(valid_until__gt=now)
