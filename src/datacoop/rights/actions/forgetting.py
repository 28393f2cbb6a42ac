"""What this room keeps about somebody goes with them; that they were told stays, as a digest nobody can read."""

from __future__ import annotations

from datacoop.records.erasers import Erasure
from datacoop.rights.links import forget_links
from datacoop.rights.models.agreements import ContributionAgreement
from datacoop.rights.models.confirming import PendingAnswer
from datacoop.rights.models.notices import Notice


def forget(erasure: Erasure) -> None:
    """Remove notices, links and waiting answers about the erased; inside the revision that erases them."""
    ids, uids = sorted(erasure.record_ids), sorted(erasure.uids)
    for start in range(0, len(ids), 500):
        Notice.objects.filter(subject_id__in=ids[start : start + 500]).delete()
    for start in range(0, len(uids), 500):
        part = uids[start : start + 500]
        forget_links(subject_uids=part)
        PendingAnswer.objects.filter(subject_uid__in=part).delete()


def forget_signatures(erasure: Erasure) -> None:
    """Blank the name of an erased person under a contribution agreement; the contract and its hash stay."""
    for row in ContributionAgreement.objects.exclude(signatory=""):
        if erasure.traits.stand_in([row.signatory]):
            ContributionAgreement.objects.filter(pk=row.pk).update(signatory="")
