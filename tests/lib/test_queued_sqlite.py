"""SQLite behind a queue: writers take turns, and the background makes room."""

import copy
import gc
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.db.utils import OperationalError

from datacoop.lib.queued_sqlite.base import CHECKPOINT_TURNS, GAP_SECONDS, SUFFIX, DatabaseWrapper
from datacoop.records.turns import in_background

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[], DatabaseWrapper]]:
    """Opens connections to one file, each of which may be used from any thread."""
    made: list[DatabaseWrapper] = []
    template = {
        **copy.deepcopy(connection.settings_dict),
        "ENGINE": "datacoop.lib.queued_sqlite",
        "NAME": str(tmp_path / "file.sqlite3"),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 0.1,
            "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL",
        },
    }

    def one() -> DatabaseWrapper:
        made.append(DatabaseWrapper(template, f"file{len(made)}"))
        made[-1].inc_thread_sharing()
        return made[-1]

    first = one()
    with first.cursor() as cursor:
        cursor.execute("CREATE TABLE t (n)")
    yield one
    for each in made:
        each.close()


def _begin(wrapper: DatabaseWrapper) -> None:
    wrapper.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


def _end(wrapper: DatabaseWrapper) -> None:
    wrapper.commit()
    wrapper.set_autocommit(True)


def test_a_writer_waits_for_its_turn_beyond_any_timeout_and_gets_it_at_once(
    opened: Callable[[], DatabaseWrapper],
) -> None:
    first, second = opened(), opened()
    began: list[float] = []
    first.ensure_connection()

    def write() -> None:
        _begin(second)
        began.append(time.monotonic())
        _end(second)

    _begin(first)
    thread = threading.Thread(target=write)
    thread.start()
    time.sleep(0.4)
    assert not began
    ended = time.monotonic()
    _end(first)
    thread.join()

    assert began[0] - ended < 0.09, "It was polled for, not woken."


def test_a_turn_ends_with_a_rollback_and_with_the_connection(opened: Callable[[], DatabaseWrapper]) -> None:
    first, second = opened(), opened()
    _begin(first)
    first.rollback()
    first.set_autocommit(True)
    _begin(second)
    second.close()
    _begin(first)
    _end(first)


def test_a_transaction_that_cannot_begin_gives_its_turn_back(opened: Callable[[], DatabaseWrapper]) -> None:
    first, second = opened(), opened()
    with first.cursor() as cursor:
        cursor.execute("BEGIN IMMEDIATE")
    with pytest.raises(OperationalError):
        _begin(second)
    second.close()
    with first.cursor() as cursor:
        cursor.execute("COMMIT")

    _begin(second)
    _end(second)


def test_the_background_keeps_its_turns_short_and_leaves_everything_as_it_was(
    opened: Callable[[], DatabaseWrapper],
) -> None:
    one = opened()

    def pragma(name: str) -> int:
        with one.cursor() as cursor:
            return int(cursor.execute(f"PRAGMA {name}").fetchone()[0])

    before = pragma("synchronous"), pragma("wal_autocheckpoint")
    one.set_background(True)
    assert (pragma("synchronous"), pragma("wal_autocheckpoint")) == (1, 0)
    _begin(one)
    assert not gc.isenabled()
    _end(one)
    assert gc.isenabled()
    one.set_background(False)

    assert (pragma("synchronous"), pragma("wal_autocheckpoint")) == before == (2, 1000)


def test_the_background_writes_the_log_back_between_its_turns(
    opened: Callable[[], DatabaseWrapper], tmp_path: Path
) -> None:
    one = opened()
    one.set_background(True)
    for _ in range(3 * CHECKPOINT_TURNS):
        _begin(one)
        with one.cursor() as cursor:
            cursor.execute("INSERT INTO t SELECT randomblob(4000) FROM json_each('[1,2,3,4,5,6,7,8]')")
        _end(one)

    assert (tmp_path / "file.sqlite3-wal").stat().st_size < 3 * CHECKPOINT_TURNS * 8 * 4000 * 0.7
    assert (tmp_path / f"file.sqlite3{SUFFIX}").exists()


def test_whoever_holds_the_turn_learns_that_another_waits(opened: Callable[[], DatabaseWrapper]) -> None:
    first, second = opened(), opened()
    first.ensure_connection()
    _begin(first)
    assert not first.is_awaited()

    def write() -> None:
        _begin(second)
        _end(second)

    thread = threading.Thread(target=write)
    thread.start()
    end = time.monotonic() + 5
    while not first.is_awaited() and time.monotonic() < end:
        time.sleep(0.005)
    assert first.is_awaited()
    _end(first)
    thread.join()

    assert not first.is_awaited()


def test_the_background_stays_away_only_while_somebody_waits(
    opened: Callable[[], DatabaseWrapper], monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr("datacoop.lib.queued_sqlite.base.time.sleep", slept.append)
    one = opened()
    one.set_background(True)
    _begin(one)
    _end(one)
    assert not slept
    monkeypatch.setattr(one, "is_awaited", lambda: True)
    _begin(one)
    _end(one)

    assert slept == [GAP_SECONDS]


def test_inside_a_transaction_the_background_changes_nothing() -> None:
    with transaction.atomic(), in_background():
        assert gc.isenabled()
    with in_background(), transaction.atomic():
        assert gc.isenabled() == (connection.vendor != "sqlite")
    assert gc.isenabled()


def test_the_file_and_its_log_are_their_owner_s_alone(opened: Callable[[], DatabaseWrapper], tmp_path: Path) -> None:
    wrapper = opened()
    with wrapper.cursor() as cursor:
        cursor.execute("INSERT INTO t VALUES (1)")
    for name in ("file.sqlite3", "file.sqlite3-wal"):
        assert (tmp_path / name).stat().st_mode & 0o077 == 0


def test_an_emptied_log_holds_nothing_and_loses_nothing(opened: Callable[[], DatabaseWrapper], tmp_path: Path) -> None:
    wrapper, log = opened(), tmp_path / "file.sqlite3-wal"
    with wrapper.cursor() as cursor:
        cursor.execute("INSERT INTO t VALUES (1)")
        assert log.stat().st_size
        assert wrapper.empty_log()
        assert not log.stat().st_size
        assert cursor.execute("SELECT n FROM t").fetchall() == [(1,)]
        assert cursor.execute("PRAGMA busy_timeout").fetchone() == (100,)


def test_connecting_once_more_leaves_the_locks_of_this_process(
    opened: Callable[[], DatabaseWrapper], tmp_path: Path
) -> None:
    first = opened()
    with first.cursor() as cursor:
        cursor.execute("INSERT INTO t VALUES (1)")
    file = (tmp_path / "file.sqlite3").stat().st_ino
    before = _locks_on(file)
    assert before, "or nothing is looked for"
    second = opened()
    with second.cursor() as cursor:
        cursor.execute("SELECT n FROM t")
    assert _locks_on(file) == before


def _locks_on(inode: int) -> list[str]:
    """The locks this process holds on a file, as the kernel tells them."""
    held = Path("/proc/locks").read_text().splitlines()
    return [line.partition(":")[2] for line in held if f" {os.getpid()} " in line and f":{inode} " in line]
