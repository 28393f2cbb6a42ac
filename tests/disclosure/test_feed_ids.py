"""Which id the change feed names: a client knows public records by their uid, all others by an id of its own."""

from datetime import timedelta

import orjson
import pytest

from tests.laws.catalogue import said
from tests.laws.grammar import Request, client_id
from tests.laws.judging import Asker
from tests.laws.replaying import do, replay
from tests.laws.worlds import Decide, Deliver, Op, Wait, uid_of, world_of

pytestmark = pytest.mark.django_db(transaction=True)

UID = str(uid_of("o0"))
OWN = client_id("A", UID)
PUBLISHED, UNPUBLISHED = said("o0", "list:1", name="Alpha Lac"), said("o0", "list:0", name="Alpha Lac")


def _feed(*ops: Op, reader: str = "A") -> list[tuple[str, str]]:
    replay(world_of(ops))
    asker = Asker()
    items = orjson.loads(asker.ask(Request("/api/v1/changes"), reader).body)["items"]
    asker.close()
    return [(item["state"], item["id"]) for item in items]


def test_names_a_public_record_by_its_uid() -> None:
    assert _feed(PUBLISHED) == [("updated", UID)]


def test_names_a_record_of_one_client_by_its_own_id() -> None:
    assert _feed(UNPUBLISHED, Decide("o0", "agreement:A", True)) == [("updated", OWN)]
    assert _feed(UNPUBLISHED, Decide("o0", "agreement:A", True), reader="B") == []
    assert _feed(UNPUBLISHED, Decide("o0", "agreement:A", True), reader="public") == []


def test_deletes_the_uid_of_a_public_record_that_a_client_no_longer_sees() -> None:
    assert _feed(PUBLISHED, Deliver("A"), Decide("o0", "agreement:A", False)) == [("deleted", UID)]


def test_deletes_the_own_id_of_a_record_that_was_only_the_clients() -> None:
    grant, withdrawal = Decide("o0", "agreement:A", True), Decide("o0", "agreement:A", False)

    assert _feed(UNPUBLISHED, grant, Deliver("A"), withdrawal) == [("deleted", OWN)]


@pytest.mark.parametrize("later", [0, 24])
def test_deletes_the_uid_beside_the_own_id_when_a_record_ceases_to_be_public(later: int) -> None:
    hidden = Decide("o0", "public", False)

    found = _feed(PUBLISHED, Deliver("A"), hidden, Wait(later), Decide("o0", "agreement:A", True))

    assert found == [("deleted", UID), ("updated", OWN)]


def test_says_nothing_of_what_was_never_shown() -> None:
    narrowed = Decide("o0", "agreement:A", False)

    assert _feed(narrowed, UNPUBLISHED, Decide("o0", "terms:public-bodies", True)) == []
    assert _feed(narrowed, PUBLISHED) == []


GRANT = Decide("o0", "agreement:A", True)


def test_deletes_the_own_id_when_a_record_becomes_public() -> None:
    assert _feed(UNPUBLISHED, GRANT, Deliver("A"), PUBLISHED) == [("deleted", OWN), ("updated", UID)]


def test_deletes_both_ids_of_a_record_hidden_after_it_had_both() -> None:
    hidden = Decide("o0", "public", False), Decide("o0", "agreement:A", False)

    had = Deliver("A")
    assert _feed(UNPUBLISHED, GRANT, had, PUBLISHED, had, *hidden) == [("deleted", UID), ("deleted", OWN)]
    assert _feed(PUBLISHED, had, *hidden) == [("deleted", UID)]


def test_names_no_own_id_to_clients_that_never_saw_one() -> None:
    assert _feed(UNPUBLISHED, GRANT, PUBLISHED, reader="B") == [("updated", UID)]
    assert _feed(UNPUBLISHED, GRANT, PUBLISHED, reader="public") == [("updated", UID)]


def test_tells_a_client_of_no_deletion_of_what_it_was_never_sent() -> None:
    hidden = Decide("o0", "public", False), Decide("o0", "agreement:A", False)

    assert _feed(PUBLISHED, *hidden) == []
    assert _feed(UNPUBLISHED, GRANT, PUBLISHED) == [("updated", UID)]
    assert _feed(PUBLISHED, *hidden, reader="public") == [("deleted", UID)]


def test_tells_nothing_twice_when_only_what_others_see_changes() -> None:
    """The e-mail is shown to A's peers, not to A: whether anybody says one must not move A's feed."""
    denied, shown = Decide("o0", "agreement:A", False, "email"), Decide("o0", "terms:public-bodies", True, "email")
    for later in ((), (said("o0", "list:1", name="Alpha Lac", email="lac@example.org"),)):
        end = replay(world_of((PUBLISHED, denied, Decide("o0", "public", False, "email"), shown)))
        asker = Asker()
        position = orjson.loads(asker.ask(Request("/api/v1/changes"), "A").body)["next"].partition("?")[2]
        for op in later:
            do(op, end + timedelta(hours=1))
        assert orjson.loads(asker.ask(Request("/api/v1/changes", position), "A").body)["items"] == []
        asker.close()


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_holds_to_the_limit_and_loses_no_half_of_a_record(limit: int) -> None:
    replay(world_of((UNPUBLISHED, GRANT, Deliver("A"), PUBLISHED, said("o1", "list:1", name="Beta Lac"))))
    asker, found = Asker(), []
    query = f"limit={limit}"
    while True:
        page = orjson.loads(asker.ask(Request("/api/v1/changes", query), "A").body)
        if not page["items"]:
            break
        assert len(page["items"]) <= limit
        found += [(item["state"], item["id"]) for item in page["items"]]
        query = page["next"].partition("?")[2]
    asker.close()
    assert sorted(found) == sorted([("deleted", OWN), ("updated", UID), ("updated", str(uid_of("o1")))])
    assert found.index(("deleted", OWN)) < found.index(("updated", UID))
