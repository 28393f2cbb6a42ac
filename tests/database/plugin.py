"""Loaded by pytest before Django's settings: gives the session an environment and a database of its own.

`DATACOOP_TEST_DATABASE=postgresql` starts a PostgreSQL server for the session; else it is SQLite in a file.
"""

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

from tests.database.server import Server

ENGINE = os.environ.get("DATACOOP_TEST_DATABASE", "sqlite")
_FOLDER = Path(tempfile.mkdtemp(prefix="dc-test-"))
_SERVER = Server(_FOLDER) if ENGINE == "postgresql" else None


def _environment() -> None:
    for name in [name for name in os.environ if name.startswith("DATACOOP_") and not name.startswith("DATACOOP_TEST_")]:
        del os.environ[name]
    os.environ["DATACOOP_DATA_DIR"] = str(_FOLDER / "data")
    os.environ["DATACOOP_SECRET_KEY"] = "a-key-for-tests-which-opens-nothing-anywhere"
    os.environ["DATACOOP_CONTROLLER"] = "Coopérative de données de Clairière"
    os.environ["DATACOOP_CONTROLLER_ADDRESS"] = "Rue du Lac 1; 1000 Clairière"
    os.environ["DATACOOP_PHONE"] = "+41 21 555 00 00"
    if _SERVER is not None:
        os.environ["DATACOOP_DATABASE_URL"] = _SERVER.url("datacoop")


_environment()


def pytest_report_header() -> str:
    return f"database: {ENGINE}"


def pytest_configure() -> None:
    # A shell lets whatever it runs beside itself ignore an interruption; a run that is interrupted says what failed.
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_sessionstart(session: pytest.Session) -> None:
    (_FOLDER / "data").mkdir(exist_ok=True)
    if _SERVER is not None and not session.config.option.collectonly:
        _SERVER.start()


def pytest_unconfigure() -> None:
    if _SERVER is not None:
        _SERVER.stop()
    shutil.rmtree(_FOLDER, ignore_errors=True)
