"""What the room of rights forgets with somebody who is erased."""

from __future__ import annotations

from datacoop.records.erasers import Erasure
from datacoop.rights.models.claims import Claim, Removal


def forget_claims(erasure: Erasure) -> None:
    """Remove the claims and removals about them; those of an account that stood for nobody else go with it."""
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
