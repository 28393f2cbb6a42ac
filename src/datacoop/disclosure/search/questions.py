"""What can be asked and what comes back, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

COUNT_CAP = 1000


@dataclass(frozen=True)
class Question:
    """A list asked for. `after` is the position of the last item of the page before."""

    kind: str
    text: str | None = None
    facets: tuple[tuple[str, tuple[str, ...]], ...] = ()
    box: tuple[float, float, float, float] | None = None
    """West, south, east, north."""
    near: tuple[float, float, float] | None = None
    """Latitude, longitude, radius in km."""
    since: str | None = None
    until: str | None = None
    sort: str | None = None
    """name, -name, start, -start or distance; None: name, or for words the best first."""
    limit: int = 20
    after: tuple[object, ...] | None = None
    counted: bool = True

    def values_of(self, facet: str) -> tuple[str, ...]:
        """Return the values asked of one facet, all of its occurrences together."""
        return tuple(value for name, values in self.facets if name == facet for value in values)


@dataclass(frozen=True)
class Page:
    """Ready JSON objects, the position after the last one (None: no more), and the capped count."""

    bodies: list[bytes]
    position: tuple[object, ...] | None
    count: int | None
    relation: str | None


@dataclass(frozen=True)
class Found:
    """A record's body."""

    body: bytes


@dataclass(frozen=True)
class Moved:
    """The record was merged; this is the id it has now for this reader."""

    id: str


@dataclass(frozen=True)
class Gone:
    """This client received the record and must erase it."""


@dataclass(frozen=True)
class ChangesPage:
    """Feed items ready as JSON, and the position after them."""

    items: list[bytes]
    position: tuple[object, ...]
