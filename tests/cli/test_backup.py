"""`datacoop backup` and `restore`, as an operator runs them: processes of their own on an installation of their own."""

from __future__ import annotations

import csv
import json
import os
import secrets
import signal
import stat
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from datacoop.lib.postgresql import url_of
from tests.cli.program import ARGUMENTS, environment, run_program

#: The programs have databases of their own; the mark makes the server that these lie on.
pytestmark = pytest.mark.django_db(transaction=True)

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
_ERASE = "erase_subjects(subject_ids=people, actor='subject', now=datetime.now(UTC), why='test')"
_COUNT = "print(Statement.objects.filter(record_id__in=people).values('record_id').distinct().count())"


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
        done = subprocess.run(
            [sys.executable, "-c", _PRELUDE + script],
            env=environment(self.folder, **self.environment()),
            capture_output=True,
            text=True,
            timeout=120,
            check=True,
        )
        return done.stdout

    def hide(self, uid: str, *arguments: str) -> None:
        self.run("decide", uid, "--audience", "public", "--hide", "--reason", "test", *arguments)

    def left_over(self) -> list[str]:
        names = {"restoring", "unpacking", "restore.json"}
        return [each.name for each in self.folder.iterdir() if each.name in names or each.name.startswith(".")]


def _row(key: str, name: str, email: str) -> dict[str, str]:
    return {"Clé": key, "Nom": name, "Adresse": f"Rue {key} 1", "NPA": "1005", "Localité": "Lausanne", "E-mail": email,
            "Présidente": "Zéphyrine Canari" if key == "K1" else "",
            "Mail présidente": PERSON if key == "K1" else ""}  # fmt: skip


ROWS = [_row("K1", "Club Alpha", EMAIL), _row("K2", "Club Beta", "info@beta.example.ch")]


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


class TestBackup:
    def test_a_backup_is_one_file_for_its_owner_alone_that_shows_nothing(
        self, house: Installation, backup: Path
    ) -> None:
        assert stat.S_IMODE(backup.stat().st_mode) == 0o600
        content = backup.read_bytes()
        assert EMAIL.encode() not in content
        assert (house.folder / "secret.key").read_bytes().strip() not in content
        assert [each.name for each in backup.parent.iterdir() if "backup" in each.name] == [backup.name]
        assert not list(house.folder.glob(".backup-copy-*"))
        assert "backup" in house.try_run("doctor").stdout

    @ONCE
    def test_no_backup_without_a_passphrase(self, house: Installation, tmp_path: Path) -> None:
        for given, said in (("", "Set DATACOOP_BACKUP_PASSPHRASE"), ("short", "12 characters")):
            done = house.try_run("backup", str(tmp_path / "x"), DATACOOP_BACKUP_PASSPHRASE=given)
            assert done.returncode == 2
            assert said in done.stderr
        assert not (tmp_path / "x").exists()

    def test_is_made_while_others_write(self, house: Installation, tmp_path: Path) -> None:
        alpha = house.uids()["Club Alpha"]
        many = [_row(f"L{number}", f"Club numéro {number}", f"info@n{number}.example.ch") for number in range(3000)]
        writer = threading.Thread(target=house.take, args=(many,), kwargs={"name": "many.csv"})
        house.hide(alpha, "--property", "email")
        writer.start()
        house.run("backup", str(tmp_path / "b"))
        was_writing = writer.is_alive()
        writer.join()

        house.run("restore", str(tmp_path / "b"), "--force")

        assert was_writing
        assert "email" not in (house.shown(alpha) or {"email": ""})
        assert "Clean" in house.run("verify")


