"""Law 4: whoever received a value is told to erase it, says that it did, and the subject sees so."""

from __future__ import annotations

import threading
import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import close_old_connections
from django.test import Client

from datacoop.api.routes import MOST_AT_ONCE as MOST
from datacoop.consent.queries import get_audience
from datacoop.disclosure.late import hold_late
from datacoop.disclosure.models import Tombstone
from datacoop.disclosure.own.receiving import received
from datacoop.ledger.models import Entry
from tests.api import world
from tests.api.world import Caller
from tests.laws.catalogue import said
from tests.laws.city import ADDRESS, City, withdrawn
from tests.laws.grammar import client_id
from tests.laws.replaying import replay, token_of
from tests.laws.worlds import Decide, Deliver, Op, uid_of, world_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("datacoop.api.urls")]

NOBODYS = "00000000-0000-4000-8000-000000000000"


class TestAcknowledging:
    def test_a_withdrawn_value_is_gone_from_the_feed_once_it_is_acknowledged(self, city: City) -> None:
        withdrawn(city)
        (owed,) = city.owed()

        reply = city.says(owed["tombstone"])

        assert (reply.status_code, reply.content) == (204, b"")
        assert city.owed() == []

    def test_a_withdrawn_record_is_410_until_then_and_404_after(self, city: City) -> None:
        uid = withdrawn(city, prop=None)
        assert city.get(f"organisations/{uid}").status == 410

        city.says(city.owed()[0]["tombstone"])

        assert city.get(f"organisations/{uid}").status == 404
        assert city.owed() == []

    def test_the_subject_sees_who_erased_and_who_has_not(self, city: City, caller: Caller) -> None:
        other = City(caller, "Canton")
        uid = world.add("organisation", 1, name="Chœur", email="choeur@example.org")
        for each in (city, other):
            each.get(f"organisations/{uid}")
        world.wish(uid, "public", shows=False, property="email")

        city.says(city.owed()[0]["tombstone"])

        seen = {each.client: each.erasures[0].acknowledged_at for each in received(uuid.UUID(uid))}
        assert seen["Ville"] is not None
        assert seen["Canton"] is None

    def test_what_is_said_again_has_the_same_reply_and_changes_nothing(self, city: City) -> None:
        withdrawn(city)
        mark = city.owed()[0]["tombstone"]
        first = city.says(mark)
        kept, entries = Tombstone.objects.values().get(), Entry.objects.count()

        again = city.says(mark)

        assert (again.status_code, again.content, dict(again.items())) == (204, b"", dict(first.items()))
        assert Tombstone.objects.values().get() == kept
        assert Entry.objects.count() == entries

    def test_anothers_is_answered_as_one_that_never_was(self, city: City, caller: Caller) -> None:
        withdrawn(city)
        mark = city.owed()[0]["tombstone"]
        other = City(caller, "Canton")

        replies = [other.says(each) for each in (mark, NOBODYS, "not-even-one")]
        replies += [other.says([each, NOBODYS]) for each in (mark, NOBODYS)]

        assert {(r.status_code, r.content, tuple(r.items())) for r in replies} == {
            (404, replies[0].content, tuple(replies[0].items()))
        }
        assert replies[0]["cache-control"] == "private, no-store"
        assert Tombstone.objects.get().acknowledged_at is None

    def test_a_call_with_one_that_is_not_its_own_notes_none(self, city: City) -> None:
        withdrawn(city)
        mark = city.owed()[0]["tombstone"]

        assert city.says([mark, NOBODYS]).status_code == 404
        assert city.owed()

    def test_a_thousand_are_acknowledged_in_one_call_and_no_more(self, city: City) -> None:
        owed = [
            Tombstone(
                uid=uuid.uuid4(), audience_id=get_audience(f"agreement:{city.agreement}"), record_id=number,
                properties='["email"]', deletion=False, issued_at=world.NOW, deadline=world.NOW,
            )
            for number in range(MOST)
        ]  # fmt: skip
        Tombstone.objects.bulk_create(owed)
        marks = [str(each.uid) for each in owed]

        assert city.says([*marks, NOBODYS]).status_code == 400
        assert city.says([]).status_code == 400
        assert city.says(marks).status_code == 204
        assert not Tombstone.objects.filter(acknowledged_at=None).exists()
        assert city.says(marks + marks[:0]).status_code == 204

    def test_the_newest_of_a_record_settles_those_before_it(self, city: City) -> None:
        """The feed tells the newest alone, with the properties of all."""
        uid = world.add("organisation", 1, name="Chœur", email="c@example.org", website="https://c.example.org")
        city.get(f"organisations/{uid}")
        for prop in ("email", "website"):
            world.wish(uid, "public", shows=False, property=prop)
        (owed,) = city.owed()
        assert sorted(owed["properties"]) == ["email", "website"]

        city.says(owed["tombstone"])

        assert city.owed() == []
        assert not Tombstone.objects.filter(acknowledged_at=None).exists()

    def test_an_older_one_leaves_the_newer_open(self, city: City) -> None:
        uid = withdrawn(city)
        before = city.owed()[0]["tombstone"]
        world.wish(uid, "public", shows=False)

        city.says(before)

        assert city.owed()[0]["tombstone"] != before

    def test_what_was_deleted_and_is_shown_again_is_still_to_be_acknowledged(self, city: City) -> None:
        """Or it could never be: nobody would tell which."""
        uid = withdrawn(city, prop=None)
        world.wish(uid, "public", shows=True)
        (owed,) = city.owed()

        assert city.says(owed["tombstone"]).status_code == 204
        assert city.owed() == []


