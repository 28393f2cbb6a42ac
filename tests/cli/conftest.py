"""The program in the process of the tests, and installations of their own for processes of their own."""

import secrets
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from datacoop.cli import main
from datacoop.lib.postgresql import url_of
from tests.cli.installation import ROWS, Installation

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command; returns its exit code and what it wrote to standard output and error."""

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main.run(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def new_installation(tmp_path: Path, empty_database_url: str) -> Installation:
    found = Installation(tmp_path / "data", empty_database_url, tmp_path / "copy.log")
    found.run("init")
    return found


@pytest.fixture
def house(new_installation: Installation) -> Installation:
    new_installation.take(ROWS)
    return new_installation


@pytest.fixture
def backup(house: Installation, tmp_path: Path) -> Path:
    house.run("backup", str(tmp_path / "datacoop.backup"))
    return tmp_path / "datacoop.backup"


@pytest.fixture
def another_url(tmp_path: Path, new_installation: Installation, django_db_blocker: Any) -> str:
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "datacoop.lib.queued_sqlite":
        return f"sqlite:///{tmp_path / 'another.sqlite3'}"
    name = f"made_{secrets.token_hex(6)}"
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    return url_of(Path(str(database["HOST"])), name)
