"""Load from wrk: 32 connections, two threads, rotating through prepared paths."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from datacoop.pipelines.bench.installation import MeasureFailed
from datacoop.pipelines.bench.serving import Server

CONNECTIONS, THREADS = 32, 2
_SCRIPT = Path(__file__).with_name("load.lua")
_PATIENCE = 60


@dataclass(frozen=True)
class Load:
    """What is asked again and again, and by whom."""

    paths: Sequence[str]
    token: str | None = None


@dataclass(frozen=True)
class Outcome:
    """One run of wrk, with what the server used for it."""

    requests: float
    """Answers; of long ones also parts, where the size of a whole one is known."""
    completed: int
    seconds: float
    bytes: int
    p50_ms: float
    p99_ms: float
    errors: int
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds

    @property
    def cpu_ms(self) -> float:
        """The server's CPU for one request, in milliseconds."""
        return 1000 * self.cpu_seconds / max(self.requests, 1e-6)

    @property
    def tail(self) -> float:
        """How far the slowest hundredth is from the middle."""
        return self.p99_ms / max(self.p50_ms, 1e-6)


def refuse_without_wrk() -> None:
    """Raises: MeasureFailed, saying how to get it."""
    if shutil.which("wrk") is None:
        raise MeasureFailed("wrk is missing: run `make install-system` as root, or install your system's package.")


def drive(server: Server, load: Load, seconds: int, size: int | None = None) -> Outcome:
    """Put a load on a server for whole seconds; with `size`, answers are counted by their bytes.

    Raises:
        MeasureFailed: also where anything but success came back.
    """
    with tempfile.NamedTemporaryFile("w", suffix=".paths", encoding="ascii") as file:
        file.write("\n".join(load.paths) + "\n")
        file.flush()
        before = server.cpu_seconds()
        output = _wrk(server, file.name, load.token, seconds)
        used = server.cpu_seconds() - before
    line = next((line for line in output.splitlines() if line.startswith("JSON ")), None)
    if line is None:
        raise MeasureFailed(f"wrk did not end as expected:\n{output}")
    said = json.loads(line.removeprefix("JSON "))
    requests = said["bytes"] / size if size else said["requests"]
    outcome = Outcome(
        requests, said["requests"], said["seconds"], said["bytes"], said["p50"], said["p99"], said["errors"], used
    )
    if outcome.errors:
        raise MeasureFailed(f"{outcome.errors} of {outcome.requests} answers to {load.paths[0]} … were errors.")
    return outcome


def _wrk(server: Server, paths: str, token: str | None, seconds: int) -> str:
    environment = {**os.environ, "PATHS": paths}
    environment.pop("AUTHORIZATION", None)
    if token is not None:
        environment["AUTHORIZATION"] = f"Bearer {token}"
    options = [f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", f"{_PATIENCE}s", "-s", str(_SCRIPT)]
    done = subprocess.run(  # noqa: S603 (wrk, from the system's packages)
        ["wrk", *options, server.url],  # noqa: S607
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.stdout
