"""Law 4: who has not acknowledged after twice the agreed hours gets nothing new but what is public, until it does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from datacoop.consent.models import Agreement
from datacoop.consent.queries import get_audience
from datacoop.consent.rules import PUBLIC
from datacoop.disclosure.compile.packing import key_of
from datacoop.disclosure.late import hold_late
from datacoop.disclosure.models import Delivery, Tombstone
from datacoop.disclosure.readers import reader_of_agreement
from datacoop.disclosure.reading import open_reading
from datacoop.disclosure.search.withheld import condition
from datacoop.ledger.models import Entry
from datacoop.records.rules import id_of
from tests.api import world
from tests.api.world import Caller
from tests.laws.city import City, withdrawn

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("datacoop.api.urls")]


def grant(city: City, number: int, **values: Any) -> str:
    """A choir of which the public sees the name, and this client all."""
    uid = world.add("organisation", number, name=f"Chœur {number}", **values)
    for name in values:
        world.wish(uid, "public", shows=False, property=name)
        world.wish(uid, f"agreement:{city.agreement}", shows=True, property=name)
    return uid


def secret(city: City, number: int) -> str:
    """A choir that this client alone sees."""
    uid = world.add("organisation", number, public=False, name=f"Secret {number}")
    world.wish(uid, f"agreement:{city.agreement}", shows=True)
    return uid


def late(city: City, hours: float = 48) -> datetime:
    """Let the deadline of everything open lie so long back that it was issued `hours` ago, and the clock strike."""
    now = datetime.now(UTC)
    issued = now - timedelta(hours=hours, minutes=1)
    Tombstone.objects.update(issued_at=issued, deadline=issued + timedelta(hours=24))
    hold_late(now=now)
    return now


def is_held(city: City) -> bool:
    return Agreement.objects.get(uid=city.agreement).held_at is not None


def feed(city: City, after: str = "") -> tuple[list[dict[str, Any]], str]:
    """The feed to its end, and where it ends."""
    items: list[dict[str, Any]] = []
    url = f"changes?limit=3&after={after}" if after else "changes?limit=3"
    while True:
        page = city.get(url).json()
        if not page["items"]:
            return items, page["next"].partition("after=")[2].partition("&")[0]
        items += page["items"]
        url = page["next"].partition("/api/v1/")[2]


def shown(city: City) -> dict[str, dict[str, Any]]:
    return {each["name"]: each for each in city.get("organisations").json()["items"]}


class TestTheClock:
    def test_holds_back_at_twice_the_agreed_hours_and_not_before(self, city: City) -> None:
        withdrawn(city)
        late(city, 47)
        assert not is_held(city)

        late(city, 48)

        assert is_held(city)
        assert Entry.objects.filter(kind="agreement.held").count() == 1

    def test_holds_nobody_back_who_acknowledged(self, city: City) -> None:
        withdrawn(city)
        city.says(city.owed()[0]["tombstone"])

        late(city, 4800)

        assert not is_held(city)

    def test_holds_back_from_nobody_else(self, city: City, caller: Caller) -> None:
        other = City(caller, "Canton")
        withdrawn(city)
        granted = grant(other, 2, email="b@example.org")

        late(city)

        assert not is_held(other)
        assert other.get(f"organisations/{granted}").json()["email"] == "b@example.org"


class TestWhileItIsHeld:
    def test_public_data_go_on_new_ones_too(self, city: City, caller: Caller) -> None:
        withdrawn(city)
        late(city)
        uid = world.add("organisation", 2, name="Nouveau", email="n@example.org", theme=["culture/chant"])

        assert city.get(f"organisations/{uid}").json()["email"] == "n@example.org"
        assert set(shown(city)) == {"Chœur 1", "Nouveau"}
        assert city.get("organisations?q=nouveau").json()["count"] == 1
        assert city.get("organisations/facets?theme=culture").json()["facets"]["theme"]
        assert b"Nouveau" in city.get("exports/organisations.ndjson").body
        assert uid in {each["id"] for each in feed(city)[0]}

    def test_what_it_was_sent_goes_on(self, city: City) -> None:
        """A job that died over a holiday must not empty a city's page."""
        granted, hidden = grant(city, 2, email="b@example.org"), secret(city, 3)
        assert shown(city)["Chœur 2"]["email"] == "b@example.org"
        own = shown(city)["Secret 3"]["id"]
        withdrawn(city)

        late(city)

        assert city.get(f"organisations/{granted}").json()["email"] == "b@example.org"
        assert city.get(f"organisations/{own}").json()["name"] == "Secret 3"
        assert city.get(f"organisations/{hidden}").status == 404
        assert {"Chœur 2", "Secret 3"} <= set(shown(city))
        assert city.get("organisations?q=secret").json()["count"] == 1

    def test_records_that_are_gone_disturb_no_list_in_whatever_order_a_database_looks(self, city: City) -> None:
        """A plan may compare rows before it knows that they are gone (PostgreSQL joins by hashing large tables)."""
        withdrawn(city)
        hidden = world.add("organisation", 2, name="Chœur 2")
        world.wish(hidden, f"agreement:{city.agreement}", shows=False)
        late(city)
        reading = open_reading()
        reader = reader_of_agreement(reading, city.agreement)
        assert reader is not None

        sql, parameters = condition(reading.vendor, reader, reader.leaf, "v.record_id")
        whole = f"SELECT v.record_id FROM disclosure_view v WHERE v.state <> 'l' AND v.tier = ? AND ({sql}) IS NOT NULL"
        found = reading.rows(whole, [reader.leaf, *parameters])
        reading.close()

        assert id_of(UUID(hidden)) in {each[0] for each in found}
        assert city.get(f"organisations/{hidden}").status == 404
        assert city.get("organisations?q=choeur").json()["count"] == 1

    def test_new_restricted_values_stop_the_public_ones_of_the_same_record_do_not(self, city: City) -> None:
        withdrawn(city)
        late(city)
        granted, hidden = grant(city, 2, email="b@example.org", theme=["culture/chant"]), secret(city, 3)

        one = city.get(f"organisations/{granted}").json()
        assert (one["name"], "email" in one, "theme" in one) == ("Chœur 2", False, False)
        assert "email" not in shown(city)["Chœur 2"]
        assert "Secret 3" not in shown(city)
        assert city.get("organisations?theme=culture").json()["count"] == 0
        assert city.get("organisations?q=secret").json()["count"] == 0
        assert city.get("organisations?q=choeur").json()["count"] == 2
        assert city.get("organisations/facets").json()["facets"]["theme"] == []
        whole = city.get("exports/organisations.ndjson").body + str(feed(city)[0]).encode()
        assert b"b@example.org" not in whole
        assert b"Secret" not in whole
        assert b"culture" not in whole
        assert hidden.encode() not in whole

    def test_a_new_version_of_what_it_was_sent_stops_too(self, city: City) -> None:
        granted = grant(city, 2, email="b@example.org", website="https://w.example.org")
        city.get(f"organisations/{granted}")
        withdrawn(city)
        late(city)

        world.wish(granted, f"agreement:{city.agreement}", shows=False, property="website")

        assert "email" not in city.get(f"organisations/{granted}").json()

    def test_what_is_hidden_from_it_stays_hidden(self, city: City) -> None:
        uid = world.add("organisation", 2, name="Chœur 2", email="b@example.org", website="https://w.example.org")
        world.wish(uid, f"agreement:{city.agreement}", shows=False, property="email")
        withdrawn(city)

        late(city)

        assert "email" not in city.get(f"organisations/{uid}").json()
        assert "email" not in shown(city)["Chœur 2"]
        assert "b@example.org" not in str(feed(city)[0])

    def test_the_feed_still_tells_what_is_to_be_erased(self, city: City) -> None:
        """Or it could never be acknowledged."""
        hidden, granted = secret(city, 3), grant(city, 2, email="b@example.org", website="https://w.example.org")
        city.get("organisations")
        own = shown(city)["Secret 3"]["id"]
        _, place = feed(city)
        for uid, prop in ((hidden, None), (granted, "website")):
            world.wish(uid, f"agreement:{city.agreement}", shows=False, property=prop)

        late(city)

        items, _ = feed(city, place)
        told = {each["id"]: each for each in items}
        assert told[own]["tombstone"]
        assert told[granted]["erase"]["properties"] == ["website"]
        assert "b@example.org" not in str(told)

    def test_an_erased_value_of_what_only_it_sees_is_told_without_any_other(self, city: City) -> None:
        uid = world.add("organisation", 3, public=False, name="Secret 3", email="s@example.org")
        world.wish(uid, f"agreement:{city.agreement}", shows=True)
        own = shown(city)["Secret 3"]["id"]
        world.wish(uid, f"agreement:{city.agreement}", shows=False, property="email")

        late(city)

        (told,) = [each for each in feed(city)[0] if each["id"] == own]
        assert told["erase"]["properties"] == ["email"]
        assert set(told["data"]) == {"id", "kind", "modified"}

    def test_nothing_is_noted_as_received_that_was_not(self, city: City) -> None:
        withdrawn(city)
        late(city)
        granted = grant(city, 2, email="b@example.org")
        city.get(f"organisations/{granted}"), city.get("organisations"), feed(city)

        own = get_audience(f"agreement:{city.agreement}")
        assert not Delivery.objects.filter(key=key_of(own, id_of(UUID(granted)))).exists()
        assert Delivery.objects.filter(key=key_of(PUBLIC, id_of(UUID(granted)))).exists()

    def test_whoever_shows_no_token_notices_nothing(self, city: City, caller: Caller) -> None:
        withdrawn(city)
        before = caller.get("/api/v1/organisations")

        late(city)

        assert caller.get("/api/v1/organisations") == before


