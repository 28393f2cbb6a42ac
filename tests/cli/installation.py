"""An installation of its own, at work on which a test runs the program as an operator does."""

from __future__ import annotations

import csv
import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.forked import run_forked
from tests.cli.program import environment, run_program

SECRET = "an invented passphrase of a test"
EMAIL = "info@alpha.example.ch"
PERSON = "zephyrine.canari@example.org"


_PRELUDE = """
from datacoop.cli.main import prepare_django
prepare_django()
from datetime import UTC, datetime
from datacoop.records.models import Record, Statement
from datacoop.records.actions.erasing import erase_subjects
people = list(Record.objects.filter(kind="person").values_list("id", flat=True))
"""
ERASE = "erase_subjects(subject_ids=people, actor='subject', now=datetime.now(UTC), why='test')"
COUNT = "print(Statement.objects.filter(record_id__in=people).values('record_id').distinct().count())"


#: What is refused before a database is touched, and what only the second file changes, is the same on both.
ONCE = pytest.mark.skipif(
    "connection.vendor != 'sqlite'", reason="No database has a part in it: seen on SQLite, it holds on PostgreSQL."
)


@dataclass
class Installation:
    """A data folder and a database, and the program at work on them."""

    folder: Path
    url: str
    copy: Path

    def environment(self, **more: str) -> dict[str, str]:
        return {
            "DATACOOP_DATABASE_URL": self.url,
            "DATACOOP_BACKUP_PASSPHRASE": SECRET,
            "DATACOOP_WITHDRAWALS_COPY": str(self.copy),
            **more,
        }

    def try_run(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        return run_program(list(arguments), self.folder, **self.environment(**more))

    def run(self, *arguments: str, **more: str) -> str:
        done = self.try_run(*arguments, **more)
        assert done.returncode == 0, done.stderr + done.stdout
        return done.stdout

    def take(self, rows: list[dict[str, str]], *, name: str = "liste.csv") -> None:
        path = self.folder.parent / name
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(dict.fromkeys(column for row in rows for column in row)), delimiter=";")
            writer.writeheader()
            writer.writerows(rows)
        mapping = self.folder.parent / "mapping.json"
        mapping.write_text('{"Clé": "id"}')
        self.run("import", str(path), "--holder", "Commune d'Exemple", "--published", "--with-persons", "--mapping",
                 str(mapping), "--accept-removals")  # fmt: skip

    def uids(self) -> dict[str, str]:
        lines = self.run("export", "organisation", "--format", "ndjson").splitlines()
        return {str(each["name"]): str(each["id"]) for each in map(json.loads, lines)}

    def shown(self, uid: str) -> dict[str, object] | None:
        done = self.try_run("show", uid, "--as", "public")
        found: dict[str, object] | None = json.loads(done.stdout) if done.returncode == 0 else None
        return found

    def run_script(self, script: str) -> str:
        """Run a few lines of Python in a process of this installation."""
        done = run_forked(["-c", _PRELUDE + script], environment(self.folder, **self.environment()))
        assert done.returncode == 0, done.stderr
        return done.stdout

    def hide(self, uid: str, *arguments: str) -> None:
        self.run("decide", uid, "--audience", "public", "--hide", "--reason", "test", *arguments)

    def left_over(self) -> list[str]:
        names = {"restoring", "unpacking", "restore.json"}
        return [each.name for each in self.folder.iterdir() if each.name in names or each.name.startswith(".")]


def row_of(key: str, name: str, email: str) -> dict[str, str]:
    return {"Clé": key, "Nom": name, "Adresse": f"Rue {key} 1", "NPA": "1005", "Localité": "Lausanne", "E-mail": email,
            "Présidente": "Zéphyrine Canari" if key == "K1" else "",
            "Mail présidente": PERSON if key == "K1" else ""}  # fmt: skip


ROWS = [row_of("K1", "Club Alpha", EMAIL), row_of("K2", "Club Beta", "info@beta.example.ch")]
