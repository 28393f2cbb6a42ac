"""Reading requests: for whoever asked, for stewards with their clocks, and as counts for everybody."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Count, F, Q

from datacoop.disclosure.own.subjects import uids_of_subjects
from datacoop.records.sealing import opened
from datacoop.rights.models.requests import Request
from datacoop.rights.rules.requests import DONE, RECEIVED, REFUSED, counted

#: What the words of a request are bound to.
SEALED_FOR = "request"
#: What everybody may know is counted over so many days.
COUNTED_DAYS = 365


@dataclass(frozen=True)
class RequestFacts:
    """One request. `subject_uid` is None once its subject was erased; `words` and `reply` are empty where none were."""

    id: int
    subject_id: int | None
    subject_uid: UUID | None
    kind: str
    state: str
    asked_by: str
    asked_at: datetime
    due_at: datetime
    language: str
    words: str
    extended_at: datetime | None
    later_because: str
    settled_by: str
    settled_at: datetime | None
    refused_because: str
    reply: str

    @property
    def is_open(self) -> bool:
        """Whether it still waits for an answer."""
        return self.state == RECEIVED

    def is_overdue(self, now: datetime) -> bool:
        """Whether it should have been answered by now."""
        return self.is_open and self.due_at < now


@dataclass(frozen=True)
class RequestCounts:
    """How requests are dealt with, as everybody may know it; None for fewer than ten (`rules.requests.counted`)."""

    asked: int | None
    done: int | None
    in_time: int | None
    refused: int | None
    overdue: int | None


def find_request(request_id: int) -> RequestFacts | None:
    """Return a request by its number."""
    return next(iter(_facts(Request.objects.filter(pk=request_id))), None)


def requests_of(subject_ids: Collection[int]) -> list[RequestFacts]:
    """Return every request of some subjects, newest first: give all members of a merge group."""
    return _facts(Request.objects.filter(subject_id__in=list(subject_ids)).order_by("-asked_at", "-pk"))


def open_requests(*, limit: int = 200) -> list[RequestFacts]:
    """Return what waits for an answer, what is owed first at the top."""
    return _facts(Request.objects.filter(state=RECEIVED).order_by("due_at", "pk")[:limit])


def count_open(*, now: datetime) -> tuple[int, int]:
    """Return how many requests wait, and how many of them are overdue."""
    waiting = Request.objects.filter(state=RECEIVED)
    return waiting.count(), waiting.filter(due_at__lt=now).count()


def public_counts(*, now: datetime) -> RequestCounts:
    """Return what everybody may know of the requests of the last twelve months, and of those overdue."""
    late = Q(state=RECEIVED, due_at__lt=now)
    found = Request.objects.filter(Q(asked_at__gt=now - timedelta(days=COUNTED_DAYS)) | late).aggregate(
        asked=Count("pk"),
        done=Count("pk", filter=Q(state=DONE)),
        in_time=Count("pk", filter=~Q(state=RECEIVED) & Q(settled_at__lte=F("due_at"))),
        refused=Count("pk", filter=Q(state=REFUSED)),
        overdue=Count("pk", filter=late),
    )
    return RequestCounts(**{name: counted(number) for name, number in found.items()})


def _facts(rows: Iterable[Request]) -> list[RequestFacts]:
    rows = list(rows)
    subjects = {row.subject_id for row in rows if row.subject_id is not None}
    uids = uids_of_subjects(subjects)
    return [
        RequestFacts(
            row.pk, row.subject_id, uids.get(row.subject_id) if row.subject_id is not None else None, row.kind,
            row.state, row.asked_by, row.asked_at, row.due_at, row.language, _opened(row.words),
            row.extended_at, row.later_because, row.settled_by, row.settled_at, row.refused_because,
            _opened(row.reply),
        )
        for row in rows
    ]  # fmt: skip


def _opened(content: bytes | memoryview | None) -> str:
    return opened(bytes(content) if content else None, about=SEALED_FOR)
