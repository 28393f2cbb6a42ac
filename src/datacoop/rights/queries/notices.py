"""Reading notices: ids, states, moments and counts; what is said of whom comes from disclosure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from datacoop.rights.models.notices import Notice


@dataclass(frozen=True)
class NoticeFacts:
    """One notice: that this holder tells this subject (by record number) what its lists say of it.

    `channel` is how it travelled (`mail`, `letter`, `merge`: the holder sent it itself), empty before it left.
    `natural`: the subject is a person. `generation` counts how often there was something new to tell.
    """

    id: int
    subject_id: int
    holder_uid: UUID
    holder: str
    natural: bool
    state: str
    created_at: datetime
    due_at: datetime
    generation: int
    channel: str
    language: str
    text_version: int | None
    text_sha256: str
    sent_at: datetime | None
    delivered_at: datetime | None
    answered_at: datetime | None


def find_notice(notice_id: int) -> NoticeFacts | None:
    """Return a notice by its number."""
    row = Notice.objects.select_related("holder").filter(pk=notice_id).first()
    return _facts(row) if row else None


def list_notices_of(subject_ids: Collection[int]) -> list[NoticeFacts]:
    """Return every notice about some subjects, oldest first: give all members of a merge group."""
    rows = Notice.objects.select_related("holder").filter(subject_id__in=list(subject_ids))
    return [_facts(row) for row in rows.order_by("pk")]


def _facts(row: Notice) -> NoticeFacts:
    return NoticeFacts(
        row.pk, row.subject_id, row.holder.uid, row.holder.name, row.natural, row.state, row.created_at, row.due_at,
        row.generation, row.channel, row.language, row.text_version, row.text_sha256, row.sent_at, row.delivered_at,
        row.answered_at,
    )  # fmt: skip
