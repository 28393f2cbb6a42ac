"""Looks at what is not public, entered in the ledger before anything is shown: who looked, and why.

Whoever was looked at reads it in their history, with the words of the reason; those go with an erasure.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from datacoop.records.actions.revising import take_writers_lock
from datacoop.records.actions.tracing import append_about
from datacoop.records.tracing import About


def enter_look(
    *, record_ids: Collection[int], actor: str, reason: str, now: datetime, source_id: int | None = None
) -> None:
    """Enter that somebody looks at records and why, in one entry; `source_id`: in which list, where it is one's."""
    payload = {"actor": actor} | ({} if source_id is None else {"source": source_id})
    about = [About(number, {"reason": reason}, note=reason) for number in sorted(record_ids)]
    with transaction.atomic():
        take_writers_lock()
        append_about(at=now, kind="disclosure.described", about=about, payload=payload)
