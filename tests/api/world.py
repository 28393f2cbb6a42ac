"""A small invented directory and a caller of the served application, for tests of whole answers."""

import asyncio
import json
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from datacoop.accounts.actions import add_client, issue_token
from datacoop.consent.actions import Wish, add_agreement, decide
from datacoop.kinds.definition import kind as kind_named
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, create_record, state
from datacoop.records.rules import Origin, id_of

BASE_URL = "http://127.0.0.1:8000"
NOW = datetime.now(UTC) - timedelta(hours=1)


def add(kind: str, number: int, *, public: bool = True, **values: Any) -> str:
    """Add a record that its subject shows to everybody, or to nobody, and return its uid."""
    uid = uuid.UUID(int=(number << 80) | (4 << 76) | (8 << 60) | number, version=4)
    with revision(actor="steward:1", now=NOW, why="test") as draft:
        record = create_record(draft, kind=kind, uid=uid)
        state(draft, record_id=record.id, said=list(_said(kind, values)), origin=Origin.SUBJECT)
    wish(str(uid), "public", shows=public)
    return str(uid)


def _said(kind: str, values: dict[str, Any]) -> Any:
    for name, value in values.items():
        prop = kind_named(kind).property(name)
        for position, each in enumerate(value if prop.many else [value]):
            refers = id_of(uuid.UUID(each)) if prop.type == "reference" else None
            yield Said(name, each, position=position, refers=refers)


def wish(uid: str, audience: str, *, shows: bool, property: str | None = None, until: datetime | None = None) -> None:
    """Say what an audience sees."""
    decide(uid=uuid.UUID(uid), wish=Wish(audience, shows, property, until), actor="steward:1", reason="test", now=NOW)


def add_choirs(count: int) -> list[str]:
    """Public choirs in Lausanne, with an e-mail and a phone."""
    return [
        add(
            "organisation",
            number,
            name=f"Chœur {number:03}",
            theme=["culture/chant"],
            commune={"bfs": 5586, "name": "Lausanne"},
            point={"lat": 46.52, "lon": 6.63, "precision": "street"},
            description={"fr": "Chanter ensemble.", "de": "Zusammen singen."},
            email=f"choeur{number}@example.org",
            phones=["+41 21 555 12 34"],
        )
        for number in range(1, count + 1)
    ]


def token_of_client(name: str = "Commune", *, live_only: bool = False) -> tuple[str, str]:
    """A client's agreement and a running token."""
    agreement = add_agreement(name=name, terms="public-bodies", actor="steward:1", now=NOW, live_only=live_only)
    client_id, secret = add_client(agreement=agreement, now=NOW)
    token, _ = issue_token(client_id=client_id, client_secret=secret, now=datetime.now(UTC))
    return agreement, token


@dataclass
class Reply:
    """An answer as it left."""

    status: int
    headers: dict[str, str]
    body: bytes
    chunks: list[bytes] = field(default_factory=list)

    def json(self) -> Any:
        """The parsed body."""
        return json.loads(self.body)

    @property
    def code(self) -> str:
        """The last segment of a problem's type."""
        return str(self.json()["type"]).rpartition("/")[2]


class Caller:
    """Calls an ASGI application in this thread."""

    def __init__(self, application: Any) -> None:
        self.application = application

    def get(self, url: str, method: str = "GET", **headers: str) -> Reply:
        """One request; header names with underscores."""
        return asyncio.run(self._get(url.removeprefix(BASE_URL), method, headers))

    async def _get(self, url: str, method: str, headers: dict[str, str]) -> Reply:
        path, _, query = url.partition("?")
        scope = {
            "type": "http",
            "method": method,
            "path": path,
            "query_string": query.encode(),
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()],
            "client": ("192.0.2.7", 1),
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            await asyncio.sleep(3600)
            return {"type": "http.disconnect"}

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        await self.application(scope, receive, send)
        chunks = [each["body"] for each in sent[1:] if each["body"]]
        head = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Reply(sent[0]["status"], head, b"".join(chunks), chunks)
