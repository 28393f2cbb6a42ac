"""What a payload may hold and when a failed job is tried again. Pure."""

import re
from collections.abc import Mapping
from datetime import timedelta

MAX_ATTEMPTS = 8
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(hours=6)

_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
_CODE = re.compile(r"[a-z][a-z0-9_.:-]{0,63}")
_UUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_LONGEST_LIST = 5000


class UnfitPayload(ValueError):
    """The payload holds more than ids and codes; the message names the place, never the value."""


def is_name(name: str) -> bool:
    """A job is called `room.verb`."""
    return len(name) <= 64 and _NAME.fullmatch(name) is not None


def check_payload(payload: Mapping[str, object]) -> None:
    """Let through whole numbers, UUIDs, digests and lower-case codes, and lists of them.

    A name, an address, a phone or an e-mail has blanks, capitals, `@` or a leading digit or plus: refused.
    Raises: UnfitPayload.
    """
    for key, value in payload.items():
        if not isinstance(key, str) or _KEY.fullmatch(key) is None:
            raise UnfitPayload("A payload's keys are short lower-case words.")
        values = value if isinstance(value, list | tuple) else [value]
        if len(values) > _LONGEST_LIST or not all(_is_id(one) for one in values):
            raise UnfitPayload(f"Payload {key!r}: only ids and short codes, never values.")


def pause_after(attempts: int) -> timedelta:
    """How long to wait after the n-th failure: 15 s, doubled each time, at most 6 h.

    >>> [pause_after(n).seconds for n in (1, 2, 3)]
    [15, 30, 60]
    """
    doublings = min(attempts - 1, 20)
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)


def _is_id(value: object) -> bool:
    if value is None or isinstance(value, bool):
        return True
    if isinstance(value, int):
        return abs(value) < 2**53
    return isinstance(value, str) and any(form.fullmatch(value) for form in (_CODE, _UUID, _DIGEST))
