"""The harness of law 2 and its kin: holds a world against the oracle, and a reader's answers against its redaction.

`judge_views`: every reader gets of every record exactly what the oracle says. `judge_interference`: every answer is
the same bytes in the real world and in the redacted one. Both raise AssertionError with the first difference.
"""

from __future__ import annotations

import asyncio
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

import orjson

from datacoop.api.asgi import ReadApplication, wrap
from datacoop.api.openapi import document
from datacoop.api.site import Site
from datacoop.disclosure.ids import ClientIds
from datacoop.disclosure.reading import reading
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Found, Question
from datacoop.disclosure.verify import differences
from datacoop.feeds.registry import formats_of
from datacoop.kinds.definition import Kind, all_kinds
from datacoop.lib.text import sort_key
from tests.laws import worlds
from tests.laws.oracle import model_of, redacted
from tests.laws.replaying import reader_of, replay, token_of
from tests.laws.worlds import CLIENTS, LABELS, READERS, World

SITE = Site(base_url="https://datacoop.example", rate_per_minute=0)


@dataclass(frozen=True)
class Request:
    path: str
    query: str = ""
    headers: tuple[tuple[bytes, bytes], ...] = ()

    def __str__(self) -> str:
        return f"{self.path}?{self.query} {self.headers or ''}"


@dataclass(frozen=True)
class Reply:
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


async def _nothing(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 599, "headers": []})
    await send({"type": "http.response.body", "body": b""})


class Asker:
    """Asks the read application in process, as one reader."""

    def __init__(self) -> None:
        self.application: ReadApplication = wrap(_nothing, SITE)  # type: ignore[arg-type]
        self.loop = asyncio.new_event_loop()

    def ask(self, request: Request, reader: str) -> Reply:
        return self.loop.run_until_complete(self._ask(request, reader))

    async def _ask(self, request: Request, reader: str) -> Reply:
        headers = list(request.headers)
        if reader != "public":
            headers.append((b"authorization", f"Bearer {token_of(reader)}".encode()))
        scope = {
            "type": "http", "method": "GET", "path": request.path, "query_string": request.query.encode(),
            "headers": headers, "client": None,
        }  # fmt: skip
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)

        async def receive() -> Any:
            await asyncio.sleep(3600)

        await self.application(scope, receive, send)
        status, found = sent[0]["status"], tuple(sorted(sent[0]["headers"]))
        return Reply(status, found, b"".join(m.get("body", b"") for m in sent[1:]))


@cache
def asker() -> Asker:
    return Asker()


# ---- every reader sees what the oracle says


def judge_views(world: World) -> None:
    """Replay, then hold views, lists, counts and `verify` against the oracle."""
    end = replay(world)
    assert list(differences(end)) == []
    model = model_of(world)
    with reading() as connected:
        for name in READERS:
            reader = reader_of(connected, name)
            expected: dict[str, dict[str, dict[str, object]]] = {}
            for label in model.records:
                if model.root(label) != label:
                    continue
                found = model.document(label, name, end)
                got = get(connected, reader, worlds.kind_of(label), id_for(model, label, name, end))
                body = _without_modified(got.body) if isinstance(got, Found) else None
                wanted = _for_client(model, found, name, end) if found else None
                assert body == wanted, f"{name} gets of {label}\n{body}\ninstead of\n{wanted}"
                if found:
                    expected.setdefault(worlds.kind_of(label), {})[label] = found
            for kind in all_kinds().values():
                if kind.list_route:
                    question = Question(kind.name, limit=200)
                    page = find(connected, reader, question)
                    ids = [orjson.loads(body)["id"] for body in page.bodies]
                    assert page.count == len(ids)
                    assert ids == _order(model, kind, expected.get(kind.name, {}), name, end), f"{name}: {kind.plural}"


def id_for(model: Any, label: str, reader: str, now: Any) -> str:
    """The id under which a reader knows a record: its uid if it is public, else one of the client's own."""
    uid = str(worlds.uid_of(label))
    if reader == "public" or model.document(label, "public", now) is not None:
        return uid
    return client_id(reader, uid)


