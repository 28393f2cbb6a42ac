"""What was measured, as named values with their targets, and as one table. Pure."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from datacoop.pipelines.bench.firsts import First
from datacoop.pipelines.bench.measuring import STREAMED, Row
from datacoop.pipelines.bench.pouring import Poured
from datacoop.pipelines.bench.preparing import QUERIES

OF_LIMIT: Mapping[str, float] = {"Q1": 0.60, "Q2": 0.40, "Q3": 0.15, "Q4": 0.40, "Q5": 0.40}
CLIENT_OVER_PUBLIC, TAIL_OVER_LIMIT, DECIDED_MS = 1.15, 2.0, 10.0
ROWS_PER_S, PEAK_MB, WAIT_MS = {False: 4000.0, True: 2000.0}, 1000.0, 50.0
OVER_10K, GROWING = 2.0, ("Q1", "Q2", "Q4", "Q5")
#: The targets are said of this database.
AIMED = "sqlite"


@dataclass(frozen=True)
class Measure:
    """One value. It holds if it is at least (`more`) or at most its target; without one, nothing is asked of it."""

    name: str
    value: float
    unit: str
    target: float | None = None
    more: bool = False

    @property
    def holds(self) -> bool | None:
        """Whether the target is met, None without one."""
        if self.target is None:
            return None
        return self.value >= self.target if self.more else self.value <= self.target

    def as_json(self) -> dict[str, object]:
        """The contract's form."""
        value = float(f"{self.value:.4g}")
        return {"name": self.name, "value": value, "unit": self.unit, "target": self.target, "holds": self.holds}


def of_served(database: str, scale: str, rows: Sequence[Row]) -> Iterator[Measure]:
    """The values of one corpus over HTTP."""
    aimed = database == AIMED
    for row in rows:
        name = f"read.http.{database}.{scale}.{row.query}"
        target = OF_LIMIT.get(row.query) if aimed else None
        yield Measure(f"{name}.of_limit", row.of_limit, "share", target, more=True)
        ratio = row.client_over_public
        most = CLIENT_OVER_PUBLIC if aimed else None
        yield Measure(f"{name}.client_over_public", ratio.median, "ratio", most)
        yield Measure(f"{name}.client_over_public.low", ratio.low, "ratio")
        yield Measure(f"{name}.client_over_public.high", ratio.high, "ratio")
        if row.anew:
            yield Measure(f"{name}.anew.of_limit", row.anew.of_limit, "share", target, more=True)
            yield Measure(f"{name}.anew.client_over_public", row.anew.client_over_public.median, "ratio")
            yield Measure(f"{name}.anew.requests_per_s", row.anew.public.per_second, "1/s")
            yield Measure(f"{name}.anew.cpu_ms", row.anew.public.cpu_ms, "ms")
        if row.tail_over_limit is not None:
            farthest = TAIL_OVER_LIMIT if aimed and row.query != STREAMED else None
            yield Measure(f"{name}.tail_over_limit", row.tail_over_limit, "ratio", farthest)
            yield Measure(f"{name}.p50_ms", row.public.p50_ms, "ms")
            yield Measure(f"{name}.p99_ms", row.public.p99_ms, "ms")
        yield Measure(f"{name}.requests_per_s", row.public.per_second, "1/s")
        yield Measure(f"{name}.client.requests_per_s", row.client.per_second, "1/s")
        yield Measure(f"{name}.limit_requests_per_s", row.limit.per_second, "1/s")
        yield Measure(f"{name}.cpu_ms", row.public.cpu_ms, "ms")
        if row.query == STREAMED:
            yield Measure(f"{name}.organisations_per_s", row.public.per_second * row.rows, "1/s")
            yield Measure(f"{name}.mb_per_s", row.public.per_second * row.size / 1e6, "MB/s")


def of_firsts(database: str, scale: str, firsts: Mapping[str, First]) -> Iterator[Measure]:
    """The values of what clients are sent for the first time; nothing is asked of them: a disk has to be waited for."""
    for query, found in firsts.items():
        name = f"read.http.{database}.{scale}.{query}"
        yield Measure(f"{name}.first_over_repeated", found.over_repeated, "ratio")
        yield Measure(f"{name}.first_ms", found.first_ms, "ms")


def told_of_firsts(firsts: Mapping[str, First]) -> str:
    """The same in one line for people, to stand under the table."""
    each = (f"{q} {f.over_repeated:.2f} ({f.first_ms:.2f} / {f.repeated_ms:.2f} ms)" for q, f in firsts.items())
    return "first over repeated, for a new client: " + ", ".join(each)


def of_decisions(database: str, taken: Sequence[float]) -> Iterator[Measure]:
    """The values of changes of consent under load."""
    name = "write.decide" if database == AIMED else f"write.decide.{database}"
    yield Measure(f"{name}.p50_ms", statistics.median(taken), "ms", DECIDED_MS if database == AIMED else None)
    yield Measure(f"{name}.p99_ms", sorted(taken)[int(0.99 * len(taken))], "ms")


