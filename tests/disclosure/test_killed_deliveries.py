"""A process that is killed while it delivers (law 4): what left was noted before, and what was not noted never left.

The process is a fork that answers as the served application does; what it sends goes through a pipe, which keeps every
byte that left it. It is killed by SIGKILL: nothing of it gets to tidy up.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.db import connections

from datacoop.accounts.rules import DECIDE
from datacoop.api.asgi import wrap
from datacoop.api.site import Site
from datacoop.disclosure import noting
from datacoop.disclosure.compile.packing import record_of
from datacoop.disclosure.deliveries import forget_durable
from datacoop.disclosure.models import Delivery, Tombstone
from datacoop.records.rules import id_of
from tests.api import world
from tests.api.conftest import django
from tests.api.world import BASE_URL, Caller
from tests.laws.conftest import caller
from tests.portal.naming import page, representing
from tests.portal.sitting import folder

__all__ = ["caller", "folder"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folder")]
EXPORT = "/api/v1/exports/organisations.ndjson"
CITY = "Ville de Clairière"


@pytest.fixture(autouse=True)
def _nothing_noted() -> None:
    forget_durable()


@dataclass
class Deadly:
    """Where the process dies: at its Nth note, written and not committed yet, or when it is about to send an Nth time.

    The first it sends are the headers.
    """

    note: int = 0
    sending: int = 0

    def counting(self, fatal: int) -> Callable[[], None]:
        turns = iter(range(1, 1000))

        def turn() -> None:
            if next(turns) == fatal:
                os.kill(os.getpid(), signal.SIGKILL)

        return turn


def left(path: str, token: str, deadly: Deadly) -> bytes:
    """Let a process answer a client and die; return what left it. Then everything begins anew, as after a restart."""
    connections.close_all()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.close(reading)
        try:
            asyncio.run(_answer(path, token, deadly, writing))
        finally:
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as pipe:
        found = pipe.read()
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == -signal.SIGKILL, "It lived."
    return found


async def _answer(path: str, token: str, deadly: Deadly, writing: int) -> None:
    noted, sending, write = deadly.counting(deadly.note), deadly.counting(deadly.sending), noting.write

    def written(*given: Any) -> None:
        write(*given)
        noted()

    noting.write = written

    async def send(message: Any) -> None:
        sending()
        os.write(writing, repr(message["headers"]).encode() if "headers" in message else message["body"])

    async def receive() -> Any:
        await asyncio.sleep(3600)

    scope = {
        "type": "http", "method": "GET", "path": path, "query_string": b"", "client": None,
        "headers": [(b"authorization", f"Bearer {token}".encode())],
    }  # fmt: skip
    await wrap(django, Site(BASE_URL))(scope, receive, send)  # type: ignore[arg-type]


def told(uid: str) -> str:
    """What *My data* says of who received it."""
    return str(representing(UUID(uid), DECIDE).get(page(UUID(uid), "received")).content.decode())


def noted() -> set[int]:
    return {record_of(key) for key in Delivery.objects.values_list("key", flat=True)}


def whole(lines: bytes) -> Iterator[int]:
    """The records of the lines that left to their end."""
    for line in lines.split(b"\n")[:-1]:
        yield id_of(UUID(json.loads(line[line.index(b'{"id"') :])["id"]))


class TestOneRecord:
    def test_killed_before_it_is_durable_no_byte_left_and_nothing_is_told(self) -> None:
        (uid,) = world.add_choirs(1)
        _, token = world.token_of_client(CITY)

        assert left(f"/api/v1/organisations/{uid}", token, Deadly(note=1)) == b""

        assert not Delivery.objects.exists()
        assert CITY not in told(uid)
        world.wish(uid, "public", shows=False)
        assert not Tombstone.objects.exists()

    def test_killed_between_the_delivery_and_the_answer_it_stands_and_is_told(self, caller: Caller) -> None:
        (uid,) = world.add_choirs(1)
        _, token = world.token_of_client(CITY)

        assert left(f"/api/v1/organisations/{uid}", token, Deadly(sending=1)) == b""

        assert noted() == {id_of(UUID(uid))}
        assert CITY in told(uid)
        reply = caller.get(f"/api/v1/organisations/{uid}", authorization=f"Bearer {token}")
        assert (reply.status, Delivery.objects.count()) == (200, 1)
        world.wish(uid, "public", shows=False)
        assert Tombstone.objects.get().deletion

    def test_killed_after_its_headers_it_stands_too(self) -> None:
        (uid,) = world.add_choirs(1)
        _, token = world.token_of_client(CITY)

        sent = left(f"/api/v1/organisations/{uid}", token, Deadly(sending=2))

        assert b"etag" in sent
        assert b"choeur1@example.org" not in sent
        assert CITY in told(uid)


class TestAnExport:
    """It is sent in parts, the first of fifty records: of each part nothing leaves before it is noted."""

    @pytest.fixture
    def choirs(self) -> list[str]:
        return [world.add("organisation", number, name=f"Chœur {number:03}") for number in range(1, 61)]

    def test_killed_before_its_second_part_is_durable_only_the_first_left_and_is_told(self, choirs: list[str]) -> None:
        _, token = world.token_of_client(CITY)

        sent = left(EXPORT, token, Deadly(note=2))

        assert noted() == set(whole(sent))
        assert len(noted()) == 50
        (never, *_) = [each for each in choirs if id_of(UUID(each)) not in noted()]
        assert CITY not in told(never)

    def test_killed_between_the_note_and_the_part_all_that_left_was_noted(self, choirs: list[str]) -> None:
        _, token = world.token_of_client(CITY)

        sent = left(EXPORT, token, Deadly(sending=3))

        assert len(set(whole(sent))) == 50
        assert noted() == {id_of(UUID(each)) for each in choirs}
        assert CITY in told(choirs[-1])