class TestTheLastAcknowledgement:
    def test_lets_go_in_its_own_transaction(self, city: City) -> None:
        for number in (1, 2):
            withdrawn(city, number)
        late(city)
        granted = grant(city, 3, email="b@example.org")
        first, last = (each["tombstone"] for each in city.owed())

        city.says(first)
        assert is_held(city)
        city.says(last)

        assert not is_held(city)
        assert city.get(f"organisations/{granted}").json()["email"] == "b@example.org"
        assert Entry.objects.filter(kind="agreement.let_go").count() == 1

    def test_does_so_too_for_what_is_retained(self, city: City) -> None:
        withdrawn(city)
        late(city)

        city.says(city.owed()[0]["tombstone"], "retained", legal_basis="Loi")

        assert not is_held(city)

    def test_leaves_what_is_not_overdue_for_later(self, city: City) -> None:
        withdrawn(city)
        now = late(city)
        withdrawn(city, 2)

        city.says(city.owed()[0]["tombstone"])

        assert not is_held(city)
        assert len(city.owed()) == 1
        assert hold_late(now=now) == 0

    def test_is_undone_where_letting_go_fails(self, city: City, monkeypatch: pytest.MonkeyPatch) -> None:
        withdrawn(city)
        late(city)

        def failing(*args: object, **kwargs: object) -> None:
            raise RuntimeError

        monkeypatch.setattr("datacoop.disclosure.acknowledging.let_go", failing)
        mark = city.owed()[0]["tombstone"]
        with pytest.raises(RuntimeError):
            city.says(mark)

        assert is_held(city)
        assert city.owed()[0]["tombstone"] == mark