def of_import(
    database: str, scale: str, poured: Poured, waits: Sequence[float], *, linked: bool, at_100k: float | None
) -> Iterator[Measure]:
    """The values of one import; `at_100k` is what the same import of 100,000 rows reached, in rows a second."""
    base = f"import.{scale}" if database == AIMED else f"import.{database}.{scale}"
    name = f"{base}.linked" if linked else base
    target = ROWS_PER_S[linked] if scale == "100k" else at_100k / 2 if scale == "1M" and at_100k else None
    per_second = poured.rows / poured.seconds
    yield Measure(f"{name}.rows_per_s", per_second, "1/s", target if database == AIMED else None, more=True)
    yield Measure(f"{name}.cpu_us_per_row", 1e6 * poured.cpu_seconds / poured.rows, "us")
    yield Measure(f"{name}.peak_mb", poured.peak_mb, "MB", None if linked else PEAK_MB)
    if waits:
        ordered = sorted(waits)
        yield Measure(f"{name}.decide_wait.p50_ms", statistics.median(ordered), "ms")
        yield Measure(f"{name}.decide_wait.p99_ms", ordered[int(0.99 * len(ordered))], "ms", WAIT_MS)


def of_alone(
    database: str, scales: Sequence[str], rounds: Sequence[Sequence[Mapping[str, float]]]
) -> Iterator[Measure]:
    """The values of queries alone; growth is compared within a round, of runs side by side."""
    for i, scale in enumerate(scales):
        for query in QUERIES:
            name = f"read.process.{database}.{scale}.{query}"
            yield Measure(f"{name}.p50_us", statistics.median(each[i][query] for each in rounds), "us")
            if "10k" in scales and scale != "10k":
                first = scales.index("10k")
                over = statistics.median(each[i][query] / each[first][query] for each in rounds)
                aimed = query in GROWING and database == AIMED
                yield Measure(f"{name}.over_10k", over, "ratio", OVER_10K if aimed else None)


_HEAD = (
    "query", "req/s", "p50 ms", "p99 ms", "CPU ms", "bytes", "fixed/s", "of limit", "alone/s", "client/s",
    "client:public CPU", "tail:limit", "anew: req/s", "of limit", "client:public",
)  # fmt: skip


def table(title: str, rows: Sequence[Row], alone_us: Mapping[str, float]) -> str:
    """One table for people; `alone/s` is what one process does without HTTP."""
    lines = [_HEAD, *(_line(row, alone_us) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(_HEAD))]
    text = [
        "  ".join(
            cell.ljust(w) if i == 0 else cell.rjust(w) for i, (cell, w) in enumerate(zip(line, widths, strict=True))
        )
        for line in lines
    ]
    return "\n".join([title, *text])


def _line(row: Row, alone_us: Mapping[str, float]) -> tuple[str, ...]:
    public, ratio = row.public, row.client_over_public
    complete = row.tail_over_limit is not None
    # Alone, an export is measured by its chunks.
    single = f"{1e6 / alone_us[row.query]:,.0f}" if row.query in alone_us and row.query != STREAMED else "-"
    return (
        f"{row.query} {QUERIES[row.query]}",
        _plain(public.per_second),
        f"{public.p50_ms:.2f}" if complete else "-",
        f"{public.p99_ms:.2f}" if complete else "-",
        f"{public.cpu_ms:.3f}",
        f"{row.size:,}",
        _plain(row.limit.per_second),
        f"{row.of_limit:.2f}{_verdict(row.of_limit, OF_LIMIT.get(row.query), more=True)}",
        single,
        _plain(row.client.per_second),
        f"{ratio.median:.2f}{_verdict(ratio.median, CLIENT_OVER_PUBLIC)} ({ratio.low:.2f}–{ratio.high:.2f})",
        f"{row.tail_over_limit:.2f}{_verdict(row.tail_over_limit, TAIL_OVER_LIMIT)}" if row.tail_over_limit else "-",
        *_anew(row),
    )


def _anew(row: Row) -> tuple[str, str, str]:
    if row.anew is None:
        return "-", "-", "-"
    share, ratio = row.anew.of_limit, row.anew.client_over_public.median
    return (
        _plain(row.anew.public.per_second),
        f"{share:.2f}{_verdict(share, OF_LIMIT.get(row.query), more=True)}",
        f"{ratio:.2f}",
    )


def _plain(rate: float) -> str:
    return f"{rate:,.0f}" if rate >= 100 else f"{rate:.2f}"


def _verdict(value: float, target: float | None, *, more: bool = False) -> str:
    """An exclamation mark beside what misses its target."""
    if target is None or (value >= target if more else value <= target):
        return ""
    return "!"
