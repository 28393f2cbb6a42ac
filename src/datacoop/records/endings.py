"""What somebody ended that is no record: clients, agreements, mandates, links, claims (law 8, decision 0037).

A backup made before holds it alive. Each ending writes a line to `withdrawals.log`, a keyed digest of what it is called
and nothing else; a restore tries everything that is alive. Where the log is lost nobody knows what was ended: then all
of it is held, until somebody confirms.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction

from datacoop.lib.files import write_over
from datacoop.records.withdrawals import ENDED, Line, append_ended, copy_now, ended_digest

HELD = "held.json"


@dataclass(frozen=True)
class Ending:
    """One sort of thing that can end, as its room tells it.

    `alive` gives what each living one is called (no personal value), with what `revive` needs to know to let it live
    again. `end` ends those that still live, at a moment that may lie ahead of now, and returns how many; it
    tells the log nothing. All may be done twice. Without `revive` it is not held where the log is lost.
    """

    alive: Callable[[], Iterable[tuple[str, str]]]
    end: Callable[[Collection[str], datetime, datetime], int]
    revive: Callable[[Mapping[str, str]], object] | None = None


class UnknownEnding(ValueError):
    """The log tells of an end this version does not know: it must not be passed over."""


_known: dict[str, Ending] = {}


def register(what: str, ending: Ending) -> None:
    """Say how a room ends one sort of thing again."""
    _known[what] = ending


def note_ended(what: str, keys: Collection[str], *, at: datetime, until: datetime | None = None) -> None:
    """Write lines, on the disk before the transaction around it commits. Raises: OSError."""
    if keys:
        append_ended(what, sorted(keys), at=at, until=until)
        transaction.on_commit(copy_now)


def end_again(lines: Sequence[Line], *, now: datetime) -> int:
    """End again what the lines tell of and return how many there were.

    Raises: UnknownEnding, before anything is changed.
    """
    told: dict[str, dict[bytes, datetime]] = {}
    for line in lines:
        if line.verb == ENDED:
            _note_earliest(told.setdefault(line.kind, {}), line, now)
    if strange := told.keys() - _known.keys():
        raise UnknownEnding(f"The log tells of the end of a {min(strange)}, which this version does not know: upgrade.")
    count = 0
    for what, ends in told.items():
        found: dict[datetime, list[str]] = {}
        for key, _ in _known[what].alive():
            until = ends.get(ended_digest(what, key))
            if until is not None:
                found.setdefault(until, []).append(key)
        for until, keys in found.items():
            count += _known[what].end(keys, until, now)
    return count


def hold_all(*, now: datetime) -> int:
    """End everything alive until somebody confirms, and return how many; what it was is noted first. Repeatable."""
    noted = _noted()
    for what, ending in _known.items():
        if ending.revive:
            noted[what] = {**dict(ending.alive()), **noted.get(what, {})}
    write_over(_path(), json.dumps(noted).encode())
    for what, states in noted.items():
        if states and what in _known:
            _known[what].end(list(states), now, now)
    return sum(len(states) for states in noted.values())


def is_holding() -> bool:
    """Whether something waits to be confirmed."""
    return any(_noted().values())


def let_live() -> int:
    """Let everything that was held live again, as it was, and return how many. Repeatable."""
    noted = _noted()
    for what, states in noted.items():
        if states and what in _known and (revive := _known[what].revive):
            revive(states)
    _path().unlink(missing_ok=True)
    return sum(len(states) for states in noted.values())


def _note_earliest(ends: dict[bytes, datetime], line: Line, now: datetime) -> None:
    until = max(line.until, now) if line.until else now
    ends[line.record] = min(ends.get(line.record, until), until)


def _noted() -> dict[str, dict[str, str]]:
    try:
        found: dict[str, dict[str, str]] = json.loads(_path().read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return found


def _path() -> Path:
    return Path(settings.DATACOOP_DATA_DIR) / HELD
