"""A client's own program says where it is told that something is new: as its page does, and of nobody else."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import jsonschema
import pytest
from django.test import Client

from datacoop.accounts.actions import issue_token
from datacoop.accounts.holding import give_key
from datacoop.accounts.rules import LONGEST_OVERLAP
from datacoop.api.openapi import document
from datacoop.api.site import Site
from datacoop.clients.suspending import suspend_client
from datacoop.feeds.models import Message, Webhook
from datacoop.feeds.notifying import send_message
from datacoop.ledger.models import Entry
from datacoop.sources.actions import register_holder
from tests.api import world
from tests.api.world import BASE_URL, Caller
from tests.feeds.receiving import HOST, Clock, Receiver, last_chance, receiving
from tests.laws.city import City

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("datacoop.api.urls")]
ADDRESS = "/api/v1/webhooks"


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.DATACOOP_WEBHOOK_HOSTS = frozenset({HOST})
    with receiving() as one:
        yield one


class Hooked:
    """A client and the addresses of its webhook. Every answer is held against the description."""

    def __init__(self, caller: Caller, name: str = "Ville", *, live_only: bool = False) -> None:
        self.city = City(caller, name, live_only=live_only)

    def ask(self, method: str, tail: str = "", body: object = None, **headers: str) -> Any:
        headers = {"authorization": f"Bearer {self.city.token}", **headers}
        content = body if isinstance(body, str) else json.dumps(body) if body is not None else ""
        path = f"{ADDRESS}/{tail}" if tail else ADDRESS
        reply = Client().generic(method, path, content, content_type="application/json", headers=headers)
        self._hold(reply, method, tail)
        return reply

    def _hold(self, reply: Any, method: str, tail: str) -> None:
        described = document(Site(BASE_URL))
        path = "/".join(filter(None, [ADDRESS, re.sub(r"^[^/]+", "{id}", tail)]))
        operation = described["paths"][path].get(method.lower())
        if operation is None:
            assert reply.status_code == 405
            return
        answer = operation["responses"][str(reply.status_code)]
        assert reply.headers["Cache-Control"] == "private, no-store"
        if "$ref" in answer:
            assert reply.headers["Content-Type"] == "application/problem+json"
        elif "content" in answer:
            jsonschema.validate(reply.json(), answer["content"]["application/json"]["schema"])

    def give(self, url: object) -> Any:
        return self.ask("POST", body={"url": url})

    def item(self) -> Any:
        (found,) = self.ask("GET").json()["items"]
        return found


@pytest.fixture
def hooked(caller: Caller) -> Hooked:
    return Hooked(caller)


def code(reply: Any) -> str:
    return str(reply.json()["type"]).rpartition("/")[2]


class TestTheAddress:
    def test_is_given_and_told_and_its_secret_told_once(self, hooked: Hooked, receiver: Receiver) -> None:
        first = hooked.give(receiver.url)
        again = hooked.give(receiver.url)

        assert (first.status_code, again.status_code) == (201, 200)
        assert first.json()["secret"].startswith("whsec_")
        assert "secret" not in again.json()
        assert b"whsec_" not in hooked.ask("GET").content
        assert (hooked.item()["id"], hooked.item()["url"]) == (hooked.city.agreement, receiver.url)
        assert hooked.item()["messages"] == []

    def test_is_told_there_that_something_is_new(self, hooked: Hooked, receiver: Receiver) -> None:
        hooked.give(receiver.url)
        world.add("organisation", 1, name="Chœur 1")

        assert Clock().turn() == 1
        assert hooked.item()["reached_at"] is not None

    def test_is_forgotten_when_taken_away(self, hooked: Hooked, receiver: Receiver) -> None:
        hooked.give(receiver.url)

        assert hooked.ask("DELETE", hooked.city.agreement).status_code == 204

        assert hooked.ask("GET").json() == {"items": []}
        assert hooked.ask("DELETE", hooked.city.agreement).status_code == 404
        entries = Entry.objects.filter(kind__startswith="webhook.").order_by("pk")
        assert [each.kind for each in entries] == ["webhook.given", "webhook.removed"]

    @pytest.mark.parametrize(
        ("url", "said"),
        [
            ("http://ville.example.org/", "https://"),
            ("https://10.0.0.1/", "private network"),
            ("https://localhost/", "private network"),
            ("https://ville.example.org/#here", "#"),
            ("https://ville.example.org/\u200b", "cannot be seen"),
            ("https://user@ville.example.org/", "cannot be used"),
            (f"https://ville.example.org/{'x' * 1000}", "1000 characters"),
            ("", "cannot be used"),
            (7, "as text"),
            (None, "as text"),
        ],
    )
    def test_is_refused_by_the_rules_of_the_page(self, hooked: Hooked, url: object, said: str) -> None:
        reply = hooked.give(url)

        assert (reply.status_code, code(reply), reply.json()["parameter"]) == (400, "invalid-parameter", "url")
        assert said in reply.json()["detail"]
        assert not Webhook.objects.exists()

    def test_one_after_the_other_makes_us_knock_once_a_minute(self, hooked: Hooked, receiver: Receiver) -> None:
        hooked.give(receiver.url)
        receiver.answers = [(500, {})]
        world.add("organisation", 1, name="Chœur 1")
        clock = Clock()
        clock.turn()
        before = len(receiver.got)

        for number in range(5):
            hooked.give(f"{receiver.url}?{number}")

        assert not send_message(message=Message.objects.get().pk, now=datetime.now(UTC))
        assert len(receiver.got) == before
        soon = Message.objects.get().due_at - Webhook.objects.get().given_at
        assert timedelta(seconds=50) < soon <= timedelta(minutes=1)


class TestTheSecret:
    def test_is_followed_by_another_while_both_sign(self, hooked: Hooked, receiver: Receiver) -> None:
        first = hooked.give(receiver.url).json()["secret"]

        reply = hooked.ask("POST", f"{hooked.city.agreement}/secret")

        assert reply.json()["secret"] not in {first, None}
        until = datetime.fromisoformat(hooked.item()["former_secret_until"])
        assert timedelta(days=13) < until - datetime.now(UTC) < timedelta(days=14)

    def test_ends_at_once_where_somebody_saw_it(self, hooked: Hooked, receiver: Receiver) -> None:
        hooked.give(receiver.url)

        hooked.ask("POST", f"{hooked.city.agreement}/secret", {"overlap_days": 0})

        assert hooked.item()["former_secret_until"] is None

    @pytest.mark.parametrize("days", [-1, LONGEST_OVERLAP.days + 1, True, 1.5, "7", None])
    def test_lasts_for_days_that_there_are(self, hooked: Hooked, receiver: Receiver, days: object) -> None:
        hooked.give(receiver.url)

        reply = hooked.ask("POST", f"{hooked.city.agreement}/secret", {"overlap_days": days})

        assert (reply.status_code, reply.json()["parameter"]) == (400, "overlap_days")


class TestWhatDidNotArrive:
    def test_is_told_and_said_again(self, hooked: Hooked, receiver: Receiver) -> None:
        hooked.give(receiver.url)
        receiver.answers = [(500, {})]
        world.add("organisation", 1, name="Chœur 1")
        clock = Clock()
        clock.turn()
        (waits,) = hooked.item()["messages"]
        assert (waits["state"], waits["attempts"], waits["status"]) == ("waiting", 1, 500)
        last_chance(clock)
        (dead,) = hooked.item()["messages"]
        assert (dead["state"], dead["problem"], dead["next_at"]) == ("given_up", "status", None)
        assert dead["id"] == receiver.messages[-1]

        reply = hooked.ask("POST", f"{hooked.city.agreement}/replay", {"message": dead["id"]})

        assert reply.json() == {"replayed": 1}
        assert Message.objects.get().state == "waiting"
        assert hooked.ask("POST", f"{hooked.city.agreement}/replay").status_code == 404


class TestWhoAsks:
    def test_is_a_running_client_that_keeps_something(self, caller: Caller, hooked: Hooked, receiver: Receiver) -> None:
        client_id, secret = give_key(holder=register_holder(name="Commune", now=world.NOW), now=world.NOW)
        holders, _ = issue_token(client_id=client_id, client_secret=secret, now=datetime.now(UTC))
        for token in ("x", holders):
            reply = hooked.ask("POST", body={"url": receiver.url}, authorization=f"Bearer {token}")
            assert (reply.status_code, code(reply)) == (401, "invalid-token")
        assert Client().get(ADDRESS).status_code == 401
        shows = Hooked(caller, "Vitrine", live_only=True)
        assert (shows.give(receiver.url).status_code, shows.ask("GET").status_code) == (403, 403)

        suspend_client(agreement=hooked.city.agreement, actor="steward:1", now=datetime.now(UTC))

        assert hooked.give(receiver.url).status_code == 401
        assert not Webhook.objects.exists()

    @pytest.mark.parametrize(("method", "tail"), [("DELETE", ""), ("POST", "/secret"), ("POST", "/replay")])
    def test_learns_nothing_of_anothers(
        self, caller: Caller, hooked: Hooked, receiver: Receiver, method: str, tail: str
    ) -> None:
        other = Hooked(caller, "Autre")
        for each in (other, hooked):
            each.give(receiver.url)

        theirs = hooked.ask(method, f"{other.city.agreement}{tail}")
        nobodys = hooked.ask(method, f"nobody{tail}")

        assert (theirs.status_code, theirs.content) == (404, nobodys.content)
        assert [each.former_secret for each in Webhook.objects.all()] == [None, None]

    def test_is_told_what_cannot_be_understood(self, hooked: Hooked) -> None:
        own = hooked.city.agreement
        for method, tail, body, status in [
            ("POST", "", "{", 400), ("POST", "", "[]", 400), ("POST", "", {"url": "x", "secret": "y"}, 400),
            ("POST", f"{own}/replay", {"message": 3}, 400), ("PUT", "", None, 405), ("GET", own, None, 405),
            ("DELETE", own, None, 404), ("POST", f"{own}/secret", None, 404),
        ]:  # fmt: skip
            assert hooked.ask(method, tail, body).status_code == status, (method, tail, body)
        assert hooked.ask("GET", accept="text/csv").status_code == 406
        form = Client().post(ADDRESS, {"url": "x"}, headers={"authorization": f"Bearer {hooked.city.token}"})
        assert form.status_code == 415
        asked = Client().get(f"{ADDRESS}?all=1", headers={"authorization": f"Bearer {hooked.city.token}"})
        assert (asked.status_code, code(asked)) == (400, "unknown-parameter")


class TestTheDoor:
    """What the served application asks before Django is asked."""

    def test_lets_clients_through_counted_and_nobody_else(self, caller: Caller, hooked: Hooked) -> None:
        token = f"Bearer {hooked.city.token}"
        own = f"{ADDRESS}/{hooked.city.agreement}"
        for path, method in [(ADDRESS, "GET"), (ADDRESS, "POST"), (own, "DELETE"), (f"{own}/secret", "POST")]:
            assert caller.get(path, method).code == "invalid-token"
            assert caller.get(path, method, authorization="Bearer x").code == "invalid-token"
            reply = caller.get(path, method, authorization=token)
            assert (reply.body, "ratelimit" in reply.headers) == (b"django", True)
        assert caller.get(own, "OPTIONS").headers["allow"] == "DELETE, OPTIONS"
        assert caller.get(f"{own}/secret/more", authorization=token).code == "not-found"

    def test_is_closed_to_whoever_may_keep_nothing(self, caller: Caller) -> None:
        shows = City(caller, "Vitrine", live_only=True)

        assert caller.get(ADDRESS, authorization=f"Bearer {shows.token}").code == "live-only"
