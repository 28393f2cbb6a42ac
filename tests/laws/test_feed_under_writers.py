"""The feed under several writers at once, some of whom give up: dense, in order, and without a gap for who follows it.

Writers are threads with connections of their own; clients follow meanwhile, a few changes at a time.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connections

from datacoop.cli import reference_client
from datacoop.consent.actions import Wish, decide
from datacoop.consent.rules import PUBLIC
from datacoop.disclosure.actions import settle
from datacoop.disclosure.compile import writing
from datacoop.disclosure.models import Counter
from datacoop.disclosure.verify import differences
from datacoop.records.actions import revising
from tests.laws.catalogue import said
from tests.laws.following import Client
from tests.laws.replaying import replay
from tests.laws.worlds import ORGANISATIONS, uid_of, world_of

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS, ROUNDS = 5, 8
READERS = ("public", "A")
AUDIENCES = ("public", "public", "agreement:A")


class GivenUp(Exception):
    """A writer's last statement failed: its revision was compiled and numbered, and must leave nothing."""


@dataclass
class Numbers:
    """What numbers were given to revisions that were committed, and how many were given up."""

    _taken: threading.local = field(default_factory=threading.local)
    kept: dict[int, list[int]] = field(default_factory=dict)
    given_up: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, tier: int, number: int) -> None:
        self.of_thread().append((tier, number))

    def of_thread(self) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = self._taken.__dict__.setdefault("numbers", [])
        return found

    def end(self, *, committed: bool) -> None:
        """Keep, or let go, what this thread's revision was given."""
        with self._lock:
            self.given_up += bool(self.of_thread()) and not committed
            for tier, number in self.of_thread() if committed else ():
                self.kept.setdefault(tier, []).append(number)
        self.of_thread().clear()


@dataclass
class Writer:
    """Hides and shows one thing in turn; every third time it gives up, and tries again."""

    nth: int
    shows: bool = False

    def act(self) -> None:
        """Decide, at the clock on the wall, four years from now."""
        label = ORGANISATIONS[self.nth % len(ORGANISATIONS)]
        wish = Wish(AUDIENCES[self.nth % len(AUDIENCES)], self.shows, "email")
        decide(uid=uid_of(label), wish=wish, actor="subject", reason="", now=_now())
        self.shows = not self.shows


Act = Callable[[Writer], None]


def _now() -> datetime:
    return datetime.now(UTC) + timedelta(days=4 * 365)


@dataclass
class Contest:
    """What all writers share."""

    rounds: int
    act: Act
    numbers: Numbers
    gives_up: threading.local


def _write(writer: Writer, contest: Contest, failed: list[BaseException]) -> None:
    try:
        for each in range(contest.rounds):
            contest.gives_up.now = (each + writer.nth) % 3 == 0
            try:
                contest.act(writer)
            except GivenUp:
                contest.numbers.end(committed=False)
            else:
                contest.numbers.end(committed=True)
    except BaseException as error:
        failed.append(error)
    finally:
        connections.close_all()


@contextmanager
def _giving_up(numbers: Numbers, patch: pytest.MonkeyPatch, *, ever: bool) -> Iterator[threading.local]:
    """Note what numbers are given; who is to give up does so when all but the commit is done."""
    gives_up = threading.local()
    next_number, last = writing.Counters.next, revising.append_withdrawals

    def noted(self: writing.Counters, tier: int) -> int:
        number = next_number(self, tier)
        numbers.note(tier, number)
        return number

    def failing(*args: object, **how: object) -> None:
        if ever and getattr(gives_up, "now", False):
            raise GivenUp
        last(*args, **how)  # type: ignore[arg-type]

    with patch.context() as more:
        more.setattr(writing.Counters, "next", noted)
        more.setattr(revising, "append_withdrawals", failing)
        yield gives_up


def _follow(client: Client, ended: threading.Event, failed: list[BaseException]) -> None:
    try:
        while not ended.is_set():
            client.run({})
    except BaseException as error:
        failed.append(error)
    finally:
        connections.close_all()


