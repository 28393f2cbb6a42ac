"""First deliveries of many are written together and before they leave; what is read again is counted once a minute."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connections, transaction

from datacoop.api.asgi import wrap
from datacoop.api.site import Site
from datacoop.consent.actions import Wish, decide_in
from datacoop.disclosure import noting, reading, repeating
from datacoop.disclosure.deliveries import forget_durable
from datacoop.disclosure.models import Delivery
from datacoop.disclosure.own.receiving import received
from datacoop.disclosure.reading import open_reading
from datacoop.disclosure.repeating import write_repeats
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.questions import Question
from datacoop.records.actions.revising import revision, take_writers_lock
from tests.api import world
from tests.api.conftest import django
from tests.api.world import BASE_URL, Caller
from tests.disclosure.test_first_deliveries import SECRET, choir
from tests.disclosure.test_withdrawal_travels import NOW, client

pytestmark = pytest.mark.django_db(transaction=True)
ALL = Question("organisation")
LIST = "/api/v1/organisations"


@pytest.fixture(autouse=True)
def _nothing_noted() -> None:
    forget_durable()


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The times somebody had the writers' lock for a note."""
    locks: list[str] = []
    writer = reading._writer

    @contextmanager
    def counted(vendor: str) -> Iterator[Any]:
        with writer(vendor) as raw:
            locks.append(vendor)
            yield raw

    monkeypatch.setattr(reading, "_writer", counted)
    return locks


def ask_all(readers: list[Any], found: list[Any]) -> list[threading.Thread]:
    """Each asks in a thread of its own; as soon as it has its answer, we look whether others see that it was noted."""

    def ask(reader: Any) -> None:
        own = open_reading()
        try:
            bodies = find(own, reader, ALL).bodies
            other = open_reading()
            noted = other.rows("SELECT count(*) FROM disclosure_delivery WHERE audience_id = ?", [reader.leaf])
            other.close()
            assert noted == [(len(bodies),)]
            found.append((reader.leaf, bodies))
        except Exception as error:
            found.append((reader.leaf, error))
        finally:
            own.close()
            connections.close_all()

    threads = [threading.Thread(target=ask, args=[each]) for each in readers]
    for each in threads:
        each.start()
    return threads


def until_waiting(number: int) -> None:
    """Wait until so many wait for the one who leads them."""
    for _ in range(2000):
        if len(noting.TOGETHER._queue) >= number:
            return
        threading.Event().wait(0.005)
    raise AssertionError("They do not gather.")


def test_those_who_wait_are_written_in_one_transaction_and_not_answered_before(written: list[str]) -> None:
    choir("Aa"), choir("Bb")
    readers = [client(f"Ville {number}") for number in range(8)]
    found: list[Any] = []
    with transaction.atomic():
        take_writers_lock()
        threads = ask_all(readers, found)
        until_waiting(8)
        assert found == []

    for each in threads:
        each.join(20)

    assert len(written) == 1
    assert sorted(leaf for leaf, _ in found) == sorted(each.leaf for each in readers)
    assert all(len(bodies) == 2 for _, bodies in found)
    assert Counter(Delivery.objects.values_list("audience_id", flat=True)) == {each.leaf: 2 for each in readers}


def test_those_overtaken_together_all_ask_again() -> None:
    uid = choir("Aa")
    readers = [client(f"Ville {number}") for number in range(6)]
    found: list[Any] = []
    with revision(actor="steward:1", now=NOW, why="test") as draft:
        decide_in(draft, uid=uid, wish=Wish("public", shows=False, property="email"), reason="test")
        threads = ask_all(readers, found)
        until_waiting(6)
    for each in threads:
        each.join(20)

    assert len(found) == 6
    assert not any(isinstance(bodies, Exception) for _, bodies in found)
    assert not any(SECRET in body for _, bodies in found for body in bodies)
    assert Delivery.objects.count() == 6


def test_a_failure_is_everybodys_and_the_next_ones_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    choir("Aa")
    readers = [client(f"Ville {number}") for number in range(4)]
    found: list[Any] = []
    write = noting.write

    def fails(writer: Any, rows: Any) -> None:
        write(writer, rows)
        raise RuntimeError("The disk is full.")

    monkeypatch.setattr(noting, "write", fails)
    for each in ask_all(readers, found):
        each.join(20)
    monkeypatch.setattr(noting, "write", write)

    assert [str(error) for _, error in found] == ["The disk is full."] * 4
    assert not Delivery.objects.exists()
    found.clear()
    for each in ask_all(readers, found):
        each.join(20)
    assert all(len(bodies) == 1 for _, bodies in found)
    assert Delivery.objects.count() == 4


class TestRepeats:
    def test_is_told_how_often_and_when_last(self) -> None:
        uid = choir("Aa")
        ville = client("Ville")
        own = open_reading()
        for _ in range(14):
            find(own, ville, ALL)
        own.close()
        (before,) = received(uid)

        assert write_repeats() == 1
        (after,) = received(uid)

        assert (before.times, before.last_at) == (1, before.first_at)
        assert (after.times, after.versions, after.first_at) == (14, 1, before.first_at)
        assert before.first_at < after.last_at <= datetime.now(UTC)
        assert write_repeats() == 0

    def test_answers_given_from_memory_count_too(self) -> None:
        caller = Caller(wrap(django, Site(BASE_URL)))  # type: ignore[arg-type]
        world.add_choirs(2)
        _, token = world.token_of_client()
        forget_durable()
        for _ in range(5):
            assert caller.get(LIST, authorization=f"Bearer {token}").json()["count"] == 2
            caller.get(LIST)

        assert write_repeats() == 2

        assert [row.repeats for row in Delivery.objects.all()] == [4, 4]

    def test_what_cannot_be_written_now_is_written_later(self, monkeypatch: pytest.MonkeyPatch) -> None:
        choir("Aa")
        ville = client("Ville")
        own = open_reading()
        for _ in range(3):
            find(own, ville, ALL)
        again = repeating._AGAIN.replace("disclosure_delivery", "not_there")
        monkeypatch.setattr(repeating, "_AGAIN", again)
        with pytest.raises(Exception, match="not_there"):
            write_repeats()
        monkeypatch.undo()
        find(own, ville, ALL)
        own.close()

        assert write_repeats() == 1

        assert Delivery.objects.get().repeats == 3

    def test_many_at_once_lose_none(self) -> None:
        choir("Aa"), choir("Bb")
        ville = client("Ville")
        own = open_reading()
        find(own, ville, ALL)
        own.close()
        stop = threading.Event()

        def keep_writing() -> None:
            while not stop.is_set():
                write_repeats()
            connections.close_all()

        writing = threading.Thread(target=keep_writing)
        writing.start()
        found: list[Any] = []
        for each in ask_all([ville] * 20, found):
            each.join(20)
        stop.set()
        writing.join(20)
        write_repeats()

        assert sorted(row.repeats for row in Delivery.objects.all()) == [20, 20]
