"""Runs granian's workers and the job worker, and says when the server really answers.

granian on Linux gives every worker a listening socket of its own (SO_REUSEPORT: connections are spread by the
kernel) and sets TCP_NODELAY on it, which accepted connections inherit: neither needs a setting here.
"""

import http.client
import multiprocessing
import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import click
from django.db import connections
from granian.constants import Interfaces, Loops
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import MPServer

from datacoop.cli.answers import Refused

APPLICATION = "datacoop.config.asgi:application"
BACKLOG = 2048
CONNECTIONS_PER_WORKER = 1024
"""Beyond it, connections wait in the kernel's queue. granian counts open connections, idle ones included."""
WRITTEN_AHEAD = 64 * 1024
"""How much of an answer waits before the kernel takes it: the more, the later a withdrawal stops an export."""
STOP_SECONDS = 10
RESTART_SECONDS = 3.0


@dataclass(frozen=True)
class Place:
    """Where to listen: a numeric address and a port."""

    address: str
    port: int

    @property
    def reachable(self) -> str:
        """The address to call it by: the loopback one where it listens everywhere."""
        return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.address, self.address)  # noqa: S104

    @property
    def url(self) -> str:
        host = f"[{self.reachable}]" if ":" in self.reachable else self.reachable
        return f"http://{host}:{self.port}"


def address_of(host: str) -> str:
    """The numeric address of a host name, which granian wants. Raises: Refused."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Refused(f"{host} is not an address of this machine.") from error
    by_family = sorted(found, key=lambda entry: entry[0] != socket.AF_INET)
    return str(by_family[0][4][0])


def refuse_taken(place: Place) -> None:
    """A second server on the port would silently get half of the connections. Raises: Refused."""
    family = socket.AF_INET6 if ":" in place.address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((place.address, place.port))
        except OSError as error:
            raise Refused(
                f"Cannot listen on {place.address} port {place.port} ({error.strerror}): choose another --port."
            ) from error


def serve(place: Place, *, workers: int, with_jobs: bool, application: str = APPLICATION) -> None:
    """Serve until SIGTERM or Ctrl-C; leaves with exit code 1 if workers cannot be kept alive."""
    # Links point to where we serve, unless the configuration knows the public address.
    os.environ.setdefault("DATACOOP_BASE_URL", place.url)
    # Fresh workers: nothing of this process (threads, connections) is in them, nor in respawned ones.
    multiprocessing.set_start_method("spawn", force=True)
    connections.close_all()
    stop = threading.Event()
    threads = [threading.Thread(target=_announce, args=(place, stop), daemon=True)]
    if with_jobs:
        threads.append(threading.Thread(target=_keep_jobs_running, args=(stop,)))
    for thread in threads:
        thread.start()
    try:
        _server(place, workers, application).serve()
    finally:
        stop.set()
        for thread in threads:
            thread.join(STOP_SECONDS + 5)


def _server(place: Place, workers: int, application: str) -> MPServer:
    return MPServer(
        application,
        address=place.address,
        port=place.port,
        # With lifespan: what was counted is written once a minute, and at the end.
        interface=Interfaces.ASGI,
        loop=Loops.auto,
        workers=workers,
        backlog=BACKLOG,
        backpressure=CONNECTIONS_PER_WORKER,
        websockets=False,
        http1_settings=HTTP1Settings(max_buffer_size=WRITTEN_AHEAD),
        respawn_failed_workers=True,
        workers_kill_timeout=STOP_SECONDS,
        log_level=LogLevels.warning,
        working_dir=Path.cwd(),
    )


def _announce(place: Place, stop: threading.Event) -> None:
    """Print READY once a request comes back."""
    while not stop.wait(0.1):
        if _answers(place):
            click.echo(f"READY {place.url}")
            sys.stdout.flush()
            return


def _answers(place: Place) -> bool:
    caller = http.client.HTTPConnection(place.reachable, place.port, timeout=30)
    try:
        caller.request("GET", "/healthz")
        return caller.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        caller.close()


def _keep_jobs_running(stop: threading.Event) -> None:
    """One job worker in a process of its own, started again if it ends by itself.

    It watches its standard input: if this process is killed outright, the pipe closes and it ends too.
    """
    arguments = [sys.executable, "-m", "datacoop", "work", "--until-stdin-closes"]
    while not stop.is_set():
        with subprocess.Popen(arguments, stdin=subprocess.PIPE) as worker:  # noqa: S603 (our own program)
            while worker.poll() is None and not stop.wait(0.5):
                pass
            _end(worker)
        stop.wait(RESTART_SECONDS)


def _end(worker: subprocess.Popen[bytes]) -> None:
    if worker.poll() is not None:
        return
    worker.terminate()
    try:
        worker.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        worker.kill()  # its job's lease ends and the job runs again
