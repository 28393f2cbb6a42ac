"""Starts the production server of an installation, or the one of fixed answers, and weighs the CPU they use."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from datacoop.pipelines.bench.installation import Installation, MeasureFailed

WORKERS = 2
_STOP_SECONDS = 30
_TICKS = os.sysconf("SC_CLK_TCK")
_PARENT, _USER, _SYSTEM = 1, 11, 12


class Server:
    """A running server: where it answers, and what it has used."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        """Keep the process."""
        self._process = process
        self.port = port

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def cpu_seconds(self) -> float:
        """CPU time of the server and of all processes under it, user and system, since they began."""
        stats = _stats()
        ours = {self._process.pid}
        while more := {pid for pid, stat in stats.items() if int(stat[_PARENT]) in ours} - ours:
            ours |= more
        return sum(int(stats[p][_USER]) + int(stats[p][_SYSTEM]) for p in ours if p in stats) / _TICKS


@contextmanager
def real(installation: Installation, *, remembering: bool = True) -> Iterator[Server]:
    """Serve an installation by the production command; unless `remembering`, every answer is made anew."""
    settings = {} if remembering else {"DATACOOP_ANSWER_MEMORY_MB": "0"}
    with _served(installation, settings, "serve", "--no-jobs", "--workers", str(WORKERS)) as server:
        yield server


@contextmanager
def fixed(installation: Installation) -> Iterator[Server]:
    """Serve fixed answers through the same server with the same settings."""
    with _served(installation, {}, "bench", "fixed", "--workers", str(WORKERS)) as server:
        yield server


@contextmanager
def _served(installation: Installation, settings: Mapping[str, str], *arguments: str) -> Iterator[Server]:
    port = _free_port()
    process = subprocess.Popen(  # noqa: S603 (our own program)
        [sys.executable, "-m", "datacoop", *arguments, "--port", str(port)],
        env={**installation.environment(), **settings},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        if not process.stdout.readline().startswith("READY"):
            raise MeasureFailed(f"`datacoop {' '.join(arguments)}` did not start.")
        yield Server(process, port)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _stats() -> dict[int, list[str]]:
    """The fields of every process after its name (proc(5): state, parent, …)."""
    found = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        found[int(path.parent.name)] = text.rpartition(")")[2].split()
    return found
