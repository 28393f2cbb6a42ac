"""A suspended client reads nothing, not even the rest of what it was reading; it acknowledges, and nothing else."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connections
from django.test import Client

from datacoop.accounts.models import AccessToken
from datacoop.accounts.rules import secret_hash
from datacoop.clients.suspending import suspend_client
from datacoop.consent.actions import suspend_agreement
from datacoop.disclosure.deliveries import forget_durable
from datacoop.disclosure.models import Tombstone
from tests.api import world
from tests.api.world import Caller

pytestmark = pytest.mark.django_db(transaction=True)
LIST, OWED = "/api/v1/organisations", "/api/v1/acknowledgements"
EVERY = [LIST, f"{LIST}/facets", "/api/v1/changes", "/api/v1/exports/organisations.ndjson", "/api/v1/retractions"]


def token_for(agreement: str) -> str:
    """A token got after the suspension."""
    until = datetime.now(UTC) + timedelta(hours=1)
    AccessToken.objects.create(token_hash=secret_hash("fresh"), agreement=agreement, expires_at=until)
    return "fresh"


def suspended_owing(caller: Caller) -> str:
    """The token of a client that was sent something, must erase it, and was suspended meanwhile."""
    agreement, token = world.token_of_client()
    choir = world.add_choirs(1)[0]
    assert caller.get(LIST, authorization=f"Bearer {token}").json()["count"] == 1
    world.wish(choir, "public", shows=False)
    suspend_client(agreement=agreement, actor="steward:1", now=datetime.now(UTC))
    assert caller.get(LIST, authorization=f"Bearer {token}").code == "invalid-token"
    return token_for(agreement)


@pytest.fixture(autouse=True)
def nothing_noted() -> None:
    forget_durable()


@pytest.mark.parametrize("url", EVERY)
def test_reads_nothing_with_a_token_got_since(caller: Caller, url: str) -> None:
    token = suspended_owing(caller)

    reply = caller.get(url, authorization=f"Bearer {token}")

    assert (reply.status, reply.code) == (401, "invalid-token")


def test_acknowledges_what_it_is_told_to_erase(caller: Caller) -> None:
    token = suspended_owing(caller)
    (owed,) = caller.get(OWED, authorization=f"Bearer {token}").json()["items"]
    said = {"tombstone": owed["tombstone"], "state": "erased"}

    reply = Client().post(
        OWED, json.dumps(said), content_type="application/json", headers={"authorization": f"Bearer {token}"}
    )

    assert reply.status_code == 204
    assert Tombstone.objects.get().acknowledged_at is not None
    assert caller.get(OWED, authorization=f"Bearer {token}").json()["items"] == []


def test_its_tokens_of_before_open_nothing_at_all(caller: Caller) -> None:
    agreement, token = world.token_of_client()

    suspend_client(agreement=agreement, actor="steward:1", now=datetime.now(UTC))

    assert caller.get(OWED, authorization=f"Bearer {token}").code == "invalid-token"


class Reading:
    """An export that is being read; after its first part something happens."""

    def __init__(self, caller: Caller, token: str) -> None:
        self.parts: list[bytes] = []
        self.ended = False
        self._caller, self._token = caller, token

    def run(self, then: Any) -> None:
        asyncio.run(self._run(then))

    async def _run(self, then: Any) -> None:
        scope = {
            "type": "http", "method": "GET", "path": "/api/v1/exports/organisations.ndjson", "query_string": b"",
            "headers": [(b"authorization", f"Bearer {self._token}".encode())], "client": ("192.0.2.7", 1),
        }  # fmt: skip

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(3600)
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.body" and message["body"]:
                self.parts.append(message["body"])
                if len(self.parts) == 1:
                    await asyncio.to_thread(then)
            self.ended = message["type"] == "http.response.body" and not message.get("more_body")

        await self._caller.application(scope, receive, send)


def test_an_export_under_way_ends_when_its_client_is_suspended(caller: Caller) -> None:
    """Nothing more leaves, and the connection breaks off: nobody takes a part for the whole."""
    agreement, token = world.token_of_client()
    world.add_choirs(60)
    reading = Reading(caller, token)

    def suspend() -> None:
        suspend_agreement(agreement=agreement, actor="steward:1", now=datetime.now(UTC))
        connections.close_all()

    with pytest.raises(ConnectionAbortedError):
        reading.run(suspend)

    assert len(reading.parts) == 1
    assert len(reading.parts[0].splitlines()) == 50
    assert not reading.ended


def test_the_same_export_goes_to_its_end_otherwise(caller: Caller) -> None:
    _, token = world.token_of_client()
    world.add_choirs(60)
    reading = Reading(caller, token)

    reading.run(lambda: None)

    assert len(b"".join(reading.parts).splitlines()) == 60
    assert reading.ended
