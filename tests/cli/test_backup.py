"""`datacoop backup`, as an operator runs it: processes of their own on an installation of their own."""

from __future__ import annotations

import stat
import threading
from pathlib import Path

import pytest
from django.db import connection  # noqa: F401 (what ONCE asks)

from tests.cli.installation import EMAIL, ONCE, ROWS, Installation, row_of

#: The programs have databases of their own; the mark makes the server that these lie on.
pytestmark = pytest.mark.django_db(transaction=True)


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
        many = [
            *ROWS,
            *(row_of(f"L{number}", f"Club numéro {number}", f"info@n{number}.example.ch") for number in range(3000)),
        ]
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
