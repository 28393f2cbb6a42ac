"""The commands that set up, check and hand out access."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.db import transaction

from datacoop.accounts import actions as accounts
from datacoop.accounts import queries, rules
from datacoop.cli import checkup
from datacoop.jobs.models import Job
from datacoop.ledger.actions import append
from datacoop.ledger.models import Entry
from datacoop.rights.queries import readiness
from datacoop.rights.queries.agreements import find_text
from datacoop.sources.localities import Locality, save_localities
from tests.cli.program import run_program

Run = Callable[..., tuple[int, str, str]]


class TestInit:
    def test_prepares_everything_and_may_be_repeated(self, tmp_path: Path, empty_database_url: str) -> None:
        data_dir = tmp_path / "new" / "data"

        first = run_program(["init", "--json"], data_dir, DATACOOP_DATABASE_URL=empty_database_url)
        again = run_program(["init", "--json"], data_dir, DATACOOP_DATABASE_URL=empty_database_url)

        assert (first.returncode, again.returncode) == (0, 0), first.stderr + again.stderr
        assert "ledger.0001_initial" in json.loads(first.stdout)["migrations"]
        assert json.loads(again.stdout)["migrations"] == []
        assert (data_dir / "secret.key").stat().st_mode & 0o077 == 0

    def test_is_asked_for_by_commands_that_need_it(self, tmp_path: Path, empty_database_url: str) -> None:
        for arguments in (["verify"], ["login-link", "anna@example.org"], ["serve"], ["work"]):
            result = run_program(arguments, tmp_path, DATACOOP_DATABASE_URL=empty_database_url)

            assert result.returncode == 2
            assert "datacoop migrate" in result.stderr

    def test_says_that_the_database_is_away(self, tmp_path: Path) -> None:
        url = "postgres://nobody:s3cret@127.0.0.1:1/none"
        result = run_program(["init"], tmp_path, DATACOOP_DATABASE_URL=url)

        assert result.returncode == 2
        assert "DATACOOP_DATABASE_URL" in result.stderr
        assert "Traceback" not in result.stderr
        assert "s3cret" not in result.stderr


@pytest.mark.django_db(transaction=True)
class TestLoginLink:
    def test_prints_a_link_that_signs_in(self, run: Run) -> None:
        now = datetime.now(UTC)
        account = accounts.open_account(email="anna@example.org", name="Anna Exemple", now=now)

        code, said, _ = run("login-link", "anna@example.org")

        assert code == 0
        token = said.strip().rpartition("/")[2]
        assert accounts.redeem_link(token=token, now=now).pk == account.pk

    def test_refuses_an_unknown_address(self, run: Run) -> None:
        code, said, error = run("login-link", "nobody@example.org")

        assert (code, said) == (2, "")
        assert "no active account" in error

    def test_opens_the_first_steward(self, run: Run) -> None:
        assert run("login-link", "anna@example.org", "--steward")[0] == 0

        account = queries.find_account("anna@example.org")
        assert account is not None
        assert account.is_steward


@pytest.mark.django_db(transaction=True)
class TestClients:
    def test_adds_serves_and_suspends(self, run: Run) -> None:
        code, said, _ = run("clients", "add", "Commune d'Exemple", "--terms", "public-bodies", "--json")
        assert code == 0
        client = json.loads(said)
        token = run("clients", "token", client["client_id"])[1].strip()
        assert _agreement_of(token) == client["client_id"]

        given = json.loads(run("clients", "quota", client["client_id"], "600", "--json")[1])
        assert given == {"client_id": client["client_id"], "per_minute": 600}
        assert run("clients", "quota", client["client_id"], "usual")[0] == 0
        assert [run("clients", "quota", client["client_id"], each)[0] for each in ("-1", "many", "²")] == [2, 2, 2]
        assert run("clients", "suspend", client["client_id"])[0] == 0
        assert run("clients", "quota", client["client_id"], "600")[0] == 2

        assert _agreement_of(token) is None
        assert run("clients", "token", client["client_id"])[0] == 2

    def test_lists_who_signed_where_data_is_kept_and_who_is_suspended(self, run: Run) -> None:
        run("clients", "add", "Institut d'Exemple", "--terms", "public-bodies", "--country", "fr")
        client = json.loads(run("clients", "add", "Commune d'Exemple", "--terms", "public-bodies", "--json")[1])
        run("clients", "suspend", client["client_id"])

        rows = json.loads(run("clients", "list", "--json")[1])

        assert [(each["name"], each["country"], each["state"]) for each in rows] == [
            ("Institut d'Exemple", "FR", "runs"),
            ("Commune d'Exemple", "CH", "suspended"),
        ]
        assert "client_secret" not in rows[0]

    def test_tells_a_secret_that_opens(self, run: Run) -> None:
        said = run("clients", "add", "Association d'Exemple", "--terms", "non-profits")[1]
        client = dict(line.split(" ") for line in said.splitlines())

        assert accounts.issue_token(**client, now=datetime.now(UTC))

    @pytest.mark.parametrize(
        "arguments",
        [("add", "X", "--terms", "nope"), ("add", "X"), ("token", "nobody"), ("suspend", "nobody")],
    )
    def test_refuses_in_one_sentence(self, run: Run, arguments: tuple[str, ...]) -> None:
        code, said, error = run("clients", *arguments)

        assert (code, said) == (2, "")
        assert error
        assert "Traceback" not in error


@pytest.mark.django_db(transaction=True)
class TestVerify:
    def test_is_clean_at_first(self, run: Run) -> None:
        code, said, _ = run("verify")

        assert code == 0
        assert said.splitlines()[0] == "Clean: ledger, views."
        assert "It means: the log, what is shown are what the statements" in said

    def test_says_each_difference(self, run: Run) -> None:
        _append(3)
        Entry.objects.filter(number=2).update(payload={"n": 9})

        code, said, complaints = run("verify")

        assert (code, complaints) == (1, "")
        assert said.startswith("Ledger: entry 2 was changed after it was written.\n1 differences.\nIt means: ")
        assert "What to do: change nothing" in said

    def test_speaks_json(self, run: Run) -> None:
        _append(3)
        Entry.objects.filter(number=2).delete()

        code, said, _ = run("verify", "--only", "ledger", "--json")

        assert code == 1
        found = json.loads(said)
        assert found["checks"][0]["count"] == 2
        assert "entry 2" in found["checks"][0]["differences"][0].replace("entries", "entry")


@pytest.mark.django_db(transaction=True)
class TestDoctor:
    def test_finds_nothing_wrong_at_first(self, run: Run) -> None:
        code, said, _ = run("doctor")

        assert code == 0
        assert "DATACOOP_BASE_URL = http://127.0.0.1:8000" in said
        assert "No problems found." in said

    def test_prints_the_record_of_processing(self, run: Run) -> None:
        code, said, _ = run("doctor", "--processing")
        tables = json.loads(run("doctor", "--processing", "--json")[1])["tables"]

        assert code == 0
        assert "consent_decision" in said
        assert all(each["purpose"] and each["kept"] and each["erased"] for each in tables)
        assert len(tables) > 25

    def test_says_what_to_do(self, run: Run, settings: LazySettings, tmp_path: Path) -> None:
        settings.DATACOOP_BASE_URL = "http://directory.example.org"
        settings.DATACOOP_DATA_DIR = tmp_path / "absent"

        code, said, _ = run("doctor", "--json")

        problems = json.loads(said)["problems"]
        assert code == 1
        assert any("write https" in problem for problem in problems)
        assert any("datacoop init" in problem for problem in problems)
        assert any("DATACOOP_EMAIL_URL" in problem for problem in problems)

    def test_says_what_is_missing_before_anybody_can_be_told(self, run: Run, settings: LazySettings) -> None:
        settings.DATACOOP_PHONE = settings.DATACOOP_CONTROLLER_ADDRESS = ""
        hints = json.loads(run("doctor", "--json")[1])["hints"]
        assert [hint.split()[0] for hint in hints if "no notice or letter" in hint] == [
            "DATACOOP_CONTROLLER_ADDRESS", "DATACOOP_PHONE",
        ]  # fmt: skip
        settings.DATACOOP_BASE_URL = "https://directory.example.org"
        problems = json.loads(run("doctor", "--json")[1])["problems"]
        assert len([problem for problem in problems if "no notice or letter" in problem]) == 2

    def test_looks_for_places_left_open_in_the_documents(
        self, run: Run, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def told(what: str) -> list[str]:
            return [each.split()[1] for each in json.loads(run("doctor", "--json")[1])[what] if "left open" in each]

        assert told("hints") == ["impact-assessment"]
        settings.DATACOOP_PHONE = ""
        assert told("hints") == ["impact-assessment"], "a setting is told as one"

        monkeypatch.setattr(readiness, "find_text", lambda name, language: find_text(name, language, 1))
        assert told("hints") == ["privacy-notice", "impact-assessment"]
        settings.DATACOOP_BASE_URL = "https://directory.example.org"
        assert (told("problems"), told("hints")) == (["privacy-notice"], ["impact-assessment"])

    def test_hints_at_localities_until_they_are_loaded(self, run: Run, settings: LazySettings, tmp_path: Path) -> None:
        settings.DATACOOP_DATA_DIR = tmp_path
        assert "datacoop places load" in run("doctor")[1]

        save_localities([Locality("Lausanne", "1005", "0", "Lausanne", 5586, "VD", 46.52, 6.64)], tmp_path)

        hints = json.loads(run("doctor", "--json")[1])["hints"]
        assert not [hint for hint in hints if "places load" in hint]

    def test_tells_of_jobs_that_died_or_wait(self) -> None:
        now = datetime.now(UTC)
        for state in ("dead", "waiting"):
            Job.objects.create(
                name="desk.note", state=state, due_at=now - timedelta(hours=1), created_at=now, reason="OSError"
            )

        problems = " ".join(checkup.list_problems(now))
        assert "desk.note (OSError)" in problems
        assert "1 background jobs wait" in problems

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("DATABASE_URL", "postgres://anna:s3cret@db.example.org/x"),
            ("EMAIL_URL", "smtp://anna:s3cret@mail.example.org:587"),
            ("SECRET_KEY", "s3cret"),
        ],
    )
    def test_hides_secrets(self, name: str, value: str) -> None:
        assert "s3cret" not in checkup.masked(name, value)


def _append(count: int) -> None:
    with transaction.atomic():
        for n in range(count):
            append(at=datetime.now(UTC), kind="grant.given", payload={"n": n})


def _agreement_of(token: str) -> str | None:
    return queries.agreement_of_token_hash(rules.secret_hash(token), datetime.now(UTC))
