"""A reader that takes nothing holds a connection for a while, and nothing else: no transaction, no lock, no thread."""

from __future__ import annotations

import asyncio
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, connections

from datacoop.api import asgi
from tests.api import world
from tests.api.world import Caller

pytestmark = pytest.mark.django_db(transaction=True)
EXPORT, LIST = "/api/v1/exports/organisations.ndjson", "/api/v1/organisations"


class Stalled:
    """Readers of an export that take its beginning, and then nothing more."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self.stalled = 0

    async def read(self) -> None:
        sent = 0

        async def send(message: Any) -> None:
            nonlocal sent
            sent += 1
            if sent == 3:
                self.stalled += 1
                await asyncio.Event().wait()

        async def receive() -> Any:
            await asyncio.Event().wait()

        scope = {"type": "http", "method": "GET", "path": EXPORT, "query_string": b"", "headers": [], "client": None}
        await self._application(scope, receive, send)

    async def gather(self, number: int, meanwhile: Any) -> list[Any]:
        reading = [asyncio.create_task(self.read()) for _ in range(number)]
        while self.stalled < number:
            await asyncio.sleep(0.01)
        await asyncio.to_thread(meanwhile)
        return await asyncio.gather(*reading, return_exceptions=True)


@pytest.fixture
def _short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "STALLED_SECONDS", 1.5)
    for name in ("FIRST_RECORDS", "MOST_RECORDS"):
        monkeypatch.setattr(asgi, name, 2)


@pytest.mark.usefixtures("_short")
def test_ends_and_has_kept_nobody_waiting(caller: Caller, caplog: pytest.LogCaptureFixture) -> None:
    """More stall than there are threads; meanwhile others decide and read what was decided."""
    uids = world.add_choirs(12)
    found: dict[str, Any] = {}

    def meanwhile() -> None:
        began = datetime.now(UTC)
        world.wish(uids[0], "public", shows=False)
        found["open"] = _open_transactions()
        connections.close_all()
        found["facets"] = Caller(caller.application).get(f"{LIST}/facets").status
        found["seconds"] = (datetime.now(UTC) - began).total_seconds()

    ended = asyncio.run(Stalled(caller.application).gather(asgi.THREADS + 2, meanwhile))

    assert {type(each) for each in ended} == {ConnectionAbortedError}
    assert (found["open"], found["facets"]) == (0, 200)
    assert found["seconds"] < 1.5
    assert not [each for each in caplog.records if each.levelname in ("ERROR", "CRITICAL")]
    assert len(caller.get(EXPORT).body.splitlines()) == 11


def _open_transactions() -> int:
    """Sessions of this database that stand still inside a transaction."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            # It would wait for whoever reads an older state.
            (busy, *_) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return int(busy)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            " AND state LIKE 'idle in transaction%'"
        )
        return int(cursor.fetchone()[0])


def test_a_reader_that_is_only_slow_gets_everything(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asgi, "STALLED_SECONDS", 0.5)
    for name in ("FIRST_RECORDS", "MOST_RECORDS"):
        monkeypatch.setattr(asgi, name, 1)
    world.add_choirs(6)
    bodies: list[bytes] = []

    async def send(message: Any) -> None:
        await asyncio.sleep(0.15)
        bodies.append(message.get("body", b""))

    async def receive() -> Any:
        await asyncio.Event().wait()

    scope = {"type": "http", "method": "GET", "path": EXPORT, "query_string": b"", "headers": [], "client": None}
    asyncio.run(caller.application(scope, receive, send))

    assert len(b"".join(bodies).splitlines()) == 6
    assert threading.active_count() < 50
