"""Which callable does which job, told by each room in its own `ready()`. Holds no work itself."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from . import rules

Work = Callable[..., object]
"""Called as `work(now=..., **payload)`: an action with keyword-only arguments fits as it is."""


@dataclass(frozen=True)
class Registered:
    """The callable of a job; how long one run may take before it counts as lost; `mails`: somebody is written to."""

    work: Work
    lease: timedelta
    mails: bool = False


registered: dict[str, Registered] = {}
periodic: dict[str, int] = {}


def register(name: str, work: Work, lease: timedelta, *, mails: bool = False) -> None:
    """Raises: ValueError for a malformed name, or one that is taken by other work."""
    if not rules.is_name(name):
        raise ValueError(f"{name!r} is not a job's name; write it like 'room.verb'.")
    if name in registered and registered[name].work != work:
        raise ValueError(f"The job {name!r} is registered twice.")
    registered[name] = Registered(work, lease, mails)


def schedule(name: str, every_seconds: int) -> None:
    """Raises: ValueError for work that is not registered or a period under a second."""
    if name not in registered:
        raise ValueError(f"Register {name!r} before scheduling it.")
    if every_seconds < 1:
        raise ValueError("A period is at least one second.")
    periodic[name] = every_seconds
