"""Clients are told that their own feed has something new, of nothing else, safely, and until it arrives."""

from __future__ import annotations

import base64
import doctest
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core import mail
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook as Standard
from standardwebhooks import WebhookVerificationError

from datacoop.clients.actions import add_contact
from datacoop.clients.suspending import suspend_client
from datacoop.disclosure.late import hold_late
from datacoop.disclosure.models import Delivery, Tombstone
from datacoop.disclosure.reading import reading
from datacoop.disclosure.search.feeding import changes, feed_position, news
from datacoop.feeds import notifying, rules, unreached
from datacoop.feeds.actions import WebhookRefused, give_address, remove_address, rotate_secret, say_again
from datacoop.feeds.models import Message, Webhook
from datacoop.feeds.queries import find_webhook
from datacoop.feeds.rules import LADDER, MOST_DEAD
from datacoop.jobs.models import Job
from datacoop.ledger.models import Entry
from tests.api import world
from tests.api.world import Caller
from tests.feeds.receiving import Clock, Receiver, failing, hook, last_chance, receiving
from tests.laws.city import City, withdrawn
from tests.laws.replaying import deliver, reader_of, replay
from tests.laws.worlds import CLIENTS, World, worlds

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("datacoop.api.urls")]


class TestTelling:
    def test_says_that_there_is_something_and_nothing_of_what(
        self, city: City, receiver: Receiver, clock: Clock
    ) -> None:
        secret = hook(city, receiver, clock)
        world.add("organisation", 1, name="Chœur Secret", email="c@example.org")

        assert clock.turn() == 1

        ((path, headers, body),) = receiver.got
        said = json.loads(body)
        assert path == "/hook"
        assert (said["type"], said["data"], set(said)) == ("changes.available", {}, {"type", "timestamp", "data"})
        assert datetime.fromisoformat(said["timestamp"]) == clock.now
        assert headers["content-type"] == "application/json"
        assert set(headers) == {
            "host", "user-agent", "content-type", "content-length", "webhook-id", "webhook-timestamp",
            "webhook-signature",
        }  # fmt: skip
        assert headers["webhook-timestamp"] == str(int(clock.now.timestamp()))
        assert Standard(secret).verify(body, headers) == said

    def test_what_somebody_else_signed_is_refused(self, city: City, receiver: Receiver, clock: Clock) -> None:
        hook(city, receiver, clock)
        world.add("organisation", 1, name="Chœur 1")
        clock.turn()

        ((_, headers, body),) = receiver.got
        with pytest.raises(WebhookVerificationError):
            Standard(rules.new_secret()).verify(body, headers)

    def test_is_silent_where_nothing_is_new(self, city: City, receiver: Receiver, clock: Clock) -> None:
        world.add("organisation", 1, name="Chœur 1")
        hook(city, receiver, clock)

        assert [clock.turn() for _ in range(3)] == [0, 0, 0]
        assert receiver.got == []

    def test_once_for_all_that_came_in_a_minute(self, city: City, receiver: Receiver, clock: Clock) -> None:
        hook(city, receiver, clock)
        for number in range(1, 4):
            world.add("organisation", number, name=f"Chœur {number}")
        clock.turn()
        world.add("organisation", 4, name="Chœur 4")

        clock.turn(timedelta(seconds=20))
        assert len(receiver.got) == 1

        clock.turn(timedelta(seconds=40))
        assert len(receiver.got) == 2
        assert len(set(receiver.messages)) == 2

    def test_whoever_fetched_meanwhile_is_not_told_again(self, city: City, receiver: Receiver, clock: Clock) -> None:
        hook(city, receiver, clock)
        world.add("organisation", 1, name="Chœur 1")
        clock.turn()
        city.get("changes")

        assert clock.turn() == 0


