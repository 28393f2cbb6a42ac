"""Answers given before, for as long as nobody has committed anything and nothing has come due: pages that many ask for
cost one look-up. Each connection has its own; where a connection cannot tell of commits there is none.
"""

from collections.abc import Sequence
from typing import Any

from datacoop.api.answers import Answer
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.repeating import Parcel, count_again
from datacoop.disclosure.search.clock import check, next_due

Key = tuple[int, str, str, str, str, bytes]
"""Audience, path, query, `Accept`, `Accept-Language`, `If-None-Match`."""
_LARGEST_SHARE = 32
_EMPTY_WEIGHT = 1000


class Answered:
    """Answers by the audience they were for and everything in the request that shapes them."""

    def __init__(self, due: int | None, most_bytes: int) -> None:
        """Serve until the moment `due`, in microseconds since 1970."""
        self._due = due
        self._most = most_bytes
        self._weight = 0
        self._kept: dict[Key, tuple[Answer, Sequence[Parcel]]] = {}

    def find(self, key: Key) -> Answer | None:
        """The answer given before; that a client gets it again is counted. Raises: disclosure.errors.Due."""
        check(self._due)
        found = self._kept.get(key)
        if found is None:
            return None
        for parcel in found[1]:
            count_again(parcel)
        return found[0]

    def keep(self, key: Key, answer: Answer, parcels: Sequence[Parcel] = ()) -> None:
        """Keep an answer, and what a client was sent in it; what is too large is not kept, what is full begins anew."""
        weight = len(answer.body) + sum(len(each) for each in key[1:]) + _EMPTY_WEIGHT
        if weight > self._most // _LARGEST_SHARE:
            return
        if self._weight + weight > self._most:
            self._kept.clear()
            self._weight = 0
        self._weight += weight
        self._kept[key] = answer, parcels


def answered(reading: Reading, memory: dict[Any, Any] | None, most_bytes: int) -> Answered | None:
    """What was answered since the last commit, as the connection's `remembered()` says; None: nothing is kept."""
    if memory is None or not most_bytes:
        return None
    found = memory.get(Answered)
    if found is None:
        found = memory[Answered] = Answered(next_due(reading), most_bytes)
    return found
