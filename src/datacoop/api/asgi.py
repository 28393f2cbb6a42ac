"""The read routes in front of Django, in the same process: `wrap(django)` is what the server serves.

Short queries run in the event loop, where nothing else waits for them long; facets, clusters and exports in threads.
Must not know what answers mean: it parses, passes on, and writes bytes.
"""

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from asgiref.typing import ASGI3Application
from django.db import close_old_connections

from datacoop.api import routes
from datacoop.api.admitting import admitted
from datacoop.api.answering import Answering, Plan
from datacoop.api.answers import Answer, Header
from datacoop.api.calls import Call
from datacoop.api.limits import Limits, told
from datacoop.api.living import live
from datacoop.api.problems import Problem
from datacoop.api.routes import PREFIX, Routes
from datacoop.api.site import Site, current_site
from datacoop.disclosure.actions import settle
from datacoop.disclosure.deliveries import MustWait
from datacoop.disclosure.errors import Due
from datacoop.disclosure.reading import Reading, open_reading
from datacoop.feeds.exports import next_batch
from datacoop.feeds.formatting import begin
from datacoop.kinds.definition import all_kinds
from datacoop.lib.send_buffers import limit_send_buffers

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Found = TypeVar("Found")

log = logging.getLogger(__name__)

READS = ("GET", "HEAD")
#: Routes that change the world, and their methods.
WRITING = {routes.ACKNOWLEDGEMENTS: routes.WRITTEN, routes.CONTRIBUTIONS: routes.SENT}
#: What was read of an export when something is withdrawn leaves: four chunks of about so many bytes and at most so many
#: records, and what lies in the connection's buffers (docs/operate/serving.md).
CHUNK, FIRST_RECORDS, MOST_RECORDS = 64 * 1024, 50, 200
SEND_BUFFER = 64 * 1024
#: So long a reader may take for one chunk, a kilobyte a second: then the connection ends; it may go on `after` an id.
STALLED_SECONDS = 60.0
RETRY_SECONDS = b"2"
THREADS = 4
_PREFLIGHT: list[Header] = [
    (b"access-control-allow-origin", b"*"),
    (b"access-control-allow-methods", b"GET, HEAD"),
    (b"access-control-allow-headers", b"Accept, Accept-Language, If-None-Match"),
    (b"access-control-max-age", b"86400"),
    (b"allow", b"GET, HEAD, OPTIONS"),
    (b"content-length", b"0"),
]


def wrap(
    inner: ASGI3Application, site: Site | None = None, readings: Callable[[], Reading] = open_reading
) -> "ReadApplication":
    """The application that answers the read routes and hands everything else to `inner`."""
    return ReadApplication(inner, site or current_site(), readings)


