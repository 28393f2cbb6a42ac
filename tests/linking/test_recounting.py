"""Who holds what is counted: a line changes the weight of pairs that it is no part of, and what follows from it."""

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from datacoop.linking import reaching
from datacoop.linking.learning.lists import HOLDERS, Written, write_lists
from datacoop.linking.learning.worlds import make_world
from datacoop.linking.models import LookAlike
from datacoop.linking.refreshing import refresh_review
from datacoop.records.models import Merge
from tests.linking.lists import Listing, now

pytestmark = pytest.mark.django_db(transaction=True)

Values = dict[str, list[Any]]


class Lists:
    """The lists of some holders, poured in parts."""

    def __init__(self) -> None:
        self.lists = [Listing(f"Holder {number}") for number in range(HOLDERS)]

    def pour(self, rows: dict[tuple[int, str], Values]) -> None:
        for holder, listing in enumerate(self.lists):
            if own := {key: values for (of, key), values in rows.items() if of == holder}:
                listing.pour(own)


def stands() -> tuple[dict[int, int], dict[tuple[int, int], float]]:
    """Who is one with whom, and the weights of the pairs that wait."""
    merges = Merge.objects.filter(end_revision=None).values_list("loser_id", "survivor_id")
    waiting = LookAlike.objects.filter(state=LookAlike.OPEN).values_list("first", "second", "weight")
    return dict(merges), {(first, second): weight for first, second, weight in waiting}


def is_as_linked_at_once() -> bool:
    merged, waiting = stands()
    refresh_review(now=now())
    again, waits = stands()
    is_weighed = all(abs(waiting.get(pair, 99) - weight) <= 0.011 for pair, weight in waits.items())
    return merged == again and waiting.keys() == waits.keys() and is_weighed


def rows_of(seed: int, count: int) -> dict[tuple[int, str], Written]:
    rows = write_lists(make_world(count, seed), seed)
    return {(row.holder, str(at)): row for at, row in enumerate(rows)}


def parts(rows: dict[tuple[int, str], Written], draw: random.Random) -> Iterator[dict[tuple[int, str], Values]]:
    """The rows in parts of all sizes; every fifth first under the contacts and the door of another one."""
    left = list(rows)
    draw.shuffle(left)
    wrong = draw.sample(left, len(left) // 5)
    for start in range(0, len(wrong), 20):
        part = {}
        for key in wrong[start : start + 20]:
            other = rows[draw.choice(left)].values
            taken = {name: other[name] for name in ("phones", "email", "addresses") if name in other}
            part[key] = {**rows[key].values, **taken}
        yield part
    while left:
        taken_now = [left.pop() for _ in range(min(len(left), draw.choice([1, 1, 5, 40])))]
        yield {key: rows[key].values for key in taken_now}


@pytest.mark.parametrize("seed", [11, 12])
def test_what_stands_after_every_part_is_what_linking_all_at_once_says(
    clean_database: Callable[[], None], seed: int
) -> None:
    clean_database()
    lists = Lists()
    for part in parts(rows_of(seed, 90), random.Random(seed)):
        lists.pour(part)

    assert is_as_linked_at_once()


def test_only_who_must_be_settled_anew_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes this fast: a line beside others changes their weights, and hardly ever what follows."""
    lists = Lists()
    lists.pour({key: row.values for key, row in rows_of(13, 150).items()})
    reached: list[int] = []
    by = reaching.unsettled_by
    monkeypatch.setattr(reaching, "unsettled_by", lambda *told: reached.append(len(found := by(*told))) or found)
    more = {(0, f"more {at}"): row.values for at, row in enumerate(rows_of(13, 150).values())}

    for key in list(more)[:20]:
        lists.pour({key: more[key]})

    assert sum(reached) / len(reached) < 10
