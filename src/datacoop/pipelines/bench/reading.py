"""`bench read`: every corpus on every database, measured, told, returned as named values."""

from __future__ import annotations

import shutil
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from datacoop.lib.postgresql import Server as PostgresqlServer
from datacoop.pipelines.bench import report
from datacoop.pipelines.bench.installation import Installation, on_postgresql, on_sqlite
from datacoop.pipelines.bench.load import refuse_without_wrk
from datacoop.pipelines.bench.measuring import Plan, Say, alone, measure

DATABASES = ("sqlite", "postgres")
#: As in life: every commit is on disk before it counts.
DURABLE = ("shared_buffers=512MB", "max_wal_size=4GB")


def size_of(scale: str) -> int:
    """10k → 10000, 1M → 1000000. Raises: ValueError."""
    factors = {"k": 1000, "M": 1_000_000}
    number, factor = (scale[:-1], factors[scale[-1]]) if scale[-1:] in factors else (scale, 1)
    if not number.isascii() or not number.isdigit() or not int(number):
        raise ValueError(f"{scale} is no number of organisations: write 10k, 100k or 1M.")
    return int(number) * factor


def read(
    scales: Sequence[str], databases: Sequence[str], plan: Plan, *, cache: Path, postgresql_url: str | None, say: Say
) -> tuple[list[report.Measure], list[str]]:
    """Measure; return the values and the tables.

    Raises:
        MeasureFailed: wrk is missing, a process ended badly, an answer was wrong.
        lib.postgresql.Missing: PostgreSQL was asked for and is not there.
    """
    refuse_without_wrk()
    measures: list[report.Measure] = []
    tables: list[str] = []
    for database in databases:
        with _installations(database, scales, cache, postgresql_url) as installations:
            _read_one(database, dict(zip(scales, installations, strict=True)), plan, say, measures, tables)
    return measures, tables


def _read_one(
    database: str,
    installations: dict[str, Installation],
    plan: Plan,
    say: Say,
    measures: list[report.Measure],
    tables: list[str],
) -> None:
    served = {}
    for scale, installation in installations.items():
        told = f"{database} {scale}: "
        installation.ensure(lambda words, told=told: say(told + words))  # type: ignore[misc]
        served[scale] = measure(installation, plan, lambda words, told=told: say(told + words))  # type: ignore[misc]
        measures += report.of_served(database, scale, served[scale].rows)
        measures += report.of_firsts(database, scale, served[scale].firsts)
    rounds = alone(list(installations.values()), plan, lambda words: say(f"{database}: {words}"))
    scales = list(installations)
    measures += report.of_alone(database, scales, rounds)
    measures += report.of_decisions(database, served[scales[-1]].decided_ms)
    for i, scale in enumerate(scales):
        single = {query: statistics.median(each[i][query] for each in rounds) for query in rounds[0][i]}
        told = report.table(f"{database}, {scale} organisations", served[scale].rows, single)
        tables.append(f"{told}\n{report.told_of_firsts(served[scale].firsts)}")


@contextmanager
def _installations(
    database: str, scales: Sequence[str], cache: Path, postgresql_url: str | None
) -> Iterator[list[Installation]]:
    sizes = [size_of(scale) for scale in scales]
    if database == "sqlite":
        yield [on_sqlite(cache, size) for size in sizes]
    elif postgresql_url:
        yield [on_postgresql(cache, size, postgresql_url) for size in sizes]
    else:
        # A server of our own ends with the run, and its corpus with it.
        folder = Path(tempfile.mkdtemp(prefix="dc-bench-"))
        server = PostgresqlServer(folder, DURABLE)
        try:
            server.start()
            yield [on_postgresql(folder / "data", size, server.url("postgres")) for size in sizes]
        finally:
            server.stop()
            shutil.rmtree(folder, ignore_errors=True)
