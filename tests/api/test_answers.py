"""Whole answers of the read routes over a small directory."""

import csv
import io
from datetime import UTC, datetime, timedelta
from uuid import UUID

import orjson
import pytest

from datacoop.api.asgi import wrap
from datacoop.api.site import Site
from datacoop.consent.actions import suspend_agreement
from datacoop.disclosure.cursors import seal
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import Reading, open_reading
from datacoop.records.actions.merging import merge
from datacoop.records.actions.revising import revision
from datacoop.records.rules import id_of
from tests.api import world
from tests.api.conftest import django
from tests.api.world import BASE_URL, Caller

LIST = "/api/v1/organisations"


class TestList:
    def test_pages_until_the_end(self, caller: Caller) -> None:
        world.add_choirs(5)

        first = caller.get(f"{LIST}?limit=2").json()
        second = caller.get(first["next"]).json()
        third = caller.get(second["next"]).json()

        names = [item["name"] for page in (first, second, third) for item in page["items"]]
        assert names == [f"Chœur {number:03}" for number in range(1, 6)]
        assert third["next"] is None
        assert first["next"].startswith(f"{BASE_URL}{LIST}?limit=2&cursor=")
        assert (first["count"], first["count_relation"]) == (5, "eq")

    def test_leaves_the_count_out_where_not_wanted(self, caller: Caller) -> None:
        assert caller.get(f"{LIST}?count=false").body == b'{"items":[],"next":null}'

    def test_carries_no_email_for_the_public(self, caller: Caller) -> None:
        uid = world.add_choirs(1)[0]

        assert "email" not in caller.get(LIST).json()["items"][0]
        assert caller.get(f"{LIST}/{uid}").json()["email"] == "choeur1@example.org"

    def test_filters(self, caller: Caller) -> None:
        world.add_choirs(2)

        for query, found in [
            ("theme=culture", 2), ("theme=sport", 0), ("theme=", 0), ("commune=Lausanne", 2), ("commune=5586", 2),
            ("commune=Atlantis", 0), ("territory=vd", 2), ("territory=ge", 0), ("q=choeur+001", 1),
            ("bbox=6.6,46.5,6.7,46.6", 2), ("bbox=7,46,8,47", 0), ("near=46.52,6.63&radius_km=1&sort=distance", 2),
            ("nature=association", 0), ("from=2026-01-01", 0),
        ]:  # fmt: skip
            assert caller.get(f"{LIST}?{query}").json()["count"] == found, query

    def test_refuses_a_cursor_of_another_question(self, caller: Caller) -> None:
        world.add_choirs(3)
        cursor = caller.get(f"{LIST}?limit=1").json()["next"].partition("cursor=")[2]

        assert caller.get(f"{LIST}?limit=2&cursor={cursor}").status == 200
        assert caller.get(f"{LIST}?sort=-name&cursor={cursor}").code == "invalid-parameter"
        assert caller.get(f"{LIST}?cursor={cursor[:-2]}AA").code == "invalid-parameter"

    def test_refuses_a_cursor_of_another_reader(self, caller: Caller) -> None:
        world.add_choirs(3)
        _, token = world.token_of_client()
        cursor = caller.get(f"{LIST}?limit=1").json()["next"].partition("cursor=")[2]

        reply = caller.get(f"{LIST}?limit=1&cursor={cursor}", authorization=f"Bearer {token}")

        assert reply.code == "invalid-parameter"

    def test_narrows_fields_and_language(self, caller: Caller) -> None:
        world.add_choirs(1)

        item = caller.get(f"{LIST}?fields=description&lang=de").json()["items"][0]

        assert set(item) == {"id", "kind", "description"}
        assert item["description"] == "Zusammen singen."

    @pytest.mark.parametrize("ending", ["csv", "geojson", "jsonld", "ndjson", "json"])
    def test_speaks_every_format(self, caller: Caller, ending: str) -> None:
        world.add_choirs(3)

        reply = caller.get(f"{LIST}.{ending}?limit=2")

        assert reply.status == 200
        assert b"choeur1@example.org" not in reply.body
        assert "cursor=" in reply.body.decode() or 'rel="next"' in reply.headers["link"]

    def test_refuses_unknown_formats(self, caller: Caller) -> None:
        assert caller.get(LIST, accept="text/html").code == "not-acceptable"
        assert caller.get(f"{LIST}.ics").code == "not-found"


