"""Deliveries that holders' programs sent: noted once for each of the holder's own keys, and what came of each.

Counts, codes and numbers of rows; neither a cell nor a key is kept.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from datacoop.records.envelopes import digest
from datacoop.sources.models import Holder, Submission

RECEIVED, WAITING, ACCEPTED, TRIED, REFUSED = STATES = ("received", "waiting", "accepted", "tried", "refused")
#: So long the same key gives the same answer, and the report can be read.
KEPT = timedelta(days=30)


class KeyReusedError(ValueError):
    """Something else was sent under the same key before."""


@dataclass(frozen=True)
class Wish:
    """What a program asks for with a list. `source` empty: the holder's one list of the kind."""

    kind: str = "organisation"
    source: str = ""
    partial: bool = True
    dry_run: bool = False


@dataclass(frozen=True)
class SubmissionFacts:
    """One delivery of a program. `questions` are what somebody has to answer, or why it was refused."""

    uid: uuid.UUID
    holder: uuid.UUID
    holder_name: str
    wish: Wish
    state: str
    questions: Sequence[str]
    report: Mapping[str, Any]
    received_at: datetime
    settled_at: datetime | None


def find_submission(uid: uuid.UUID) -> SubmissionFacts | None:
    """Return one by its uid."""
    row = Submission.objects.select_related("holder").filter(uid=uid).first()
    return _facts(row) if row else None


def find_sent(*, holder: uuid.UUID, key: str, asked: bytes) -> uuid.UUID | None:
    """Return what a holder sent under a key of its own, None where it sent nothing.

    Raises:
        KeyReusedError: it sent something else.
    """
    row = Submission.objects.filter(holder__uid=holder, key=_digest_of(holder, key)).first()
    if row is None:
        return None
    if bytes(row.asked) != asked:
        raise KeyReusedError
    return row.uid


def note_submission(
    uid: uuid.UUID, *, holder: uuid.UUID, key: str, asked: bytes, wish: Wish, now: datetime
) -> None:  # fmt: skip
    """Note what a holder sent. Raises: IntegrityError where something was sent under the key meanwhile."""
    Submission.objects.create(
        uid=uid, holder=Holder.objects.get(uid=holder), key=_digest_of(holder, key), asked=asked, kind=wish.kind,
        source=wish.source, partial=wish.partial, dry_run=wish.dry_run, state=RECEIVED, received_at=now,
    )  # fmt: skip


def count_received(holder: uuid.UUID) -> int:
    """Return how many deliveries of a holder are still to be taken in."""
    return Submission.objects.filter(holder__uid=holder, state=RECEIVED).count()


def list_received(holder: uuid.UUID) -> list[SubmissionFacts]:
    """Return the deliveries of a holder that are still to be taken in, as they came."""
    rows = Submission.objects.select_related("holder").filter(holder__uid=holder, state=RECEIVED)
    return [_facts(row) for row in rows.order_by("pk")]


def note_outcome(
    uid: uuid.UUID, state: str, *, report: Mapping[str, Any], now: datetime, questions: Sequence[str] = (),
    upload: str = "",
) -> None:  # fmt: skip
    """Note what came of a delivery; one that waits has not settled."""
    Submission.objects.filter(uid=uid).update(
        state=state, report=dict(report), questions=list(questions), upload=upload,
        settled_at=None if state == WAITING else now,
    )  # fmt: skip


def waiting_uploads() -> dict[uuid.UUID, str]:
    """Return what waits for somebody's answer, with its file."""
    return dict(Submission.objects.filter(state=WAITING).values_list("uid", "upload"))


def drop_old(*, now: datetime) -> list[uuid.UUID]:
    """Forget what came too long ago, and return it."""
    rows = Submission.objects.filter(received_at__lt=now - KEPT)
    gone = list(rows.values_list("uid", flat=True))
    rows.filter(uid__in=gone).delete()
    return gone


def _digest_of(holder: uuid.UUID, key: str) -> bytes:
    return digest("submission", holder.hex, key)


def _facts(row: Submission) -> SubmissionFacts:
    return SubmissionFacts(
        row.uid, row.holder.uid, row.holder.name, Wish(row.kind, row.source, row.partial, row.dry_run), row.state,
        row.questions, row.report, row.received_at, row.settled_at,
    )  # fmt: skip
