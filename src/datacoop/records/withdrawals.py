"""`withdrawals.log`: every narrowing and every erasure, as keyed digests, beside the database (law 8, decision 0024).

A backup that is restored knows nothing of what was withdrawn after it was made; this file does. A line is written and
on the disk before the revision commits, so no withdrawal ever succeeds without it; one whose revision then failed hides
more than was asked, never less. The second copy is brought up to the first, so a place that was away is caught up.

A line is `moment verb record [word …]`, all but the verb, the moment, kinds and ends in time keyed digests. Where it is
about no record, `-` stands for it. The first line names the log itself, so that a restore can tell whether a log goes
on from the one in its backup.
"""

from __future__ import annotations

import fcntl
import logging
import os
import secrets
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from datacoop.lib.files import sync_folder
from datacoop.records.envelopes import digest

NAME = "withdrawals.log"
_HEADER = "datacoop withdrawals 1 "
#: Verbs of lines.
HIDDEN, RESTRICTED, OBJECTED, UNINDEXED = "hidden", "restricted", "objected", "unindexed"
RETRACTED, ERASED, UNSAID, ENDED, WITHHELD = "retracted", "erased", "unsaid", "ended", "withheld"
_NO_RECORD = "-"
_COPIED_AT_ONCE = 1 << 20
_COMPARED = 4096
#: What a line is ended with that a power cut left half written.
_CUT = b" cut\n"
_log = logging.getLogger("datacoop.records")


@dataclass(frozen=True)
class Withdrawal:
    """One thing taken away. `what` are codes, told as one digest with the record's: a property and an audience.

    `until` is when a narrowing ends. `known_by` are, of an erasure, the digests that keep the subject from coming
    back, and `kind` the kind of its record; of what is no longer said, the digests of the statements.
    """

    verb: str
    uid: uuid.UUID | None
    what: tuple[str, ...] = ()
    until: datetime | None = None
    known_by: tuple[bytes, ...] = ()
    kind: str = ""


@dataclass(frozen=True)
class Line:
    """One line of the log as read back."""

    at: datetime
    verb: str
    record: bytes
    what: bytes | None = None
    until: datetime | None = None
    kind: str = ""
    known_by: tuple[bytes, ...] = field(default_factory=tuple)


def record_digest(uid: uuid.UUID) -> bytes:
    """Return what a line calls a record."""
    return digest("withdrawal", str(uid))


def what_digest(uid: uuid.UUID, what: Sequence[str]) -> bytes:
    """Return what a line calls a property and audience of a record."""
    return digest("withdrawal", str(uid), *what)


def statement_digest(number: int) -> bytes:
    """Return what a line calls a statement."""
    return digest("withdrawal", "statement", str(number))


def ended_digest(what: str, key: str) -> bytes:
    """Return what a line calls something that ended: a mandate, a client."""
    return digest("withdrawal", "ended", what, key)


def path() -> Path:
    """Return where the log lies."""
    return Path(settings.DATACOOP_DATA_DIR) / NAME


def copy_path() -> Path | None:
    """Return where its second copy lies, if anywhere."""
    found = getattr(settings, "DATACOOP_WITHDRAWALS_COPY", "")
    if not found:
        return None
    place = Path(found)
    return place / NAME if place.is_dir() else place


def begin() -> None:
    """Make an empty log where there is none: from then on its absence means something."""
    _appended(path(), [])


def append(withdrawals: Sequence[Withdrawal], *, at: datetime) -> None:
    """Write lines and wait until they are on the disk.

    Raises: OSError where they cannot be written.
    """
    if not withdrawals:
        return
    _appended(path(), [_written(each, at) for each in withdrawals])


def append_ended(what: str, keys: Sequence[str], *, at: datetime, until: datetime | None = None) -> None:
    """Write that something ended, or will at a moment, and wait until it is on the disk. Raises: OSError."""
    more = f" until={_told(until)}" if until else ""
    _appended(path(), [f"{_told(at)} {ENDED} {ended_digest(what, key).hex()} kind={what}{more}" for key in keys])


def copy_now() -> None:
    """Bring the second copy up; where it cannot be written, say so in the server's log: the next call catches up."""
    try:
        bring_copy_up()
    except OSError as error:
        _log.error("withdrawals.log: its copy cannot be written (%s)", error.strerror)


