"""The reference client before a server that is busy, breaks off, renews tokens, moves, or is no cooperative."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from datacoop.cli.reference_client import CursorRefused, Later, Refused, Server


@dataclass
class Answer:
    """What the server says next."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)
    missing: int = 0
    """So many bytes fewer than promised are sent."""


@dataclass
class Played:
    """A server that says what it was told to say, in turn, and remembers what it was asked."""

    url: str
    answers: list[Answer]
    asked: list[tuple[str, str, str | None]]
    waits: list[float]

    def client(self, name: str = "", *, quiet: bool = False) -> Server:
        return Server(self.url, name, "secret" if name else "", sleep=self.waits.append, quiet=quiet)


@pytest.fixture
def played() -> Iterator[Callable[..., Played]]:
    servers: list[http.server.ThreadingHTTPServer] = []

    def play(*answers: Answer) -> Played:
        found = Played("", list(answers), [], [])

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"] or 0))
                found.asked.append((self.command, self.path, self.headers["Authorization"]))
                said = found.answers.pop(0)
                self.send_response(said.status)
                for name, value in said.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said.body) + said.missing))
                self.end_headers()
                self.wfile.write(said.body)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, *_: Any) -> None:
                return None

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found.url = f"http://127.0.0.1:{server.server_port}"
        return found

    yield play
    for server in servers:
        server.shutdown()
        server.server_close()


Play = Callable[..., Played]


def page(*items: object, after: str = "next") -> Answer:
    return Answer(body=json.dumps({"items": items, "next": f"https://elsewhere.example.org/?after={after}"}).encode())


def token(text: str) -> Answer:
    return Answer(body=json.dumps({"access_token": text}).encode())


def line(number: int) -> bytes:
    return b'{"id":"%d","kind":"organisation"}\n' % number


def test_waits_as_long_as_it_is_asked_to(played: Play) -> None:
    there = played(Answer(503, headers={"Retry-After": "7"}), Answer(429, headers={"Retry-After": "40"}), page())

    found = there.client().changes("")

    assert found is not None
    assert [wait // each for wait, each in zip(there.waits, (7, 40), strict=True)] == [1, 1]


@pytest.mark.parametrize("quiet", [False, True])
def test_says_once_a_wait_that_it_waits_because_it_was_limited(
    quiet: bool, played: Play, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = Answer(body=b"", headers={"Changes-After": "first"})
    there = played(
        Answer(429, headers={"Retry-After": "40"}), Answer(429, headers={"Retry-After": "9"}), ended,
        Answer(503, headers={"Retry-After": "7"}), Answer(429, headers={"Retry-After": "5"}), page(),
    )  # fmt: skip
    client = there.client(quiet=quiet)

    client.export("organisations", lambda _: None)
    client.changes("")

    limits = zip(("exports", "exports", "", "requests"), there.waits, strict=True)
    said = [f"datacoop: {there.url} limits {what}: waiting {wait:.0f} s." for what, wait in limits if what]
    assert capsys.readouterr().err.splitlines() == ([] if quiet else said)


def test_does_not_wait_for_hours(played: Play) -> None:
    there = played(Answer(429, headers={"Retry-After": "7200"}))

    with pytest.raises(Later, match="7200 seconds"):
        there.client().changes("")

    assert there.waits == []


def test_gives_up_for_this_time_after_some_failures(played: Play) -> None:
    there = played(*[Answer(502)] * 6)

    with pytest.raises(Later, match="answers 502"):
        there.client().changes("")

    assert there.waits == sorted(there.waits)
    assert len(there.waits) == 5


def test_an_export_that_breaks_off_goes_on_after_its_last_record(played: Play) -> None:
    """Within a line, between two of them, and as an answer that ends too soon without saying so."""
    there = played(
        Answer(body=line(1) + line(2)[:9], headers={"Changes-After": "first"}, missing=100),
        Answer(body=line(2) + line(3), headers={"Changes-After": "second"}),
        Answer(body=line(4), headers={"Changes-After": "third"}),
        Answer(body=b"", headers={"Changes-After": "fourth"}),
    )
    kept: list[str] = []

    cursor = there.client().export("organisations", kept.append)

    assert [json.loads(each)["id"] for each in kept] == ["1", "2", "3", "4"]
    assert cursor == "first", "what changed since the first row would be missed"
    root = "/api/v1/exports/organisations.ndjson"
    assert [path for _, path, _ in there.asked] == [root, f"{root}?after=1", f"{root}?after=3", f"{root}?after=4"]


def test_a_page_that_breaks_off_is_asked_again(played: Play) -> None:
    there = played(Answer(body=b'{"items": [', missing=50), page({"id": "1"}))

    found = there.client().changes("here")

    assert found is not None
    assert found.items == [{"id": "1"}]


def test_a_token_that_ended_is_renewed_once(played: Play) -> None:
    there = played(token("old"), page(), Answer(401), token("new"), page())
    client = there.client("commune")

    client.changes("")
    client.changes("")

    tried = [given for _, path, given in there.asked if path.startswith("/api/")]
    assert tried == ["Bearer old", "Bearer old", "Bearer new"]


def test_a_new_token_that_is_refused_ends_it(played: Play) -> None:
    there = played(token("old"), Answer(401), token("new"), Answer(401))

    with pytest.raises(Refused, match="may be suspended"):
        there.client("commune").changes("")


def test_follows_no_redirect_with_its_token(played: Play) -> None:
    there, elsewhere = played(), played(page())
    there.answers += [token("mine"), Answer(302, headers={"Location": f"{elsewhere.url}/api/v1/changes"})]

    with pytest.raises(Refused, match="name that address"):
        there.client("commune").changes("")

    assert elsewhere.asked == []


def test_takes_the_cursor_of_next_and_not_its_address(played: Play) -> None:
    there = played(page({"id": "1"}, after="a%2Bb"), page())
    client = there.client()

    first = client.changes("")
    assert first is not None
    client.changes(first.cursor)

    assert [path for _, path, _ in there.asked] == [
        "/api/v1/changes?limit=500",
        "/api/v1/changes?limit=500&after=a%2Bb",
    ]


@pytest.mark.parametrize("body", [b"<html>", b"[]", b'{"items": []}'])
def test_says_so_where_no_cooperative_answers(body: bytes, played: Play) -> None:
    with pytest.raises(Refused, match="is the address right"):
        played(Answer(body=body)).client().changes("")


def test_tells_the_reason_of_a_refusal(played: Play) -> None:
    reason = (
        b'{"type": "https://x.example.org/api/problems/live-only", "title": "Your agreement lets you keep nothing"}'
    )

    with pytest.raises(Refused, match="refuses: Your agreement lets you keep nothing"):
        played(Answer(403, reason)).client().changes("")


def test_a_cursor_that_is_refused_is_told_apart_from_other_refusals(played: Play) -> None:
    with pytest.raises(CursorRefused):
        played(Answer(400, b'{"title": "Wrong", "parameter": "after"}')).client().changes("old")
    with pytest.raises(Refused, match="Wrong"):
        played(Answer(400, b'{"title": "Wrong", "parameter": "limit"}')).client().changes("old")
