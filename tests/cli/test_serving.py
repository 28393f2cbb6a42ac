"""`datacoop serve`: it says READY when it answers, works beside, comes back, and leaves nothing behind."""

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from datacoop.cli import serving
from datacoop.cli.answers import Refused
from tests.cli.program import ARGUMENTS, environment, run_program

Start = Callable[..., tuple[subprocess.Popen[str], int]]


@pytest.fixture
def start(tmp_path: Path, empty_database_url: str) -> Iterator[Start]:
    run_program(["init"], tmp_path, DATACOOP_DATABASE_URL=empty_database_url)
    started: list[subprocess.Popen[str]] = []

    def call(*options: str) -> tuple[subprocess.Popen[str], int]:
        port = _free_port()
        server = subprocess.Popen(
            [*ARGUMENTS, "serve", "--port", str(port), "--workers", "1", *options],
            env=environment(tmp_path, DATACOOP_DATABASE_URL=empty_database_url),
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(server)
        assert server.stdout is not None
        assert server.stdout.readline() == f"READY http://127.0.0.1:{port}\n"
        return server, port

    yield call
    for server in started:
        server.terminate()
        server.wait(30)
        assert server.stdout is not None
        server.stdout.close()


class TestServe:
    def test_answers_once_ready_and_stops_with_all_it_started(self, start: Start) -> None:
        server, port = start()
        assert _status(port) < 500
        children = _wait_for(lambda: _children(server.pid), at_least=2)

        server.send_signal(signal.SIGTERM)

        assert server.wait(30) == 0
        # Python's own tracker of what processes share ends a moment after the last of them.
        _wait_for(lambda: [pid for pid in children if not _runs(pid)], at_least=len(children))
        assert [pid for pid in children if _runs(pid)] == []

    def test_refuses_a_taken_port(self, start: Start, tmp_path: Path) -> None:
        _, port = start("--no-jobs")

        with pytest.raises(Refused, match="choose another --port"):
            serving.refuse_taken(serving.Place("127.0.0.1", port))

    def test_replaces_a_worker_that_dies(self, start: Start) -> None:
        server, port = start("--no-jobs")
        time.sleep(6)  # granian takes an earlier death for a crash loop
        victims = [pid for pid in _children(server.pid) if "spawn_main" in _command_line(pid)]

        for pid in victims:
            os.kill(pid, signal.SIGKILL)

        assert victims
        assert _wait_for(lambda: [port] if _answers(port) else [], at_least=1)

    def test_leaves_no_job_worker_behind_when_killed_outright(self, start: Start) -> None:
        server, _ = start()
        workers = _wait_for(lambda: [p for p in _children(server.pid) if "\0work\0" in _command_line(p)], at_least=1)
        others = [pid for pid in _children(server.pid) if pid not in workers]

        server.kill()
        for pid in others:
            os.kill(pid, signal.SIGKILL)

        assert _wait_for(lambda: [] if any(_runs(pid) for pid in workers) else [1], at_least=1)

    def test_a_stalled_reader_of_an_export_gets_little_that_was_withdrawn_meanwhile(
        self, start: Start, tmp_path: Path, empty_database_url: str
    ) -> None:
        def run(script: str) -> None:
            made = environment(tmp_path, DATACOOP_DATABASE_URL=empty_database_url)
            subprocess.run([sys.executable, "-c", _PRELUDE + script], env=made, check=True, timeout=300)

        _, port = start("--no-jobs")
        run(_MAKE)
        with socket.socket() as reader:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            reader.connect(("127.0.0.1", port))
            reader.sendall(b"GET /api/v1/exports/organisations.ndjson HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert b" 200 " in reader.recv(1000)
            time.sleep(3)  # the server sends ahead as far as it can

            run(_HIDE)
            reader.settimeout(60)
            late = 0
            while part := reader.recv(1 << 16):
                late += len(part)
                if part.endswith(b"0\r\n\r\n"):
                    break

        assert 0 < late < 700_000


_PRELUDE = """
from datetime import UTC, datetime
from datacoop.cli.main import prepare_django
prepare_django()
from datacoop.consent.actions import Wish, decide_many
from datacoop.consent.audiences import ensure_audiences
from datacoop.disclosure.actions import settle
from datacoop.records.actions.publishing import add_source
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, create_record, state
from datacoop.records.models import Record, Source
from datacoop.records.rules import Origin
import uuid
now = datetime.now(UTC)
"""
#: Three megabytes of clubs, published by their holder.
_MAKE = """
number = add_source(holder_uid=uuid.uuid4(), holder="Ville", name="liste", kind="organisation")
Source.objects.filter(id=number).update(published=True, accepted=1)
ensure_audiences()
for _ in range(6):
    with revision(actor="holder", now=now, why="test") as draft:
        for _ in range(250):
            made = create_record(draft, kind="organisation")
            said = [Said("name", "Club du Lac"), Said("description", {"fr": "Nager ensemble. " * 130})]
            state(draft, record_id=made.id, said=said, origin=Origin.HOLDER, source=Source.objects.get(id=number))
settle(now)
"""
_HIDE = """
with revision(actor="subject", now=now, why="test") as draft:
    wishes = [(each, Wish("public", False)) for each in Record.objects.values_list("id", flat=True)]
    decide_many(draft, wishes=wishes, reason="")
"""


class TestPlace:
    def test_is_called_by_the_loopback_address_where_it_listens_everywhere(self) -> None:
        assert serving.Place("0.0.0.0", 80).url == "http://127.0.0.1:80"
        assert serving.Place("::", 80).url == "http://[::1]:80"

    def test_takes_a_host_name(self) -> None:
        assert serving.address_of("localhost") == "127.0.0.1"

    def test_refuses_an_unknown_name(self) -> None:
        with pytest.raises(Refused):
            serving.address_of("no such host")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _status(port: int) -> int:
    caller = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        caller.request("GET", "/healthz")
        return caller.getresponse().status
    finally:
        caller.close()


def _answers(port: int) -> bool:
    try:
        return _status(port) < 500
    except OSError:
        return False


def _wait_for(look: Callable[[], list[int]], *, at_least: int) -> list[int]:
    end = time.monotonic() + 20
    while len(found := look()) < at_least and time.monotonic() < end:
        time.sleep(0.1)
    return found


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task")
    return [int(child) for task in tasks.iterdir() for child in (task / "children").read_text().split()]


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""


def _runs(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