class TestWhatIsOwed:
    def test_is_told_whatever_the_place_in_the_feed(self, city: City) -> None:
        uid = withdrawn(city)
        mark = city.owed()[0]["tombstone"]

        (item,) = city.get("acknowledgements").json()["items"]

        assert (item["tombstone"], item["kind"], item["properties"]) == (mark, "organisation", ["email"])
        assert uid in item["ids"]
        assert item["deadline"] == city.owed()[0]["deadline"]
        city.says(mark)
        assert city.get("acknowledgements").json() == {"items": []}

    def test_holds_what_no_feed_tells(self, city: City) -> None:
        """Persons have no list and no feed; what was read of them by id must be erased too."""
        uid = world.add("person", 1, name="Anna Alpha")
        assert city.get(f"persons/{uid}").status == 200
        world.wish(uid, "public", shows=False)
        assert city.owed() == []

        (item,) = city.get("acknowledgements").json()["items"]

        assert item["deleted"]
        assert city.says(item["tombstone"]).status_code == 204
        assert city.get(f"persons/{uid}").status == 404

    def test_never_tells_the_uid_of_what_was_not_public(self, caller: Caller) -> None:
        hidden = [said("o1", "list:0", name="Zeta"), Decide("o1", "agreement:A", True), Deliver("A")]
        replay(world_of([*hidden, Decide("o1", "agreement:A", False)]))
        reply = caller.get(ADDRESS, authorization=f"Bearer {token_of('A')}")

        (item,) = reply.json()["items"]
        assert item["ids"] == [client_id("A", str(uid_of("o1")))]

    def test_is_for_clients_alone(self, caller: Caller) -> None:
        assert caller.get(ADDRESS).status == 401


class TestRetaining:
    def test_needs_a_basis_which_the_subject_reads(self, city: City) -> None:
        uid = withdrawn(city)
        mark = city.owed()[0]["tombstone"]

        assert city.says(mark, "retained").status_code == 400
        assert city.says(mark, "retained", legal_basis="  ").status_code == 400
        assert city.says(mark, "erased", legal_basis="Loi").status_code == 400
        assert city.says(mark, "retained", legal_basis="Loi sur les archives").status_code == 204

        (receipt,) = received(uuid.UUID(uid))
        assert receipt.erasures[0].legal_basis == "Loi sur les archives"
        assert city.owed() == []

    def test_what_is_retained_may_still_be_erased_but_not_the_other_way(self, city: City) -> None:
        withdrawn(city)
        mark = city.owed()[0]["tombstone"]
        for state, more in (("retained", {"legal_basis": "Loi"}), ("erased", {}), ("retained", {"legal_basis": "Loi"})):
            assert city.says(mark, state, **more).status_code == 204

        assert Tombstone.objects.values_list("said", "legal_basis").get() == ("erased", "")