def client_id(client: str, uid: str) -> str:
    return ClientIds(bytes([list(CLIENTS).index(client) + 1]) * 16).of(uid)


def _for_client(model: Any, body: dict[str, object], reader: str, now: Any) -> dict[str, object]:
    ids = {str(worlds.uid_of(label)): id_for(model, label, reader, now) for label in LABELS}
    return {name: ids.get(str(value), value) if isinstance(value, str) else value for name, value in body.items()}


def _without_modified(body: bytes) -> dict[str, object]:
    found: dict[str, object] = orjson.loads(body)
    assert isinstance(found.pop("modified"), int)
    return found


def _order(model: Any, kind: Kind, found: dict[str, dict[str, object]], reader: str, now: Any) -> list[str]:
    name = kind.slots["name"].name if "name" in kind.slots else ""

    def key(label: str) -> tuple[bytes, int]:
        text = found[label].get(name, "")
        return sort_key(str(text))[:60], worlds.uid_of(label).int

    return [id_for(model, label, reader, now) for label in sorted(found, key=key)]


# ---- nobody can tell the real world from the redacted one


def judge_interference(world: World, reader: str, mode: str, requests: Iterable[Request] = ()) -> None:
    """Compare every answer in the real world with that in the world redacted for the reader."""
    asked = [*standard_requests(), *requests]
    replay(world)
    real = _answers(asked, reader)
    replay(redacted(world, reader, mode))
    other = _answers(asked, reader)
    for (request, left), (_, right) in zip(real, other, strict=True):
        assert left == right, f"{reader} ({mode}) can tell by {request}\n{left}\n{right}"


def _answers(requests: Iterable[Request], reader: str) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for request in requests:
        reply = asker().ask(request, reader)
        assert reply.status < 500, f"{request}: {reply}"
        found.append((str(request), _comparable(request, reply, reader)))
    for kind in _listed():
        found += _pages(f"/api/v1/{kind.plural}", "limit=1", reader)
        found += _pages(f"/api/v1/{kind.plural}", "limit=2&sort=-name&q=alpha", reader)
    for limit in (1, 500):
        found.append((f"the feed by {limit}", _feed(limit, reader)))
    return found


def _pages(path: str, query: str, reader: str) -> Iterator[tuple[str, object]]:
    """A list to its last page, byte by byte, cursors included, each asked again with the tag it came with."""
    while query:
        request = Request(path, query)
        reply = asker().ask(request, reader)
        yield str(request), reply
        tag = dict(reply.headers)[b"etag"]
        again = asker().ask(Request(path, query, ((b"if-none-match", tag),)), reader)
        yield f"{request} again", again
        query = (orjson.loads(reply.body)["next"] or "").partition("?")[2]


_CURSOR = re.compile(rb"after=[A-Za-z0-9_-]+")


def _feed(limit: int, reader: str) -> object:
    """The whole feed. The public's is compared byte by byte.

    A client's cursor is the vector of the counters on its chain: a narrowing below the public makes a row of its own
    even where the client never saw the value, and that moves a counter the redacted world need not move. So a
    client's cursors are named by order of first appearance; items, their order and pages stay compared as they are.
    """
    found: list[object] = []
    query = f"limit={limit}"
    for _ in range(500):
        reply = asker().ask(Request("/api/v1/changes", query), reader)
        page = orjson.loads(reply.body)
        if reader == "public":
            found.append(reply)
        elif page["items"]:
            # A page of masked rows alone would be a page the redacted world does not have: there is none.
            found.append((reply.status, page["items"]))
        following = page["next"].partition("?")[2]
        if following == query or not page["items"]:
            return found
        query = following
    raise AssertionError("The feed does not end.")


def _comparable(request: Request, reply: Reply, reader: str) -> object:
    if reader == "public" or "/changes" not in request.path and "/exports/" not in request.path:
        return reply
    cursorless = (b"etag", b"changes-after", b"content-length")
    headers = tuple(each for each in reply.headers if each[0] not in cursorless)
    return Reply(reply.status, headers, _CURSOR.sub(b"after=", reply.body))


