"""Law 6: a natural person is shown to nobody until they decide."""

import orjson
import pytest
from hypothesis import given, settings

from datacoop.kinds.definition import all_kinds
from datacoop.records.rules import is_natural
from tests.laws.catalogue import said
from tests.laws.grammar import Request, client_id, standard_requests
from tests.laws.judging import Asker
from tests.laws.replaying import replay
from tests.laws.worlds import READERS, Decide, Merge, Notice, Release, Wait, World, uid_of, world_of, worlds

pytestmark = pytest.mark.django_db(transaction=True)

NAMES = (b"Anna Alpha", "Zoé".encode(), b"Exemplaire")


def _undecided(world: World) -> World:
    """The world in which no natural person ever showed anything."""
    return world_of(op for op in world if not (isinstance(op, Decide) and op.shows and op.record[0] in "pr"))


def _judge(world: World) -> None:
    replay(world)
    asker = Asker()
    ids = {str(uid_of(label)) for label in ("p0", "p1", "r0", "r1")}
    for reader in READERS:
        own = ids if reader == "public" else ids | {client_id(reader, each) for each in ids}
        for request in standard_requests():
            if "roles" in request.path or "persons" in request.path or not request.query or "q=" in request.query:
                body = asker.ask(request, reader).body
                assert not any(name in body for name in NAMES), f"{reader}: {request}"
                assert not any(each.encode() in body for each in own), f"{reader}: {request}"
        assert orjson.loads(asker.ask(Request("/api/v1/roles"), reader).body)["count"] == 0
    asker.close()


@settings(max_examples=6)
@given(world=worlds(10))
def test_shows_no_person_and_no_role_without_their_word(world: World) -> None:
    _judge(_undecided(world))


def test_neither_list_nor_notice_nor_merge_nor_the_organisation_speaks_for_a_person() -> None:
    person = said("p0", "list:1", name="Anna Alpha", email="lac@example.org")
    role = said("r0", "list:2", organisation="o0", person="p0", role="president", display_name="A. Exemplaire")
    other = said("p1", "steward", name="Zoé Lac")
    world = [
        said("o0", "list:1", name="Alpha Lac"),
        person,
        role,
        other,
        Notice("p0", "list:1"),
        Notice("r0", "list:2"),
    ]
    world += [Release("p0"), Decide("o0", "public", True), Merge("p1", "p0"), Wait(31 * 24)]

    _judge(world_of(world))


def test_a_role_is_displayed_by_the_persons_word_alone() -> None:
    role = said("r0", "list:1", organisation="o0", person="p0", role="president", display_name="A. Exemplaire")
    world = [said("o0", "list:1", name="Alpha Lac"), said("p0", "list:1", name="Anna Alpha"), role]
    replay(world_of([*world, Decide("r0", "public", True)]))
    asker = Asker()

    alone = orjson.loads(asker.ask(Request(f"/api/v1/roles/{uid_of('r0')}"), "public").body)
    listed = orjson.loads(asker.ask(Request("/api/v1/roles"), "public").body)["items"]
    asker.close()

    assert alone["display_name"] == "A. Exemplaire"
    assert "person" not in alone, "the person themselves decided nothing"
    assert [sorted(item) for item in listed] == [["id", "kind", "modified", "organisation", "role", "sources"]]


def test_every_property_of_a_natural_person_is_for_nobody_by_default() -> None:
    natural = [each for each in all_kinds().values() if is_natural(each)]

    assert {"person", "role"} <= {each.name for each in natural}
    assert {p.default for each in natural for p in each.properties} == {"nobody"}
