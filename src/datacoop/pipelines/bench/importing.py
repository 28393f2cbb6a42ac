"""`bench import`: an invented list from its file to being found, on one core, without and with linking."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from datacoop.lib.postgresql import Server as PostgresqlServer
from datacoop.pipelines.bench import report
from datacoop.pipelines.bench.installation import (
    Installation,
    make_database,
    on_postgresql,
    on_sqlite,
)
from datacoop.pipelines.bench.pouring import Poured, write_list
from datacoop.pipelines.bench.reading import DURABLE, size_of

#: Organisations of another holder, there before: decisions are taken about them while the list is poured in.
STANDING = 200
_DECIDED_FROM = "1M"
_EVERY_SECONDS = 0.05


def measure(
    scales: Sequence[str],
    databases: Sequence[str],
    *,
    cache: Path,
    postgresql_url: str | None,
    say: Callable[[str], None],
) -> list[report.Measure]:
    """Pour lists into installations of their own, which are removed afterwards, and return the values.

    Raises:
        MeasureFailed: a process ended badly, a row was refused or is not found.
        lib.postgresql.Missing: PostgreSQL was asked for and is not there.
    """
    measures: list[report.Measure] = []
    for database in databases:
        per_second: dict[tuple[str, bool], float] = {}
        for scale in scales:
            for linked in (False, True):
                with _installation(database, cache, postgresql_url) as installation:
                    poured, waits = _poured(installation, scale, linked=linked)
                per_second[scale, linked] = poured.rows / poured.seconds
                over = per_second.get(("100k", linked))
                measures += report.of_import(database, scale, poured, waits, linked=linked, at_100k=over)
                say(f"{database} {scale}{' linked' if linked else ''}: {per_second[scale, linked]:,.0f} rows/s")
    return measures


def _poured(installation: Installation, scale: str, *, linked: bool) -> tuple[Poured, list[float]]:
    """Pour a list in, at the largest scale while decisions are taken beside it; milliseconds each of them took."""
    installation.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    installation.run("init")
    before, file = installation.folder / "standing.csv", installation.folder / "list.csv"
    write_list(before, 0, STANDING)
    write_list(file, STANDING, size_of(scale))
    _pour_in(installation, before, "Standing", linked=True)
    if scale != _DECIDED_FROM or linked:
        return _pour_in(installation, file, "Poured", linked=linked), []
    deciding = subprocess.Popen(  # noqa: S603 (our own program)
        [sys.executable, "-m", "datacoop", "bench", "deciding", "--pairs", "1000000", "--seconds", "86400",
         "--every", str(_EVERY_SECONDS)],
        env=installation.environment(), stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        poured = _pour_in(installation, file, "Poured", linked=linked)
    finally:
        # Its standard input ends: so does it.
        said, _ = deciding.communicate()
    return poured, json.loads(said)


def _pour_in(installation: Installation, file: Path, holder: str, *, linked: bool) -> Poured:
    options = [] if linked else ["--without-linking"]
    return Poured(**json.loads(installation.run("bench", "pour", str(file), "--holder", holder, *options)))


@contextmanager
def _installation(database: str, cache: Path, postgresql_url: str | None) -> Iterator[Installation]:
    """An empty installation of its own; the folder, and a server started for it, go with it."""
    cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="import-", dir=cache))
    server = PostgresqlServer(folder, DURABLE) if database == "postgres" and not postgresql_url else None
    try:
        if server:
            server.start()
        url = server.url("postgres") if server else postgresql_url
        if database == "postgres" and url:
            made = on_postgresql(folder / "data", 0, url)
            make_database(made.database_url or "")
            yield made
        else:
            yield on_sqlite(folder / "data", 0)
    finally:
        if server:
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)
