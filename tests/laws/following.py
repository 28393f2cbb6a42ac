"""The reference client itself, following an installation in process: what it asks goes to the read application.

While it works others act, between two questions and between two parts of an export; and it is stopped anywhere, at a
question or at a statement to its own database.
"""

from __future__ import annotations

import asyncio
import io
import json
import urllib.error
from collections.abc import Callable
from email.message import Message
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

from django.db import connections
from django.test import Client as Visitor

from datacoop.api.openapi import document
from datacoop.cli.reference_client import Copy, Server, sync
from datacoop.disclosure.models import Tombstone
from datacoop.disclosure.reading import reading
from datacoop.kinds.definition import all_kinds
from datacoop.records.models import Record
from tests.laws.grammar import SITE, Request
from tests.laws.judging import Asker, Reply
from tests.laws.replaying import reader_of, token_of


class Stopped(BaseException):
    """The machine stopped."""


class Answer:
    """What urllib gives of an answer, as far as the client looks at it."""

    def __init__(self, headers: Message, body: bytes) -> None:
        self.headers, self._body = headers, io.BytesIO(body)

    def __enter__(self) -> Answer:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def __iter__(self) -> io.BytesIO:
        return self._body

    def read(self) -> bytes:
        return self._body.read()


class Followed(Asker):
    """Answers one reader as the served application does.

    `acts` are done at the nth place where somebody else may come in between; after `patience` questions and statements
    of the client its machine stops.
    """

    def __init__(self, reader: str) -> None:
        super().__init__()
        self.reader = reader
        self.acts: dict[int, Callable[[], object]] = {}
        self.places, self.patience = 0, -1

    def place(self) -> None:
        """Let somebody else come in between."""
        self.places += 1
        self.acts.pop(self.places, _nothing)()

    def step(self) -> None:
        """Let the machine stop."""
        self.patience -= 1
        if self.patience == 0:
            raise Stopped

    async def part_sent(self) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self._elsewhere)

    def _elsewhere(self) -> None:
        try:
            self.place()
        finally:
            connections.close_all()

    def open(self, request: Any, timeout: float) -> Answer:
        """As `urllib.request.OpenerDirector.open`."""
        parts = urlsplit(request.full_url)
        self.step()
        self.place()
        if parts.path == "/api/openapi.json":
            return Answer(Message(), json.dumps(document(SITE)).encode())
        if request.data is not None:
            return self._posted(parts.path, request)
        headers = tuple((k.lower().encode(), v.encode()) for k, v in request.header_items() if k == "If-none-match")
        return _given(request.full_url, self.ask(Request(parts.path, parts.query, headers), self.reader))

    def shown(self) -> list[bytes]:
        """Everything that lists show this reader, in the order of the client's own copy."""
        found: list[tuple[str, str, bytes]] = []
        for kind in all_kinds().values():
            path, query = f"/api/v1/{kind.plural}", "limit=2"
            while kind.list_route and path:
                page = json.loads(self.ask(Request(path, query), self.reader).body)
                for each in page["items"]:
                    body = json.dumps(each, ensure_ascii=False, separators=(",", ":")).encode()
                    found.append((kind.name, each["id"], body))
                path, query = urlsplit(page["next"] or "").path, urlsplit(page["next"] or "").query
        return [body for *_, body in sorted(found)]

    def _posted(self, path: str, request: Any) -> Answer:
        answer = Visitor().post(
            path,
            request.data,
            content_type="application/json",
            headers={"authorization": f"Bearer {token_of(self.reader)}"},
        )
        if answer.status_code >= 300:
            raise urllib.error.HTTPError(path, answer.status_code, "", Message(), io.BytesIO(answer.content))
        return Answer(Message(), answer.content)


def _given(address: str, reply: Reply) -> Answer:
    headers = Message()
    for name, value in reply.headers:
        headers[name.decode()] = value.decode()
    if reply.status >= 300:
        raise urllib.error.HTTPError(address, reply.status, "", headers, io.BytesIO(reply.body))
    return Answer(headers, reply.body)


def _nothing() -> None:
    return None


class _Stoppable:
    """The client's own database: the machine may stop at each statement."""

    def __init__(self, database: Any, step: Callable[[], None]) -> None:
        self._database, self._step = database, step

    def execute(self, *statement: Any) -> Any:
        self._step()
        return self._database.execute(*statement)

    def close(self) -> None:
        self._database.close()


class Client:
    """One client's copy, and the runs that keep it."""

    def __init__(self, reader: str, folder: Path) -> None:
        self.followed, self._file = Followed(reader), folder / f"{reader}.sqlite"

    def run(self, acts: dict[int, Callable[[], object]], patience: int = -1) -> None:
        """Run once, as cron does; the machine may stop meanwhile."""
        followed = self.followed
        followed.acts, followed.places, followed.patience = dict(acts), 0, patience
        name = "" if followed.reader == "public" else followed.reader
        server = Server(SITE.base_url, name, "not asked for", sleep=lambda seconds: None)
        server._open, server._token = followed.open, token_of(name) if name else ""  # type: ignore[assignment]
        copy = Copy(self._file)
        copy._db = cast(Any, _Stoppable(copy._db, followed.step))
        try:
            sync(server, copy)
        except Stopped:
            # What the dead leave behind is a journal, and no lock.
            pass
        finally:
            copy.close()
            left, followed.acts = followed.acts, {}
        for act in left.values():
            act()

    def kept(self) -> list[bytes]:
        """What stands in the copy."""
        copy = Copy(self._file)
        try:
            return [body.encode() for body in copy.bodies()]
        finally:
            copy.close()

    def owes(self) -> int:
        """How many tombstones are open of what this client asks for: kinds without a list are in no export or feed."""
        with reading() as connected:
            leaf = reader_of(connected, self.followed.reader).leaf
        listed = Record.objects.filter(kind__in=[each.name for each in all_kinds().values() if each.list_route])
        return Tombstone.objects.filter(
            audience_id=leaf, acknowledged_at=None, record_id__in=listed.values("id")
        ).count()
