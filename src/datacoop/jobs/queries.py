"""What waits, what runs and what died, in numbers and codes. Changes nothing."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count

from .models import HELD, Job


@dataclass(frozen=True)
class DeadJob:
    """A job that was given up; `reason` is the class name of the last error."""

    id: int
    name: str
    attempts: int
    reason: str


def count_by_state() -> dict[str, int]:
    """Number of jobs in each state, all states present."""
    counted = dict(Job.objects.values_list("state").annotate(Count("pk")))
    return {state: counted.get(state, 0) for state in Job.State.values}


def count_late(*, now: datetime, by: timedelta) -> int:
    """Jobs that should have run longer ago than `by`: the worker is stopped or too slow."""
    return Job.objects.filter(state=Job.State.WAITING, due_at__lt=now - by).count()


def count_held() -> int:
    """Mails that a restore holds until somebody says whether they are to leave."""
    return Job.objects.filter(state=Job.State.DEAD, reason=HELD).count()


def list_dead(limit: int = 100) -> list[DeadJob]:
    """The jobs that were given up, newest first, without those that a restore holds."""
    rows = Job.objects.filter(state=Job.State.DEAD).exclude(reason=HELD).order_by("-pk")[:limit]
    return [DeadJob(id=row.pk, name=row.name, attempts=row.attempts, reason=row.reason) for row in rows]
