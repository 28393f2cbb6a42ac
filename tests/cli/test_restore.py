"""`datacoop restore`, as an operator runs it: processes of their own on an installation of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import pytest
from django.db import connection  # noqa: F401 (what ONCE asks)

from tests.cli.installation import COUNT, EMAIL, ERASE, ONCE, ROWS, SECRET, Installation
from tests.cli.program import ARGUMENTS, environment

#: The programs have databases of their own; the mark makes the server that these lie on.
pytestmark = pytest.mark.django_db(transaction=True)
_ADD_CLIENT = """
from datacoop.accounts.actions import add_client
from datacoop.consent.actions import add_agreement
now = datetime.now(UTC)
add_agreement(name="Ville", terms="public-bodies", actor="steward:1", now=now, uid="city")
add_client(agreement="city", now=now)
"""
_MAIL = """
from datacoop.jobs.actions import enqueue
now = datetime.now(UTC)
enqueue(name="rights.report_arrived", payload={"number": 1}, due_at=now, now=now)
"""
_SPARE_CODES = """
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from datacoop.accounts.actions import open_account
account = open_account(email="nora@example.org", name="", now=datetime.now(UTC))
TOTP.activate(account, "JBSWY3DPEHPK3PXP")
assert RecoveryCodes.activate(account).validate_code(RecoveryCodes.activate(account).get_unused_codes()[0])
"""


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

    def test_a_client_suspended_since_stays_suspended(self, house: Installation, tmp_path: Path) -> None:
        client = json.loads(house.run("clients", "add", "Ville", "--terms", "public-bodies", "--json"))["client_id"]
        house.run("backup", str(tmp_path / "b"))
        house.run("clients", "suspend", client)

        told = json.loads(house.run("restore", str(tmp_path / "b"), "--force", "--json"))

        assert told["ended_again"] == 1
        assert "suspended" in house.try_run("clients", "token", client).stderr

    def test_spare_codes_open_nothing_any_more(self, house: Installation, tmp_path: Path) -> None:
        """One that was used after the backup would work again."""
        house.run_script(_SPARE_CODES)
        house.run("backup", str(tmp_path / "b"))

        told = json.loads(house.run("restore", str(tmp_path / "b"), "--force", "--json"))

        assert told["without_spare_codes"] == 1
        left = "from allauth.mfa.models import Authenticator as A\nprint(*A.objects.values_list('type', flat=True))"
        assert house.run_script(left).split() == ["totp"]

    def test_mails_that_waited_are_held_until_somebody_says_so(self, house: Installation, tmp_path: Path) -> None:
        """They may have left after the backup was made."""
        house.run_script(_MAIL)
        house.run("backup", str(tmp_path / "b"))

        told = json.loads(house.run("restore", str(tmp_path / "b"), "--force", "--json"))

        assert (told["mails_held"], told["sendings_stopped"]) == (1, 0)
        assert "restore --send-mails" in house.try_run("doctor").stdout
        assert json.loads(house.run("restore", "--drop-mails", "--json")) == {"dropped": 1}
        assert "restore --send-mails" not in house.try_run("doctor").stdout

    def test_who_was_erased_since_is_not_brought_back_by_the_old_list(self, house: Installation, backup: Path) -> None:
        assert self._people(house) == 1
        house.run_script(ERASE)
        assert self._people(house) == 0

        told = json.loads(house.run("restore", str(backup), "--force", "--json"))
        house.take(ROWS)

        assert told["withdrawn_again"]["erased"] > 0
        assert self._people(house) == 0
        assert "Clean" in house.run("verify")

    def _people(self, house: Installation) -> int:
        return int(house.run_script(COUNT))

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
        alpha, client = house.uids()["Club Alpha"], "city"
        house.run_script(_ADD_CLIENT)
        house.run("backup", str(backup))
        for log in (house.folder / "withdrawals.log", house.copy):
            log.unlink(missing_ok=True)
        done = house.try_run("restore", str(backup), "--force")
        assert (done.returncode, "--without-withdrawals" in done.stderr) == (2, True)

        house.run("restore", str(backup), "--force", "--without-withdrawals")

        assert "email" not in (house.shown(alpha) or {"email": ""})
        assert "restore --confirm" in house.try_run("doctor").stdout
        assert "suspended" in house.try_run("clients", "token", client).stderr
        assert "Clean" in house.run("verify")
        house.run("restore", "--confirm")
        assert (house.shown(alpha) or {})["email"] == EMAIL
        house.run("clients", "token", client)

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
