"""One dice per purpose, so that a change in one part of the demo leaves the others' bytes alone. Pure."""

import math
import random
from collections.abc import Mapping, Sequence
from typing import TypeVar

Thing = TypeVar("Thing")


class Dice:
    """Seeded choices; the same seed and purpose give the same ones on every machine."""

    def __init__(self, seed: int, purpose: str) -> None:
        """`purpose` names the stream."""
        self._random = random.Random(f"{seed}:{purpose}")  # noqa: S311 -- invented data, not secrets

    def pick(self, things: Sequence[Thing]) -> Thing:
        """One of them."""
        return things[self._random.randrange(len(things))]

    def weighted(self, things: Mapping[Thing, float]) -> Thing:
        """One of the keys, by its weight."""
        return self._random.choices(list(things), weights=list(things.values()))[0]

    def sample(self, things: Sequence[Thing], count: int) -> list[Thing]:
        """Some of them, each at most once, in a random order."""
        return self._random.sample(things, min(count, len(things)))

    def chance(self, share: float) -> bool:
        """True in that share of the throws."""
        return self._random.random() < share

    def between(self, least: int, most: int) -> int:
        """A whole number, both ends included."""
        return self._random.randint(least, most)

    def near(self, lat: float, lon: float, metres: float) -> tuple[float, float]:
        """A point of the disc round another, evenly spread."""
        distance = metres * math.sqrt(self._random.random())
        angle = self._random.random() * 2 * math.pi
        north = distance * math.sin(angle) / 111_195
        east = distance * math.cos(angle) / (111_195 * math.cos(math.radians(lat)))
        return round(lat + north, 5), round(lon + east, 5)
