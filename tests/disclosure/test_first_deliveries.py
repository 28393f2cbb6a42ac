"""What a client gets for the first time: noted before it leaves, and never what was taken back meanwhile (law 4)."""

import asyncio
import json
import sqlite3
import threading
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection, connections

from datacoop.api.asgi import wrap
from datacoop.api.site import Site
from datacoop.consent.actions import Wish, decide, decide_in
from datacoop.disclosure import deliveries
from datacoop.disclosure.deliveries import forget_durable
from datacoop.disclosure.models import Delivery, Tombstone
from datacoop.disclosure.reading import open_reading
from datacoop.disclosure.search import finding
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.grouping import clusters, facets
from datacoop.disclosure.search.questions import Question
from datacoop.feeds.exports import next_batch, number_after
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import create_record, state
from datacoop.records.rules import Origin
from datacoop.records.storing import Said
from tests.api.conftest import django
from tests.api.world import token_of_client
from tests.disclosure.test_withdrawal_travels import NOW, client, hide

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = b"info@choeur.example.org"
ALL = Question("organisation")


@pytest.fixture(autouse=True)
def _nothing_noted() -> None:
    forget_durable()


def choir(name: str = "Chœur") -> UUID:
    point = {"lat": 46.52, "lon": 6.63, "precision": "street"}
    with revision(actor="steward:test", now=NOW, why="test") as draft:
        record = create_record(draft, kind="organisation")
        said = [Said("name", name), Said("email", SECRET.decode()), Said("point", point)]
        state(draft, record_id=record.id, said=said, origin=Origin.STEWARD)
    return record.uid


def elsewhere(work: Callable[[], object]) -> None:
    """Do it in another thread, on a connection of its own, to the end."""

    def run() -> None:
        work()
        connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()


def before(module: Any, name: str, work: Callable[[], object], patch: pytest.MonkeyPatch) -> None:
    """Let something happen elsewhere just before a function is called for the first time."""
    function, once = getattr(module, name), iter([work])

    def late(*args: Any) -> Any:
        for each in once:
            elsewhere(each)
        return function(*args)

    patch.setattr(module, name, late)


def test_a_withdrawal_between_reading_and_noting_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    uid = choir()
    ville = client("Ville")
    before(deliveries, "_note", lambda: hide(uid, "public", "email"), monkeypatch)
    reading = open_reading()

    bodies = find(reading, ville, ALL).bodies

    reading.close()
    assert len(bodies) == 1
    assert SECRET not in bodies[0]
    assert Delivery.objects.count() == 1


def test_a_withdrawal_under_way_is_waited_for() -> None:
    """Nothing is patched: the client's note waits for the very commit that takes the value back."""
    uid = choir()
    ville = client("Ville")
    inside, go = threading.Event(), threading.Event()

    def withdraw() -> None:
        with revision(actor="steward:test", now=NOW, why="test") as draft:
            decide_in(draft, uid=uid, wish=Wish("public", shows=False, property="email"), reason="test")
            inside.set()
            go.wait(0.5)
        connections.close_all()

    thread = threading.Thread(target=withdraw)
    thread.start()
    inside.wait()
    reading = open_reading()

    bodies = find(reading, ville, ALL).bodies

    thread.join()
    reading.close()
    assert SECRET not in bodies[0]
    assert not Tombstone.objects.exists()


def test_what_was_delivered_just_before_has_its_tombstone() -> None:
    uid = choir()
    ville = client("Ville")
    reading = open_reading()
    assert SECRET in find(reading, ville, ALL).bodies[0]
    reading.close()

    hide(uid, "public", "email")

    assert [json.loads(t.properties) for t in Tombstone.objects.all()] == [["email"]]


def test_a_circle_is_measured_in_one_world(monkeypatch: pytest.MonkeyPatch) -> None:
    uid, other = choir("Aa"), choir("Bb")
    ville = client("Ville")
    for each in (uid, other):
        hide(each, "public")
        hide(each, f"agreement:{ville.agreement}", shows=True)
    before(finding, "_views", lambda: hide(uid, f"agreement:{ville.agreement}"), monkeypatch)
    reading = open_reading()

    names = [json.loads(body)["name"] for body in find(reading, ville, Question(ALL.kind, near=(46.5, 6.6, 10))).bodies]

    reading.close()
    # What was begun before was overtaken, so it was asked again.
    assert names == ["Bb"]


