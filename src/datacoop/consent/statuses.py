"""What became of one thing somebody decided, in the words of DPV: given, refused, withdrawn, expired. Pure.

The words are `dpv:ConsentStatus` and its kind (https://w3id.org/dpv): *withdrawn* is said of the subject's own word.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

GIVEN, RENEWED, REFUSED, WITHDRAWN, EXPIRED, UNKNOWN = (
    "ConsentGiven",
    "RenewedConsentGiven",
    "ConsentRefused",
    "ConsentWithdrawn",
    "ConsentExpired",
    "ConsentUnknown",
)


@dataclass(frozen=True)
class Said:
    """One word about one property and one audience; `shows` None takes the word before back, for good."""

    revision: int
    at: datetime
    shows: bool | None
    until: datetime | None = None


@dataclass(frozen=True)
class Status:
    """What holds from `at` on, `until` it ends by itself. `revision` is None where time alone brought it about."""

    status: str
    at: datetime
    until: datetime | None
    revision: int | None


def statuses(words: Sequence[Said], *, now: datetime) -> list[Status]:
    """Return what happened to one consent, oldest first, as known `now`; `words` in the order they were said.

    A word with an end leaves what was said before it, and falls back on that.
    """
    found: list[Status] = []
    standing = _Standing()
    for word in words:
        found += standing.pass_to(word.at)
        found.append(Status(standing.status_of(word), word.at, word.until, word.revision))
        standing.take(word)
    return found + list(standing.pass_to(now))


class _Standing:
    """What holds: a lasting word, and above it those with an end, the newest last."""

    def __init__(self) -> None:
        self._lasting: bool | None = None
        self._ending: list[Said] = []

    def shows(self) -> bool | None:
        return self._ending[-1].shows if self._ending else self._lasting

    def status_of(self, word: Said) -> str:
        given = self.shows() is True
        if word.shows:
            return RENEWED if given else GIVEN
        if given:
            return WITHDRAWN
        return UNKNOWN if word.shows is None else REFUSED

    def take(self, word: Said) -> None:
        if word.until is not None:
            self._ending.append(word)
        else:
            self._lasting, self._ending = word.shows, []

    def pass_to(self, moment: datetime) -> Iterator[Status]:
        """Let time go on: tell of the words that end, the newest of those standing alone."""
        ends = sorted(word.until for word in self._ending if word.until is not None and word.until <= moment)
        for end in ends:
            before = self._ending[-1]
            self._ending = [word for word in self._ending if word.until is not None and word.until > end]
            if before not in self._ending:
                yield Status(self._after(before), end, None, None)

    def _after(self, ended: Said) -> str:
        now = self.shows()
        if now:
            return RENEWED
        if ended.shows:
            return EXPIRED
        return UNKNOWN if now is None else REFUSED
