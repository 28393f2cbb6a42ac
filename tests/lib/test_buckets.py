"""Budgets: as much as they hold, back with time, for each caller and of all processes together."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from datacoop.lib.buckets import Buckets, Budget, Spending

HOURLY, MINUTE = Budget("hourly", 1, 100, 3600), Budget("minute", 0, 60, 60)


class Clock:
    """A clock that somebody else moves."""

    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def test_gives_as_much_as_there_is_and_it_comes_back() -> None:
    clock = Clock()
    buckets = Buckets(b"secret", clock=clock)

    given = [buckets.spend("a", Spending((MINUTE, 1)))[0] for _ in range(61)]
    lacking, owed = buckets.spend("a", Spending((MINUTE, 1)))

    assert given == [None] * 60 + [MINUTE]
    assert (lacking, MINUTE.left(owed), MINUTE.wait(owed)) == (MINUTE, 0, 1)
    assert buckets.spend("b", Spending((MINUTE, 1)))[0] is None
    clock.now += 1
    assert [buckets.spend("a", Spending((MINUTE, 1)))[0] for _ in range(2)] == [None, MINUTE]


def test_spends_of_all_budgets_or_of_none() -> None:
    buckets = Buckets(b"secret", clock=Clock())
    assert buckets.spend("a", Spending((HOURLY, 100), (MINUTE, 1)))[0] is None

    assert buckets.spend("a", Spending((MINUTE, 1), (HOURLY, 1)))[0] is HOURLY

    assert MINUTE.left(buckets.spend("a", Spending((MINUTE, 0)))[1]) == 59


def test_asks_without_spending() -> None:
    buckets = Buckets(b"secret", clock=Clock())

    asked = [buckets.spend("a", Spending((MINUTE, 0))) for _ in range(200)]

    assert set(asked) == {(None, 0.0)}
    buckets.charge("a", MINUTE, 60)
    assert buckets.spend("a", Spending((MINUTE, 0)))[0] is MINUTE


def test_what_is_charged_afterwards_never_takes_more_than_there_is() -> None:
    clock = Clock()
    buckets = Buckets(b"secret", clock=clock)
    for _ in range(50):
        buckets.charge("a", MINUTE, 50)

    clock.now += 2

    assert [buckets.spend("a", Spending((MINUTE, 1)))[0] for _ in range(3)] == [None, None, MINUTE]


def test_begins_anew_where_the_machine_did(tmp_path: Path) -> None:
    file = tmp_path / "counted"
    before = Buckets(b"secret", file, clock=Clock(9_000_000.0))
    before.charge("a", MINUTE, 60)

    after = Buckets(b"secret", file, clock=Clock(10.0))

    assert after.spend("a", Spending((MINUTE, 1)))[0] is None


def test_many_callers_push_out_those_who_spent_least() -> None:
    buckets = Buckets(b"secret", rows=64, clock=Clock())
    buckets.charge("greedy", HOURLY, 100)

    for number in range(2000):
        buckets.spend(f"caller {number}", Spending((MINUTE, 1)))

    assert buckets.spend("greedy", Spending((HOURLY, 1)))[0] is HOURLY


@given(st.lists(st.tuples(st.floats(0, 100), st.integers(1, 20)), max_size=60))
def test_never_gives_more_in_any_window_than_twice_what_there_is(asked: list[tuple[float, int]]) -> None:
    """What is there at its beginning, and what comes back in it."""
    clock, got = Clock(), []
    buckets = Buckets(b"secret", rows=8, clock=clock)
    for passed, cost in asked:
        clock.now += passed
        if buckets.spend("a", Spending((MINUTE, cost)))[0] is None:
            got.append((clock.now, cost))

    for begin, _ in got:
        assert sum(cost for at, cost in got if begin <= at < begin + 60) <= 2 * MINUTE.quota
    assert sum(cost for _, cost in got) <= MINUTE.quota * (1 + sum(each for each, _ in asked) / 60) + 1e-3


_ELSEWHERE = """
import sys, time
from pathlib import Path
from datacoop.lib.buckets import Buckets, Budget, Spending
buckets, day, got = Buckets(b"secret", Path(sys.argv[1])), Budget("day", 0, 1000, 86400), 0
one = Spending((day, 1))
for _ in range(700):
    time.sleep(0.0002)
    got += buckets.spend("a", Spending((day, 1)))[0] is None
print(got)
"""


def test_processes_count_together(tmp_path: Path) -> None:
    """Two want 700 each of 1000. Nothing locks them: what they spend in the very same microsecond counts once."""
    run = [sys.executable, "-c", _ELSEWHERE, str(tmp_path / "counted")]
    others = [subprocess.Popen(run, stdout=subprocess.PIPE, text=True) for _ in range(2)]

    given = sum(int(each.communicate(timeout=60)[0]) for each in others)

    assert 1000 <= given <= 1050


def test_a_file_tells_of_no_caller_without_its_key(tmp_path: Path) -> None:
    rows = []
    for secret in (b"one secret", b"another"):
        file = tmp_path / secret.decode()
        Buckets(secret, file, rows=8).spend("192.0.2.7", Spending((MINUTE, 1)))
        assert file.stat().st_mode & 0o777 == 0o600
        kept = file.read_bytes()
        assert b"192.0.2.7" not in kept
        rows.append({kept[at : at + 8] for at in range(0, len(kept), 40)} - {bytes(8)})

    assert [len(each) for each in rows] == [1, 1]
    assert not rows[0] & rows[1]
