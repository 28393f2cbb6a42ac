"""A client's receiver on this machine, which answers as it is told, and the clock that messages to it go by."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from datacoop.feeds.actions import give_address
from datacoop.feeds.models import Message
from datacoop.feeds.notifying import look_for_news, send_message
from datacoop.feeds.rules import LADDER
from datacoop.jobs.models import Job
from tests.api import world
from tests.laws.city import City

HOST = "127.0.0.1"
MINUTE = timedelta(minutes=1)


@dataclass
class Receiver:
    """`answers` are given in turn, the last one for ever: a status, and headers if any."""

    port: int
    answers: list[tuple[int, Mapping[str, str]]] = field(default_factory=lambda: [(204, {})])
    got: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    seconds: float = 0.0
    """So long it takes to answer."""
    is_endless: bool = False
    """Its answers never end."""

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self.port}/hook"

    @property
    def messages(self) -> list[str]:
        return [headers["webhook-id"] for _, headers, _ in self.got]


@contextmanager
def receiving() -> Iterator[Receiver]:
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            one.got.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            stopped.wait(one.seconds)
            status, headers = one.answers.pop(0) if len(one.answers) > 1 else one.answers[0]
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                while one.is_endless and not stopped.is_set():
                    self.wfile.write(b"x" * 1000)
            except OSError:
                pass

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer((HOST, 0), Handler)
    server.daemon_threads = True
    one = Receiver(server.server_address[1])
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield one
    finally:
        stopped.set()
        server.shutdown()
        server.server_close()


class Clock:
    """Minutes that pass, and the jobs of webhooks that run in them."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def turn(self, passed: timedelta = MINUTE) -> int:
        """Look once and send what is due; return how many messages arrived."""
        self.now += passed
        look_for_news(now=self.now)
        arrived = 0
        for job in Job.objects.filter(name="feeds.send_message", due_at__lte=self.now).order_by("due_at", "pk"):
            job.delete()
            arrived += send_message(now=self.now, **job.payload)
        return arrived


def hook(city: City, receiver: Receiver, clock: Clock) -> str:
    """The city gives the address of its receiver; its secret."""
    secret = give_address(agreement=city.agreement, address=receiver.url, actor="test", now=clock.now)
    assert secret is not None
    return secret


def failing(city: City, receiver: Receiver, clock: Clock) -> None:
    """Something is new, and the receiver answers 500 to all attempts but the last ones made with `turn`."""
    hook(city, receiver, clock)
    receiver.answers = [(500, {})]
    world.add("organisation", 900, name="Chœur 900")


def last_chance(clock: Clock) -> None:
    """The last attempt of what waits is made now."""
    Message.objects.filter(state="waiting").update(attempts=len(LADDER))
    clock.turn(LADDER[0] * 1.2)
