"""Starts a process on the database of the test, and sees it killed."""

import os
import signal
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

from tests.cli.forked import run_forked
from tests.database.server import url_of


def kill(program: str, *arguments: str) -> None:
    """Run a program of this folder that must kill itself."""
    path = os.pathsep.join(filter(None, sys.path))
    environment = {
        **os.environ, "PYTHONPATH": path, "DATACOOP_DATABASE_URL": _database_url(),
        "DATACOOP_DATA_DIR": str(settings.DATACOOP_DATA_DIR),
    }  # fmt: skip
    connection.close()
    done = run_forked([str(Path(__file__).with_name(program)), *arguments], environment)
    assert done.returncode == -signal.SIGKILL, done.stderr


def _database_url() -> str:
    database = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    return url_of(Path(str(database["HOST"])), str(database["NAME"]))
