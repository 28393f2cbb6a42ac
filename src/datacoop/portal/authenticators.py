"""Passkeys and authenticators that somebody removed, perhaps because they were stolen: no old backup lets them in."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_removed

from datacoop.records.endings import Ending, note_ended, register

#: What `withdrawals.log` calls them. Never change it: old logs are read by it.
AUTHENTICATOR = "authenticator"


def register_endings() -> None:
    """Tell the log of removed ones, and say how they go again. Where the log is lost accounts are held."""
    authenticator_removed.connect(_removed, dispatch_uid="datacoop.portal.authenticators")
    register(AUTHENTICATOR, Ending(_alive, _remove))


def _removed(*, authenticator: Authenticator, **_more: Any) -> None:
    note_ended(AUTHENTICATOR, [_key(authenticator)], at=datetime.now(UTC))


def _key(authenticator: Authenticator) -> str:
    """What one is called: its number is gone when it is removed."""
    at = authenticator.created_at.astimezone(UTC).isoformat()
    return f"{authenticator.user_id} {authenticator.type} {at}"


def _alive() -> Iterator[tuple[str, str]]:
    return ((_key(each), "") for each in Authenticator.objects.order_by("pk"))


def _remove(keys: Collection[str], _until: datetime, _now: datetime) -> int:
    found = [each.pk for each in Authenticator.objects.order_by("pk") if _key(each) in keys]
    return int(Authenticator.objects.filter(pk__in=found).delete()[0])
