"""How long one change of consent takes until readers see it, measured while others read.

Runs inside the installation it measures.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import orjson

from datacoop.consent.actions import Wish, decide
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import Reading, open_reading
from datacoop.disclosure.search.feeding import export
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Found
from datacoop.records.rules import ID_BITS

_PROPERTY = "phones"
_RECORDS = 25


def durations(
    count: int, seconds: float, *, every: float = 0.0, is_over: Callable[[], bool] = lambda: False
) -> list[float]:
    """Hide and show again the phones of some organisations; milliseconds from the decision to a reader's new answer.

    Ends after `count` pairs, after `seconds` or when `is_over`, always with everything shown again; waits `every`
    seconds between two decisions.
    """
    reading = open_reading()
    taken: list[float] = []
    end = time.perf_counter() + seconds
    try:
        uids = _with_phones(reading)
        for i in range(count):
            for shows in (False, True):
                taken.append(_once(reading, uids[i % len(uids)], shows=shows))
                time.sleep(every)
            if time.perf_counter() > end or is_over():
                break
        return taken
    finally:
        reading.close()


def _once(reading: Reading, uid: str, *, shows: bool) -> float:
    begun = time.perf_counter()
    decide(
        uid=uuid.UUID(uid),
        wish=Wish("public", shows, _PROPERTY),
        actor="bench",
        reason="measure",
        now=datetime.now(UTC),
    )
    found = get(reading, PUBLIC, "organisation", uid)
    taken = 1000 * (time.perf_counter() - begun)
    if not isinstance(found, Found) or (_PROPERTY in orjson.loads(found.body)) != shows:
        raise RuntimeError("A decision was not in force when it returned.")
    return taken


def _with_phones(reading: Reading) -> list[str]:
    """Some organisations that show their phones to everybody."""
    found: list[str] = []
    rng = random.Random()  # noqa: S311 (others each time)
    while len(found) < _RECORDS:
        chunk = next(export(reading, PUBLIC, "organisation", rng.getrandbits(ID_BITS - 1), _RECORDS), [])
        for uid in (orjson.loads(body)["id"] for _, body in chunk):
            one = get(reading, PUBLIC, "organisation", uid)
            if isinstance(one, Found) and _PROPERTY in orjson.loads(one.body):
                found.append(uid)
    return found[:_RECORDS]
