"""The portal's one way to values: ask disclosure, as the public; settle first what is due (law 3)."""

from __future__ import annotations

from typing import Any

import orjson

from datacoop.disclosure.asking import ask

__all__ = ["Item", "ask", "items"]

Item = dict[str, Any]


def items(bodies: list[bytes]) -> list[Item]:
    """Return ready JSON bodies as items."""
    return [orjson.loads(body) for body in bodies]
