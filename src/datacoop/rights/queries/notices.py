"""Reading notices: ids, states, moments and counts; what is said of whom comes from disclosure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Min, QuerySet

from datacoop.rights.models.notices import Notice, Sending
from datacoop.rights.rules.notices import DAYS_TO_ALERT, DAYS_TO_TELL


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


@dataclass(frozen=True)
class SendingFacts:
    """Notices of one holder that leave together; `state` says how far it is. Costs in Swiss cents."""

    id: int
    holder_uid: UUID
    holder: str
    channel: str
    is_reminder: bool
    count: int
    sent: int
    cost_cents: int
    has_logo: bool
    per_day: int
    first_on: date
    last_on: date
    prepared_at: datetime
    holder_pressed_at: datetime | None
    holder_pressed_by: str
    steward_pressed_at: datetime | None
    steward_pressed_by: str
    stopped_by: str
    stopped_at: datetime | None
    finished_at: datetime | None

    @property
    def state(self) -> str:
        """How far it is: over, stopped, waiting for a hand, or leaving."""
        if self.finished_at:
            return "finished"
        if self.stopped_at:
            return "stopped"
        return "leaving" if self.holder_pressed_at and self.steward_pressed_at else "prepared"


def list_sendings(*, holder: UUID | None = None, limit: int = 50) -> list[SendingFacts]:
    """Return the sendings of a holder, or of all, what is not over first, then newest first."""
    rows = Sending.objects.select_related("holder")
    if holder is not None:
        rows = rows.filter(holder__uid=holder)
    found = rows.order_by(F("finished_at").desc(nulls_first=True), "-pk")[:limit]
    return [_sending(row) for row in found]


def find_sending(number: int, *, holder: UUID | None = None) -> SendingFacts | None:
    """Return one sending, of this holder alone where one is given."""
    rows = Sending.objects.select_related("holder").filter(pk=number)
    row = (rows.filter(holder__uid=holder) if holder is not None else rows).first()
    return _sending(row) if row else None


def count_gone(number: int, *, since: datetime) -> int:
    """Return how many notices of a sending left since a moment."""
    row = Sending.objects.filter(pk=number).first()
    return row.gone().filter(**{f"{row.moment}__gte": since}).count() if row else 0


def count_states(holder: UUID) -> dict[str, int]:
    """Return how many notices of a holder are in each state; states nobody is in are absent."""
    rows = Notice.objects.filter(holder__uid=holder).values_list("state").annotate(many=Count("pk"))
    return dict(rows.order_by("state"))


def count_late(now: datetime) -> int:
    """Return how many notices have reached nobody twenty days after they were called for."""
    return _late(now).count()


@dataclass(frozen=True)
class Late:
    """One holder with notices that run out: how many, and the day on which the first are given up."""

    holder_uid: UUID
    holder: str
    count: int
    first_due: datetime


def list_late(now: datetime) -> list[Late]:
    """Return the holders of notices that have reached nobody twenty days after, the most urgent first."""
    rows = _late(now).values_list("holder__uid", "holder__name").annotate(many=Count("pk"), first=Min("due_at"))
    return [Late(uid, name, many, first) for uid, name, many, first in rows.order_by("first", "holder__name")]


def list_out(*, holder: UUID | None = None, limit: int = 200) -> list[NoticeFacts]:
    """Return what was sent and may still come back, newest first."""
    rows = Notice.objects.select_related("holder").filter(state__in=(Notice.SENT, Notice.DELIVERED))
    rows = rows.filter(holder__uid=holder) if holder is not None else rows
    return [_facts(row) for row in rows.order_by("-sent_at", "-pk")[:limit]]


def _late(now: datetime) -> QuerySet[Notice]:
    before = now + timedelta(days=DAYS_TO_TELL - DAYS_TO_ALERT)
    return Notice.objects.filter(state__in=(Notice.WAITING, Notice.RETURNED), due_at__lte=before)


def _sending(row: Sending) -> SendingFacts:
    sent = row.gone().count()
    return SendingFacts(
        row.pk, row.holder.uid, row.holder.name, row.channel, row.is_reminder, row.count, sent, row.cost_cents,
        row.logo_id is not None, row.per_day, row.first_on, row.last_on, row.prepared_at,
        row.holder_pressed_at, row.holder_pressed_by,
        row.steward_pressed_at, row.steward_pressed_by, row.stopped_by, row.stopped_at, row.finished_at,
    )  # fmt: skip


def list_about_persons(holder: UUID) -> list[NoticeFacts]:
    """Return the notices of a holder that are about persons, oldest first."""
    rows = Notice.objects.select_related("holder").filter(holder__uid=holder, natural=True).order_by("pk")
    return [_facts(row) for row in rows]
