"""How far guessing the codes of letters gets, and that nobody can shut others out by it."""

from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory

from datacoop.portal import limits
from datacoop.portal.views.own.entering import wait_for_code, was_no_guess

LIMITS = ("CODES", "CODES_OF_SITES", "CODES_OF_PROVIDERS", "CODES_OF_ALL")
OTHER = "203.0.113.7"


class Clock:
    """What the limits take for the time, in seconds."""

    now = 1_900_000_000.0

    def time(self) -> float:
        return self.now


@pytest.fixture
def clock(tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The limits as they stand, counting in a folder of their own."""
    settings.DATACOOP_DATA_DIR = tmp_path
    told = Clock()
    monkeypatch.setattr("datacoop.portal.limits.time", told)
    for name in LIMITS:
        monkeypatch.setattr(f"datacoop.portal.views.own.entering.{name}", getattr(limits, name))
    return told


def wait(address: str) -> float:
    """For how long a code typed there must wait, 0 where it is looked up."""
    return wait_for_code(RequestFactory().post("/code", REMOTE_ADDR=address))


def everywhere(count: int) -> int:
    """Guess once from as many providers; how many were looked up."""
    return sum(not wait(f"2001:{number:x}::1") for number in range(count))


@pytest.mark.parametrize("site", ["2001:db8:1:{:x}::1", "198.51.100.{}"])
def test_one_site_makes_nobody_else_wait(clock: Clock, site: str) -> None:
    tried = [wait(site.format(number)) for number in range(250) for _ in range(3)]

    assert tried.count(0) == 30
    assert wait(OTHER) == 0
    assert wait("2001:db8:2::1") == 0, "nor its neighbours"


def test_one_provider_makes_its_own_wait_seconds_and_nobody_else(clock: Clock) -> None:
    tried = [wait(f"2001:db8:{number:x}::1") for number in range(700)]

    assert tried.count(0) == 200
    assert max(tried) == 10
    assert wait(OTHER) == 0


def test_guesses_from_everywhere_slow_down_and_close_nothing(clock: Clock) -> None:
    assert everywhere(700) == 600
    assert wait(OTHER) == 4

    clock.now += 4

    assert wait(OTHER) == 0


def test_a_day_of_guesses_from_everywhere_stays_within_what_is_promised(clock: Clock) -> None:
    everywhere(600)
    looked_up = 0
    for number in range(600):
        clock.now += 1
        looked_up += not wait(f"2002:{number:x}::1")

    assert looked_up == 600 / 4
    a_day = 600 + 24 * 3600 / 4
    assert 500_000 < 2**50 / (a_day * 100_000) < 510_000


def test_who_asks_again_while_all_wait_uses_up_their_own(clock: Clock) -> None:
    everywhere(600)
    assert [wait("2002::1") for _ in range(10)] == [4] * 10
    clock.now += 4

    assert wait("2002::1") > 0, "others come first"
    assert wait(OTHER) == 0


def test_a_code_that_opens_is_taken_back_everywhere(clock: Clock) -> None:
    for _ in range(205):
        assert wait(OTHER) == 0
        was_no_guess(RequestFactory().post("/code", REMOTE_ADDR=OTHER))
