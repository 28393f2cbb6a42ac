"""`datacoop sync`: a copy in step with an installation that is really served, whatever happens to it on the way."""

from __future__ import annotations

import ast
import csv
import json
import os
import re
import shlex
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from datacoop.cli import reference_client
from datacoop.disclosure.cursors import EPOCH
from tests.cli.conftest import Run
from tests.cli.installation import row_of
from tests.cli.program import run_program
from tests.cli.served import Served, serving

#: The session's own database is what the installation's is made beside.
pytestmark = pytest.mark.django_db

DOCUMENT = (Path(__file__).parents[2] / "docs" / "sync.md").read_text(encoding="utf-8")
FILES = {"copy.csv", "copy.csv.state", "copy.csv.state.lock"}
KILLED = str(Path(__file__).with_name("killed_client.py"))
MERGE = """
from datacoop.records.actions.merging import merge
from datacoop.records.actions.revising import revision
from datacoop.records.rules import id_of
import uuid
with revision(actor="steward:1", now=datetime.now(UTC), why="test") as draft:
    merge(draft, loser_id=id_of(uuid.UUID("{}")), survivor_id=id_of(uuid.UUID("{}")), reason="the same")
"""


CLUBS = {"K1": "Alpha", "K2": "Beta", "K3": "Gamma", "K4": "Delta", "K5": "Epsilon", "K6": "Zeta"}


def mail(club: str) -> str:
    return f"info@{club.lower()}.example.ch"


def listed(**other: str) -> list[dict[str, str]]:
    """The list, with other names for some keys."""
    return [row_of(key, f"Club {other.get(key, club)}", mail(other.get(key, club))) for key, club in CLUBS.items()]


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Iterator[Served]:
    """One for all: each test takes away something else."""
    with serving(tmp_path_factory.mktemp("served"), django_db_blocker, listed()) as found:
        yield found


def in_copy(path: Path) -> list[dict[str, object]]:
    with sqlite3.connect(path) as copy:
        rows = copy.execute("SELECT body FROM records WHERE kind = 'organisation' ORDER BY id").fetchall()
    copy.close()
    return [json.loads(body) for (body,) in rows]


def in_table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def same(table: list[dict[str, str]], items: list[dict[str, object]]) -> bool:
    """Whether a CSV says what the items say: a text as it is, anything else as JSON, nothing for what is not there."""
    wanted = [
        {name: value if isinstance(value, str) else json.loads(json.dumps(value)) for name, value in each.items()}
        for each in items
    ]
    found = []
    for row, item in zip(table, items, strict=True):
        cells = {name: cell.removeprefix("'") for name, cell in row.items() if cell}
        found.append({n: c if isinstance(item.get(n), str) else json.loads(c) for n, c in cells.items()})
    return found == wanted


def holds(folder: Path, text: str) -> set[str]:
    """The files of a folder that hold a text, whatever they are."""
    return {each.name for each in folder.iterdir() if each.is_file() and text.encode() in each.read_bytes()}


