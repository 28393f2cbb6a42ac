"""Installations made for measuring: a data folder with the corpus in it, kept between runs, and its processes.

Everything happens in processes of their own, so that the caller's own data is never touched.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict

import datacoop
from datacoop.pipelines.bench import asking
from datacoop.pipelines.bench.asking import Questions

_ROOT = Path(str(datacoop.__file__)).parent
#: Whatever decides what is stored and how: a corpus of other code is another corpus.
_DECIDING = (
    "pipelines/bench/corpus.py",
    "pipelines/bench/asking.py",
    "pipelines/bench/storing.py",
    "*/migrations/*.py",
    "kinds/definitions/*.yml",
    "charter/documents/*.yml",
    "disclosure/rules.py",
    "disclosure/slots.py",
    "disclosure/compile/*.py",
    "records/storing.py",
    "consent/rules.py",
    "lib/text.py",
    "lib/geo.py",
)
_QUESTIONS, _AGREEMENTS = "questions.json", "agreements.json"


#: Requests are counted, as they are when it is served: that is part of what they cost.
_ENDLESS = "1000000000"


class MeasureFailed(Exception):
    """A process of the measures ended badly; the message holds its last words."""


@dataclass(frozen=True)
class Installation:
    """One data folder with its database, and the corpus of `count` organisations in it."""

    folder: Path
    count: int
    database_url: str | None = None

    def environment(self) -> dict[str, str]:
        """The environment of its processes: no setting but its own, and limits that are never reached."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("DATACOOP_")}
        limits = {
            "DATACOOP_RATE_PER_MINUTE": _ENDLESS,
            "DATACOOP_CLIENT_RATE_PER_MINUTE": _ENDLESS,
            "DATACOOP_ANONYMOUS_PERCENT": _ENDLESS,
        }
        own = {"DATACOOP_DATA_DIR": str(self.folder), **limits}
        if self.database_url:
            own["DATACOOP_DATABASE_URL"] = self.database_url
        return {**inherited, **own}

    def run(self, *arguments: str) -> str:
        """Run one command to its end and return what it printed; its progress goes to our standard error.

        Raises:
            MeasureFailed: it did not end well.
        """
        done = subprocess.run(  # noqa: S603 (our own program)
            [sys.executable, "-m", "datacoop", *arguments],
            env=self.environment(),
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            raise MeasureFailed(f"`datacoop {' '.join(arguments)}` ended with code {done.returncode}.")
        return done.stdout

    def questions(self) -> Questions:
        """What is asked of the corpus."""
        return asking.load(self.folder / _QUESTIONS)

    def agreements(self) -> list[str]:
        """The agreements the corpus was decided for."""
        found: list[str] = json.loads((self.folder / _AGREEMENTS).read_text(encoding="ascii"))
        return found

    def note(self, questions: Questions, agreements: Iterable[str]) -> None:
        """Note that the corpus is complete."""
        (self.folder / _AGREEMENTS).write_text(json.dumps(list(agreements)), encoding="ascii")
        questions.save(self.folder / _QUESTIONS)

    def ensure(self, say: Callable[[str], None]) -> None:
        """Make folder, database and corpus unless a complete one is there."""
        if (self.folder / _QUESTIONS).exists():
            return
        say(f"storing {self.count} organisations and {2 * self.count} activities")
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(mode=0o700, parents=True)
        if self.database_url:
            make_database(self.database_url)
        self.run("init")
        self.run("bench", "store", str(self.count))


def version() -> str:
    """The digest of everything that decides what is stored."""
    digest = hashlib.blake2b(digest_size=6)
    for pattern in _DECIDING:
        for path in sorted(_ROOT.glob(pattern)):
            digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def on_sqlite(cache: Path, count: int) -> Installation:
    """The installation of a corpus kept under `cache`."""
    return Installation(cache / version() / f"sqlite-{count}", count)


def make_database(url: str) -> None:
    """Make a PostgreSQL database anew."""
    base, _, name = url.rpartition("/")
    with psycopg.connect(**conninfo_to_dict(f"{base}/postgres"), autocommit=True) as connection:  # type: ignore[arg-type]
        connection.execute(f'DROP DATABASE IF EXISTS "{name}"'.encode())
        connection.execute(f'CREATE DATABASE "{name}"'.encode())


def on_postgresql(cache: Path, count: int, server_url: str) -> Installation:
    """The same on a PostgreSQL server, in a database of its own; `server_url` names any database there."""
    name = f"datacoop_bench_{version()}_{count}"
    base = server_url.partition("?")[0].rpartition("/")[0]
    return Installation(cache / version() / f"postgresql-{count}", count, f"{base}/{name}")
