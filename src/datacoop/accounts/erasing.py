"""What accounts lose when somebody they act for is erased."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from .models import Account, Code, Mandate


def forget_subjects(subject_uids: Collection[UUID]) -> list[int]:
    """Remove every mandate of these subjects, and the accounts that stood for nobody else; returns their numbers.

    Codes that were made for them go as well. A steward's account stays. Call it inside the transaction that erases.
    """
    held = Mandate.objects.filter(subject_uid__in=list(subject_uids))
    accounts = set(held.values_list("account_id", flat=True))
    held.delete()
    others = Mandate.objects.filter(account_id__in=accounts).values("account_id")
    going = Account.objects.filter(pk__in=accounts, is_steward=False).exclude(pk__in=others)
    numbers = sorted(going.values_list("pk", flat=True))
    about = [*(f"account:{number}" for number in numbers), *map(str, subject_uids)]
    Code.objects.filter(about__in=about).delete()
    Account.objects.filter(pk__in=numbers).delete()
    return numbers
