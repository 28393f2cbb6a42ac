"""Requests that are too long never reach the disk, and guesses are counted by all processes together."""

import asyncio
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.asgi import get_asgi_application
from django.core.cache import cache

from datacoop.pipelines.trying import held
from datacoop.portal import limits
from datacoop.portal.limits import BoundedBodies

CHUNK = 500_000
FORM = (b"content-type", b"multipart/form-data; boundary=b")

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "MOST_BYTES", 2 * CHUNK)
    monkeypatch.setattr("datacoop.portal.views.trying.TRIES", limits.Limit(most=1000, seconds=60))


class Line:
    """A connection that sends a body without an end, and counts what was taken from it."""

    def __init__(self) -> None:
        self.taken = 0
        self.answers: list[dict[str, Any]] = []
        self._is_answered = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await asyncio.sleep(0)
        if self._is_answered.is_set():
            return {"type": "http.disconnect"}
        self.taken += CHUNK
        return {"type": "http.request", "body": b"x" * CHUNK, "more_body": True}

    async def send(self, message: Any) -> None:
        self.answers.append(message)
        self._is_answered.set()


def post(path: str, *headers: tuple[bytes, bytes]) -> tuple[int, str]:
    line = Line()
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": [(b"host", b"testserver"), FORM, *headers], "http_version": "1.1", "scheme": "http",
        "server": ("testserver", 80), "client": ("192.0.2.1", 4711), "root_path": "", "asgi": {"version": "3.0"},
    }  # fmt: skip
    django: Any = get_asgi_application()
    asyncio.run(asyncio.wait_for(BoundedBodies(django)(scope, line.receive, line.send), 30))
    body = b"".join(each.get("body", b"") for each in line.answers)
    return line.answers[0]["status"], body.decode()


def given(path: str, *headers: tuple[bytes, bytes]) -> tuple[int, int, dict[bytes, bytes]]:
    """(bytes taken from the line, bytes given to the application inside, the headers it then sees)."""
    line = Line()
    seen: list[int] = []
    told: dict[bytes, bytes] = {}

    async def inside(scope: Any, receive: Any, send: Any) -> None:
        while (message := await receive())["more_body"]:
            seen.append(len(message["body"]))
        told.update(scope["headers"])

    scope = {"type": "http", "path": path, "headers": list(headers)}
    asyncio.run(asyncio.wait_for(BoundedBodies(inside)(scope, line.receive, line.send), 30))
    return line.taken, sum(seen), told


class TestTooLong:
    @pytest.mark.parametrize("headers", [[(b"content-length", b"1600000")], []], ids=["announced", "chunked"])
    def test_is_told_on_the_page(self, headers: list[tuple[bytes, bytes]]) -> None:
        status, html = post("/try", *headers)

        assert status == 413
        assert 'role="alert"' in html

    def test_is_not_read_where_it_is_announced(self) -> None:
        assert given("/try", (b"content-length", b"1600000"))[:2] == (0, 0)

    def test_is_read_no_further_than_the_limit(self) -> None:
        taken, passed_on, told = given("/try")

        assert (taken, passed_on) == (3 * CHUNK, 2 * CHUNK)
        assert told[b"content-length"] == b"1500000"

    @pytest.mark.parametrize(("path", "most"), [("/write", 6_000_000), ("/steward/upload", 201_000_000)])
    def test_is_bounded_everywhere(self, path: str, most: int) -> None:
        assert given(path)[0] <= most

    def test_is_not_what_fits(self) -> None:
        passed: list[int] = []

        async def inside(_scope: Any, receive: Any, _send: Any) -> None:
            passed.append(len((await receive())["body"]))

        line = Line()
        scope = {"type": "http", "path": "/try", "headers": [(b"content-length", str(CHUNK).encode())]}
        asyncio.run(BoundedBodies(inside)(scope, line.receive, line.send))
        assert passed == [CHUNK]


_GUESS = """
from datacoop.cli.main import prepare_django
prepare_django()
from datacoop.portal.limits import SIGN_INS
input()
print(sum(SIGN_INS.allows("203.0.113.5") for _ in range(20)))
"""


class TestCounting:
    def test_two_processes_give_a_guesser_one_budget(self, tmp_path: Path) -> None:
        told = {**os.environ, "DATACOOP_DATA_DIR": str(tmp_path), "DATACOOP_SECRET_KEY": "one and the same for both"}
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", _GUESS], env=told, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            for _ in range(2)
        ]

        for process in processes:
            assert process.stdin is not None
            process.stdin.write("go\n")
            process.stdin.flush()
        allowed = [int(process.communicate(timeout=120)[0]) for process in processes]

        assert sum(allowed) == 20

    def test_no_address_stands_in_the_file(self, tmp_path: Path, settings: Any) -> None:
        settings.DATACOOP_DATA_DIR = tmp_path

        limits.Limit("test", most=1, seconds=60).allows("203.0.113.5")

        content = (tmp_path / limits.TALLIES).read_bytes()
        assert b"203.0.113.5" not in content
        assert limits.digest_of("test", "203.0.113.5") in content

    def test_a_file_that_is_none_shuts_out_and_is_begun_anew(self, tmp_path: Path, settings: Any) -> None:
        settings.DATACOOP_DATA_DIR = tmp_path
        (tmp_path / limits.TALLIES).write_bytes(b"no database" * 100)
        limit = limits.Limit("test", most=5, seconds=60)

        assert [limit.allows("a"), limit.allows("a")] == [False, True]

    def test_wrong_codes_of_an_authenticator_are_counted_there_too(self, tmp_path: Path, settings: Any) -> None:
        settings.DATACOOP_DATA_DIR = tmp_path

        assert cache.add("lock", True, timeout=10)
        assert not cache.add("lock", True, timeout=10)
        cache.set("tries", [1.5, 2.5], 60)
        assert (cache.get("tries"), cache.get("others", [])) == ([1.5, 2.5], [])
        cache.delete("tries")
        assert cache.get("tries") is None
        cache.set("over", 1, 0)
        assert cache.get("over") is None