class TestHeaders:
    def test_public_answers_are_revalidated(self, caller: Caller) -> None:
        reply = caller.get(LIST)

        assert reply.headers["cache-control"] == "no-cache"
        assert reply.headers["vary"] == "Authorization, Accept, Accept-Language"
        assert reply.headers["access-control-allow-origin"] == "*"
        assert 'rel="license"' in reply.headers["link"]
        assert reply.headers["content-length"] == str(len(reply.body))

    def test_answers_of_a_client_are_private(self, caller: Caller) -> None:
        _, token = world.token_of_client()

        reply = caller.get(LIST, authorization=f"Bearer {token}")

        assert reply.headers["cache-control"] == "private, no-store"
        assert "access-control-allow-origin" not in reply.headers

    def test_the_same_bytes_are_not_sent_twice(self, caller: Caller) -> None:
        world.add_choirs(1)
        tag = caller.get(LIST).headers["etag"]

        for header in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            reply = caller.get(LIST, if_none_match=header)
            assert (reply.status, reply.body, reply.headers["etag"]) == (304, b"", tag)
        assert caller.get(LIST, if_none_match='"other"').status == 200

    def test_head_has_the_headers_of_get(self, caller: Caller) -> None:
        world.add_choirs(1)

        get, head = caller.get(LIST), caller.get(LIST, "HEAD")

        assert (head.headers, head.body) == (get.headers, b"")

    def test_a_browser_may_ask_from_elsewhere(self, caller: Caller) -> None:
        reply = caller.get(LIST, "OPTIONS")

        assert (reply.status, reply.headers["access-control-allow-origin"]) == (204, "*")


class TestOne:
    def test_undisclosed_and_unknown_are_the_same(self, caller: Caller) -> None:
        hidden = world.add("organisation", 7, public=False, name="Cachée")

        replies = [caller.get(f"{LIST}/{each}") for each in (hidden, "0" * 36, "x", hidden.upper(), "%00")]

        assert {(each.status, each.body) for each in replies} == {(404, replies[0].body)}

    def test_another_kind_does_not_answer(self, caller: Caller) -> None:
        uid = world.add_choirs(1)[0]

        assert caller.get(f"/api/v1/activities/{uid}").status == 404

    def test_leads_on_to_the_survivor(self, caller: Caller) -> None:
        loser, survivor = world.add_choirs(2)
        with revision(actor="steward:1", now=world.NOW, why="test") as draft:
            merge(draft, loser_id=number(loser), survivor_id=number(survivor), reason="same")

        reply = caller.get(f"{LIST}/{loser}.jsonld?lang=fr")

        assert reply.status == 301
        assert reply.headers["location"] == f"{BASE_URL}{LIST}/{survivor}.jsonld?lang=fr"

    def test_speaks_formats_with_contacts(self, caller: Caller) -> None:
        uid = world.add_choirs(1)[0]

        thing = caller.get(f"{LIST}/{uid}", accept="application/ld+json").json()
        row = next(csv.DictReader(io.StringIO(caller.get(f"{LIST}/{uid}.csv").body.decode())))

        assert thing["email"] == row["email"] == "choeur1@example.org"
        assert row["phones"] == "'+41 21 555 12 34"


def number(uid: str) -> int:
    return id_of(UUID(uid))


class TestToken:
    @pytest.mark.parametrize("header", ["Bearer nonsense", "Bearer ", "Basic YTpi", "", "Bearer é"])
    def test_a_bad_token_is_never_anonymous(self, caller: Caller, header: str) -> None:
        reply = caller.get(LIST, authorization=header)

        assert (reply.status, reply.code) == (401, "invalid-token")
        assert reply.headers["www-authenticate"].startswith("Bearer")

    def test_shows_what_the_terms_disclose(self, caller: Caller) -> None:
        uid = world.add("organisation", 9, public=False, name="Discrète")
        agreement, token = world.token_of_client()
        world.wish(uid, f"agreement:{agreement}", shows=True)

        page = caller.get(LIST, authorization=f"Bearer {token}").json()

        assert [item["name"] for item in page["items"]] == ["Discrète"]
        assert page["items"][0]["id"] != uid
        assert caller.get(LIST).json()["items"] == []

    def test_a_reference_to_what_only_clients_see_is_no_filter(self, caller: Caller) -> None:
        agreement, token = world.token_of_client()
        organiser = world.add("organisation", 9, public=False, name="Discrète")
        activity = world.add("activity", 10, public=False, title="Concert", organiser=organiser)
        for uid in (organiser, activity):
            world.wish(uid, f"agreement:{agreement}", shows=True)

        for query, count in [("", 1), (f"?organiser={organiser}", 0), ("?organiser=x", 0)]:
            reply = caller.get(f"/api/v1/activities{query}", authorization=f"Bearer {token}")
            assert reply.json()["count"] == count

    def test_a_suspended_client_is_refused_at_once(self, caller: Caller) -> None:
        agreement, token = world.token_of_client()
        assert caller.get(LIST, authorization=f"bearer {token}").status == 200

        suspend_agreement(agreement=agreement, actor="steward:1", now=datetime.now(UTC))

        assert caller.get(LIST, authorization=f"bearer {token}").code == "invalid-token"


