"""Laws 2 and 7 through review: looks and answers of people, their redirects, and what a split gives back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datacoop.disclosure.reviewing import side_by_side
from datacoop.disclosure.verify import differences
from datacoop.linking.actions import judge
from datacoop.linking.queries import list_judgements
from datacoop.linking.taking_back import take_back
from datacoop.records.actions.revising import revision
from datacoop.records.actions.withholding import unite
from datacoop.records.queries import merges_of
from tests.laws import judging, replaying, worlds
from tests.laws.catalogue import said
from tests.laws.oracle import redacted
from tests.laws.replaying import number_of, replay
from tests.laws.worlds import READERS, STEP, Merge, Op, Say, Split, World, uid_of, world_of

pytestmark = pytest.mark.django_db(transaction=True)

STEWARD = "steward:1"
Answer = Literal["same", "different", "part_of", "unsure"]


def apart(world: Iterable[Op]) -> list[Op]:
    """A world in which nothing is merged yet, and o0 and o1 exist; decisions do not end by themselves."""
    kept = [op for op in world if not isinstance(op, Merge | Split)]
    lasting = [replace(op, hours=None) if isinstance(op, worlds.Decide) else op for op in kept]
    return [*lasting, worlds.Create("o0"), worlds.Create("o1")]


def answer(verdict: Answer, now: datetime) -> int:
    judge(first=uid_of("o0"), second=uid_of("o1"), verdict=verdict, actor=STEWARD, now=now)
    return list_judgements(limit=1)[0].id


def told(reader: str) -> list[tuple[str, object]]:
    replaying._name_tombstones()
    asked = judging.standard_requests()[:: judging.PARTS]
    return judging._ever(asked, reader, warm=False)


@settings(max_examples=8)
@given(
    world=worlds.worlds(8),
    reader=st.sampled_from(READERS),
    verdict=st.sampled_from(("different", "unsure")),
)
def test_looking_and_saying_that_two_are_not_one_moves_no_byte(world: World, reader: str, verdict: Answer) -> None:
    end = replay(world_of(apart(world)))
    before = told(reader)

    side_by_side(first=uid_of("o0"), second=uid_of("o1"), actor=STEWARD, now=end)
    judgement = answer(verdict, end + STEP)
    after = told(reader)
    take_back(judgement_id=judgement, actor=STEWARD, now=end + 2 * STEP)

    assert after == before
    assert told(reader) == before


def _without_protection(world: Iterable[Op]) -> list[Op]:
    """What protects a place is decided at the merge and stored (law 2): it is no part of what is redacted."""
    return [replace(op, values=tuple(_plain(v) for v in op.values)) if isinstance(op, Say) else op for op in world]


def _plain(value: worlds.Value) -> worlds.Value:
    theme = "sport" if value.value == "social/refuge" else value.value
    return replace(value, value=theme, mark="" if value.mark == "w" else value.mark)


@settings(max_examples=10)
@given(world=worlds.worlds(8), reader=st.sampled_from(READERS), mode=st.sampled_from(("remove", "replace")))
def test_a_merge_by_a_person_and_its_redirects_tell_nobody_what_is_hidden(world: World, reader: str, mode: str) -> None:
    plain = world_of(_without_protection(apart(world)))
    end = replay(plain)
    answer("same", end)
    real = told(reader)
    ((loser, survivor),) = merges_of([number_of("o0")]).items()
    names = {number_of(label): label for label in ("o0", "o1")}

    *other, _ = redacted((*plain, Merge(names[loser], names[survivor])), reader, mode)
    answer("same", replay(tuple(other)))

    assert merges_of([number_of("o0")]) == {loser: survivor}
    for (request, left), (_, right) in zip(real, told(reader), strict=True):
        assert left == right, f"{reader} ({mode}) can tell by {request}\n{left}\n{right}"


@settings(max_examples=20)
@given(world=worlds.worlds(8), by=st.sampled_from(("different", "take back")))
def test_what_a_person_merged_comes_apart_to_the_byte(world: World, by: str) -> None:
    ready = world_of(apart(world))
    end = replay(ready)
    # As the house leaves every acceptance: what is protected in one place of a record is so in all of it.
    with revision(actor=STEWARD, now=end, why="as accepted") as draft:
        unite(draft, record_ids={number_of(op.record) for op in ready if isinstance(op, worlds.Create)})
    before = judging.present()

    judgement = answer("same", end)
    if by == "different":
        answer("different", end + STEP)
    else:
        take_back(judgement_id=judgement, actor=STEWARD, now=end + STEP)

    assert judging.present() == before
    assert list(differences(end + STEP)) == []


def test_a_place_protected_by_a_merge_is_shown_again_after_the_split() -> None:
    home = said("o0", "list:1", name="Alpha Lac", addresses=[worlds.VALUES["organisation"]["addresses"][0]])
    refuge = said("o1", "list:1", name="Zeta Chor", theme=["social/refuge"])
    end = replay(world_of([home, refuge]))
    before = judging.present()

    judgement = answer("same", end)
    together = judging.present()
    take_back(judgement_id=judgement, actor=STEWARD, now=end + STEP)

    assert "Lac-Invisible" in str(before["public"])
    assert "Lac-Invisible" not in str(together)
    assert judging.present() == before
