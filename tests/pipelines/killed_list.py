"""Undoes or pulls a list and kills itself at a given instant: `killed_list.py undo|pull INSTANT SOURCE HOSTS`."""

import os
import signal
import sys

import django
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "datacoop.config.settings")
django.setup()

from datacoop.disclosure import actions as disclosure  # noqa: E402
from datacoop.pipelines import contribute as contributing  # noqa: E402
from datacoop.pipelines import pulling, undoing  # noqa: E402
from datacoop.sources import fetching  # noqa: E402


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def undo(instant: str, source: int) -> None:
    if instant == "views":
        disclosure.compile_pending = die  # type: ignore[assignment]
    undoing.undo_last(
        source_id=source, actor="steward:test", progress=lambda stage, _: die() if stage == instant else None
    )


def pull(instant: str, source: int) -> None:
    places = {
        "fetching": (fetching, "_unpacked"),
        "fetched": (pulling, "_taken"),
        "accepting": (contributing, "mark_accepted"),
        "accepted": (pulling.pulls, "note_good"),
        "holding": (pulling.pulls, "note_held"),
    }
    setattr(*places[instant], die)
    pulling.pull(source_id=source)


def main(what: str, instant: str, source: str, hosts: str) -> None:
    settings.DATACOOP_PULL_HOSTS = frozenset(hosts.split(","))
    {"undo": undo, "pull": pull}[what](instant, int(source))


main(*sys.argv[1:])
