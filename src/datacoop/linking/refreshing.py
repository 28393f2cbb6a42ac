"""Compare everything that stands, and let merges and the review list be what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from datacoop.linking.activities import KIND as ACTIVITY
from datacoop.linking.activities import Activities
from datacoop.linking.bulk import compare_by
from datacoop.linking.groups import has_come
from datacoop.linking.indexing import Index
from datacoop.linking.matching import Pairing
from datacoop.linking.models import LookAlike
from datacoop.linking.partitioning import gather_whole
from datacoop.linking.renewing import renew_profiles
from datacoop.linking.runs import Run, take_up
from datacoop.linking.settling import settle_activities, settle_evidence
from datacoop.linking.unlabelled.estimating import Computing, TooFewRecordsError
from datacoop.linking.whole import SLICE, Whole, compare_whole, read_whole
from datacoop.records.queries import accepted_numbers, list_record_ids

Progress = Callable[[int, int], None]
_DROPPED_AT_ONCE = 1000
_SETTLED_AT_ONCE = 2000


@dataclass(frozen=True)
class Refreshed:
    """How many records were compared, how many pairs wait for a person, and what was merged and taken apart."""

    compared: int
    open: int
    merged: int = 0
    split: int = 0


@dataclass(frozen=True)
class Engine:
    """What compares: `cores` processes of this machine, or `computing`, where Splink finds the pairs.

    On more than one core the process is forked, which only one without other threads may be. In `folder` it is
    remembered what was compared: whoever asks again after an interruption goes on there.
    """

    cores: int = 1
    folder: Path | None = None
    computing: Computing | None = None


def refresh_review(*, now: datetime, engine: Engine | None = None, progress: Progress | None = None) -> Refreshed:
    """Compare everything indexed again: merge and split as it says, renew what waits for people.

    `progress` is told how many records of how many are compared. Raises: MissingEngineError.
    """
    engine = engine or Engine()
    renew_profiles()
    index = Index()
    whole = read_whole(index)
    run = take_up(engine.folder, whole.rows) if engine.folder else Run()
    evidence = gather_whole(index, whole, _compared(index, whole, run, engine, progress))
    settled = [settle_evidence(index, evidence, now=now)]
    activities = set[int]()
    for part in _activities():
        reading = Activities()
        settled.append(settle_activities(part, now=now, activities=reading))
        activities |= reading.of_records(part).keys()
    _drop_silent({*whole.rows["record"].tolist(), *activities})
    run.finish()
    waiting = LookAlike.objects.filter(state=LookAlike.OPEN).count()
    merged, split = sum(each.merged for each in settled), sum(each.split for each in settled)
    return Refreshed(len(whole.rows) + len(activities), waiting, merged, split)


def _activities() -> Iterator[list[int]]:
    after = -1
    while part := list_record_ids(kind=ACTIVITY, after=after, limit=_SETTLED_AT_ONCE):
        yield part
        after = part[-1]


def _compared(
    index: Index, whole: Whole, run: Run, engine: Engine, progress: Progress | None
) -> Iterator[list[Pairing]]:
    if engine.computing is not None:
        with suppress(TooFewRecordsError):
            yield from compare_by(engine.computing, index, whole)
            return
    count = len(whole.rows)
    for done, found in enumerate(compare_whole(whole, cores=engine.cores, run=run), 1):
        yield found
        if progress:
            progress(min(done * SLICE, count), count)


def _drop_silent(standing: set[int]) -> None:
    """Take off the review list the pairs of which no list speaks any more."""
    accepted = accepted_numbers()
    rows = LookAlike.objects.filter(state=LookAlike.OPEN)
    gone = [
        row
        for row, one, two, source, number in rows.values_list("id", "first", "second", "source_id", "contribution")
        if not {one, two} <= standing and has_come(source, number, accepted)
    ]
    for start in range(0, len(gone), _DROPPED_AT_ONCE):
        LookAlike.objects.filter(id__in=gone[start : start + _DROPPED_AT_ONCE]).delete()
