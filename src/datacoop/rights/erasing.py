"""What the room of rights forgets with somebody who is erased."""

from __future__ import annotations

from datacoop.accounts.erasing import own_accounts
from datacoop.records.erasers import Erasure
from datacoop.rights.actions.representing import leave_all
from datacoop.rights.models.claims import Claim, Removal
from datacoop.rights.models.requests import Request

_AT_ONCE = 500


def leave_others(erasure: Erasure) -> None:
    """Let persons who are erased for good represent nobody any more, told as if they had left (decision 0047)."""
    for account in sorted(own_accounts(erasure.uids, now=erasure.now)) if erasure.for_good else ():
        leave_all(account_id=account, erased=erasure.uids, now=erasure.now)


def forget_claims(erasure: Erasure) -> None:
    """Remove the claims and removals about them; those of an account that goes, go with it."""
    uids = list(erasure.uids)
    for start in range(0, len(uids), 500):
        part = uids[start : start + 500]
        for table in (Claim, Removal):
            table.objects.filter(subject_uid__in=part).delete()


def forget_reasons(erasure: Erasure) -> None:
    """Empty the reasons of stewards in which somebody who is erased stands."""
    for table in (Claim, Removal):
        for number, reason in table.objects.exclude(reason="").values_list("pk", "reason"):
            if erasure.traits.stand_in([reason]):
                table.objects.filter(pk=number).update(reason="")


def forget_requests(erasure: Erasure) -> None:
    """Remove every request of the subjects; inside the revision that erases them."""
    ids = sorted(erasure.record_ids)
    for start in range(0, len(ids), _AT_ONCE):
        Request.objects.filter(subject_id__in=ids[start : start + _AT_ONCE]).delete()
