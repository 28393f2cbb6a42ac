"""Imports a list and kills itself at a given instant: `killed.py INSTANT FILE HOLDER`.

An instant is `STAGE:ROWS` as progress tells it, `shared`, `accepting`, or `write:N`: before the Nth command that
changes the database, commits among them. With `write:0` it lives, and tells how many there were.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "datacoop.config.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.db.backends.base.base import BaseDatabaseWrapper  # noqa: E402

from datacoop.pipelines import contribute as module  # noqa: E402
from datacoop.pipelines import opening  # noqa: E402
from datacoop.pipelines.stage import Stage  # noqa: E402


def die(*_: object, **__: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class Writes:
    """Counts what changes the database, and dies at one of them."""

    def __init__(self, fatal: int) -> None:
        self.fatal, self.count = fatal, 0

    def watch(self) -> None:
        """Look at every command from now on."""
        connection.execute_wrappers.append(self._execute)
        commit = BaseDatabaseWrapper._commit  # type: ignore[attr-defined]
        BaseDatabaseWrapper._commit = lambda wrapper: (self._next(), commit(wrapper))[1]  # type: ignore[attr-defined]

    def _execute(self, execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if str(sql).lstrip().upper().startswith(("INSERT", "UPDATE", "DELETE")):
            self._next()
        return execute(sql, params, many, context)

    def _next(self) -> None:
        self.count += 1
        if self.count == self.fatal:
            die()


def main(instant: str, path: str, holder: str) -> None:
    def progress(stage: str, rows: int) -> None:
        if instant == f"{stage}:{rows}":
            die()

    # Several batches, however short the list.
    opening.BATCH = 250
    writes = Writes(int(instant.partition(":")[2])) if instant.startswith("write:") else None
    if writes:
        writes.watch()
    if instant == "shared":
        share = Stage.share
        Stage.share = lambda stage: (share(stage), die())[0]  # type: ignore[method-assign]
    if instant == "accepting":
        module.mark_accepted = die  # type: ignore[attr-defined]
    intake = module.Intake(files=(Path(path),), holder=holder, published=True)
    module.contribute(intake, actor="steward:test", progress=progress)
    if writes:
        print(writes.count)


main(*sys.argv[1:])
