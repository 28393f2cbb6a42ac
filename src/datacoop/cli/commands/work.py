"""Run background jobs until stopped; `serve` does it by itself unless told not to."""

import os
import signal
import sys
import threading

import click

from datacoop.cli import schema
from datacoop.jobs import actions


@click.command(help=__doc__)
@click.option("--until-stdin-closes", is_flag=True, hidden=True, help="Stop when the parent is gone.")
def command(until_stdin_closes: bool) -> None:
    schema.refuse_unmigrated()
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    if until_stdin_closes:
        # Ctrl-C reaches the whole group; the parent decides when the current job may end.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        threading.Thread(target=_wait_for_parent, args=(stop,), daemon=True).start()
    else:
        signal.signal(signal.SIGINT, lambda *_: stop.set())
    actions.run_worker(stop)


def _wait_for_parent(stop: threading.Event) -> None:
    # The buffered reader holds a lock that a dying interpreter wants.
    while os.read(sys.stdin.fileno(), 1024):
        pass
    stop.set()
