"""Law 2: a client that waits cannot tell a world in which its class was granted something from one without."""

from __future__ import annotations

from dataclasses import replace

import pytest

from datacoop.disclosure.joining import join
from datacoop.disclosure.verify import differences
from tests.laws.catalogue import CATALOGUE
from tests.laws.judging import all_told
from tests.laws.replaying import replay
from tests.laws.worlds import CLIENTS, Decide, Op, World

pytestmark = pytest.mark.django_db(transaction=True)
CLIENT = "A"
CLASS, OTHER = f"terms:{CLIENTS[CLIENT]}", f"terms:{CLIENTS['C']}"


def granted(op: Op) -> bool:
    return isinstance(op, Decide) and op.audience == CLASS and op.shows


def hidden(op: Op) -> bool:
    return isinstance(op, Decide) and op.audience == CLASS and not op.shows


def elsewhere(op: Op) -> Op:
    """The same grant to another class, which this client never reads; nothing else is another."""
    return replace(op, audience=OTHER) if isinstance(op, Decide) and granted(op) else op


#: A grant ends what was hidden from the class before: where something was, taking the grant away would hide more.
WORLDS = {name: each for name, each in CATALOGUE.items() if any(map(granted, each)) and not any(map(hidden, each))}


def told(world: World) -> list[tuple[str, object]]:
    replay(world, waiting=CLIENT)
    return all_told(world, CLIENT)


def test_there_are_worlds_to_tell() -> None:
    assert len(WORLDS) >= 4


@pytest.mark.parametrize("name", WORLDS)
def test_a_waiting_client_cannot_tell_what_its_class_was_granted_in(name: str) -> None:
    world = WORLDS[name]

    assert told(world) == told(tuple(elsewhere(op) for op in world))


@pytest.mark.parametrize("name", list(WORLDS)[:2])
def test_once_it_joined_it_can(name: str) -> None:
    world = WORLDS[name]
    waited = told(world)
    end = replay(world, waiting=CLIENT)
    assert join(agreement=CLIENT, actor="clock", now=end)

    assert all_told(world, CLIENT) != waited
    assert list(differences(end)) == []