@pytest.mark.parametrize("was_public", [True, False])
def test_an_export_goes_on_after_a_record_whose_id_changed(was_public: bool) -> None:
    uids = [choir(f"Chœur {number}") for number in range(20)]
    ville = client("Ville")
    own = f"agreement:{ville.agreement}"
    for uid in uids if not was_public else ():
        hide(uid, "public")
        hide(uid, own, shows=True)
    reading = open_reading()
    first, _ = next_batch(reading, ville, "organisation", None, 7)
    last = json.loads(first[-1])["id"]
    real = UUID(last) if was_public else ville.ids.uid(last)  # type: ignore[union-attr]
    hide(real, "public", shows=not was_public)
    hide(real, own, shows=True)

    rest, _ = next_batch(reading, ville, "organisation", number_after(reading, ville, last), 100)

    reading.close()
    names = [json.loads(body)["name"] for body in [*first, *rest]]
    assert sorted(names) == sorted(f"Chœur {number}" for number in range(20))


def test_an_export_does_not_go_on_after_what_the_client_never_had() -> None:
    choir()
    hidden = choir("Secret")
    hide(hidden, "public")
    ville = client("Ville")
    reading = open_reading()

    assert number_after(reading, ville, str(hidden)) is None
    assert number_after(reading, ville, "00000000-0000-4000-8000-00000000000f") is None
    reading.close()


def test_counts_of_a_few_records_are_deliveries_too() -> None:
    uid = choir()
    ville = client("Ville")
    hide(uid, "public")
    hide(uid, f"agreement:{ville.agreement}", shows=True)
    reading = open_reading()
    assert clusters(reading, ville, ALL, 18)[0]["count"] == 1
    facets(reading, ville, ALL)
    reading.close()

    hide(uid, f"agreement:{ville.agreement}")

    assert Tombstone.objects.filter(deletion=True).count() == 1


@pytest.mark.skipif("connection.vendor != 'sqlite'")
def test_a_first_delivery_keeps_nobody_else_waiting() -> None:
    choir()
    _, token = token_of_client()
    forget_durable()
    waited = _both_while_locked(django, token)

    assert waited["public"] == (200, True)
    assert waited["client"] == (200, False)


def _both_while_locked(inner: Any, token: str) -> dict[str, tuple[int, bool]]:
    """Status, and whether it came while somebody held the write lock, of a client's and of a public request."""
    application = wrap(inner, Site("https://coop.example.org", rate_per_minute=0))
    lock = sqlite3.connect(str(connection.settings_dict["NAME"]), isolation_level=None, check_same_thread=False)
    lock.execute("BEGIN IMMEDIATE")
    freed = time.monotonic() + 0.8
    threading.Timer(0.8, lambda: lock.execute("ROLLBACK")).start()
    found: dict[str, tuple[int, bool]] = {}

    async def ask(name: str, headers: list[tuple[bytes, bytes]]) -> None:
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {"type": "http", "method": "GET", "path": "/api/v1/organisations", "query_string": b"",
                 "headers": headers, "client": None}  # fmt: skip
        await application(scope, None, send)  # type: ignore[arg-type]
        found[name] = sent[0]["status"], time.monotonic() < freed

    async def both() -> None:
        client_asks = asyncio.create_task(ask("client", [(b"authorization", f"Bearer {token}".encode())]))
        await asyncio.sleep(0.05)
        await ask("public", [])
        await client_asks

    asyncio.run(both())
    lock.close()
    return found


def test_decisions_elsewhere_do_not_keep_a_client_from_its_answer() -> None:
    """Every first answer is overtaken, and comes all the same."""
    uids = [choir(f"Chœur {number}") for number in range(30)]
    ville = client("Ville")
    stop = threading.Event()

    def keep_deciding() -> None:
        shows = False
        while not stop.is_set():
            wish = Wish("public", shows=shows, property="email")
            decide(uid=uids[0], wish=wish, actor="steward:test", reason="test", now=NOW)
            shows = not shows
        connections.close_all()

    thread = threading.Thread(target=keep_deciding)
    thread.start()
    reading = open_reading()
    try:
        found = [find(reading, ville, Question(ALL.kind, text=f"chœur {number}")).bodies for number in range(30)]
    finally:
        stop.set()
        thread.join()
        reading.close()
    assert all(found)
