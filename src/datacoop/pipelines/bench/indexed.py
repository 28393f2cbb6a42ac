"""`bench link --index`: comparing everything at once, and a contribution against everything, in an index of some size.

The index is filled by the code that contributions are linked by; names alone are stated of its records.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from datacoop.disclosure.actions import finish_contributions
from datacoop.linking.actions import Linker
from datacoop.linking.learning.lists import HOLDERS, Written, write_lists
from datacoop.linking.learning.worlds import make_world
from datacoop.linking.offering import Offered
from datacoop.linking.settling import MACHINE
from datacoop.pipelines.bench.installation import Installation, MeasureFailed, on_sqlite
from datacoop.pipelines.bench.report import Measure
from datacoop.records.actions.publishing import Attestation, attest
from datacoop.records.actions.revising import revision
from datacoop.records.actions.staging import StagedRow, Staging, accept, open_staging, stage, stage_merge
from datacoop.records.actions.stating import Said
from datacoop.sources.actions import Named, ensure_list

#: Of the issue of linking: seconds and gigabytes for a million records on two cores; seconds for a thousand rows, and
#: milliseconds for one record, against a million.
WHOLE_S, WHOLE_MB, ROWS_S, ONE_MS = 180.0, 6144.0, 2.0, 200.0
AIMED_AT = 1_000_000
_KIND, _ACTOR = "organisation", "bench"
_ROWS, _ONES = 1000, 50
_BATCH = 1000
_SEED = 77
#: Rows of an invented world for each of its organisations, roughly.
_LISTED = 1.9


@dataclass(frozen=True)
class Added:
    """Seconds that a thousand rows took, and milliseconds that one did: each time one more than before."""

    rows_s: list[float]
    one_ms: list[float]


def measure(count: int, *, cores: int, cache: Path, say: Callable[[str], None]) -> list[Measure]:
    """Fill an index with `count` records, link them all, then some more; return what it took. Raises: MeasureFailed."""
    cache.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="index-", dir=cache))
    try:
        installation = on_sqlite(folder, count)
        installation.folder.mkdir(mode=0o700, parents=True)
        installation.run("init")
        say(f"indexing {count:,} records")
        installation.run("bench", "fill", str(count))
        seconds, megabytes = _linked(installation, cores)
        added = Added(**json.loads(installation.run("bench", "add")))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    is_aimed_at = count == AIMED_AT
    name = f"link.index.{count // 1000}k"
    return [
        Measure(f"{name}.whole_s", seconds, "s", WHOLE_S if is_aimed_at else None),
        Measure(f"{name}.whole_mb", megabytes, "MB", WHOLE_MB if is_aimed_at else None),
        Measure(f"{name}.thousand_rows_s", statistics.median(added.rows_s), "s", ROWS_S),
        Measure(f"{name}.one_record_ms", statistics.median(added.one_ms), "ms", ONE_MS),
    ]


def fill(count: int) -> None:
    """Store `count` records of an invented world, as accepted lists left them, in this installation's index."""
    lists: list[list[Written]] = [[] for _ in range(HOLDERS)]
    for written in islice(write_lists(make_world(int(count / _LISTED * 1.1) + 10, _SEED), _SEED), count):
        lists[written.holder].append(written)
    for number, rows in enumerate(lists):
        now = datetime.now(UTC)
        source = ensure_list(named=Named(f"Holder {number}", _KIND, None, "CH", False), now=now).source_id
        attest(source, Attestation("https://holder.example.org", now.date(), _ACTOR, now))
        staging = open_staging(source_id=source, now=now)
        linker = Linker(source_id=source, number=staging.number, kind=_KIND, now=now)
        for batch in _batches(rows):
            ids = stage(staging, kind=_KIND, rows=[_row(each) for each in batch])
            linker.offer([_offered(i, each) for i, each in zip(ids, batch, strict=True)])
        for each in linker.settle():
            codes = ",".join(each.codes)[:200]
            stage_merge(staging, loser_id=each.loser, survivor_id=each.survivor, actor=MACHINE, reason=codes)
        with revision(actor=_ACTOR, now=datetime.now(UTC), why="measured") as draft:
            accept(draft, staging)
        # Only of what the public is shown can be said that it is one with others it is shown.
        finish_contributions(datetime.now(UTC))
        linker.finish(now=datetime.now(UTC))


