"""The harness of law 2 and its kin: holds a world against the oracle, and a reader's answers against its redaction.

`judge_views`: every reader gets of every record exactly what the oracle says. `judge_interference`: every answer is
the same bytes in the real world and in the redacted one (`grammar`: what is asked). Both raise AssertionError with the
first difference.
"""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from django.test import Client

from datacoop.api.asgi import ReadApplication, wrap
from datacoop.api.routes import COUNTED, PREFIX, WEBHOOKS
from datacoop.disclosure.readers import PUBLIC, Reader
from datacoop.disclosure.reading import Reading, reading
from datacoop.disclosure.search.feeding import changes, export
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.grouping import facets
from datacoop.disclosure.search.questions import Found, Question
from datacoop.disclosure.verify import differences
from datacoop.kinds.definition import Kind, all_kinds
from datacoop.lib.text import sort_key
from tests.laws import worlds
from tests.laws.grammar import SITE, Request, client_id, listed, standard_requests
from tests.laws.oracle import model_of, redacted
from tests.laws.replaying import reader_of, replay, token_of
from tests.laws.worlds import LABELS, READERS, World

#: Into so many parts the grammar of requests is dealt.
PARTS = 4


@dataclass(frozen=True)
class Reply:
    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


#: What a client asks here it asks Django, once the read application let it in.
ADMITTED = f"{PREFIX}{WEBHOOKS}"


async def _nothing(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 599, "headers": []})
    await send({"type": "http.response.body", "body": b""})


class Asker:
    """Asks the read application in process, as one reader."""

    def __init__(self) -> None:
        self.application: ReadApplication = wrap(_nothing, SITE)  # type: ignore[arg-type]
        self.visitor = Client()
        self.loop = asyncio.new_event_loop()

    def ask(self, request: Request, reader: str) -> Reply:
        headers = list(request.headers)
        if reader != "public":
            headers.append((b"authorization", f"Bearer {token_of(reader)}".encode()))
        if request.path.startswith((*COUNTED, ADMITTED)):
            return self._ask_django(request, headers)
        return self.loop.run_until_complete(self._ask(request, headers))

    def _ask_django(self, request: Request, headers: list[tuple[bytes, bytes]]) -> Reply:
        """What the read application only counts, Django answers: with all that stands in front of its views."""
        address = f"{request.path}?{request.query}" if request.query else request.path
        found = self.visitor.get(address, headers={name.decode(): value.decode() for name, value in headers})
        told = tuple(sorted((name.lower().encode(), value.encode()) for name, value in found.headers.items()))
        return Reply(found.status_code, told, found.content)

    async def _ask(self, request: Request, headers: list[tuple[bytes, bytes]]) -> Reply:
        scope = {
            "type": "http", "method": "GET", "path": request.path, "query_string": request.query.encode(),
            "headers": headers, "client": None,
        }  # fmt: skip
        sent: list[Any] = []

        async def send(message: Any) -> None:
            sent.append(message)
            await self.part_sent()

        async def receive() -> Any:
            await asyncio.sleep(3600)

        await self.application(scope, receive, send)
        status, found = sent[0]["status"], tuple(sorted(sent[0]["headers"]))
        return Reply(status, found, b"".join(m.get("body", b"") for m in sent[1:]))

    async def part_sent(self) -> None:
        """Do nothing between two parts of an answer: for those who let something happen there."""

    def close(self) -> None:
        self.application._threads.shutdown()
        self.application._settling.shutdown()
        self.loop.close()


# ---- every reader sees what the oracle says


def judge_views(world: World) -> None:
    """Replay, then hold views, lists, counts and `verify` against the oracle."""
    end = replay(world)
    found = list(differences(end))
    assert not found, found
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
                    assert page.count == len(ids), f"{name} counts {page.count} {kind.plural}, gets {len(ids)}"
                    for body in page.bodies:
                        _judge_item(connected, reader, kind, body)
                    assert ids == _order(model, kind, expected.get(kind.name, {}), name, end), f"{name}: {kind.plural}"
                    _judge_whole(connected, reader, kind, page.bodies)


