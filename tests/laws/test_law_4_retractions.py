"""Law 4: whoever keeps a copy of the public data finds, signed, what was taken away; of anything else no sign."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema
import pytest
from django.test import Client, override_settings

from datacoop.api.openapi import document
from datacoop.api.site import Site
from datacoop.disclosure.compile.retracting import KEPT, sweep_retractions
from datacoop.disclosure.models import Retraction
from datacoop.records.actions.merging import merge
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, state
from datacoop.records.rules import Origin, id_of
from tests.api import world
from tests.api.world import Caller
from tests.consent import independent
from tests.laws.city import City

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("datacoop.api.urls")]
ADDRESS = "/api/v1/retractions"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path) -> Iterator[None]:
    with override_settings(DATACOOP_DATA_DIR=tmp_path):
        yield


def told(caller: Caller) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = caller.get(ADDRESS).json()["items"]
    return [{name: value for name, value in each.items() if name != "at"} for each in found]


def choir(number: int, **more: Any) -> str:
    return world.add("organisation", number, name=f"Chœur {number}", email=f"c{number}@example.org", **more)


class TestTheList:
    def test_tells_a_withdrawn_property_by_its_name_alone(self, caller: Caller) -> None:
        uid = choir(1)

        world.wish(uid, "public", shows=False, property="email")

        assert told(caller) == [
            {"id": uid, "kind": "organisation", "state": "withdrawn", "properties": ["email"]}
        ]  # fmt: skip
        assert b"c1@example.org" not in caller.get(ADDRESS).body

    def test_tells_a_record_that_is_gone(self, caller: Caller) -> None:
        uid = choir(1)

        world.wish(uid, "public", shows=False)

        assert told(caller) == [{"id": uid, "kind": "organisation", "state": "deleted"}]

    def test_tells_what_a_merge_takes_and_not_where_it_went(self, caller: Caller) -> None:
        loser, survivor = choir(1), choir(2)

        with revision(actor="steward:1", now=world.NOW, why="same") as draft:
            merge(draft, loser_id=id_of(UUID(loser)), survivor_id=id_of(UUID(survivor)), reason="test")

        assert {"id": loser, "kind": "organisation", "state": "deleted"} in told(caller)
        assert survivor not in str([each for each in told(caller) if each["state"] == "deleted"])

    def test_says_nothing_of_a_value_in_anothers_place(self, caller: Caller) -> None:
        uid = choir(1, phones=["+41 21 555 12 34"])
        with revision(actor="steward:1", now=world.NOW, why="test") as draft:
            said = [Said("email", "neu@example.org"), Said("phones", "+41 21 555 12 35")]
            state(draft, record_id=id_of(UUID(uid)), said=said, origin=Origin.SUBJECT)

        assert told(caller) == []

    def test_goes_on_from_page_to_page_and_ends_in_itself(self, caller: Caller) -> None:
        uids = [choir(number) for number in range(1, 6)]
        for uid in uids:
            world.wish(uid, "public", shows=False)

        seen, url = [], f"{ADDRESS}?limit=2"
        while items := (page := caller.get(url).json())["items"]:
            seen += [each["id"] for each in items]
            url = page["next"]

        assert seen == uids
        assert page["next"] == url
        assert caller.get(f"{ADDRESS}?after=made-up").status == 400
        assert caller.get(f"{ADDRESS}?kind=x").status == 400

    def test_is_as_described_and_open_to_browsers(self, caller: Caller) -> None:
        world.wish(choir(1), "public", shows=False, property="email")
        described = document(Site(world.BASE_URL))["paths"][ADDRESS]["get"]

        reply = caller.get(ADDRESS)

        jsonschema.validate(reply.json(), described["responses"]["200"]["content"]["application/json"]["schema"])
        assert (reply.headers["access-control-allow-origin"], reply.headers["cache-control"]) == ("*", "no-cache")
        assert caller.get(ADDRESS, if_none_match=reply.headers["etag"]).status == 304

    def test_numbers_stay_dense_and_old_ones_go(self, caller: Caller) -> None:
        for number in range(1, 4):
            world.wish(choir(number), "public", shows=False)
        later = datetime.now(UTC) + KEPT + timedelta(days=1)

        assert sweep_retractions(now=later) == 2
        world.wish(choir(4), "public", shows=False)

        assert list(Retraction.objects.order_by("number").values_list("number", flat=True)) == [3, 4]


class TestItsSignature:
    def test_is_verified_without_us(self, caller: Caller) -> None:
        world.wish(choir(1), "public", shows=False)
        page, keys = caller.get(ADDRESS).json(), Client().get("/.well-known/jwks.json").json()

        said = independent.signed(page["signature"], keys, "retractions+jws")

        assert said == {"items": page["items"], "next": page["next"]}
        assert independent.signed(page["signature"], keys, "checkpoint+jws") is None
        head, _, tail = page["signature"].split(".")
        assert independent.signed(f"{head}.e30.{tail}", keys, "retractions+jws") is None

    def test_is_the_same_for_the_same_page(self, caller: Caller) -> None:
        world.wish(choir(1), "public", shows=False)

        assert caller.get(ADDRESS).body == caller.get(ADDRESS).body


class TestNothingElseIsSeen:
    def test_of_what_the_public_never_saw(self, caller: Caller, city: City) -> None:
        choir(1)
        secret = world.add("organisation", 2, public=False, name="Secret", email="s@example.org")
        before = caller.get(ADDRESS)
        for shows in (True, False):
            world.wish(secret, f"agreement:{city.agreement}", shows=shows)
            city.get("organisations")

        assert caller.get(ADDRESS) == before

    def test_whoever_asks_gets_the_same_bytes(self, caller: Caller, city: City) -> None:
        world.wish(choir(1), "public", shows=False)

        assert city.get("retractions").body == caller.get(ADDRESS).body
        assert city.get("retractions").headers["cache-control"] == "private, no-store"
        assert caller.get(ADDRESS, authorization="Bearer nothing").status == 401
