"""Runs the program as people do, in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import datacoop
from tests.cli.forked import run_forked

ARGUMENTS = [sys.executable, "-m", "datacoop"]


def environment(data_dir: Path, **settings: str) -> dict[str, str]:
    """The environment of a fresh installation: no setting but those given."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("DATACOOP_")}
    source = str(Path(str(datacoop.__file__)).parents[1])
    return {**inherited, "PYTHONPATH": source, "DATACOOP_DATA_DIR": str(data_dir), **settings}


def run_program(arguments: list[str], data_dir: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run one command to its end."""
    return run_forked(["-m", "datacoop", *arguments], environment(data_dir, **settings))