def _judge_item(connected: Reading, reader: Reader, kind: Kind, body: bytes) -> None:
    """An item of a list is the record itself; of an anonymous one, without what is not open."""
    item = orjson.loads(body)
    alone = get(connected, reader, kind.name, item["id"])
    assert isinstance(alone, Found)
    closed = {p.name for p in kind.properties if not p.open} if reader == PUBLIC else set()
    assert item == {k: v for k, v in orjson.loads(alone.body).items() if k not in closed}, item
    if reader == PUBLIC and "person" in orjson.loads(alone.body):
        by_person = Question(kind.name, facets=(("person", (orjson.loads(alone.body)["person"],)),))
        assert find(connected, reader, by_person).bodies == [], "a list is found by what it does not show"


def _judge_whole(connected: Reading, reader: Reader, kind: Kind, items: list[bytes]) -> None:
    """Export and feed have what the list has, each record once."""
    exported = [body for batch in export(connected, reader, kind.name, None, 2) for _, body in batch]
    assert sorted(exported) == sorted(items), f"the export of {kind.plural}"
    fed = [orjson.loads(item) for item in changes(connected, reader, None, 1000).items]
    live = [orjson.dumps(item["data"]) for item in fed if item["kind"] == kind.name and item["state"] == "updated"]
    assert sorted(live) == sorted(orjson.dumps(orjson.loads(body)) for body in items), f"the feed of {kind.plural}"


def id_for(model: Any, label: str, reader: str, now: Any) -> str:
    """The id under which a reader knows a record: its uid if it is public, else one of the client's own."""
    uid = str(worlds.uid_of(label))
    if reader == "public" or model.document(label, "public", now) is not None:
        return uid
    return client_id(reader, uid)


def _for_client(model: Any, body: dict[str, object], reader: str, now: Any) -> dict[str, object]:
    ids = {str(worlds.uid_of(label)): id_for(model, label, reader, now) for label in LABELS}

    def own(value: object) -> object:
        return [own(each) for each in value] if isinstance(value, list) else ids.get(str(value), value)

    return {name: own(value) for name, value in body.items()}


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


def present(*readers: str) -> dict[str, list[object]]:
    """What readers get of everything: lists, ids and facets, without the times of change."""
    found: dict[str, list[object]] = {}
    with reading() as connected:
        for name in readers or READERS:
            reader = reader_of(connected, name)
            told = found.setdefault(name, [])
            for kind in listed():
                page = find(connected, reader, Question(kind.name, limit=200))
                told += [_without_modified(body) for body in page.bodies]
                told.append((page.count, facets(connected, reader, Question(kind.name))))
            for label in LABELS:
                for text in sorted({str(worlds.uid_of(label)), client_id(name, str(worlds.uid_of(label)))} - {""}):
                    got = get(connected, reader, worlds.kind_of(label), text)
                    told.append(_without_modified(got.body) if isinstance(got, Found) else got)
    return found


# ---- nobody can tell the real world from the redacted one


def judge_interference(world: World, reader: str, mode: str, *, whole: bool = False, held: str = "") -> None:
    """Compare every answer in the real world with that in the world redacted for the reader.

    Unless the `whole` grammar of requests is wanted, the world's lot decides which quarter of it is asked.
    """
    lot = zlib.crc32(repr(world).encode())
    asked = standard_requests() if whole else standard_requests()[lot % PARTS :: PARTS]
    told = _now if mode == "now" else _ever
    replay(world, held=held)
    real = told(asked, reader, warm=True)
    replay(redacted(world, reader, mode), held=held)
    other = told(asked, reader, warm=False)
    for (request, left), (_, right) in zip(real, other, strict=True):
        assert left == right, f"{reader} ({mode}) can tell by {request}\n{left}\n{right}"


def all_told(world: World, reader: str) -> list[tuple[str, object]]:
    """Return every answer to a reader in the world that was replayed: a quarter of the grammar, as its lot decides."""
    lot = zlib.crc32(repr([each for each in world if not isinstance(each, worlds.Decide)]).encode())
    return _ever(standard_requests()[lot % PARTS :: PARTS], reader, warm=False)


