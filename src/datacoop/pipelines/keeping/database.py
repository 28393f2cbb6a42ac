"""A consistent copy of the database while others write, and putting one in its place; SQLite and PostgreSQL.

SQLite is copied by its own backup call, PostgreSQL by `pg_dump` at an exported snapshot. What the copy's manifest says
of it is read from that same snapshot.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, connections, transaction

from datacoop.lib.files import sync_folder
from datacoop.lib.sql import execute, select

_MIGRATIONS = "SELECT app, name FROM django_migrations ORDER BY app, name"
_TIP = "SELECT number, hash FROM ledger_head"
#: A dump of one schema makes that schema itself.
_ANEW = "SET client_min_messages = warning; DROP SCHEMA IF EXISTS public CASCADE;"


class DatabaseUnfit(RuntimeError):
    """The database cannot be copied or put back; the message says what to do."""


@dataclass(frozen=True)
class Copied:
    """What a copy holds: its migrations (`room.name`) and where its ledger ends."""

    migrations: tuple[str, ...]
    tip: int
    tip_hash: str


def copy_to(target: Path) -> Copied:
    """Write a copy to `target`. Others may read and write meanwhile. Raises: DatabaseUnfit."""
    target.unlink(missing_ok=True)
    os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    return _copy_sqlite(target) if connection.vendor == "sqlite" else _copy_postgresql(target)


def check(source: Path) -> None:
    """Refuse a copy that this engine cannot read. Raises: DatabaseUnfit."""
    if connection.vendor != "sqlite":
        _run("pg_restore", ["--list", str(source)])
        return
    try:
        with closing(sqlite3.connect(f"file:{source}?mode=ro&immutable=1", uri=True)) as opened:
            found = opened.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        raise DatabaseUnfit("The database in the backup cannot be opened: use another copy.") from error
    if found != "ok":
        raise DatabaseUnfit("The database in the backup is damaged: use another copy.")


def put_back(source: Path) -> None:
    """Put a copy in the place of the database; `source` is gone afterwards. Repeatable where it was interrupted.

    Raises: DatabaseUnfit; then the database is what it was.
    """
    connections.close_all()
    if connection.vendor == "sqlite":
        _put_sqlite(source)
    else:
        _put_postgresql(source)
    source.unlink(missing_ok=True)


def _copy_sqlite(target: Path) -> Copied:
    own = f"file:{settings.DATABASES['default']['NAME']}?mode=ro"
    with closing(sqlite3.connect(own, uri=True)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
        # One file, without a log beside it.
        copy.execute("PRAGMA journal_mode = DELETE")
        migrations, tip = copy.execute(_MIGRATIONS).fetchall(), copy.execute(_TIP).fetchone()
    return _copied(migrations, tip)


def _copy_postgresql(target: Path) -> Copied:
    with transaction.atomic():
        execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        name = str(select("SELECT pg_export_snapshot()")[0][0])
        tips = select(_TIP)
        copied = _copied(select(_MIGRATIONS), tips[0] if tips else None)
        options = ["--format=custom", "--schema=public", "--no-owner", "--no-privileges"]
        _run("pg_dump", [*options, f"--snapshot={name}", f"--file={target}"])
    return copied


def _copied(migrations: Sequence[tuple[str, str]], tip: tuple[int, str] | None) -> Copied:
    number, digest = tip or (0, "")
    return Copied(tuple(f"{app}.{name}" for app, name in migrations), number, digest)


def _put_sqlite(source: Path) -> None:
    database = Path(settings.DATABASES["default"]["NAME"])
    beside = database.with_name(f"{database.name}.restored")
    if not source.exists() and not beside.exists():
        return  # an interrupted run came so far
    if source.exists():
        try:
            os.replace(source, beside)
        except OSError:
            # On another disk. Removed last, so that an interruption only repeats it.
            shutil.copyfile(source, beside)
            os.chmod(beside, 0o600)
            _sync(beside)
            source.unlink()
    for suffix in ("-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)
    os.replace(beside, database)
    sync_folder(database.parent)


def _put_postgresql(source: Path) -> None:
    """Empty the schema and fill it in one transaction: a failure leaves what was there."""
    if not source.exists():
        return
    script = source.with_suffix(".sql")
    _run("pg_restore", ["--no-owner", "--no-privileges", f"--file={script}", str(source)])
    text = script.with_suffix(".head")
    text.write_text(_ANEW, encoding="ascii")
    try:
        _run("psql", ["-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-f", str(text), "-f", str(script)])
    finally:
        script.unlink(missing_ok=True)
        text.unlink(missing_ok=True)


def _run(program: str, arguments: Sequence[str]) -> None:
    """Run a program of PostgreSQL's; the address is handed over by the environment, the password with it."""
    found = _program(program)
    database: dict[str, Any] = settings.DATABASES["default"]
    given = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    own = {variable: str(database[name]) for variable, name in given.items() if database.get(name)}
    if mode := database.get("OPTIONS", {}).get("sslmode"):
        own["PGSSLMODE"] = str(mode)
    done = subprocess.run(  # noqa: S603 (PostgreSQL's own program)
        [found, *arguments], env={**os.environ, **own}, capture_output=True, check=False, cwd="/"
    )
    if done.returncode:
        # Of what it says only the first line: those after it may hold a row.
        first = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0][:300]
        raise DatabaseUnfit(f"{program} refused: {first}")


def _program(name: str) -> str:
    newest = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: int(path.parts[4]))
    found = str(newest[-1]) if newest else shutil.which(name)
    if not found:
        raise DatabaseUnfit(f"{name} is missing: install PostgreSQL's client programs (postgresql-client).")
    return found


def _sync(file: Path) -> None:
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
