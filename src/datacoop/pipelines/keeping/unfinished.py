"""What must not be served: a file in the data folder says that a restore is under way, a lock that somebody is at work.

The file is there from before the first byte is replaced until the last withdrawal was done again.
"""

from __future__ import annotations

import fcntl
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings

from datacoop.lib.files import remove_drafts, write_over

#: States: staged files are moved into place; withdrawals are done again.
SWAPPING, REPLAYING = "swapping", "replaying"
NAME, _LOCK = "restore.json", "in-use.lock"
_held: dict[str, int] = {}


class InUse(RuntimeError):
    """Somebody else is at the data folder; the message says who and what to do."""


@dataclass(frozen=True)
class Unfinished:
    """A restore under way. `log_from` and `log_to` are bytes of `withdrawals.log` that are replayed.

    `lost_to` is the last entry of the ledger that was there before, 0 where unknown; the checkpoint is the last one
    signed then.
    """

    id: str
    state: str
    backup_at: str
    kept: int
    log_from: int
    log_to: int
    without_withdrawals: bool = False
    lost_to: int = 0
    checkpoint_size: int = 0
    checkpoint_root: str = ""


def find() -> Unfinished | None:
    """Return the restore under way, if there is one."""
    try:
        return Unfinished(**json.loads(_path().read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None


def is_unfinished() -> bool:
    """Whether nothing may be served."""
    return _path().exists()


def note(state: Unfinished) -> None:
    """Write it down, on the disk when this returns."""
    write_over(_path(), json.dumps(asdict(state)).encode())


def done() -> None:
    """From now on everything may be served. What a killed run had begun to note goes too: whoever is here is alone."""
    remove_drafts(_path().parent)
    _path().unlink(missing_ok=True)


def take_part() -> None:
    """Say until this process ends that somebody works on the database. Raises: InUse while a restore is under way."""
    _lock(fcntl.LOCK_SH, "A restore is under way: wait for its end.")


def be_alone() -> None:
    """Keep everybody else out until this process ends. Raises: InUse while a server or another command runs."""
    _lock(fcntl.LOCK_EX, "A server or another command is running: stop it first (also `datacoop work`).")


def leave() -> None:
    """Let others in again."""
    while _held:
        os.close(_held.popitem()[1])


def _lock(way: int, refusal: str) -> None:
    path = str(Path(settings.DATACOOP_DATA_DIR) / _LOCK)
    if path in _held:
        return
    Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, way | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise InUse(refusal) from None
    _held[path] = handle


def _path() -> Path:
    return Path(settings.DATACOOP_DATA_DIR) / NAME
