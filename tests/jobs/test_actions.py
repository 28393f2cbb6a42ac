"""The queue: claims, leases, retries, death, and periodic work."""

import logging
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from datacoop.jobs import actions, queries, registry
from datacoop.jobs.models import Job
from datacoop.jobs.rules import MAX_ATTEMPTS, UnfitPayload
from datacoop.post import mailing

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SECRET = "anna@example.org"


class Desk:
    """Work that notes what it was given, and fails when told to."""

    def __init__(self) -> None:
        self.done: list[dict[str, object]] = []
        self.failing = False

    def note(self, *, now: datetime, **payload: object) -> None:
        if self.failing:
            raise LookupError(SECRET)
        self.done.append(payload)


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(registry, "registered", {})
    monkeypatch.setattr(registry, "periodic", {})
    one = Desk()
    actions.register("desk.note", one.note)
    return one


def put(payload: dict[str, object], due_at: datetime = NOW) -> int:
    return actions.enqueue(name="desk.note", payload=payload, due_at=due_at, now=NOW)


@pytest.mark.django_db(transaction=True)
class TestHeldMails:
    def test_wait_until_somebody_sends_or_drops_them_and_nothing_else_does(self, desk: Desk) -> None:
        post = Desk()
        actions.register("post.write", post.note, mails=True)
        mails = [actions.enqueue(name="post.write", payload={"n": n}, due_at=NOW, now=NOW) for n in (1, 2)]
        Job.objects.filter(pk=mails[1]).update(state=Job.State.RUNNING, claim="x")
        put({"n": 3})

        assert (actions.hold_mails(), actions.hold_mails(), queries.count_held()) == (2, 2, 2)
        actions.run_due(NOW + timedelta(hours=1))
        assert (post.done, desk.done) == ([], [{"n": 3}])
        assert queries.list_dead() == []

        assert actions.send_held(NOW) == 2
        actions.run_due(NOW)
        assert post.done == [{"n": 1}, {"n": 2}]
        actions.enqueue(name="post.write", payload={"n": 4}, due_at=NOW, now=NOW)
        actions.hold_mails()
        assert (actions.drop_held(), Job.objects.count()) == (1, 0)

    def test_are_those_of_every_job_that_writes_to_somebody(self) -> None:
        writing = {
            name
            for name, known in registry.registered.items()
            if name not in registry.periodic and mailing.send in vars(sys.modules[known.work.__module__]).values()  # type: ignore[attr-defined]
        }
        assert len(writing) > 10
        assert {name for name in writing if not registry.registered[name].mails} == set()


@pytest.mark.django_db(transaction=True)
class TestRunDue:
    def test_runs_what_is_due_in_order_and_forgets_it(self, desk: Desk) -> None:
        put({"n": 2}, due_at=NOW)
        put({"n": 1}, due_at=NOW - timedelta(seconds=1))
        put({"n": 3}, due_at=NOW + timedelta(seconds=1))

        assert actions.run_due(NOW) == 2
        assert desk.done == [{"n": 1}, {"n": 2}]
        assert Job.objects.count() == 1

    def test_stops_at_its_limit(self, desk: Desk) -> None:
        for n in range(5):
            put({"n": n})

        assert actions.run_due(NOW, limit=2) == 2
        assert actions.run_due(NOW) == 3

    def test_runs_nothing_of_a_transaction_that_was_rolled_back(self, desk: Desk) -> None:
        with transaction.atomic():
            put({"n": 1})
            transaction.set_rollback(True)

        assert actions.run_due(NOW) == 0

    def test_leaves_work_alone_that_this_program_does_not_know(self, desk: Desk) -> None:
        Job.objects.create(name="elsewhere.done", due_at=NOW, created_at=NOW)

        assert actions.run_due(NOW) == 0
        assert queries.count_by_state()["waiting"] == 1

    def test_runs_each_job_once_however_many_workers(self, desk: Desk) -> None:
        for n in range(40):
            put({"n": n})

        _in_threads(4, lambda: actions.run_due(NOW))

        assert sorted(str(payload["n"]) for payload in desk.done) == sorted(str(n) for n in range(40))


