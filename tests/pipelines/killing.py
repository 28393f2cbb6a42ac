"""Killing imports, and looking at what is left: all of a contribution or nothing, and the next import works."""

import signal
import subprocess
from pathlib import Path

from tests.cli.forked import run_forked
from tests.cli.program import environment, run_program
from tests.pipelines.pouring import HOLDER


def kill(instant: str, path: Path, data: Path, database_url: str) -> subprocess.CompletedProcess[str]:
    """Import a list in a process that kills itself at an instant: see `killed.py`."""
    program = [str(Path(__file__).with_name("killed.py")), instant, str(path), HOLDER]
    return run_forked(program, environment(data, DATACOOP_DATABASE_URL=database_url))


def writes_of(path: Path, data: Path) -> int:
    """How many commands change the database while the list is imported into a new installation at `data`."""
    run_program(["init"], data)
    return int(kill("write:0", path, data, "").stdout)


def survives_kill(number: int, path: Path, data: Path, database_url: str, *, rows: int) -> None:
    """Kill the first import of a list of so many rows before its write of that number, and check what is left."""
    run_program(["init"], data, DATACOOP_DATABASE_URL=database_url)
    killed = kill(f"write:{number}", path, data, database_url)
    assert killed.returncode == -signal.SIGKILL, killed.stderr

    def program(*arguments: str) -> str:
        result = run_program(list(arguments), data, DATACOOP_DATABASE_URL=database_url)
        assert result.returncode == 0, f"killed before write {number}: {result.stdout}{result.stderr}"
        return result.stdout

    def exported() -> int:
        return len(program("export", "organisations", "--format", "ndjson").splitlines())

    accepted = program("holders", "list", "--json").strip() != "[]"
    # Views follow an acceptance in batches: some may be there already.
    assert exported() <= (rows if accepted else 0), f"killed before write {number}"
    program("import", str(path), "--holder", HOLDER, "--published")
    assert exported() == rows, f"killed before write {number}"
    assert program("verify").startswith("Clean: ledger, views.\n"), f"killed before write {number}"
