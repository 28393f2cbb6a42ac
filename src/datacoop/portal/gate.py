"""The portal's one way to values: ask disclosure, as the public; settle first what is due (law 3)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import orjson

from datacoop.disclosure.actions import settle
from datacoop.disclosure.errors import Due
from datacoop.disclosure.reading import Reading, reading

Answer = TypeVar("Answer")
Item = dict[str, Any]


def ask(question: Callable[[Reading], Answer]) -> Answer:
    """Return what disclosure answers. Raises: Due when something stays due even after settling."""
    try:
        with reading() as open_reading:
            return question(open_reading)
    except Due:
        settle(datetime.now(UTC))
    with reading() as open_reading:
        return question(open_reading)


def items(bodies: list[bytes]) -> list[Item]:
    """Return ready JSON bodies as items."""
    return [orjson.loads(body) for body in bodies]
