"""What several processes count together: as many as are allowed, and nothing is kept for longer than it counts."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from threading import Thread

import pytest

from datacoop.lib.tallies import Allowance, Tallies


@pytest.fixture
def tallies(tmp_path: Path) -> Tallies:
    return Tallies(tmp_path / "tallies.sqlite3")


def rows(tmp_path: Path) -> int:
    file = sqlite3.connect(tmp_path / "tallies.sqlite3")
    (count,) = file.execute("SELECT count(*) FROM tally").fetchone()
    file.close()
    return int(count)


def test_the_window_moves_on(tallies: Tallies) -> None:
    allowance = Allowance(2, 10)

    waits = [tallies.count(b"a", allowance, now) for now in (100.0, 101.0, 102.0, 110.5)]

    assert waits == [0, 0, 8.0, 0]
    assert tallies.count(b"b", allowance, 102.0) == 0


def test_those_beyond_wait_longer_and_longer_and_are_never_shut_out(tallies: Tallies) -> None:
    allowance, now, waited = Allowance(3, 3600, pause=10, longest=60), 1000.0, []
    for _ in range(7):
        while wait := tallies.count(b"a", allowance, now):
            waited.append(wait)
            now += wait

    assert waited == [10, 20, 40, 60]


def test_whoever_waited_for_the_file_forgets_nobody_who_counted_meanwhile(tallies: Tallies) -> None:
    allowance = Allowance(most=3, seconds=60)
    moments = [100.0, 100.2, 100.1, 100.05]

    waits = [tallies.count(b"key", allowance, moment) for moment in moments]

    assert [wait == 0 for wait in waits] == [True, True, True, False]


def test_a_clock_put_back_by_far_shuts_nobody_out(tallies: Tallies) -> None:
    allowance = Allowance(most=1, seconds=60)
    assert tallies.count(b"key", allowance, 10_000.0) == 0

    assert tallies.count(b"key", allowance, 5_000.0) == 0


def test_one_taken_back_is_not_counted(tallies: Tallies) -> None:
    allowance = Allowance(1, 60)
    assert tallies.count(b"a", allowance, 100.0) == 0

    tallies.forgive(b"a", 100.0, 60)

    assert tallies.count(b"a", allowance, 101.0) == 0
    assert tallies.count(b"a", allowance, 102.0) > 0


def test_many_at_once_are_counted_one_by_one(tallies: Tallies) -> None:
    allowed: list[float] = []
    counting = [
        Thread(target=lambda: allowed.extend(tallies.count(b"a", Allowance(7, 60), 100.0) for _ in range(5)))
        for _ in range(4)
    ]
    for each in counting:
        each.start()
    for each in counting:
        each.join()

    assert allowed.count(0) == 7


def test_what_is_over_is_swept(tallies: Tallies, tmp_path: Path) -> None:
    for number in range(10):
        tallies.count(b"%d" % number, Allowance(2, 10), 100.0)
    assert rows(tmp_path) == 10

    tallies.count(b"new", Allowance(2, 10), 200.0)

    assert rows(tmp_path) == 1