def _ever(asked: Sequence[Request], reader: str, *, warm: bool) -> list[tuple[str, object]]:
    """Every answer, byte by byte, and the whole feed: nothing the reader never saw may move any of them."""
    asker, names = Asker(), Names()
    found = [(str(r), names.reply(r, reply, reader)) for r, reply in _replies(asker, asked, reader, warm=warm)]
    for kind in listed():
        found += _pages(asker, f"/api/v1/{kind.plural}", "limit=1", reader)
        found += _pages(asker, f"/api/v1/{kind.plural}", "limit=2&sort=-name&q=alpha", reader)
    for limit in (1, 500):
        found += _feed(asker, names, limit, reader)
    asker.close()
    return found


def _now(asked: Sequence[Request], reader: str, *, warm: bool) -> list[tuple[str, object]]:
    """What is answered of the present, without the times of change: what is withdrawn may move none of it.

    Feed, retractions, what is owed and 410 speak of the past, which the reader saw: law 2 declares them.
    """
    asker = Asker()
    found: list[tuple[str, object]] = []
    for request, reply in _replies(asker, asked, reader, warm=warm):
        if request.path.endswith(_OF_THE_PAST) or _HAS_TIMES.search(request.path) or request.headers:
            continue
        status = 404 if reply.status == 410 else reply.status
        body = b"" if status == 404 else _MODIFIED.sub(b"", reply.body)
        found.append((str(request), (status, body)))
    asker.close()
    return found


_MODIFIED = re.compile(rb'"modified":\d+')
_OF_THE_PAST = ("/changes", "/retractions", "/acknowledgements")
_HAS_TIMES = re.compile(r"\.(?!json$|ndjson$)[a-z]+$")


def _replies(asker: Asker, asked: Sequence[Request], reader: str, *, warm: bool) -> Iterator[tuple[Request, Reply]]:
    for request in asked[::5] if warm else ():
        # Whatever is kept for somebody else must not answer for this reader.
        asker.ask(request, "A" if reader == "public" else "public")
    for request in asked:
        reply = asker.ask(request, reader)
        assert reply.status < 500, f"{request}: {reply}"
        yield request, reply


def _pages(asker: Asker, path: str, query: str, reader: str) -> Iterator[tuple[str, object]]:
    """A list to its last page, byte by byte, cursors included, each asked again with the tag it came with."""
    while query:
        request = Request(path, query)
        reply = asker.ask(request, reader)
        yield str(request), reply
        tag = dict(reply.headers).get(b"etag")
        assert tag is not None, f"{request} has no ETag"
        again = asker.ask(Request(path, query, ((b"if-none-match", tag),)), reader)
        yield f"{request} again", again
        query = (orjson.loads(reply.body)["next"] or "").partition("?")[2]


_CURSOR = re.compile(rb"after=([A-Za-z0-9_-]+)")


class Names:
    """Names sealed positions by the order they appear in.

    Where a client's feed stands is a vector of counters, and those differ between the two worlds where rows that the
    client never sees moved them. Sealed, they tell no more than whether two are the same: that is what is compared.
    """

    def __init__(self) -> None:
        self._known: dict[bytes, bytes] = {}

    def reply(self, request: Request, reply: Reply, reader: str) -> Reply:
        if reader == "public" or ("/changes" not in request.path and "/exports/" not in request.path):
            return reply
        headers = tuple((n, self._name(v) if n in {b"etag", b"changes-after"} else v) for n, v in reply.headers)
        return Reply(reply.status, headers, self._text(reply.body))

    def query(self, query: str) -> str:
        return self._text(query.encode()).decode()

    def _text(self, text: bytes) -> bytes:
        return _CURSOR.sub(lambda found: b"after=" + self._name(found[1]), text)

    def _name(self, sealed: bytes) -> bytes:
        return self._known.setdefault(sealed, b"%d of %d" % (len(self._known), len(sealed)))


def _feed(asker: Asker, names: Names, limit: int, reader: str) -> Iterator[tuple[str, object]]:
    """The whole feed, page by page."""
    query = f"limit={limit}"
    for _ in range(500):
        request = Request("/api/v1/changes", query)
        reply = asker.ask(request, reader)
        yield names.query(str(request)), names.reply(request, reply, reader)
        page = orjson.loads(reply.body)
        assert "next" in page, f"{request}: no page of the feed"
        following = page["next"].partition("?")[2]
        if following == query:
            return
        query = following
    raise AssertionError("The feed does not end.")