class TestACopy:
    def test_begins_follows_and_gives_up(self, served: Served, tmp_path: Path, run: Run) -> None:
        copy, table = tmp_path / "copy.sqlite", tmp_path / "copy.csv"

        def both() -> str:
            """Run for each of the two copies, and return what the first said."""
            said = [run("sync", *served.as_client(path)) for path in (copy, table)]
            assert [(code, err) for code, _, err in said] == [(0, ""), (0, "")]
            shown = served.shown()
            assert in_copy(copy) == shown
            assert same(in_table(table), shown)
            return said[0][1]

        assert both().startswith("In step: begun, 0 changed, 0 deleted, ")
        assert holds(tmp_path, mail("Alpha")) == {"copy.sqlite", "copy.csv", "copy.csv.state"}
        assert both().startswith("In step: 0 changed, 0 deleted, 0 erasures acknowledged; ")
        served.house.take(listed(K2="Bêta"))
        assert "1 changed, 0 deleted" in both()
        ids = served.house.uids()

        served.house.hide(ids["Club Alpha"], "--property", "email")
        assert "1 changed, 0 deleted, 1 erasures acknowledged" in both()
        assert holds(tmp_path, mail("Alpha")) == set()

        served.house.run_script(MERGE.format(ids["Club Gamma"], ids["Club Bêta"]))
        assert "1 deleted, 1 erasures acknowledged" in both()
        served.house.hide(ids["Club Alpha"])
        assert "0 changed, 1 deleted, 1 erasures acknowledged" in both()
        assert holds(tmp_path, "Club Alpha") == set()
        assert served.open_tombstones() == 0

    def test_survives_being_killed_at_every_write(self, served: Served, tmp_path: Path) -> None:
        def killed(fatal: int, copy: Path) -> subprocess.CompletedProcess[str]:
            command = [sys.executable, KILLED, str(fatal), *served.as_client(copy)]
            return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

        first = tmp_path / "first"
        first.mkdir()
        writes = int(killed(0, first / "copy.csv").stderr)
        assert writes > 12
        copies = []
        for number in range(1, writes + 1):
            copy = tmp_path / f"killed-{number}" / "copy.csv"
            copy.parent.mkdir()
            assert killed(number, copy).returncode == -signal.SIGKILL
            copies.append(copy)
        # Now each has something to give up, and is killed while it does.
        served.house.hide(served.house.uids()["Club Delta"], "--property", "email")
        shown = served.shown()
        for number, copy in enumerate(copies, start=1):
            killed(number % 14 + 1, copy)
            assert killed(0, copy).returncode == 0, number
            assert same(in_table(copy), shown), number
            assert holds(copy.parent, mail("Delta")) == set(), number
            assert {each.name for each in copy.parent.iterdir()} == {
                "copy.csv",
                "copy.csv.state",
                "copy.csv.state.lock",
            }

    def test_begins_anew_after_a_restore(self, served: Served, tmp_path: Path, run: Run) -> None:
        copy = tmp_path / "copy.sqlite"
        assert run("sync", *served.as_client(copy))[0] == 0
        served.house.hide(served.house.uids()["Club Epsilon"])
        served.stop()
        (served.house.folder / EPOCH).write_bytes(b"of another time")
        served.start()

        code, line, _ = run("sync", *served.as_client(copy))

        assert code == 0
        assert line.startswith("In step: begun, ")
        assert "1 erasures acknowledged" in line
        assert in_copy(copy) == served.shown()
        assert holds(tmp_path, mail("Epsilon")) == set()
        assert served.open_tombstones() == 0

    def test_a_lost_copy_gives_up_what_the_lost_one_owed(self, served: Served, tmp_path: Path, run: Run) -> None:
        assert run("sync", *served.as_client(tmp_path / "lost.sqlite"))[0] == 0
        served.house.hide(served.house.uids()["Club Zeta"])

        code, line, _ = run("sync", *served.as_client(tmp_path / "copy.sqlite"))

        assert code == 0
        assert "1 erasures acknowledged" in line
        assert served.open_tombstones() == 0


