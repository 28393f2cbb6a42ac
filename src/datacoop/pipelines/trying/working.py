"""Look at a file in a process of its own, with little memory and little time: no file can take the server down."""

from __future__ import annotations

import fcntl
import logging
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings

from datacoop.lib.dates import ZURICH
from datacoop.pipelines.trying import domains
from datacoop.pipelines.trying.examining import Setting, examine
from datacoop.pipelines.trying.held import LONGEST_SECONDS, Held, digest_of, tries

MOST_MEMORY = 1_500_000_000
MOST_CPU_SECONDS = 110
#: So many files are looked at at once, in the whole installation; the others wait.
PLACES = 2
_WAIT_SECONDS = 60
_NICENESS = 10
_log = logging.getLogger("datacoop.trying")


class NoPlace(Exception):
    """Every place stayed taken."""


def start(token: str) -> None:
    """Begin to look at what a token leads to; returns at once."""
    held = Held(tries() / digest_of(token))
    environment = {**os.environ, "DATACOOP_DATA_DIR": str(settings.DATACOOP_DATA_DIR)}
    arguments = [sys.executable, "-m", "datacoop.pipelines.trying", held.folder.name]
    process = subprocess.Popen(  # noqa: S603 -- our own program, and the name of a folder of ours
        arguments,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    threading.Thread(target=_watch, args=(process, held), daemon=True).start()


def work(name: str) -> None:
    """Look at the file in the folder of that name: what the process of its own does."""
    _limit()
    held = Held(tries() / name)
    try:
        with _place():
            ask = domains.is_held_by_nobody if settings.DATACOOP_ASK_DNS else None
            examine(held, Setting(datetime.now(ZURICH).date(), ask))
    except NoPlace:
        held.refuse("busy")
    except MemoryError:
        held.refuse("too-long-to-try")
    except Exception as error:
        # Where it went wrong may be told, nothing of the file: neither its name nor what stood in it.
        frame = traceback.extract_tb(error.__traceback__)[-1]
        held.refuse("lost", trouble=f"{type(error).__name__} in {Path(frame.filename).name}, line {frame.lineno}")


def _watch(process: subprocess.Popen[bytes], held: Held) -> None:
    """See the process end, and say so where it could not itself."""
    try:
        process.wait(LONGEST_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if held.folder.is_dir() and not held.state.is_over:
        held.refuse("too-long-to-try", trouble=f"ended with {process.returncode}")
    if held.folder.is_dir() and held.state.trouble:
        _log.warning("trying: a file could not be looked at: %s", held.state.trouble)


def _limit() -> None:
    os.nice(_NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_CPU_SECONDS, MOST_CPU_SECONDS + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(LONGEST_SECONDS)


@contextmanager
def _place() -> Iterator[None]:
    """Hold one of the places; the system gives it free when the process ends, however it does."""
    tries().mkdir(parents=True, exist_ok=True, mode=0o700)
    until = time.monotonic() + _WAIT_SECONDS
    while True:
        for number in range(PLACES):
            handle = os.open(tries() / f".place-{number}", os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
                continue
            try:
                yield
            finally:
                os.close(handle)
            return
        if time.monotonic() > until:
            raise NoPlace
        time.sleep(0.3)
