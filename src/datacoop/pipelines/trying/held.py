"""The folder of one try: a file somebody sent, how far we are with it, what came of it. Gone within the hour.

A folder is named by a digest of the token, so that neither the disk nor a list of processes tells the token; the
sender's own file name is not kept. Everything is readable by this server's user alone.
"""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson
from django.conf import settings

MOST_BYTES = 20_000_000
#: From the moment the file came in.
KEPT_SECONDS = 55 * 60
#: A try that took longer has been lost.
LONGEST_SECONDS = 180
MOST_UNFINISHED = 6
MOST_HELD_BYTES = 600_000_000
WORKBOOK, TABLE = "workbook.xlsx", "table.txt"
#: Workbooks are known by their content; an ending that lies would only mislead.
_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".tab", ".json", ".ndjson", ".jsonl", ".geojson"})
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_STATE, _WISH, _REPORT = "state.json", "wish.json", "report.json"


class FullHouse(Exception):
    """As many files as we can look at, or hold, are here already."""


@dataclass(frozen=True)
class Wish:
    """How the sender wants to be answered: the language's texts by key, and the address of our pages."""

    words: Mapping[str, str]
    base_url: str


@dataclass(frozen=True)
class State:
    """How far we are: `step` is waiting, reading, comparing, writing, done or refused; `reason` says why refused.

    `line`, `column` and `detail` (the reason of ListRefused) tell the place and what is wrong there, as far as known.
    `trouble` is for whoever runs the server: where our own program failed, without a word of the file.
    """

    step: str
    reason: str = ""
    line: int | None = None
    trouble: str = ""
    column: int | None = None
    detail: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing more will happen."""
        return self.step in {"done", "refused"}


@dataclass(frozen=True)
class Held:
    """One try."""

    folder: Path

    @property
    def file(self) -> Path:
        """What was sent."""
        return next(iter(self.folder.glob("sent*")), self.folder / "sent")

    @property
    def workbook(self) -> Path:
        """The marked workbook."""
        return self.folder / WORKBOOK

    @property
    def table(self) -> Path:
        """The separated values with a column of findings, where such were sent."""
        return self.folder / TABLE

    @property
    def wish(self) -> Wish:
        """How the sender wants to be answered."""
        return Wish(**orjson.loads((self.folder / _WISH).read_bytes()))

    @property
    def state(self) -> State:
        """How far we are; a try nobody works at any more is refused."""
        try:
            found = State(**orjson.loads((self.folder / _STATE).read_bytes()))
        except (OSError, ValueError, TypeError):
            return State("refused", "lost")
        return found if found.is_over or self.age < LONGEST_SECONDS else State("refused", "lost")

    @property
    def age(self) -> float:
        """Seconds since the file came in; very old where nobody can tell."""
        try:
            return time.time() - (self.folder / _WISH).stat().st_mtime
        except OSError:
            return float("inf")

    @property
    def report(self) -> dict[str, Any]:
        """What was found, without any row's values but those that public records say."""
        found: dict[str, Any] = orjson.loads((self.folder / _REPORT).read_bytes())
        return found

    def say(self, state: State) -> None:
        """Tell how far we are; whoever reads meanwhile gets the old state or the new."""
        self._write(_STATE, asdict(state))

    def conclude(self, report: Mapping[str, Any]) -> None:
        """Keep the report and drop what was sent: the workbook holds it."""
        self._write(_REPORT, dict(report))
        self.file.unlink(missing_ok=True)
        self.say(State("done"))

    def refuse(
        self, reason: str, line: int | None = None, trouble: str = "", *, column: int | None = None, detail: str = ""
    ) -> None:
        """Tell why nothing came of it, and drop everything else."""
        for name in (self.file.name, WORKBOOK, TABLE):
            (self.folder / name).unlink(missing_ok=True)
        self.say(State("refused", reason, line, trouble, column, detail))

    def _write(self, name: str, value: object) -> None:
        draft = self.folder / f".{name}.{secrets.token_hex(4)}"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            stream.write(orjson.dumps(value))
        draft.replace(self.folder / name)


def keep(chunks: Iterable[bytes], name: str, wish: Wish) -> str:
    """Hold a file and return the token that alone leads to it. Raises FullHouse."""
    sweep()
    held = _all()
    if sum(1 for each in held if not each.state.is_over) >= MOST_UNFINISHED or _bytes(held) > MOST_HELD_BYTES:
        raise FullHouse
    token = secrets.token_urlsafe(32)
    one = Held(tries() / digest_of(token))
    tries().mkdir(parents=True, exist_ok=True, mode=0o700)
    one.folder.mkdir(mode=0o700)
    suffix = Path(name).suffix.lower()
    sent = one.folder / f"sent{suffix if suffix in _SUFFIXES else ''}"
    with open(os.open(sent, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
        stream.writelines(chunks)
    one.say(State("waiting"))
    one._write(_WISH, asdict(wish))
    return token


def find(token: str) -> Held | None:
    """Return the try a token leads to, None once it is gone."""
    if _TOKEN.fullmatch(token) is None:
        return None
    one = Held(tries() / digest_of(token))
    if one.age < KEPT_SECONDS:
        return one
    shutil.rmtree(one.folder, ignore_errors=True)
    return None


def discard(token: str) -> None:
    """Forget a try at once."""
    if _TOKEN.fullmatch(token) is not None:
        shutil.rmtree(tries() / digest_of(token), ignore_errors=True)


def sweep(*, now: object = None) -> None:
    """Remove what has been held for long enough: a periodic job, and at every new file. The clock is the disk's."""
    for each in _all():
        # A folder without a wish is being made at this moment, or was left by a server that fell.
        if each.age > KEPT_SECONDS and time.time() - each.folder.stat().st_mtime > LONGEST_SECONDS:
            shutil.rmtree(each.folder, ignore_errors=True)


def digest_of(token: str) -> str:
    """Return the name of a token's folder."""
    return hashlib.sha256(token.encode()).hexdigest()


def tries() -> Path:
    """Return the folder of all tries."""
    return Path(settings.DATACOOP_DATA_DIR) / "tries"


def _all() -> list[Held]:
    return [Held(each) for each in tries().iterdir() if each.is_dir()] if tries().is_dir() else []


def _bytes(held: Iterable[Held]) -> int:
    found = 0
    for file in (file for each in held for file in each.folder.glob("*")):
        try:
            found += file.stat().st_size
        except OSError:
            continue  # swept this moment
    return found
