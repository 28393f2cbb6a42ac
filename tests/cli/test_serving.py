"""`datacoop serve`: it says READY when it answers, works beside, comes back, and leaves nothing behind."""

import http.client
import os
import signal
import socket
import subprocess
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
