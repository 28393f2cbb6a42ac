"""The program in the process of the tests, and installations of their own for processes of their own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datacoop.cli import main
from tests.cli.installation import ROWS, Installation
from tests.database.fixtures import make_database_url

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
    return make_database_url(tmp_path / "another.sqlite3", django_db_blocker)
