"""Imports a list and kills itself at a given instant: `killed.py INSTANT FILE HOLDER`."""

import os
import signal
import sys
from pathlib import Path

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "datacoop.config.settings")
django.setup()

from datacoop.pipelines import contribute as module  # noqa: E402
from datacoop.pipelines.stage import Stage  # noqa: E402


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(instant: str, path: str, holder: str) -> None:
    def progress(stage: str, rows: int) -> None:
        if instant == f"{stage}:{rows}":
            die()

    if instant == "shared":
        share = Stage.share
        Stage.share = lambda stage: (share(stage), die())[0]  # type: ignore[method-assign]
    if instant == "accepting":
        module.mark_accepted = die  # type: ignore[attr-defined]
    intake = module.Intake(files=(Path(path),), holder=holder, published=True)
    module.contribute(intake, actor="steward:test", progress=progress)


main(*sys.argv[1:])
