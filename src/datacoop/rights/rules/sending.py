"""Who presses what, and what still leaves today. Pure."""

from __future__ import annotations

from datetime import date, timedelta

MAIL, LETTER, MERGE = CHANNELS = ("mail", "letter", "merge")
#: What somebody posts, and says that it was.
BY_HAND = (LETTER, MERGE)
HOLDER, STEWARD = SIDES = ("holder", "steward")


def side_of(actor: str) -> str:
    """Return for whom an actor acts: `account:7` for the holder, `steward:3` for the cooperative.

    >>> side_of("account:7"), side_of("steward:3")
    ('holder', 'steward')
    """
    return STEWARD if actor.startswith("steward:") else HOLDER


def is_same_person(one: str, other: str) -> bool:
    """Return whether two actors are one person in two roles: the same number.

    >>> is_same_person("account:7", "steward:7"), is_same_person("account:7", "steward:8"), is_same_person("", "")
    (True, False, False)
    """
    return bool(one) and one.partition(":")[2] == other.partition(":")[2]


def may_resume(stopped_by: str, actor: str) -> bool:
    """Return whether somebody may let go on what was stopped: only the side that stopped it.

    >>> may_resume("account:7", "steward:3"), may_resume("account:7", "account:8")
    (False, True)
    """
    return side_of(stopped_by) == side_of(actor)


def left_today(*, per_day: int, sent_today: int, today: date, first_on: date) -> int:
    """Return how many may still leave today.

    >>> left_today(per_day=50, sent_today=20, today=date(2030, 1, 2), first_on=date(2030, 1, 2))
    30
    """
    return max(0, per_day - sent_today) if today >= first_on else 0


def next_wave(*, per_day: int, sent_today: int, today: date, first_on: date) -> date:
    """Return the day on which the next notices of a sending may leave.

    >>> next_wave(per_day=50, sent_today=50, today=date(2030, 1, 2), first_on=date(2030, 1, 1))
    datetime.date(2030, 1, 3)
    """
    if today < first_on:
        return first_on
    return today if sent_today < per_day else today + timedelta(days=1)