def bring_copy_up() -> int:
    """Append to the second copy what it lacks and return how many bytes; a copy of another log is set aside.

    Raises: OSError.
    """
    copy, own = copy_path(), path()
    if copy is None or not own.is_file():
        return 0
    with _locked(copy) as target, own.open("rb") as source:
        if _continues(source, target):
            return _copied(source, target)
        _set_aside(copy)
    with _locked(copy) as target, own.open("rb") as source:
        return _copied(source, target)


def _copied(source: BinaryIO, target: int) -> int:
    source.seek(os.fstat(target).st_size)
    done = 0
    while part := source.read(_COPIED_AT_ONCE):
        _write(target, part)
        done += len(part)
    if done:
        os.fsync(target)
    return done


def is_copied() -> bool:
    """Whether the second copy, if there is to be one, is as long as the log."""
    copy, own = copy_path(), path()
    if copy is None or not own.is_file():
        return True
    return copy.is_file() and copy.stat().st_size == own.stat().st_size


def lines(content: bytes) -> Iterator[Line]:
    """Yield the lines of a log; a last line that was cut off by a power cut was never waited for, and is left out.

    Raises: ValueError for anything else that is no line.
    """
    first, _, rest = content.partition(b"\n")
    if not first.decode("ascii", "replace").startswith(_HEADER):
        raise ValueError(f"This is no {NAME}: its first line does not say so.")
    for raw in rest.split(b"\n")[:-1]:
        if not raw.endswith(_CUT[:-1]):
            yield _read(raw.decode("ascii"))


def goes_on(content: bytes, before: bytes) -> bool:
    """Return whether a log begins with all of another: it is that one, later."""
    return content.startswith(before)


def _written(each: Withdrawal, at: datetime) -> str:
    record = record_digest(each.uid).hex() if each.uid else _NO_RECORD
    words = [_told(at), each.verb, record]
    if each.what and each.uid:
        words.append("what=" + what_digest(each.uid, each.what).hex())
    if each.until:
        words.append("until=" + _told(each.until))
    if each.kind:
        words.append("kind=" + each.kind)
    if each.known_by:
        words.append("known=" + ",".join(sorted(known.hex() for known in each.known_by)))
    return " ".join(words)


def _told(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _read(text: str) -> Line:
    at, verb, record, *more = text.split(" ")
    told = dict(word.split("=", 1) for word in more)
    return Line(
        datetime.fromisoformat(at), verb, b"" if record == _NO_RECORD else bytes.fromhex(record),
        what=bytes.fromhex(told["what"]) if "what" in told else None,
        until=datetime.fromisoformat(told["until"]) if "until" in told else None,
        kind=told.get("kind", ""),
        known_by=tuple(bytes.fromhex(known) for known in told.get("known", "").split(",") if known),
    )  # fmt: skip


class _locked:  # noqa: N801 -- reads as a word at its one use
    """The file, opened to append, with nobody else at it."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def __enter__(self) -> int:
        self._file.parent.mkdir(parents=True, exist_ok=True)
        self._handle = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._handle, fcntl.LOCK_EX)
        return self._handle

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)


def _appended(file: Path, texts: Sequence[str]) -> None:
    with _locked(file) as handle:
        size = os.fstat(handle).st_size
        begun = b"" if size else f"{_HEADER}{secrets.token_hex(16)}\n".encode()
        # A line cut off by a power cut must not swallow the next one.
        mended = _CUT if size and os.pread(handle, 1, size - 1) != b"\n" else b""
        whole = begun + mended + "".join(f"{text}\n" for text in texts).encode()
        if whole:
            _write(handle, whole)
            os.fsync(handle)
        if begun:
            sync_folder(file.parent)


def _write(handle: int, content: bytes) -> None:
    left = memoryview(content)
    while left:
        left = left[os.write(handle, left) :]


def _continues(source: BinaryIO, target: int) -> bool:
    """Whether the log goes on from a copy, by their beginnings, which name the log, and by where the copy ends."""
    size = os.fstat(target).st_size
    for place in (0, max(0, size - _COMPARED)):
        source.seek(place)
        part = os.pread(target, _COMPARED, place)
        if source.read(len(part)) != part:
            return False
    return True


def _set_aside(copy: Path) -> None:
    """Keep a copy that is of another log, or of one that was cut, beside the new one."""
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%f")
    copy.rename(copy.with_name(f"{copy.name}.{moment}"))