class TestLaw2OfEachReadersOwn:
    def test_a_change_that_this_client_is_not_shown_tells_it_nothing(
        self, city: City, caller: Caller, receiver: Receiver, clock: Clock
    ) -> None:
        other = City(caller, "Canton")
        uid = world.add("organisation", 1, name="Chœur 1", email="a@example.org")
        world.wish(uid, "public", shows=False, property="email")
        hook(city, receiver, clock)

        world.wish(uid, f"agreement:{other.agreement}", shows=True, property="email")
        hidden = world.add("organisation", 2, public=False, name="Caché")
        world.wish(hidden, f"agreement:{other.agreement}", shows=True)

        assert clock.turn() == 0
        assert not Message.objects.exists()

    def test_a_deletion_tells_only_whoever_was_sent_the_record(
        self, city: City, caller: Caller, receiver: Receiver, clock: Clock
    ) -> None:
        other = City(caller, "Canton")
        uid = withdrawn(other)
        for each in (city, other):
            hook(each, receiver, clock)

        world.wish(uid, "public", shows=False)
        clock.turn()

        assert list(Webhook.objects.filter(reached_at__isnull=False).values_list("agreement", flat=True)) == [
            other.agreement
        ]

    def test_of_what_is_held_back_it_tells_once_it_is_not(self, city: City, receiver: Receiver, clock: Clock) -> None:
        withdrawn(city)
        issued = clock.now - timedelta(hours=48, minutes=1)
        Tombstone.objects.update(issued_at=issued, deadline=issued + timedelta(hours=24))
        hold_late(now=clock.now)
        hook(city, receiver, clock)
        clock.turn()
        receiver.got.clear()
        secret = world.add("organisation", 2, public=False, name="Secret")
        world.wish(secret, f"agreement:{city.agreement}", shows=True)
        assert clock.turn() == 0

        city.says(city.owed()[0]["tombstone"])

        assert clock.turn() == 1

    def test_looking_sends_nobody_anything(self, city: City, receiver: Receiver, clock: Clock) -> None:
        hook(city, receiver, clock)
        world.add("organisation", 1, name="Chœur 1")

        clock.turn()

        assert not Delivery.objects.exists()

    @settings(max_examples=12)
    @given(world=worlds(10), client=st.sampled_from(list(CLIENTS)), held=st.booleans(), sent=st.booleans())
    def test_there_is_news_exactly_where_the_feed_has_an_item(
        self, world: World, client: str, held: bool, sent: bool
    ) -> None:
        """So that law 2 holds of messages as it holds of the feed, which its own tests see to."""
        replay(world, held=client if held else "")
        if sent:
            deliver(client)
        with reading() as connected:
            reader = reader_of(connected, client)
            after: tuple[int, ...] = (0,) * len(reader.chain) * (2 if held else 1)
            for _ in range(200):
                found = news(connected, reader, after)
                page = changes(connected, reader, after, 1)
                assert (found is not None) == bool(page.items)
                if found is None:
                    assert feed_position(connected, reader)[-3:] == page.position[-3:]
                    return
                assert news(connected, reader, found) is None
                after = tuple(map(int, page.position))
        raise AssertionError("The feed does not end.")


class TestWhoIsTold:
    def test_whoever_is_suspended_is_told_nothing_any_more(self, city: City, receiver: Receiver, clock: Clock) -> None:
        failing(city, receiver, clock)
        clock.turn()
        suspend_client(agreement=city.agreement, actor="test", now=clock.now)
        world.add("organisation", 2, name="Chœur 2")
        receiver.got.clear()

        clock.turn(timedelta(hours=1))

        assert receiver.got == []
        assert not Message.objects.exists()

    def test_whoever_keeps_nothing_has_no_feed_to_be_told_of(
        self, caller: Caller, receiver: Receiver, clock: Clock
    ) -> None:
        with pytest.raises(WebhookRefused, match="no-feed"):
            hook(City(caller, "Vitrine", live_only=True), receiver, clock)

    def test_nobody_is_told_at_an_address_that_was_taken_away(
        self, city: City, receiver: Receiver, clock: Clock
    ) -> None:
        failing(city, receiver, clock)
        clock.turn()
        remove_address(agreement=city.agreement, actor="test", now=clock.now)
        receiver.got.clear()

        clock.turn(timedelta(hours=1))

        assert receiver.got == []
        kinds = [each for each in Entry.objects.order_by("pk").values_list("kind", flat=True) if "webhook" in each]
        assert kinds == ["webhook.given", "webhook.removed"]


