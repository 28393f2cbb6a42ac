"""Law 2: every answer is what it would be if the undisclosed did not exist."""

import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.laws.catalogue import CATALOGUE
from tests.laws.judging import judge_interference, judge_views
from tests.laws.worlds import CLIENTS, READERS, World, withheld_worlds, worlds

pytestmark = pytest.mark.django_db(transaction=True)

MODES = ("remove", "replace", "now")


@pytest.mark.parametrize("name", CATALOGUE)
def test_everybody_sees_what_the_oracle_says_in(name: str) -> None:
    judge_views(CATALOGUE[name])


@pytest.mark.parametrize("name", CATALOGUE)
def test_nobody_can_tell_the_redacted_world_of(name: str) -> None:
    """One reader and one way to redact for each world; all of them under `soak`."""
    lot = zlib.crc32(name.encode())
    judge_interference(CATALOGUE[name], READERS[lot % len(READERS)], MODES[lot % len(MODES)])


@pytest.mark.in_turns
@pytest.mark.parametrize("name", CATALOGUE)
def test_a_client_from_which_is_held_back_cannot_tell_the_redacted_world_of(name: str) -> None:
    lot = zlib.crc32(name.encode())
    client = list(CLIENTS)[lot % len(CLIENTS)]
    judge_interference(CATALOGUE[name], client, MODES[lot % len(MODES)], held=client)


@pytest.mark.soak
@pytest.mark.parametrize("name", CATALOGUE)
def test_nobody_at_all_can_tell_the_redacted_world_of(name: str) -> None:
    for reader in READERS:
        for mode in MODES:
            judge_interference(CATALOGUE[name], reader, mode, whole=True)
            if reader in CLIENTS:
                judge_interference(CATALOGUE[name], reader, mode, held=reader)


@settings(max_examples=25)
@given(world=worlds())
def test_everybody_sees_what_the_oracle_says(world: World) -> None:
    judge_views(world)


@settings(max_examples=20)
@given(world=withheld_worlds())
def test_everybody_sees_what_the_oracle_says_where_somebody_withholds(world: World) -> None:
    judge_views(world)


@settings(max_examples=6)
@given(world=withheld_worlds(), reader=st.sampled_from(READERS), mode=st.sampled_from(MODES))
def test_nobody_can_tell_the_redacted_world_where_somebody_withholds(world: World, reader: str, mode: str) -> None:
    judge_interference(world, reader, mode)


@settings(max_examples=8)
@given(world=worlds(), mode=st.sampled_from(MODES))
def test_public_cannot_tell_the_redacted_world(world: World, mode: str) -> None:
    judge_interference(world, "public", mode)


@settings(max_examples=12)
@given(world=worlds(), reader=st.sampled_from(list(CLIENTS)), mode=st.sampled_from(MODES), held=st.booleans())
def test_clients_cannot_tell_the_redacted_world(world: World, reader: str, mode: str, held: bool) -> None:
    judge_interference(world, reader, mode, held=reader if held else "")


@pytest.mark.soak
@settings(max_examples=400)
@given(world=worlds(30) | withheld_worlds(20), reader=st.sampled_from(READERS), mode=st.sampled_from(MODES))
def test_nobody_can_tell_any_redacted_world(world: World, reader: str, mode: str) -> None:
    judge_views(world)
    judge_interference(world, reader, mode, whole=True)