class ReadApplication:
    """An ASGI application; one in each worker process."""

    def __init__(self, inner: Any, site: Site, readings: Callable[[], Reading]) -> None:
        """Open nothing yet: a connection belongs to the thread that first asks."""
        self._inner = inner
        self._limits = Limits(site)
        self._answering = Answering(site, self._limits)
        self._routes = Routes(all_kinds())
        self._is_behind_proxy = site.is_behind_proxy
        self._readings = readings
        self._of_thread = threading.local()
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="api")
        self._settling = ThreadPoolExecutor(1, thread_name_prefix="settle")
        self._is_limited = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            path = scope["path"]
            if path.startswith(PREFIX):
                method = scope["method"]
                target = self._routes.find(path[len(PREFIX) :])
                if target is not None and target.route.name in routes.OF_CLIENTS:
                    await self._of_client(scope, receive, send, target)
                    return
                allowed = WRITING.get(target.route.name) if target is not None else None
                if allowed and method not in READS:
                    await self._write(scope, receive, send, allowed)
                    return
                if method in READS:
                    await self._read(scope, receive, send, target)
                    return
                if target is not None:
                    await self._other(scope, send, target)
                    return
            if path.startswith(routes.COUNTED):
                if path.startswith(routes.READABLE) and scope["method"] not in READS:
                    await self._other(scope, send, routes.counted(path) or _NOWHERE)
                else:
                    await self._count(scope, receive, send)
                return
        elif scope["type"] == "lifespan":
            await live(receive, send)
            return
        await self._inner(scope, receive, send)

    async def _read(self, scope: Scope, receive: Receive, send: Send, target: routes.Target | None) -> None:
        call = self._call(scope, target)
        if call.standing.lacking:
            answer = self._answering.problem(self._answering.refusal(call), call)
        elif target is None:
            answer = self._answering.problem(Problem("not-found"), call)
        elif target.route.name == routes.CHAIN:
            await self._pass_on(call, scope, receive, send)
            return
        elif target.route.name in routes.OF_HOLDERS:
            await admitted(partial(self._pass_on, call, scope), receive, send, scope, self._answering.answers)
            return
        elif target.route.name == routes.EXPORT:
            await self._export(call, scope["method"], receive, send)
            return
        else:
            answer = await self._answer(call)
        await self._finish(send, call, answer, scope["method"] == "GET")

    async def _write(self, scope: Scope, receive: Receive, send: Send, allowed: bytes) -> None:
        """What changes the world goes through Django."""
        if scope["method"] == "OPTIONS":
            await _send(send, Answer(204, [(b"allow", allowed), (b"content-length", b"0")]), has_body=False)
            return
        if allowed == routes.SENT:
            counted = partial(self._count, scope)
            await admitted(counted, receive, send, scope, self._answering.answers)
            return
        await self._count(scope, receive, send)

    async def _of_client(self, scope: Scope, receive: Receive, send: Send, target: routes.Target) -> None:
        """Let Django answer a client whose token runs, once it is counted."""
        if scope["method"] == "OPTIONS":
            allow = (b"allow", routes.OF_CLIENTS[target.route.name])
            await _send(send, Answer(204, [allow, (b"content-length", b"0")]), has_body=False)
            return
        call = self._call(scope, target)
        try:
            if call.standing.lacking:
                raise self._answering.refusal(call)
            await self._settled(partial(self._in_loop, partial(self._answering.admit, call)))
        except Exception as error:
            await self._finish(send, call, self._failed(error, call), scope["method"] != "HEAD")
            return
        await self._pass_on(call, scope, receive, send)

    async def _count(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count a request that Django answers."""
        call = self._call(scope, routes.counted(scope["path"]))
        if call.standing.lacking:
            answer = self._answering.problem(self._answering.refusal(call), call)
            await self._finish(send, call, answer, scope["method"] != "HEAD")
            return
        await self._pass_on(call, scope, receive, send)

    async def _pass_on(self, call: Call, scope: Scope, receive: Receive, send: Send) -> None:
        """Let Django answer a request that was counted."""

        async def sending(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                if message["status"] >= 400:
                    self._limits.miss(call, message["status"])
                message = {**message, "headers": told(message["headers"], call.standing)}
            await send(message)

        await self._inner(scope, receive, sending)

    async def _finish(self, send: Send, call: Call, answer: Answer, has_body: bool) -> None:
        """Send an answer with what it tells of the caller's budgets: itself it may be everybody's, and is kept."""
        if answer.status >= 400:
            self._limits.miss(call, answer.status)
        await send(
            {"type": "http.response.start", "status": answer.status, "headers": told(answer.headers, call.standing)}
        )
        await send({"type": "http.response.body", "body": answer.body if has_body else b""})

    def _call(self, scope: Scope, target: routes.Target | None) -> Call:
        """Parse a request, and count it before anything is looked up."""
        call = Call(scope["path"], target or _NOWHERE, scope["query_string"].decode("utf-8", "surrogateescape"))
        client = scope.get("client")
        call.address = client[0] if client else None
        for name, value in scope["headers"]:
            if name == b"authorization":
                call.authorization = value.decode("latin-1")
            elif name == b"accept":
                text = value.decode("latin-1")
                call.accept = f"{call.accept},{text}" if call.accept else text
            elif name == b"accept-language":
                call.languages = value.decode("latin-1")
            elif name == b"if-none-match":
                call.none_match = value
            elif name == b"x-forwarded-for" and self._is_behind_proxy:
                call.address = value.decode("latin-1").rpartition(",")[2].strip()
        call.standing = self._limits.count(call)
        return call

    async def _answer(self, call: Call) -> Answer:
        """Answer; if something is due settle it and try once more, else ask for patience."""
        work = self._in_thread if call.target.route.name in routes.WORKING else self._in_loop
        answering = partial(self._answering.answer, call)
        try:
            try:
                return await self._settled(partial(work, answering))
            except MustWait:
                return await self._settled(partial(self._in_thread, answering))
        except Exception as error:
            return self._failed(error, call)

    def _failed(self, error: Exception, call: Call) -> Answer:
        """The answer of an error that reached the top."""
        if isinstance(error, Problem):
            return self._answering.problem(error, call)
        if isinstance(error, Due):
            return self._answering.problem(Problem("unavailable", headers=((b"retry-after", RETRY_SECONDS),)), call)
        log.error("The API route %s failed.", call.target.route.name, exc_info=error)
        return self._answering.problem(Problem("internal-error"), call)

    async def _export(self, call: Call, method: str, receive: Receive, send: Send) -> None:
        """Stream an export: each chunk is asked for when the one before has left."""
        ask = partial(self._in_thread, partial(self._answering.plan, call))
        try:
            plan = await self._settled(ask)
        except Exception as error:
            await self._finish(send, call, self._failed(error, call), method == "GET")
            return
        if not self._is_limited:
            # Once for each process: its sockets are there by now.
            self._is_limited = True
            limit_send_buffers(SEND_BUFFER)
        await send({"type": "http.response.start", "status": 200, "headers": told(plan.headers, call.standing)})
        if method == "GET":
            gone = asyncio.create_task(_left(receive))
            try:
                await self._stream(plan, _in_time(send), gone)
            except Exception as error:
                if isinstance(error, TimeoutError):
                    log.info("An export ended: its reader took nothing for %d seconds.", STALLED_SECONDS)
                elif isinstance(error, Problem):
                    log.info("An export ended: its reader may read no more (%s).", error.code)
                else:
                    log.exception("An export broke off.")
                # The server logs what it gets, message and all: it gets none.
                raise ConnectionAbortedError from None
            finally:
                gone.cancel()
        await send({"type": "http.response.body", "body": b""})

    async def _stream(self, plan: Plan, send: Send, gone: "asyncio.Task[None]") -> None:
        """An error here ends the connection before the last chunk, so that nobody takes a part for the whole."""
        writing, after = begin(plan.layout, plan.context), plan.after

        def step(last: int | None, size: int) -> Callable[[Reading], tuple[bytes, int | None]]:
            def batch(reading: Reading) -> tuple[bytes, int | None]:
                self._answering.check_still(plan, reading)
                bodies, number = next_batch(reading, plan.reader, plan.context.kind.name, last, size)
                return writing.end() if number is None else writing.part(bodies), number

            return batch

        size = FIRST_RECORDS
        while True:
            part, after = await self._settled(partial(self._in_thread, step(after, size)))
            if part:
                await send({"type": "http.response.body", "body": part, "more_body": True})
            if after is None or gone.done():
                break
            size = max(1, min(MOST_RECORDS, size * CHUNK // max(len(part), 1)))

    async def _settled(self, ask: Callable[[], Awaitable[Found]]) -> Found:
        """Ask; where something is due, settle it through Django and ask once more. Raises: Due."""
        try:
            return await ask()
        except Due:
            await asyncio.get_running_loop().run_in_executor(self._settling, _settle)
            return await ask()

    async def _in_loop(self, work: Callable[[Reading], Found]) -> Found:
        """Everybody waits while this runs: it must not wait for a writer itself. Raises: MustWait."""
        return self._read_with(work, may_wait=False)

    async def _in_thread(self, work: Callable[[Reading], Found]) -> Found:
        return await asyncio.get_running_loop().run_in_executor(self._threads, self._read_with, work)

    def _read_with(self, work: Callable[[Reading], Found], *, may_wait: bool = True) -> Found:
        """Do the work with this thread's connection; after an error open a new one, for it may be what failed."""
        found: Reading | None = getattr(self._of_thread, "reading", None)
        if found is None:
            found = self._of_thread.reading = self._readings()
            found.may_wait = may_wait
        try:
            return work(found)
        except (Due, MustWait, Problem):
            raise
        except Exception:
            self._of_thread.reading = None
            found.close()
            raise

    async def _other(self, scope: Scope, send: Send, target: routes.Target) -> None:
        """Other methods on a read route."""
        if scope["method"] == "OPTIONS":
            await _send(send, Answer(204, _PREFLIGHT), has_body=False)
            return
        call = self._call(scope, target)
        problem = Problem("method-not-allowed", headers=((b"allow", b"GET, HEAD, OPTIONS"),))
        await _send(send, self._answering.problem(problem, call), has_body=True)


_NOWHERE = routes.Target(routes.Route("", None, {}))


def _settle() -> None:
    close_old_connections()
    try:
        settle(datetime.now(UTC))
    finally:
        close_old_connections()


async def _send(send: Send, answer: Answer, has_body: bool) -> None:
    await send({"type": "http.response.start", "status": answer.status, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body if has_body else b""})


def _in_time(send: Send) -> Send:
    """Send, to whoever takes it in time. Raises: TimeoutError."""

    async def sending(message: MutableMapping[str, Any]) -> None:
        async with asyncio.timeout(STALLED_SECONDS):
            await send(message)

    return sending


async def _left(receive: Receive) -> None:
    """Wait until the caller is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