class TestFacetsAndClusters:
    def test_counts_with_labels(self, caller: Caller) -> None:
        world.add_choirs(2)

        found = caller.get(f"{LIST}/facets?lang=de&limit=5").json()["facets"]

        assert found["commune"] == [{"value": "5586", "count": 2, "count_relation": "eq", "label": "Lausanne"}]
        assert {row["value"] for row in found["theme"]} >= {"culture/chant"}

    def test_gathers_points(self, caller: Caller) -> None:
        world.add_choirs(2)

        reply = caller.get(f"{LIST}/clusters?zoom=3&bbox=5,45,8,48")

        assert reply.headers["content-type"] == "application/geo+json"
        assert reply.json()["features"][0]["properties"]["count"] == 2


class TestChanges:
    def test_ends_in_an_empty_page_that_leads_to_itself(self, caller: Caller) -> None:
        world.add_choirs(3)

        first = caller.get("/api/v1/changes?limit=2").json()
        second = caller.get(first["next"]).json()
        last = caller.get(second["next"]).json()

        assert [len(page["items"]) for page in (first, second, last)] == [2, 1, 0]
        assert last["next"] == second["next"]
        assert first["items"][0]["state"] == "updated"
        assert first["license"]

    def test_an_empty_feed_leads_to_itself(self, caller: Caller) -> None:
        assert caller.get("/api/v1/changes").json()["next"] == f"{BASE_URL}/api/v1/changes"

    def test_refuses_what_it_did_not_give(self, caller: Caller) -> None:
        forged = seal(PUBLIC, b"something else", (0,))

        assert caller.get(f"/api/v1/changes?after={forged}").code == "invalid-parameter"
        assert caller.get("/api/v1/changes?since=0").code == "unknown-parameter"


