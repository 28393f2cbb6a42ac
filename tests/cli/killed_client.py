"""Runs the reference client and kills it before its Nth write: `killed_client.py N ARGUMENTS…`.

A write is any statement that changes its database, a commit among them, and the file that takes the place of another,
before and after. With 0 it lives, and tells on standard error how many there were.
"""

import os
import signal
import sqlite3
import sys
from pathlib import Path
from typing import Any

from datacoop.cli import reference_client

_connect, _replace = sqlite3.connect, Path.replace


class Writes:
    """Counts what changes files, and dies at one of them."""

    def __init__(self, fatal: int) -> None:
        self.fatal, self.count = fatal, 0

    def statement(self, sql: str) -> None:
        if sql.lstrip().upper().startswith(("INSERT", "DELETE", "CREATE", "COMMIT")):
            self.next()

    def next(self) -> None:
        self.count += 1
        if self.count == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)


def main(fatal: int, arguments: list[str]) -> int:
    writes = Writes(fatal)

    def connect(*given: Any, **how: Any) -> sqlite3.Connection:
        opened = _connect(*given, **how)
        opened.set_trace_callback(writes.statement)
        return opened

    def replace(self: Path, target: Path) -> Path:
        writes.next()
        found = _replace(self, target)
        writes.next()
        return found

    sqlite3.connect, Path.replace = connect, replace  # type: ignore[assignment, method-assign]
    code = reference_client.main(arguments)
    sys.stderr.write(f"{writes.count}\n")
    return code


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), sys.argv[2:]))