class TestRefusals:
    def test_says_what_is_wrong(self, served: Served, tmp_path: Path, run: Run) -> None:
        copy, wrong, other, damaged = (
            tmp_path / each for each in ("a.sqlite", "wrong.txt", "other.sqlite", "b.sqlite")
        )
        assert run("sync", *served.as_client(copy))[0] == 0
        wrong.write_text("a guess")
        sqlite3.connect(other).execute("CREATE TABLE mine (x)").connection.close()
        damaged.write_bytes(b"no database" * 100)
        to, client = [served.url, "--to"], ["--client-id", served.client, "--secret-file"]
        cases = {
            "does not accept client": [*to, str(copy), *client, str(wrong)],
            "needs an id and a secret": [*to, str(copy), "--client-id", served.client],
            "cannot be read from": [*to, str(copy), *client, str(tmp_path / "nowhere")],
            "name another file": [*to, str(copy)],
            "is another database": [*to, str(other)],
            "or damaged": [*to, str(damaged)],
            "cannot be kept": [*to, str(tmp_path / "no folder" / "copy.sqlite")],
            "with https": ["http://directory.example.org", "--to", str(copy), *client, str(served.secret)],
            "is no address": ["directory.example.org", "--to", str(copy)],
            "is it the address": [f"{served.url}/agenda", "--to", str(tmp_path / "new.sqlite")],
        }
        for words, arguments in cases.items():
            code, out, err = run("sync", *arguments)
            assert (code, out) == (2, ""), words
            assert re.fullmatch(f"datacoop: .*{words}.*\n", err), err

    def test_a_suspended_client_is_told_so(self, served: Served, tmp_path: Path, run: Run) -> None:
        secret, copy = tmp_path / "secret.txt", str(tmp_path / "copy.sqlite")
        client = served.add_client("Another", secret)
        given = [served.url, "--to", copy, "--client-id", client, "--secret-file", str(secret)]
        assert run("sync", *given)[0] == 0
        served.house.run("clients", "suspend", client)

        code, _, err = run("sync", *given)

        assert code == 2
        assert "the agreement may be suspended" in err

    def test_one_run_at_a_time(self, tmp_path: Path, run: Run) -> None:
        copy = reference_client.Copy(tmp_path / "copy.sqlite")

        code, _, err = run("sync", "http://127.0.0.1:9", "--to", str(copy.path))

        copy.close()
        assert code == 1
        assert err == f"datacoop: Another run is at work on {copy.path}. The next run goes on.\n"

    def test_comes_back_later_where_nobody_answers(
        self, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        waits: list[float] = []
        monkeypatch.setattr(reference_client.Server.__init__, "__defaults__", ("", "", waits.append, True))

        code, _, err = run("sync", "http://127.0.0.1:9", "--to", str(tmp_path / "copy.sqlite"))

        assert code == 1
        assert "cannot be reached" in err
        assert len(waits) == reference_client.TRIES - 1
        assert waits == sorted(waits)

    def test_the_secret_is_no_argument(self, tmp_path: Path, run: Run) -> None:
        code, _, err = run("sync", "https://directory.example.org", "--to", "x", "--secret", "abc")

        assert code == 2
        assert "unrecognized arguments: --secret abc" in err


class TestTheFile:
    def test_stands_on_the_standard_library_alone(self, tmp_path: Path) -> None:
        source = Path(reference_client.__file__)
        tree = ast.parse(source.read_text(encoding="utf-8"))
        names = {each.name for node in ast.walk(tree) if isinstance(node, ast.Import) for each in node.names}
        names |= {str(node.module) for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        alone = shutil.copy(source, tmp_path / "alone.py")

        assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names
        done = subprocess.run([sys.executable, "-I", "-S", alone, "--help"], capture_output=True, text=True, check=True)
        assert "--secret-file" in done.stdout

    def test_needs_no_installation_where_it_runs(self, tmp_path: Path) -> None:
        asked = ["sync", "directory.example.org", "--to", str(tmp_path / "copy.sqlite")]

        done = run_program(asked, tmp_path / "data", DATACOOP_EMAIL_URL="gopher://wrong")

        assert done.returncode == 2
        assert "is no address" in done.stderr
        assert list(tmp_path.iterdir()) == []

    @pytest.mark.parametrize("years", [-10, 10])
    def test_a_wrong_clock_changes_nothing(
        self, years: int, served: Served, tmp_path: Path, run: Run, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        right = time.time
        monkeypatch.setattr(time, "time", lambda: right() + years * 365 * 86400)
        copy = tmp_path / "copy.sqlite"

        assert run("sync", *served.as_client(copy))[0] == 0

        assert in_copy(copy) == served.shown()

    def test_waits_by_the_clock_of_the_answer(self) -> None:
        said = {"Retry-After": "Sun, 06 Nov 1994 08:50:37 GMT", "Date": "Sun, 06 Nov 1994 08:49:37 GMT"}
        assert reference_client._retry_after(said) == 60
        assert reference_client._retry_after({"Retry-After": "7", "Date": None}) == 7
        assert reference_client._retry_after({"Retry-After": None, "Date": None}) is None


class TestTheDocument:
    def test_every_command_runs_as_it_stands(self, served: Served, tmp_path: Path) -> None:
        folder = tmp_path / "web"
        folder.mkdir()
        shutil.copy(served.secret, folder / "secret.txt")
        shutil.copy(str(reference_client.__file__), folder)
        shell = re.findall(r"```sh\n(.*?)```", DOCUMENT, re.DOTALL)
        cron = re.search(r"^\*/30 \* \* \* \*  (.*)$", DOCUMENT, re.MULTILINE)
        assert cron
        programs = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        for nth, block in enumerate([*shell, cron[1]]):
            script = block.replace("https://directory.example.org", served.url).replace("commune-web", served.client)
            if nth > 0:
                # The public copy of before: the page says that a client's needs another file.
                script = script.replace("copy.sqlite", "restricted.sqlite")
            done = subprocess.run(
                ["/bin/sh", "-ec", script],
                cwd=folder,
                env={"PATH": programs},
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{shlex.quote(script)}: {done.stderr}"
            assert done.stdout.startswith("In step: ") or nth == len(shell)
        assert same(in_table(folder / "copy.csv"), served.shown())
        (reading,) = re.findall(r"```python\n(.*?)```", DOCUMENT, re.DOTALL)
        told = subprocess.run([sys.executable, "-c", reading], cwd=folder, capture_output=True, text=True, check=True)
        # The public sees the same names.
        assert told.stdout.splitlines() == [each["name"] for each in served.shown()]