class TestRestore:
    def test_puts_everything_back_on_a_new_machine(
        self, house: Installation, backup: Path, tmp_path: Path, another_url: str
    ) -> None:
        before = house.uids()
        key = (house.folder / "secret.key").read_text()
        other = Installation(tmp_path / "other", another_url, house.copy)

        other.run("restore", str(backup))

        assert other.uids() == before
        assert other.shown(before["Club Alpha"]) == house.shown(before["Club Alpha"])
        assert (other.folder / "secret.key").read_text().strip() == key.strip()
        assert "Clean" in other.run("verify")
        assert other.left_over() == []

    def test_what_was_withdrawn_since_stays_withdrawn(self, house: Installation, backup: Path) -> None:
        uids = house.uids()
        assert (house.shown(uids["Club Alpha"]) or {})["email"] == EMAIL
        house.hide(uids["Club Alpha"], "--property", "email")
        house.hide(uids["Club Beta"])

        told = json.loads(house.run("restore", str(backup), "--force", "--json"))

        assert told["withdrawn_again"] == {"hidden": 2}
        assert told["ledger"]["lost_to"] == told["ledger"]["kept"] + 2
        assert list(house.uids()) == ["Club Alpha"]
        assert "email" not in (house.shown(uids["Club Alpha"]) or {"email": ""})
        assert "Clean" in house.run("verify")

    def test_who_was_erased_since_is_not_brought_back_by_the_old_list(self, house: Installation, backup: Path) -> None:
        assert self._people(house) == 1
        house.run_script(_ERASE)
        assert self._people(house) == 0

        told = json.loads(house.run("restore", str(backup), "--force", "--json"))
        house.take(ROWS)

        assert told["withdrawn_again"]["erased"] > 0
        assert self._people(house) == 0
        assert "Clean" in house.run("verify")

    def _people(self, house: Installation) -> int:
        return int(house.run_script(_COUNT))

    @ONCE
    def test_nothing_changes_where_it_is_refused(self, house: Installation, backup: Path) -> None:
        before = house.shown(house.uids()["Club Alpha"])
        whole = backup.read_bytes()
        cases = {
            "cut": (whole[:-100], SECRET, "use another copy"),
            "changed": (whole[:70_000] + bytes([whole[70_000] ^ 1]) + whole[70_001:], SECRET, "use another copy"),
            "other": (b"PK" + whole[2:], SECRET, "no backup"),
            "locked": (whole, "not the passphrase at all", "passphrase"),
        }
        for name, (content, passphrase, said) in cases.items():
            bad = backup.with_name(name)
            bad.write_bytes(content)
            done = house.try_run("restore", str(bad), "--force", DATACOOP_BACKUP_PASSPHRASE=passphrase)
            assert (done.returncode, said in done.stderr) == (2, True), (name, done.stderr)
        foreign = backup.with_name("foreign.log")
        foreign.write_text("datacoop withdrawals 1 0123456789abcdef0123456789abcdef\n")
        done = house.try_run("restore", str(backup), "--force", "--withdrawals", str(foreign))
        assert (done.returncode, "another installation" in done.stderr) == (2, True), done.stderr
        done = house.try_run("restore", str(backup))
        assert (done.returncode, "--force" in done.stderr) == (2, True), done.stderr

        assert house.shown(str((before or {})["id"])) == before
        assert house.left_over() == []

    @ONCE
    def test_refuses_while_a_server_runs(self, house: Installation, backup: Path) -> None:
        with subprocess.Popen(
            [*ARGUMENTS, "work"], env=environment(house.folder, **house.environment()), stdin=subprocess.PIPE
        ) as worker:
            try:
                time.sleep(6)
                done = house.try_run("restore", str(backup), "--force")
                assert (done.returncode, "stop it first" in done.stderr) == (2, True), done.stderr
            finally:
                worker.terminate()

    @ONCE
    def test_the_second_copy_is_enough(self, house: Installation, backup: Path) -> None:
        alpha = house.uids()["Club Alpha"]
        house.hide(alpha, "--property", "email")
        (house.folder / "withdrawals.log").unlink()

        house.run("restore", str(backup), "--force")

        assert "email" not in (house.shown(alpha) or {"email": ""})

    def test_without_the_log_personal_values_are_hidden_until_confirmed(
        self, house: Installation, backup: Path
    ) -> None:
        alpha = house.uids()["Club Alpha"]
        for log in (house.folder / "withdrawals.log", house.copy):
            log.unlink(missing_ok=True)
        done = house.try_run("restore", str(backup), "--force")
        assert (done.returncode, "--without-withdrawals" in done.stderr) == (2, True)

        house.run("restore", str(backup), "--force", "--without-withdrawals")

        assert "email" not in (house.shown(alpha) or {"email": ""})
        assert "restore --confirm" in house.try_run("doctor").stdout
        assert "Clean" in house.run("verify")
        house.run("restore", "--confirm")
        assert (house.shown(alpha) or {})["email"] == EMAIL

    def test_who_is_killed_goes_on_and_nothing_is_served_before(self, house: Installation, backup: Path) -> None:
        alpha = house.uids()["Club Alpha"]
        house.hide(alpha, "--property", "email")
        marker = house.folder / "restore.json"
        for later in (0.0, 0.4):
            with subprocess.Popen(
                [*ARGUMENTS, "restore", str(backup), "--force"],
                env=environment(house.folder, **house.environment()),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            ) as restoring:
                while not marker.exists() and restoring.poll() is None:
                    time.sleep(0.005)
                time.sleep(later)
                with suppress(ProcessLookupError):
                    os.killpg(restoring.pid, signal.SIGKILL)
            if marker.exists():
                # Where it is killed while noting its state, its draft stays.
                (house.folder / ".restore.json.0123abcd").touch()
                done = house.try_run("serve", "--port", "1")
                assert (done.returncode, "restore --resume" in done.stderr) == (2, True), done.stderr
                house.run("restore", "--resume")
            else:
                assert later, "it was over before it could be killed"
            assert "email" not in (house.shown(alpha) or {"email": ""})

        assert "Clean" in house.run("verify")
        assert house.left_over() == []


@pytest.fixture
def another_url(tmp_path: Path, new_installation: Installation, django_db_blocker: Any) -> str:
    database = settings.DATABASES["default"]
    if database["ENGINE"] == "datacoop.lib.queued_sqlite":
        return f"sqlite:///{tmp_path / 'another.sqlite3'}"
    name = f"made_{secrets.token_hex(6)}"
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    return url_of(Path(str(database["HOST"])), name)
