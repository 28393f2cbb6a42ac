"""What accounts lose when somebody they act for is erased."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from .models import Account, Mandate


def forget_subjects(subject_uids: Collection[UUID]) -> int:
    """Remove every mandate of these subjects, and the accounts that stood for nobody else; returns how many rows went.

    A steward's account stays. Call it inside the transaction that erases.
    """
    held = Mandate.objects.filter(subject_uid__in=list(subject_uids))
    accounts = set(held.values_list("account_id", flat=True))
    held.delete()
    others = Mandate.objects.filter(account_id__in=accounts).values("account_id")
    return Account.objects.filter(pk__in=accounts, is_steward=False).exclude(pk__in=others).delete()[0]