class TestBodies:
    @pytest.mark.parametrize(
        ("body", "code", "status"),
        [
            ({"tombstone": NOBODYS}, "invalid-parameter", 400),
            ({"tombstone": NOBODYS, "state": "gone"}, "invalid-parameter", 400),
            ({"tombstone": 7, "state": "erased"}, "invalid-parameter", 400),
            ({"state": "erased"}, "invalid-parameter", 400),
            ({"tombstone": NOBODYS, "tombstones": [NOBODYS], "state": "erased"}, "invalid-parameter", 400),
            ({"tombstone": NOBODYS, "state": "erased", "note": "x"}, "unknown-parameter", 400),
            ([NOBODYS], "invalid-parameter", 400),
            ("{", "invalid-parameter", 400),
            (b"\xff", "invalid-parameter", 400),
        ],
    )
    def test_that_say_nothing_are_problems(self, city: City, body: object, code: str, status: int) -> None:
        reply = city.posts(body)

        assert reply["content-type"] == "application/problem+json"
        assert (reply.status_code, reply.json()["type"].rpartition("/")[2]) == (status, code)

    def test_are_json(self, city: City) -> None:
        assert city.posts("tombstone=x", "application/x-www-form-urlencoded").status_code == 415

    def test_are_not_read_of_whoever_shows_no_good_token(self, city: City) -> None:
        for headers in ({}, {"authorization": "Bearer nothing"}, {"authorization": "Basic eDp5"}):
            reply = Client().post(ADDRESS, "{", content_type="application/json", headers=headers)
            assert (reply.status_code, reply["cache-control"]) == (401, "private, no-store")
            assert "Bearer" in reply["www-authenticate"]

    def test_come_by_post_alone(self, city: City, caller: Caller) -> None:
        assert Client().get(ADDRESS).status_code == 405
        assert caller.get(ADDRESS, "POST").status == 299, "counted, and handed to Django"
        assert caller.get(ADDRESS, "OPTIONS").headers["allow"] == "GET, HEAD, POST, OPTIONS"


class TestLiveOnly:
    def test_owes_nothing_and_is_never_late(self, caller: Caller) -> None:
        site = City(caller, "Vitrine", live_only=True)
        uid = withdrawn(site, prop=None)

        assert not Tombstone.objects.exists()
        assert site.get(f"organisations/{uid}").status == 404
        assert hold_late(now=datetime.now(UTC) + timedelta(days=99)) == 0
        assert received(uuid.UUID(uid))[0].client == "Vitrine", "and is told to the subject all the same"

    def test_shows_and_makes_no_copy(self, caller: Caller) -> None:
        site = City(caller, "Vitrine", live_only=True)
        uid = world.add("organisation", 1, name="Chœur", email="c@example.org")

        assert site.get(f"organisations/{uid}").status == 200
        assert site.get("organisations").json()["count"] == 1
        assert [site.get(each).code for each in ("changes", "exports/organisations.csv")] == ["live-only"] * 2
        assert site.get("changes").status == 403
        assert caller.get("/api/v1/changes").status == 200


def test_two_calls_at_once_note_it_once(city: City) -> None:
    withdrawn(city)
    mark = city.owed()[0]["tombstone"]
    replies: list[int] = []

    def say() -> None:
        replies.append(city.says(mark).status_code)
        close_old_connections()

    threads = [threading.Thread(target=say) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()

    assert replies == [204] * 4
    assert Entry.objects.filter(kind="tombstone.acknowledged").count() == 1


def test_an_entry_of_the_ledger_names_nobody(city: City) -> None:
    uid = withdrawn(city)

    city.says(city.owed()[0]["tombstone"])

    entry = Entry.objects.get(kind="tombstone.acknowledged")
    assert (entry.payload["agreement"], entry.payload["state"]) == (city.agreement, "erased")
    assert len(entry.payload["about"]) == 1
    assert uid not in str(entry.payload)


#: B received what A did not; nothing that A says may tell.
_OTHERS: tuple[Op, ...] = (
    said("o0", "list:1", name="Alpha Lac", email="info@alpha.example.ch"),
    said("o1", "list:1", name="Zeta Chor"),
    Decide("o1", "public", False),
    Decide("o1", "agreement:B", True),
    Deliver("B"),
    Decide("o1", "agreement:B", False),
)


def test_no_answer_tells_of_tombstones_and_records_of_others() -> None:
    """Law 2 at this address: byte for byte as where they do not exist."""
    marks = {1: "", 2: NOBODYS, 3: str(uid_of("o1")), 4: client_id("A", str(uid_of("o1")))}
    answers = []
    for ops in (_OTHERS, _OTHERS[:1]):
        replay(world_of(ops))
        marks[1] = marks[1] or str(Tombstone.objects.get().uid)
        answers.append([
            (reply.status_code, reply.content, tuple(reply.items()))
            for mark in marks.values()
            for state in ("erased", "retained", "other")
            for reply in [_as_a({"tombstone": mark, "state": state}), _as_a({"tombstones": [mark], "state": state})]
        ])  # fmt: skip

    assert answers[0] == answers[1]


def _as_a(body: object) -> Any:
    headers = {"authorization": f"Bearer {token_of('A')}"}
    return Client().post(ADDRESS, body, content_type="application/json", headers=headers)
