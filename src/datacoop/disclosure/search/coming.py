"""What comes next, each record once: at the first of its dates that a list by start has."""

from __future__ import annotations

from dataclasses import replace

import orjson

from datacoop.disclosure.readers import Reader
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.questions import Question

#: Dates looked at for each record wanted: a daily course must not hide all that follows it.
_DATES = 10


def find_each_once(reading: Reading, reader: Reader, question: Question) -> list[bytes]:
    """Return items of a list by start, `limit` at most, of each record that of its first date. Raises `Due`."""
    found: dict[str, bytes] = {}
    asked, looked = replace(question, counted=False), 0
    while len(found) < question.limit and looked < question.limit * _DATES:
        page = find(reading, reader, asked)
        looked += len(page.bodies)
        for body in page.bodies:
            found.setdefault(str(orjson.loads(body)["id"]), body)
        if page.position is None:
            break
        asked = replace(asked, after=page.position)
    return list(found.values())[: question.limit]
