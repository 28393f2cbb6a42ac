"""What was decided goes with whoever decided it: who saw what is told to nobody any more (law 8)."""

from __future__ import annotations

from datacoop.consent.models import Decision, Dispute, Minority, NoticeState, Restriction, Unindexed, Withholding
from datacoop.records.erasers import Erasure


def forget(erasure: Erasure) -> None:
    """Remove every decision, restriction, dispute, notice and wish about search engines; in the erasing revision."""
    ids = list(erasure.record_ids)
    for start in range(0, len(ids), 500):
        part = ids[start : start + 500]
        for table in (Decision, Restriction, Dispute, NoticeState, Unindexed, Withholding, Minority):
            table.objects.filter(record_id__in=part).delete()
