"""Before an activity is entered: which ones that everybody sees it may repeat.

Whoever enters is told of what the public is shown, compared as the public is shown it, and of nothing else: the answer
is the same whatever is hidden (law 2). Hands upwards uids, codes and weights, never values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import orjson

from datacoop.disclosure.asking import ask
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Found
from datacoop.linking.groups import Groups
from datacoop.linking.rules.activities import activity_of, compare_activities
from datacoop.linking.rules.comparing import DIFFERENT, Comparison
from datacoop.records.queries import find_record, kinds_of, referring, uids_of

KIND: Final = "activity"


@dataclass(frozen=True)
class Repeated:
    """A public activity that what is entered may repeat, and why."""

    uid: UUID
    comparison: Comparison


def activities_like(
    values: Mapping[str, Sequence[object]], *, organiser: UUID, now: datetime, but: UUID | None = None
) -> list[Repeated]:
    """Return the public activities of an organiser that these values may repeat, the likeliest first.

    `values` by property as in an API item, always as lists; `but`: the activity that is being changed. Nothing where
    start or title is not said yet. Raises: Due, where something is due that could not be settled.
    """
    record = find_record(organiser)
    if record is None:
        return []
    groups = Groups([record.id])
    head = groups.root(record.id)
    known_as = str(uids_of([head])[head])
    ours = activity_of(values, organiser=known_as)
    if ours is None:
        return []
    found = []
    for uid, theirs in _shown(groups.members(record.id), now):
        other = activity_of(theirs, organiser=next(iter(theirs.get("organiser", ())), None))
        comparison = compare_activities(ours, other) if other else None
        if comparison and comparison.verdict != DIFFERENT and uid != but:
            found.append(Repeated(uid, comparison))
    return sorted(found, key=lambda each: (-each.comparison.weight, each.uid))


def _shown(organisers: set[int], now: datetime) -> Iterator[tuple[UUID, dict[str, list[object]]]]:
    """Yield what the public is shown of the activities of some organisers."""
    kinds = kinds_of(referring(organisers))
    activities = [number for number, kind in kinds.items() if kind == KIND]
    groups = Groups(activities)
    uids = uids_of({groups.root(number) for number in activities})

    def bodies(source: Reading) -> list[tuple[UUID, bytes]]:
        answers = ((uid, get(source, PUBLIC, KIND, str(uid))) for uid in uids.values())
        return [(uid, answer.body) for uid, answer in answers if isinstance(answer, Found)]

    for uid, body in ask(bodies, now=now):
        said = orjson.loads(body)
        yield uid, {name: value if isinstance(value, list) else [value] for name, value in said.items()}