@cache
def _listed() -> tuple[Kind, ...]:
    return tuple(kind for kind in all_kinds().values() if kind.list_route)


# ---- the grammar of requests, from the OpenAPI document

_WORDS = {
    "q": ("alpha", "lac", "chanter", "exemplaire", "rue du lac", "info alpha example", "alp", "t3xalpha", "\u0153"),
    "theme": ("culture", "culture/chant", "sport", "sante", "sante/vih", "social/refuge", ""),
    "commune": ("5586", "Lausanne", "Annemasse", "=Annemasse", ""),
    "territory": ("vd", "nowhere"),
    "bbox": ("6.5,46.4,6.8,46.6", "5.9,45.8,10.5,47.8"),
    "near": ("46.5174,6.6389",),
    "from": ("2030-06-01", "2030-06-02T00:00:00Z"),
    "until": ("2030-06-02", "2030-06-01T00:00:00Z"),
    "sort": ("name", "-name", "start", "-start", "distance", "email", "modified", "seq", "phones"),
    "limit": ("1", "2", "200", "0"),
    "cursor": ("bm9uZQ", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
    "after": ("bm9uZQ",),
    "count": ("true", "false"),
    "fields": ("name", "title", "email,phones", "sources", "password"),
    "lang": ("de", "rm"),
    "zoom": ("3", "12"),
    "languages": ("fr", "de", "xx"),
    "status": ("confirmed", "cancelled"),
}
_HIDDEN = ("email=lac@example.org", "phones=x", "person=x", "email.x=1", "sort=organiser.email", "where=1", "fields[]=a")


@cache
def standard_requests() -> tuple[Request, ...]:
    """Every route of the OpenAPI document with every parameter and value, alone; ids of everybody; other formats."""
    found: dict[Request, None] = {}
    for path, methods in document(SITE)["paths"].items():
        if "get" not in methods:
            continue
        parameters = [p for p in methods["get"].get("parameters", ()) if p["in"] == "query"]
        queries = ["", *_HIDDEN]
        for each in parameters:
            queries += [f"{each['name']}={quote(value)}" for value in values_of(each)]
        for full in _paths(path):
            some = queries if "{" not in path else ["", "fields=name", "lang=de", "email=x"]
            found.update((Request(full, query), None) for query in some)
    for kind in _listed():
        for layout in formats_of(kind):
            found[Request(f"/api/v1/{kind.plural}.{layout.EXTENSION}")] = None
        accept = ((b"accept", b"text/csv;q=0.5, application/geo+json"), (b"accept-language", b"de"))
        found[Request(f"/api/v1/{kind.plural}", "", accept)] = None
        base = f"/api/v1/{kind.plural}"
        both = ("q=alpha&sort=-name", "q=lac&theme=culture", "near=46.5,6.6&radius_km=50&sort=distance", "theme=&q=lac")
        for query, end in itertools.product((*both, "theme=sport&theme=culture", "q=alpha&count=false"), ("", "/facets")):
            found[Request(base + end, query)] = None
    return tuple(found)


def values_of(parameter: dict[str, Any]) -> list[str]:
    """The values a parameter is tried with: ours, those of its schema, and a reference to each record."""
    name, schema = parameter["name"], parameter["schema"]
    schema = schema.get("items", schema)
    known = [str(each) for each in (*schema.get("enum", ()), *schema.get("examples", ()))]
    found = [*_WORDS.get(name, ()), *known[:3]]
    if name in ("organiser", "organisation", "activity", "person"):
        found += [str(worlds.uid_of(label)) for label in ("o0", "o1", "a0", "p0")]
        found += [client_id("A", str(worlds.uid_of("o0")))]
    return list(dict.fromkeys(found)) or ["x"]


def _paths(path: str) -> list[str]:
    if "{id}" not in path:
        return [path]
    uids = [str(worlds.uid_of(label)) for label in LABELS]
    ids = [*uids, *(client_id(c, uid) for c in ("A", "C") for uid in uids), "x", str(worlds.uid_of("nobody"))]
    return [path.replace("{id}", each) for each in ids]
