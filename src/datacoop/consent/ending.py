"""Clients' agreements that were suspended: alive in a backup made before, and suspended again (decision 0037)."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from datacoop.consent.models import Agreement
from datacoop.records.endings import Ending, register

#: What `withdrawals.log` calls it. Never change it: old logs are read by it.
AGREEMENT = "agreement"


def register_endings() -> None:
    """Say how agreements end again."""
    register(AGREEMENT, Ending(_alive, _suspend, _revive))


def _alive() -> Iterator[tuple[str, str]]:
    for uid in Agreement.objects.filter(suspended_at__isnull=True).order_by("uid").values_list("uid", flat=True):
        yield uid, ""


def _suspend(keys: Collection[str], _until: datetime, now: datetime) -> int:
    rows = Agreement.objects.filter(suspended_at__isnull=True)
    return sum(rows.filter(uid=key).update(suspended_at=now) for key in keys)


def _revive(states: Mapping[str, str]) -> None:
    for key in states:
        Agreement.objects.filter(uid=key).update(suspended_at=None)
