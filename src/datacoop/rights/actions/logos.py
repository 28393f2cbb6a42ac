"""The logo beside a holder's name in mails and letters: taken in, replaced, given up."""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from django.db import transaction

from datacoop.ledger.actions import append
from datacoop.lib.pictures import redrawn
from datacoop.records.actions.revising import take_writers_lock
from datacoop.records.endings import note_ended
from datacoop.rights.models.logos import Logo
from datacoop.rights.rules.endings import LOGO, logo_key
from datacoop.sources.spoken import holder_number

#: Twice as many points as it is shown with: sharp on every screen, and in print at 40 mm.
LARGEST = (480, 160)


def keep_logo(*, holder: UUID, content: bytes, actor: str, now: datetime) -> None:
    """Take a holder's logo in, drawn anew, in the place of its former one: for what is prepared from now on.

    What is prepared already leaves without any, for two people saw it with another one.

    Raises: PictureRefused; LookupError for a holder there is not.
    """
    drawn = redrawn(content, within=LARGEST)
    number = holder_number(holder)
    if number is None:
        raise LookupError("There is no such holder.")
    sha256 = hashlib.sha256(drawn.png).hexdigest()
    with transaction.atomic():
        take_writers_lock()
        forget_logo(number, now)
        Logo.objects.create(
            holder_id=number, png=drawn.png, width=drawn.width, height=drawn.height, sha256=sha256,
            kept_by=actor, kept_at=now,
        )  # fmt: skip
        append(at=now, kind="logo.kept", payload={"holder": holder.hex, "sha256": sha256, "actor": actor})


def give_up_logo(*, holder: UUID, actor: str, now: datetime) -> bool:
    """Let everything leave without the holder's logo, at once; False if there was none."""
    with transaction.atomic():
        take_writers_lock()
        number = holder_number(holder)
        is_gone = number is not None and forget_logo(number, now)
        if is_gone:
            append(at=now, kind="logo.given_up", payload={"holder": holder.hex, "actor": actor})
    return is_gone


def forget_logo(holder: int, now: datetime) -> bool:
    """Remove a holder's logo, by the holder's number, inside a transaction; no backup brings it back."""
    rows = Logo.objects.filter(holder_id=holder)
    note_ended(LOGO, [logo_key(holder, sha256) for sha256 in rows.values_list("sha256", flat=True)], at=now)
    return rows.delete()[0] > 0