class TestItsPlace:
    def test_in_the_feed_loses_nothing(self, city: City) -> None:
        """A copy that went on with the feed all the while is in the end what the lists show."""
        grant(city, 2, email="b@example.org"), secret(city, 3), withdrawn(city)
        copy: dict[str, Any] = {}
        _, place = _follow(city, copy, "")
        late(city)
        grant(city, 4, email="d@example.org"), secret(city, 5)
        world.add("organisation", 6, name="Chœur 6")
        _, place = _follow(city, copy, place)
        assert "Chœur 6" in {each["name"] for each in copy.values()}
        assert "d@example.org" not in str(copy)
        secret(city, 7)
        items, place = _follow(city, copy, place)
        assert items == [], "what is held back makes no empty turns"

        for each in city.owed():
            city.says(each["tombstone"])
        _follow(city, copy, place)

        assert copy == {each["id"]: each for each in city.get("organisations?limit=200").json()["items"]}
        assert "d@example.org" in str(copy)

    def test_after_an_export_loses_nothing(self, city: City) -> None:
        grant(city, 2, email="b@example.org"), secret(city, 3), withdrawn(city)
        late(city)
        export = city.get("exports/organisations.json")
        copy = {each["id"]: each for each in export.json()["items"]}

        city.says(city.owed()[0]["tombstone"])
        _follow(city, copy, export.headers["changes-after"])

        assert copy == {each["id"]: each for each in city.get("organisations?limit=200").json()["items"]}
        assert "b@example.org" in str(copy)

    def test_before_a_hold_is_good_in_it_and_after(self, city: City) -> None:
        withdrawn(city)
        _, before = feed(city)
        late(city)
        _, within = feed(city, before)
        city.says(city.owed()[0]["tombstone"])

        assert city.get(f"changes?after={before}").status == 200
        assert city.get(f"changes?after={within}").status == 200


def _follow(city: City, copy: dict[str, Any], place: str) -> tuple[list[dict[str, Any]], str]:
    items, reached = feed(city, place)
    for each in items:
        if each["state"] == "deleted":
            copy.pop(each["id"], None)
        else:
            copy[each["id"]] = each["data"]
    return items, reached
