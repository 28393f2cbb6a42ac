"""The program in the process of the tests."""

from collections.abc import Callable

import pytest

from datacoop.cli import main

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs one command; returns its exit code and what it wrote to standard output and error."""

    def call(*arguments: str) -> tuple[int, str, str]:
        code = main.run(list(arguments))
        said = capsys.readouterr()
        return code, said.out, said.err

    return call