class TestFailing:
    def test_tries_for_days_and_then_gives_up_where_it_can_be_seen(
        self, city: City, receiver: Receiver, clock: Clock
    ) -> None:
        failing(city, receiver, clock)
        clock.turn()
        for attempt, pause in enumerate(LADDER, start=1):
            waits = Message.objects.get()
            assert (waits.state, waits.attempts) == ("waiting", attempt)
            assert pause <= waits.due_at - clock.now <= pause * 1.2
            clock.turn(waits.due_at - clock.now - timedelta(milliseconds=1))
            assert len(receiver.got) == attempt
            clock.turn(timedelta(milliseconds=1))

        assert len(receiver.got) == 10
        assert len(set(receiver.messages)) == 1
        found = find_webhook(city.agreement, now=clock.now)
        assert found is not None
        (dead,) = found.messages
        assert (dead.is_dead, dead.attempts, dead.problem, dead.status) == (True, 10, "status", 500)
        assert sum(LADDER, timedelta()) > timedelta(days=3)

    def test_what_was_given_up_is_said_again_when_asked_for(self, city: City, receiver: Receiver, clock: Clock) -> None:
        failing(city, receiver, clock)
        clock.turn()
        last_chance(clock)
        receiver.answers = [(200, {})]

        assert say_again(agreement=city.agreement, now=clock.now) == 1
        assert clock.turn() == 1

        assert len(set(receiver.messages)) == 1
        assert not Message.objects.exists()
        with pytest.raises(WebhookRefused, match="none"):
            say_again(agreement=city.agreement, now=clock.now)

    def test_its_contacts_are_written_to_when_one_is_given_up(
        self, city: City, receiver: Receiver, clock: Clock, settings: Any
    ) -> None:
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        for email, language in (("web@ville.example.org", "fr"), ("it@ville.example.org", "de")):
            add_contact(agreement=city.agreement, email=email, language=language)
        failing(city, receiver, clock)
        clock.turn()
        assert not Job.objects.filter(name=unreached.MAIL).exists()
        last_chance(clock)

        job = Job.objects.get(name=unreached.MAIL)
        assert unreached.mail_of_failure(now=clock.now, **job.payload) == 2

        assert [each.to for each in mail.outbox] == [["web@ville.example.org"], ["it@ville.example.org"]]
        assert all(f"/clients/{city.agreement}/webhook" in each.body for each in mail.outbox)
        assert "aufgegeben" in mail.outbox[1].body

    def test_while_one_waits_no_other_is_made(self, city: City, receiver: Receiver, clock: Clock) -> None:
        failing(city, receiver, clock)
        for number in range(1, 5):
            world.add("organisation", number, name=f"Chœur {number}")
            clock.turn()

        assert Message.objects.count() == 1

    def test_a_receiver_that_asks_to_wait_is_waited_for(self, city: City, receiver: Receiver, clock: Clock) -> None:
        failing(city, receiver, clock)
        receiver.answers = [
            (503, {"Retry-After": "7200"}),
            (429, {"Retry-After": "9" * 6}),
            (503, {"Retry-After": "x"}),
        ]
        clock.turn()
        assert Message.objects.get().due_at == clock.now + timedelta(hours=2)
        clock.turn(timedelta(hours=2))
        assert Message.objects.get().due_at == clock.now + timedelta(hours=24)
        clock.turn(timedelta(hours=24))
        assert Message.objects.get().due_at < clock.now + timedelta(hours=1)

    def test_one_that_is_gone_is_let_alone_until_the_address_is_given_again(
        self, city: City, receiver: Receiver, clock: Clock
    ) -> None:
        failing(city, receiver, clock)
        receiver.answers = [(410, {}), (204, {})]
        clock.turn()
        world.add("organisation", 2, name="Chœur 2")
        for _ in range(3):
            clock.turn(timedelta(days=1))
        assert len(receiver.got) == 1
        assert Webhook.objects.get().gone_at is not None

        assert give_address(agreement=city.agreement, address=receiver.url, actor="test", now=clock.now) is None

        assert clock.turn() == 1

    def test_at_another_address_what_waits_is_said_at_once(self, city: City, receiver: Receiver, clock: Clock) -> None:
        failing(city, receiver, clock)
        clock.turn()
        with receiving() as other:
            give_address(agreement=city.agreement, address=other.url, actor="test", now=clock.now)
            assert clock.turn() == 1
            assert other.messages == receiver.messages

    def test_keeps_the_newest_of_what_was_given_up(self, city: City, receiver: Receiver, clock: Clock) -> None:
        failing(city, receiver, clock)
        webhook = Webhook.objects.get()
        made = [Message(webhook=webhook, position=[0, 0, 0], made_at=clock.now, due_at=clock.now, state="dead")
                for _ in range(MOST_DEAD + 3)]  # fmt: skip
        Message.objects.bulk_create(made)
        clock.turn()

        last_chance(clock)

        assert Message.objects.count() == MOST_DEAD

    def test_is_not_kept_waiting_by_a_slow_receiver(
        self, city: City, receiver: Receiver, clock: Clock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(notifying, "SECONDS", 0.3)
        failing(city, receiver, clock)
        receiver.seconds = 30

        began = time.monotonic()
        clock.turn()

        assert time.monotonic() - began < 5
        assert Message.objects.get().problem == "too-slow"

    def test_reads_no_answer_that_does_not_end(self, city: City, receiver: Receiver, clock: Clock) -> None:
        hook(city, receiver, clock)
        receiver.is_endless = True
        world.add("organisation", 1, name="Chœur 1")

        began = time.monotonic()

        assert clock.turn() == 1
        assert time.monotonic() - began < 5


class TestSecrets:
    def test_both_sign_until_the_old_one_ends(self, city: City, receiver: Receiver, clock: Clock) -> None:
        old = hook(city, receiver, clock)
        new = rotate_secret(agreement=city.agreement, actor="test", now=clock.now, overlap=timedelta(days=1))
        world.add("organisation", 1, name="Chœur 1")
        clock.turn()
        world.add("organisation", 2, name="Chœur 2")
        clock.turn(timedelta(days=1))

        for headers, secrets in zip((each[1] for each in receiver.got), ((new, old), (new,)), strict=True):
            given = headers["webhook-signature"].split()
            at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
            body = receiver.got[len(secrets) % 2][2]
            signed = [Standard(each).sign(headers["webhook-id"], at, body.decode()) for each in secrets]
            assert given == signed

    def test_one_that_somebody_saw_ends_at_once(self, city: City, receiver: Receiver, clock: Clock) -> None:
        hook(city, receiver, clock)
        rotate_secret(agreement=city.agreement, actor="test", now=clock.now, overlap=timedelta())
        world.add("organisation", 1, name="Chœur 1")
        clock.turn()

        assert len(receiver.got[0][1]["webhook-signature"].split()) == 1

    def test_lie_nowhere_in_the_open(self, city: City, receiver: Receiver, clock: Clock) -> None:
        secret = hook(city, receiver, clock)

        row = Webhook.objects.get()
        assert secret.removeprefix("whsec_").encode() not in bytes(row.secret)
        assert base64.b64decode(secret.removeprefix("whsec_")) not in bytes(row.secret)


def test_the_examples_in_the_rules_hold() -> None:
    assert doctest.testmod(rules).failed == 0