def add() -> Added:
    """Link lists of a thousand rows against this installation's index, each taken back, and correct single records."""
    now = datetime.now(UTC)
    source = ensure_list(named=Named("One more", _KIND, None, "CH", False), now=now).source_id
    rows = write_lists(make_world(4 * _ROWS, _SEED), _SEED)
    added = Added([], [])
    for turn in range(4):
        linked = _opened(source, [None] * _ROWS, rows[turn * _ROWS : (turn + 1) * _ROWS])
        # The first warms what a running worker has warm.
        added.rows_s.extend([linked.seconds()] if turn else [])
        linked.linker.abandon()
    listed = _opened(source, [None] * _ONES, rows[:_ONES])
    listed.seconds()
    listed.accept()
    for record, said in zip(listed.records, rows[_ONES:], strict=False):
        linked = _opened(source, [record], [said])
        begun = linked.seconds()
        linked.accept()
        added.one_ms.append(1000 * (begun + linked.finished()))
    return added


@dataclass
class _Contribution:
    """A contribution while it is linked."""

    linker: Linker
    staging: Staging
    records: list[int]
    offered: list[Offered]

    def seconds(self) -> float:
        """Link it while it is staged; return what that took."""
        begun = time.perf_counter()
        self.linker.offer(self.offered)
        self.linker.settle()
        return time.perf_counter() - begun

    def accept(self) -> None:
        """Let it count."""
        with revision(actor=_ACTOR, now=datetime.now(UTC), why="measured") as draft:
            accept(draft, self.staging)
        finish_contributions(datetime.now(UTC))

    def finished(self) -> float:
        """Do what follows its acceptance; return what that took."""
        begun = time.perf_counter()
        self.linker.finish(now=datetime.now(UTC))
        return time.perf_counter() - begun


def _opened(source: int, records: Sequence[int | None], rows: Sequence[Written]) -> _Contribution:
    """Stage what a list says of some records, None for new ones."""
    now = datetime.now(UTC)
    staging = open_staging(source_id=source, now=now)
    linker = Linker(source_id=source, number=staging.number, kind=_KIND, now=now)
    ids = stage(staging, kind=_KIND, rows=[_row(each, of) for each, of in zip(rows, records, strict=True)])
    return _Contribution(linker, staging, ids, [_offered(i, each) for i, each in zip(ids, rows, strict=True)])


def _linked(installation: Installation, cores: int) -> tuple[float, float]:
    """Return the seconds and the most memory, in megabytes, that comparing everything took."""
    begun, most = time.perf_counter(), 0.0
    run = subprocess.Popen(  # noqa: S603 (our own program)
        [sys.executable, "-m", "datacoop", "link", "--all", "--cores", str(cores)],
        env=installation.environment(),
        stdout=subprocess.DEVNULL,
    )
    while run.poll() is None:
        most = max(most, sum(_megabytes(pid) for pid in (run.pid, *_children(run.pid))))
        time.sleep(0.2)
    if run.returncode not in (0, 1):
        raise MeasureFailed(f"`datacoop link --all` ended with code {run.returncode}.")
    return time.perf_counter() - begun, most


def _children(pid: int) -> list[int]:
    with suppress(OSError):
        return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    return []


def _megabytes(pid: int) -> float:
    """What a process holds, memory that it shares with others divided among them."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    return 0.0


def _row(written: Written, of: int | None = None) -> StagedRow:
    return StagedRow(of, [Said("name", str(written.values["name"][0]))])


def _offered(record_id: int, written: Written) -> Offered:
    return Offered(record_id, written.values, {}, published=True)


def _batches(rows: Sequence[Written]) -> Iterator[Sequence[Written]]:
    return (rows[start : start + _BATCH] for start in range(0, len(rows), _BATCH))


def as_json(added: Added) -> str:
    """Return it as `measure` reads it from the process that measured."""
    return json.dumps(asdict(added))
