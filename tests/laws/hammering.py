"""Withdrawals under fire: four readers ask at every door without pause while one value is shown and hidden again."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from django.db import connection
from django.test import Client

from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import Reading, open_reading
from datacoop.disclosure.search.feeding import changes, export
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Found, Question
from datacoop.feeds.registry import formats_of
from datacoop.kinds.definition import kind as kind_named
from tests.laws import worlds
from tests.laws.grammar import Request
from tests.laws.judging import Asker

UID = worlds.uid_of("o0")
#: Pages on which an organisation may stand.
_PAGES = ("/", "/organisations", "/organisations?embed=1", "/activities", "/agenda.atom", "/sitemap.xml")
Ask = Callable[[], bytes]
Way = Callable[[], tuple[Ask, Callable[[], None]]]
"""Opens a way of asking, and says how it is closed; called in the thread that asks."""


def everything(connected: Reading) -> bytes:
    """What the public gets of the organisation by every door of disclosure."""
    one = get(connected, PUBLIC, "organisation", str(UID))
    listed = find(connected, PUBLIC, Question("organisation", text="alpha"))
    exported = [body for batch in export(connected, PUBLIC, "organisation", None, 10) for _, body in batch]
    fed = changes(connected, PUBLIC, None, 100).items
    return b"\n".join([one.body if isinstance(one, Found) else b"", *listed.bodies, *exported, *fed])


@dataclass
class Tally:
    """When each answer began and ended, and whether it held the value; when the value was surely hidden."""

    answers: list[tuple[float, float, bool]] = field(default_factory=list)
    hidden: list[tuple[float, float]] = field(default_factory=list)

    def judged(self) -> tuple[int, int]:
        """Return how many answers lie wholly within a time of hiding, and how many of those held the value."""
        times = self.hidden
        within = [held for began, ended, held in self.answers for a, z in times if a < began and ended < z]
        return len(within), sum(within)


class Watcher(threading.Thread):
    """Asks without pause, on connections of its own."""

    def __init__(self, opened: Way, canary: bytes) -> None:
        super().__init__(daemon=True)
        self._opened, self._canary = opened, canary
        self.seen: list[tuple[float, float, bool]] = []
        self.stopped, self.failed = threading.Event(), list[BaseException]()

    def run(self) -> None:
        ask, close = self._opened()
        try:
            while not self.stopped.is_set():
                began = time.monotonic()
                held = self._canary in ask()
                self.seen.append((began, time.monotonic(), held))
        except BaseException as error:
            self.failed.append(error)
        finally:
            close()


def by_doors() -> tuple[Ask, Callable[[], None]]:
    """Asks disclosure itself: record, list, export, feed."""
    connected = open_reading()
    return lambda: everything(connected), connected.close


def by_api(reader: str) -> Way:
    """Asks the served application, each route and format in turn."""
    root = "/api/v1/organisations"
    single = [f"{root}/{UID}{ending}" for ending in ("", *_endings())]
    paths = [
        *single,
        root,
        *(f"{root}{e}" for e in _endings()),
        f"{root}/facets",
        f"{root}/clusters?bbox=5,45,11,48&zoom=8",
        "/api/v1/changes",
        "/api/v1/retractions",
        *(f"/api/v1/exports/organisations{e}" for e in _endings()),
    ]

    def opened() -> tuple[Ask, Callable[[], None]]:
        asker, turn = Asker(), iter(range(10**9))
        return lambda: asker.ask(_request(paths[next(turn) % len(paths)]), reader).body, asker.close

    return opened


def by_pages(page: str) -> Way:
    """Asks the portal: the organisation's page, what stands beside it, the lists, the maps of the site."""

    def opened() -> tuple[Ask, Callable[[], None]]:
        visitor, turn = Client(headers={"accept-language": "fr"}), iter(range(10**9))
        beside = [f"{page}/report", f"{page}/write", f"/claim/{page.rpartition('/')[2]}", *_PAGES]
        pages = [each for other in beside for each in (f"{page}?show=email", "/organisations?q=alpha", other)]
        return lambda: visitor.get(pages[next(turn) % len(pages)]).content, connection.close

    return opened


def hammer(
    hide: Callable[[], object],
    show: Callable[[], object],
    *,
    rounds: int,
    canary: bytes,
    ways: Sequence[Way],
) -> Tally:
    """Hide and show a value so many times while one reader for each way asks; in between everybody gets an answer."""
    watchers = [Watcher(way, canary) for way in ways]
    tally = Tally()
    for watcher in watchers:
        watcher.start()
    try:
        for _ in range(rounds):
            _wait_for_answers(watchers)
            hide()
            since = time.monotonic()
            _wait_for_answers(watchers)
            tally.hidden.append((since, time.monotonic()))
            show()
    finally:
        for watcher in watchers:
            watcher.stopped.set()
        for watcher in watchers:
            watcher.join()
    failed = [error for watcher in watchers for error in watcher.failed]
    if failed:
        raise failed[0]
    tally.answers = [answer for watcher in watchers for answer in watcher.seen]
    return tally


def _request(address: str) -> Request:
    path, _, query = address.partition("?")
    return Request(path, query)


def _wait_for_answers(watchers: Sequence[Watcher]) -> None:
    """Until each has begun and ended an answer, two seconds at the longest."""
    before = [len(watcher.seen) for watcher in watchers]
    until = time.monotonic() + 2
    while time.monotonic() < until and any(
        len(w.seen) < count + 2 and w.is_alive() for w, count in zip(watchers, before, strict=True)
    ):
        time.sleep(0.001)


def _endings() -> list[str]:
    return [f".{each.EXTENSION}" for each in formats_of(kind_named("organisation"))]