@pytest.mark.django_db(transaction=True)
class TestFailure:
    def test_is_tried_again_later(self, desk: Desk) -> None:
        put({"n": 1})
        desk.failing = True
        assert actions.run_due(NOW) == 1
        desk.failing = False

        assert actions.run_due(NOW + timedelta(seconds=14)) == 0
        assert actions.run_due(NOW + timedelta(seconds=15)) == 1
        assert desk.done == [{"n": 1}]

    def test_ends_dead_with_the_class_name_alone(self, desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
        put({"n": 1})
        desk.failing = True
        with caplog.at_level(logging.INFO):
            ran = sum(actions.run_due(NOW + timedelta(days=day)) for day in range(MAX_ATTEMPTS + 3))

        assert ran == MAX_ATTEMPTS
        assert [(job.name, job.reason) for job in queries.list_dead()] == [("desk.note", "LookupError")]
        assert SECRET not in caplog.text + str(list(Job.objects.values()))

    def test_can_be_revived(self, desk: Desk) -> None:
        number = put({"n": 1})
        Job.objects.update(state=Job.State.DEAD, attempts=MAX_ATTEMPTS)

        assert actions.revive(job_id=number, now=NOW)
        assert not actions.revive(job_id=number, now=NOW)
        assert actions.run_due(NOW) == 1


@pytest.mark.django_db(transaction=True)
class TestLease:
    def test_gives_the_job_of_a_lost_worker_to_another(self, desk: Desk) -> None:
        put({"n": 1})
        lost = actions._claim_next(NOW)
        assert lost is not None

        assert actions.run_due(NOW + timedelta(minutes=14)) == 0
        assert actions.run_due(NOW + timedelta(minutes=15)) == 1
        assert desk.done == [{"n": 1}]

    def test_keeps_a_late_worker_from_finishing_what_another_took_over(self, desk: Desk) -> None:
        put({"n": 1})
        late = actions._claim_next(NOW)
        other = actions._claim_next(NOW + timedelta(minutes=20))
        assert late is not None
        assert other is not None

        actions._finish(late, NOW)

        assert Job.objects.get().claim == other.claim

    def test_gives_up_a_job_that_takes_its_worker_down_each_time(self, desk: Desk) -> None:
        put({"n": 1})
        for hour in range(MAX_ATTEMPTS):
            actions._claim_next(NOW + timedelta(hours=hour))

        actions.run_due(NOW + timedelta(days=1))

        assert desk.done == []
        assert [job.reason for job in queries.list_dead()] == ["LeaseLost"]


@pytest.mark.django_db(transaction=True)
class TestSchedule:
    def test_runs_again_each_period(self, desk: Desk) -> None:
        actions.schedule("desk.note", 60)

        ran = [actions.run_due(NOW + timedelta(seconds=s)) for s in (0, 30, 60, 90, 125)]

        assert ran == [1, 0, 1, 0, 1]
        assert Job.objects.count() == 1

    def test_never_dies(self, desk: Desk) -> None:
        actions.schedule("desk.note", 60)
        desk.failing = True
        for hour in range(MAX_ATTEMPTS + 5):
            assert actions.run_due(NOW + timedelta(hours=hour)) == 1

        assert queries.count_by_state() == {"waiting": 1, "running": 0, "dead": 0}

    def test_is_planted_once_by_workers_that_start_together(self, desk: Desk) -> None:
        actions.schedule("desk.note", 3600)

        _in_threads(3, lambda: actions.run_due(NOW))

        assert Job.objects.count() == 1
        assert len(desk.done) == 1

    def test_needs_registered_work(self, desk: Desk) -> None:
        with pytest.raises(ValueError):
            actions.schedule("desk.other", 60)


@pytest.mark.django_db
class TestEnqueue:
    def test_refuses_a_value(self, desk: Desk) -> None:
        with pytest.raises(UnfitPayload):
            put({"email": SECRET})

    def test_refuses_an_unknown_name(self, desk: Desk) -> None:
        with pytest.raises(ValueError):
            actions.enqueue(name="desk.other", payload={}, due_at=NOW, now=NOW)

    def test_lets_a_name_be_taken_once(self, desk: Desk) -> None:
        actions.register("desk.note", desk.note)
        with pytest.raises(ValueError):
            actions.register("desk.note", print)


@pytest.mark.django_db(transaction=True)
def test_worker_runs_until_told_to_stop(desk: Desk) -> None:
    put({"n": 1}, due_at=NOW)
    stop = threading.Event()
    worker = threading.Thread(target=actions.run_worker, args=(stop,))
    worker.start()
    for _ in range(100):
        if desk.done:
            break
        threading.Event().wait(0.05)
    stop.set()
    worker.join(10)

    assert desk.done == [{"n": 1}]
    assert not worker.is_alive()


def _in_threads(count: int, work: object) -> None:
    def run() -> None:
        try:
            work()  # type: ignore[operator]
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
