"""How dear something is, counted in a fixed bit of Python measured beside it, whatever the machine and its load."""

import time
import unicodedata
from collections.abc import Callable, Sequence
from typing import TypeVar

_PARTS = 8
_Item = TypeVar("_Item")


def _yardstick() -> None:
    """Some 50 µs of what readers of texts do: normalise, split, look up, join."""
    seen: dict[str, int] = {}
    for n in range(25):
        for word in unicodedata.normalize("NFKD", f"Société d’étude {n} Zürich").casefold().split():
            seen[word] = seen.get(word, 0) + n
    ",".join(seen)


def _seconds(do: Callable[[], object]) -> float:
    began = time.process_time_ns()
    do()
    return (time.process_time_ns() - began) / 1e9


def yardsticks(do: Callable[[_Item], object], items: Sequence[_Item]) -> float:
    """Return how many yardsticks one item takes: in processor time, the best of eight parts against the best yardstick.

    The best part is the one that other programs disturbed least, so both are taken at the machine's own pace.
    """
    size = len(items) // _PARTS
    sticks, parts = [], []
    for n in range(_PARTS):
        sticks.append(_seconds(lambda: [_yardstick() for _ in range(100)]) / 100)
        part = items[n * size : (n + 1) * size]
        parts.append(_seconds(lambda part=part: [do(item) for item in part]) / size)
    return min(parts) / min(sticks)