def _contend(
    folder: Path, patch: pytest.MonkeyPatch, act: Act = Writer.act, *, gives_up: bool = True, rounds: int = ROUNDS
) -> tuple[Numbers, dict[int, int]]:
    """Let all write and follow at once; return the numbers, and where each counter stood before.

    In the end each follower asks once more, and must hold what lists show: what it passed over it never sees again.
    """
    patch.setattr(reference_client, "PAGE", 3)
    replay(world_of([said(each, "list:1", name=each, email=f"{each}@example.org") for each in ORGANISATIONS]))
    numbers, failed, ended = Numbers(), list[BaseException](), threading.Event()
    before = dict(Counter.objects.values_list("tier", "seq"))
    clients = [Client(reader, folder) for reader in READERS]
    followers = [threading.Thread(target=_follow, args=(each, ended, failed)) for each in clients]
    with _giving_up(numbers, patch, ever=gives_up) as now:
        given = (Contest(rounds, act, numbers, now), failed)
        writers = [threading.Thread(target=_write, args=(Writer(nth), *given)) for nth in range(WRITERS)]
        for thread in [*followers, *writers]:
            thread.start()
        for thread in writers:
            thread.join()
        ended.set()
        for thread in followers:
            thread.join()
    if failed:
        raise failed[0]
    settle(_now())
    for client in clients:
        client.run({})
        assert client.kept() == client.followed.shown(), f"{client.followed.reader} missed something"
        client.followed.close()
    return numbers, before


def _dense(numbers: Numbers, before: dict[int, int]) -> None:
    """Every counter went on by ones, and stands at the last number that was committed."""
    for tier, given in numbers.kept.items():
        first = before.get(tier, 0) + 1
        assert sorted(given) == list(range(first, first + len(given))), f"audience {tier} has gaps"
        assert Counter.objects.get(tier=tier).seq == first + len(given) - 1


def test_the_feed_is_dense_and_without_gaps_under_writers_of_whom_some_give_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers, before = _contend(tmp_path, monkeypatch)

    assert len(numbers.kept) >= 2, "too little happened: the test proves nothing"
    assert numbers.given_up >= WRITERS, "nobody gave up: the test proves nothing"
    _dense(numbers, before)
    assert list(differences(_now())) == []


def test_notices_a_number_that_a_given_up_revision_keeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a database's own sequence would."""
    given: dict[int, int] = {}

    def sequence(self: writing.Counters, tier: int) -> int:
        self._seq[tier] = given[tier] = max(given.get(tier, 0), self._seq.get(tier, 0)) + 1
        self._moved.add(tier)
        return given[tier]

    monkeypatch.setattr(writing.Counters, "next", sequence)
    numbers, before = _contend(tmp_path, monkeypatch)

    with pytest.raises(AssertionError, match="has gaps"):
        _dense(numbers, before)


def test_notices_a_number_that_is_taken_before_the_writers_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who took the lower number commits later: whoever followed in between has passed it over."""
    taken, rounds, together = threading.local(), [0] * WRITERS, threading.Barrier(WRITERS)
    next_number = writing.Counters.next

    def early(self: writing.Counters, tier: int) -> int:
        number = getattr(taken, "number", None)
        if tier != PUBLIC or number is None:
            return next_number(self, tier)
        taken.number = None
        self._seq[tier] = max(self._seq[tier], number)
        self._moved.add(tier)
        return int(number)

    def act(writer: Writer) -> None:
        together.wait(30)
        rounds[writer.nth] += 1
        taken.number = 1000 + WRITERS * rounds[writer.nth] - writer.nth
        # Of a round the lowest number is committed last.
        time.sleep(writer.nth / 5)
        writer.act()

    monkeypatch.setattr(writing.Counters, "next", early)
    with pytest.raises(AssertionError, match="missed something"):
        _contend(tmp_path, monkeypatch, act, gives_up=False, rounds=2)
