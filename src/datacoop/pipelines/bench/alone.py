"""Queries alone, in one process: the database and our reading of it, without HTTP. Median microseconds.

Runs inside the installation it measures.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable, Iterator

import orjson

from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import Reading, open_reading
from datacoop.disclosure.search.feeding import changes, export
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Question
from datacoop.pipelines.bench.asking import PAGE, Asked, Questions
from datacoop.pipelines.bench.corpus import SEED
from datacoop.pipelines.bench.preparing import CHANGES
from datacoop.records.rules import ID_BITS

_RECORDS, _PAGES, _CHUNK = 200, 20, 1000
Query = Callable[[], object]


def medians(questions: Questions, seconds: float) -> dict[str, float]:
    """Median of every query as the public asks it, in microseconds."""
    reading = open_reading()
    try:
        return {name: _median(queries, seconds) for name, queries in _queries(reading, questions).items()}
    finally:
        reading.close()


def _median(queries: list[Query], seconds: float) -> float:
    for query in queries:
        query()
    taken: list[int] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(taken) < len(queries):
        for query in queries:
            begun = time.perf_counter_ns()
            query()
            taken.append(time.perf_counter_ns() - begun)
    return statistics.median(taken) / 1000


def _queries(reading: Reading, questions: Questions) -> dict[str, list[Query]]:
    lists = {
        "Q2": [_question("organisation", each) for each in questions.pairs],
        "Q3": [Question("organisation", text=" ".join(two), limit=PAGE) for two in questions.words],
        "Q4": [_question("organisation", each) for each in questions.boxes],
        "Q5": [_question("activity", each, sort="start") for each in questions.agendas],
    }
    ids, chunks = _some_ids(reading), _starts()
    return {
        "Q1": [lambda uid=uid: get(reading, PUBLIC, "organisation", uid) for uid in ids],  # type: ignore[misc]
        **{
            name: [lambda each=each: find(reading, PUBLIC, each) for each in asked]  # type: ignore[misc]
            for name, asked in lists.items()
        },
        "Q6": [lambda at=at: next(export(reading, PUBLIC, "organisation", at, _CHUNK), None) for at in chunks],  # type: ignore[misc]
        "Q7": [
            lambda at=at: changes(reading, PUBLIC, at, CHANGES)  # type: ignore[misc]
            for at in _positions(reading)
        ],
    }


def _question(kind: str, asked: Asked, sort: str | None = None) -> Question:
    box = asked.parameters.get("bbox")
    west, south, east, north = map(float, box.split(",")) if box else (0.0, 0.0, 0.0, 0.0)
    names = ("commune", "theme")
    return Question(
        kind,
        facets=tuple((name, (asked.parameters[name],)) for name in names if name in asked.parameters),
        box=(west, south, east, north) if box else None,
        since=asked.parameters.get("from"),
        sort=sort,
        limit=PAGE,
        counted=False,
    )


def _starts() -> list[int]:
    rng = random.Random(SEED)  # noqa: S311 (which records are read)
    return [rng.getrandbits(ID_BITS - 1) for _ in range(_PAGES)]


def _some_ids(reading: Reading) -> list[str]:
    found: dict[str, None] = {}
    for start in _starts():
        chunk = next(export(reading, PUBLIC, "organisation", start, _RECORDS // 10), [])
        found |= {orjson.loads(body)["id"]: None for _, body in chunk}
    return list(found)[:_RECORDS]


def _positions(reading: Reading) -> Iterator[tuple[int, ...] | None]:
    """Where the first pages of the feed begin."""
    at: tuple[int, ...] | None = None
    for _ in range(_PAGES):
        page = changes(reading, PUBLIC, at, CHANGES)
        if len(page.items) < CHANGES:
            return
        yield at
        at = page.position  # type: ignore[assignment]
