"""Law 2: every answer is what it would be if the undisclosed did not exist."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.judging import judge_interference, judge_views
from tests.laws.worlds import CLIENTS, World, worlds

pytestmark = pytest.mark.django_db(transaction=True)

MODES = ("remove", "replace")


@settings(max_examples=25)
@given(world=worlds())
def test_everybody_sees_what_the_oracle_says(world: World) -> None:
    judge_views(world)


@settings(max_examples=10)
@given(world=worlds(), mode=st.sampled_from(MODES))
def test_public_cannot_tell_the_redacted_world(world: World, mode: str) -> None:
    judge_interference(world, "public", mode)


@settings(max_examples=15)
@given(world=worlds(), reader=st.sampled_from(list(CLIENTS)), mode=st.sampled_from(MODES))
def test_clients_cannot_tell_the_redacted_world(world: World, reader: str, mode: str) -> None:
    judge_interference(world, reader, mode)