class TestExports:
    def test_streams_everything_in_the_order_of_ids(self, caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("FIRST_RECORDS", "MOST_RECORDS"):
            monkeypatch.setattr(f"datacoop.api.asgi.{name}", 2)
        uids = world.add_choirs(5)

        reply = caller.get("/api/v1/exports/organisations.ndjson")

        assert [orjson.loads(line)["id"] for line in reply.body.splitlines()] == uids
        assert len(reply.chunks) == 3
        assert b"@example.org" not in reply.body

    @pytest.mark.parametrize("ending", ["csv", "geojson", "jsonld", "json", "ndjson"])
    def test_writes_whole_documents(self, caller: Caller, ending: str, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("FIRST_RECORDS", "MOST_RECORDS"):
            monkeypatch.setattr(f"datacoop.api.asgi.{name}", 2)
        world.add_choirs(5)

        body = caller.get(f"/api/v1/exports/organisations.{ending}").body

        if ending == "csv":
            assert len(list(csv.DictReader(io.StringIO(body.decode(), newline="")))) == 5
        elif ending != "ndjson":
            assert body.count(b"culture/chant") == 5
            orjson.loads(body)

    def test_goes_on_after_an_id(self, caller: Caller) -> None:
        uids = world.add_choirs(3)

        reply = caller.get(f"/api/v1/exports/organisations.ndjson?after={uids[1]}")

        assert [orjson.loads(line)["id"] for line in reply.body.splitlines()] == uids[2:]
        assert caller.get("/api/v1/exports/organisations.ndjson?after=x").code == "invalid-parameter"

    def test_a_client_goes_on_after_an_id_of_its_own(self, caller: Caller) -> None:
        agreement, token = world.token_of_client()
        world.add_choirs(1)
        for each in (5, 6):
            hidden = world.add("organisation", each, public=False, name=f"Discrète {each}")
            world.wish(hidden, f"agreement:{agreement}", shows=True)
        url, authorization = "/api/v1/exports/organisations.ndjson", f"Bearer {token}"

        ids = [orjson.loads(each)["id"] for each in caller.get(url, authorization=authorization).body.splitlines()]
        rests = [caller.get(f"{url}?after={each}", authorization=authorization).body.splitlines() for each in ids]

        assert [[orjson.loads(line)["id"] for line in rest] for rest in rests] == [ids[1:], ids[2:], []]

    def test_export_and_feed_together_miss_nothing(self, caller: Caller) -> None:
        world.add_choirs(2)
        after = caller.get("/api/v1/exports/organisations.csv").headers["changes-after"]
        later = world.add("organisation", 8, name="Plus tard")

        items = caller.get(f"/api/v1/changes?after={after}").json()["items"]

        assert [item["id"] for item in items] == [later]

    def test_bad_tokens_and_parameters_are_refused(self, caller: Caller) -> None:
        assert caller.get("/api/v1/exports/organisations.csv", authorization="Bearer x").code == "invalid-token"
        assert caller.get("/api/v1/exports/organisations.csv?q=x").code == "unknown-parameter"


class TestRest:
    def test_everything_else_is_djangos(self, caller: Caller) -> None:
        assert caller.get("/").body == b"django"
        assert caller.get("/api/v1/acknowledgements", "POST").body == b"django"
        assert caller.get("/oauth/token", "POST").body == b"django"

    def test_unknown_addresses_are_not_found(self, caller: Caller) -> None:
        assert caller.get("/api/v1/").code == "not-found"
        assert caller.get("/api/v1/persons").code == "not-found"

    def test_read_routes_cannot_be_written(self, caller: Caller) -> None:
        reply = caller.get(LIST, "DELETE")

        assert (reply.status, reply.headers["allow"]) == (405, "GET, HEAD, OPTIONS")

    def test_limits_are_counted_before_look_up(self, transactional_db: None) -> None:
        caller = Caller(wrap(django, Site(BASE_URL, rate_per_minute=1)))
        assert caller.get("/api/v1/x").status == 404

        replies = [caller.get(path) for path in (LIST, "/api/v1/x", "/api/v1/exports/organisations.csv", f"{LIST}?x=1")]

        assert {(each.status, each.body) for each in replies} == {(429, replies[0].body)}
        assert int(replies[0].headers["retry-after"]) > 0

    def test_settles_what_is_due_and_answers(self, caller: Caller) -> None:
        uid = world.add_choirs(1)[0]
        soon = datetime.now(UTC) + timedelta(milliseconds=300)
        world.wish(uid, "public", shows=False, property="website", until=soon)
        world.wish(uid, "public", shows=False, property="description", until=soon)
        assert "description" not in caller.get(LIST).json()["items"][0]

        while datetime.now(UTC) < soon:
            pass

        assert "description" in caller.get(LIST).json()["items"][0]
        assert "description" in caller.get(f"{LIST}/{uid}").json()

    def test_a_failure_says_nothing_and_the_next_request_works(self, transactional_db: None) -> None:
        opened: list[Reading] = []

        def opening() -> Reading:
            opened.append(open_reading())
            return opened[-1]

        caller = Caller(wrap(django, Site(BASE_URL), opening))
        assert caller.get(LIST).status == 200
        opened[0].close()

        failed, after = caller.get(LIST), caller.get(LIST)

        assert (failed.status, set(failed.json())) == (500, {"type", "title", "status"})
        assert after.status == 200
        opened[-1].close()

    def test_asks_for_patience_while_something_stays_due(self, caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("datacoop.api.asgi.settle", lambda now: 0)
        uid = world.add_choirs(1)[0]
        soon = datetime.now(UTC) + timedelta(milliseconds=50)
        world.wish(uid, "public", shows=False, property="description", until=soon)
        while datetime.now(UTC) <= soon:
            pass

        replies = [caller.get(path) for path in (LIST, f"{LIST}/{uid}", "/api/v1/exports/organisations.csv")]

        assert {(each.status, each.headers["retry-after"]) for each in replies} == {(503, "2")}

    def test_an_export_that_fails_is_broken_off(self, caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
        world.add_choirs(1)
        monkeypatch.setattr("datacoop.api.asgi.FIRST_RECORDS", "no number")

        with pytest.raises(ConnectionAbortedError):
            caller.get("/api/v1/exports/organisations.csv")
