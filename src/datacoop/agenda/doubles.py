"""What an activity that is being entered may be already: looked for among what everybody sees, never elsewhere."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import orjson

from datacoop.agenda.rules.timing import Timing
from datacoop.disclosure.asking import ask
from datacoop.disclosure.errors import Due
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.questions import Question
from datacoop.linking.rules.activities import activity_of, compare_activities
from datacoop.linking.rules.comparing import DIFFERENT

_MOST = 40
_MOST_TOLD = 3


def look_alikes(
    title: str, timing: Timing, *, organiser: uuid.UUID, besides: uuid.UUID | None, now: datetime
) -> list[dict[str, Any]]:
    """Return public activities at the same hour with a similar title, whoever organises them; `besides` is the own one.

    They are told for somebody to look at: nothing is judged by it.
    """
    own = _compared(title, timing.start)
    if own is None:
        return []
    alike = {}
    for each in _at_about(own.start, title, organiser, now):
        other = _compared(str(each.get("title", "")), _start(each))
        if other and each["id"] != str(besides) and compare_activities(own, other).verdict != DIFFERENT:
            alike[each["id"]] = each
    return list(alike.values())[:_MOST_TOLD]


def _at_about(start: datetime, title: str, organiser: uuid.UUID, now: datetime) -> list[dict[str, Any]]:
    """Return what happens at about an hour and is the organiser's, or has the words of the title."""
    since, until = ((start + timedelta(hours=each)).isoformat() for each in (-12, 12))
    questions = [
        Question("activity", facets=(("organiser", (str(organiser),)),), since=since, until=until, limit=_MOST),
        Question("activity", text=title, since=since, until=until, limit=_MOST),
    ]
    return [each for question in questions for each in _found(question, now)]


def _found(question: Question, now: datetime) -> list[dict[str, Any]]:
    try:
        bodies = ask(lambda reading: find(reading, PUBLIC, question).bodies, now=now)
    except Due:
        return []
    return [orjson.loads(body) for body in bodies]


def _compared(title: str, start: str) -> Any:
    return activity_of({"title": [title], "start": [start]}, organiser="")


def _start(item: Mapping[str, Any]) -> str:
    """Return when the date that was found begins, which may be another than the first."""
    return str((item.get("occurrence") or item).get("start", ""))
