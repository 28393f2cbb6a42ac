"""Registering, queueing and running background work.

A worker claims a row by one UPDATE that still finds it unclaimed, and goes on only if exactly one row
changed: the same on SQLite and PostgreSQL, with any number of workers. A claim is a lease: if its worker
dies, the row is due again when the lease ends. Work must therefore be repeatable; it runs at least once.
"""

import logging
import secrets
import threading
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from django.db import DatabaseError, close_old_connections
from django.db.models import Q, QuerySet

from . import registry, rules
from .models import HELD, Job

LEASE = timedelta(minutes=15)
IDLE_SECONDS = 1.0

_log = logging.getLogger("datacoop.jobs")


def register(name: str, work: registry.Work, *, lease: timedelta = LEASE, mails: bool = False) -> None:
    """Say what does the job `room.verb`; call it in the room's `ready()`.

    `work` is called as `work(now=..., **payload)`, outside any transaction, and may run more than once. `mails`:
    somebody is written to, which is not to happen again because a backup was restored (`hold_mails`).
    Raises: ValueError.
    """
    registry.register(name, work, lease, mails=mails)


def schedule(name: str, every_seconds: int) -> None:
    """Run registered work again and again, without payload; call it in `ready()`. Raises: ValueError."""
    registry.schedule(name, every_seconds)


def enqueue(*, name: str, payload: Mapping[str, object], due_at: datetime, now: datetime) -> int:
    """Put one job in the queue and return its number; it stands and falls with the caller's transaction.

    Raises: rules.UnfitPayload for anything but ids and codes; ValueError for an unknown name.
    """
    if name not in registry.registered:
        raise ValueError(f"Nothing is registered for the job {name!r}.")
    rules.check_payload(payload)
    return Job.objects.create(name=name, payload=dict(payload), due_at=due_at, created_at=now).pk


def enqueue_once(*, name: str, due_at: datetime, now: datetime) -> None:
    """Put a job without payload in the queue unless one waits there already. Raises: ValueError for an unknown name."""
    waiting = Job.objects.filter(name=name, state=Job.State.WAITING, every_seconds__isnull=True, due_at__lte=due_at)
    if not waiting.exists():
        enqueue(name=name, payload={}, due_at=due_at, now=now)


def run_due(now: datetime, *, limit: int = 1000) -> int:
    """Run what is due, oldest first, and return how many jobs were run, failed ones included."""
    _plant_periodic(now)
    ran = 0
    while ran < limit:
        job = _claim_next(now)
        if job is None:
            break
        _run(job, now)
        ran += 1
    return ran


def run_worker(stop: threading.Event) -> None:
    """Run what is due until told to stop. A database that is away for a while does not end it."""
    while not stop.is_set():
        ran = 0
        try:
            ran = run_due(datetime.now(UTC), limit=20)
        except DatabaseError as error:
            _log.error("jobs: the database refused (%s); trying again", type(error).__name__)
        close_old_connections()
        if ran == 0:
            stop.wait(IDLE_SECONDS)


def revive(*, job_id: int, now: datetime) -> bool:
    """Give a dead job its attempts back. False if there is no such dead job."""
    dead = Job.objects.filter(pk=job_id, state=Job.State.DEAD)
    return dead.update(state=Job.State.WAITING, attempts=0, due_at=now, reason="") == 1


def hold_mails() -> int:
    """Let no mail leave that waited when a backup was made: it may have left since. Return how many wait in all."""
    names = [name for name, known in registry.registered.items() if known.mails]
    waiting = Job.objects.filter(~Q(state=Job.State.DEAD), name__in=names, every_seconds__isnull=True)
    waiting.update(state=Job.State.DEAD, claim="", reason=HELD)
    return _held().count()


def send_held(now: datetime) -> int:
    """Let them leave after all; return how many."""
    return _held().update(state=Job.State.WAITING, attempts=0, due_at=now, reason="")


def drop_held() -> int:
    """Throw them away; return how many."""
    return _held().delete()[0]


def _held() -> QuerySet[Job]:
    return Job.objects.filter(state=Job.State.DEAD, reason=HELD)


def _plant_periodic(now: datetime) -> None:
    known = dict(Job.objects.filter(every_seconds__isnull=False).values_list("name", "every_seconds"))
    missing = [
        Job(name=name, every_seconds=seconds, due_at=now, created_at=now)
        for name, seconds in registry.periodic.items()
        if name not in known
    ]
    if missing:
        Job.objects.bulk_create(missing, ignore_conflicts=True)
    for name, seconds in registry.periodic.items():
        if known.get(name, seconds) != seconds:
            Job.objects.filter(name=name, every_seconds__isnull=False).update(every_seconds=seconds)


def _claim_next(now: datetime) -> Job | None:
    """Claim the oldest due job: the condition is repeated in the UPDATE, so only one worker gets it."""
    due = Job.objects.filter(~Q(state=Job.State.DEAD), name__in=registry.registered, due_at__lte=now)
    while True:
        job = due.order_by("due_at", "pk").first()
        if job is None:
            return None
        seen = {"pk": job.pk, "claim": job.claim, "due_at": job.due_at}
        job.claim = secrets.token_hex(16)
        job.attempts += 1
        job.due_at = now + registry.registered[job.name].lease
        claimed = due.filter(**seen).update(
            state=Job.State.RUNNING, claim=job.claim, attempts=job.attempts, due_at=job.due_at
        )
        if claimed == 1:
            return job


def _run(job: Job, now: datetime) -> None:
    if job.attempts > rules.MAX_ATTEMPTS and job.every_seconds is None:
        # Its leases ran out again and again: it takes the worker down with it.
        _mine(job).update(state=Job.State.DEAD, claim="", reason="LeaseLost")
        return
    try:
        registry.registered[job.name].work(now=now, **job.payload)
    except Exception as error:
        # The message may hold a value: neither the table nor the log gets it.
        _fail(job, type(error).__name__, now)
    else:
        _finish(job, now)


def _finish(job: Job, now: datetime) -> None:
    if job.every_seconds is None:
        _mine(job).delete()
        return
    due_at = now + timedelta(seconds=job.every_seconds)
    _mine(job).update(state=Job.State.WAITING, claim="", attempts=0, due_at=due_at, reason="")


def _fail(job: Job, reason: str, now: datetime) -> None:
    pause = rules.pause_after(job.attempts)
    state = Job.State.WAITING
    if job.every_seconds is not None:
        pause = min(pause, timedelta(seconds=job.every_seconds))
    elif job.attempts >= rules.MAX_ATTEMPTS:
        state = Job.State.DEAD
    attempts = min(job.attempts, 1000)
    _mine(job).update(state=state, claim="", attempts=attempts, due_at=now + pause, reason=reason[:100])
    _log.error("jobs: %s #%s failed with %s (attempt %s, %s)", job.name, job.pk, reason, attempts, state)


def _mine(job: Job) -> QuerySet[Job]:
    """The row, if the lease is still ours: a late worker must not touch what another took over."""
    return Job.objects.filter(pk=job.pk, claim=job.claim)
