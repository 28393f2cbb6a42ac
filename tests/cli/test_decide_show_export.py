"""`datacoop decide`, `show` and `export`: the subject's word, and what each audience then gets."""

import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client

from datacoop.cli import main
from datacoop.consent.actions import add_agreement
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import create_record
from tests.pipelines.pouring import clubs, take, uid_of, verify, write

pytestmark = pytest.mark.django_db(transaction=True)
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def call(*arguments: str) -> tuple[int, str, str]:
        code = main.run(list(arguments))
        said = capfd.readouterr()
        return code, said.out, said.err

    return call


@pytest.fixture
def uid(tmp_path: Path) -> str:
    take(write(tmp_path, clubs(2)))
    return str(uid_of("K1"))


@pytest.fixture
def client() -> str:
    return add_agreement(name="Ville d'Exemple", terms="public-bodies", actor="steward:test", now=datetime.now(UTC))


class TestDecide:
    def test_hides_a_property_from_everyone(self, run: Run, uid: str, client: str) -> None:
        code, said, _ = run(
            "decide", uid, "--property", "email", "--audience", "public", "--hide", "--reason", "letter"
        )

        assert (code, "Hidden from public" in said) == (0, True)
        for reader in ("public", f"client:{client}"):
            assert "email" not in json.loads(run("show", uid, "--as", reader)[1])
        assert "email" in json.loads(run("show", uid, "--as", "self")[1])
        assert verify() == []

    def test_shows_a_person_only_where_it_is_said_that_they_said_so(self, run: Run, uid: str) -> None:
        with revision(actor="steward:1", now=datetime.now(UTC), why="test") as draft:
            person = str(create_record(draft, kind="person").uid)
        wish = ("decide", person, "--audience", "public", "--reason", "her letter of 3 March")
        code, _, error = run(*wish, "--show")
        assert (code, "--person-said-so" in error) == (2, True)
        assert run(*wish, "--show", "--person-said-so")[0] == 0
        assert run(*wish, "--hide")[0] == 0

    def test_shows_to_one_client_what_others_do_not_see(self, run: Run, uid: str, client: str) -> None:
        run("decide", uid, "--property", "email", "--audience", "public", "--hide", "--reason", "letter")
        run("decide", uid, "--property", "email", "--audience", f"agreement:{client}", "--show", "--reason", "letter")

        assert "email" in json.loads(run("show", uid, "--as", f"client:{client}")[1])
        assert "email" not in json.loads(run("show", uid, "--as", "public")[1])
        assert verify() == []

    def test_hides_the_whole_record(self, run: Run, uid: str) -> None:
        run("decide", uid, "--audience", "public", "--hide", "--reason", "letter")

        assert run("show", uid, "--as", "public")[0] == 2
        assert len(run("export", "organisations", "--format", "ndjson")[1].splitlines()) == 1

    def test_takes_an_end_without_offset_as_zurichs(self, run: Run, uid: str) -> None:
        tomorrow = (datetime.now(UTC) + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")

        code, said, _ = run(
            "decide", uid, "--audience", "public", "--hide", "--until", tomorrow, "--reason", "pause", "--json"
        )

        assert (code, json.loads(said)["revision"] > 0) == (0, True)

    @pytest.mark.parametrize(
        "arguments",
        [
            ("--property", "planet", "--audience", "public", "--hide"),
            ("--audience", "martians", "--hide"),
            ("--audience", "terms:unheard-of", "--hide"),
            ("--audience", "agreement:nobody", "--hide"),
            ("--audience", "public"),
            ("--audience", "public", "--hide", "--until", "soon"),
            ("--audience", "public", "--hide", "--until", "2001-01-01"),
        ],
    )
    def test_refuses_in_one_sentence(self, run: Run, uid: str, arguments: tuple[str, ...]) -> None:
        code, said, error = run("decide", uid, "--reason", "letter", *arguments)

        assert (code, said) == (2, "")
        assert error
        assert "Traceback" not in error

    @pytest.mark.parametrize("unknown", [str(uuid.uuid4()), "nonsense", ""])
    def test_refuses_a_record_that_is_not_there(self, run: Run, uid: str, unknown: str) -> None:
        code, said, error = run("decide", unknown, "--audience", "public", "--hide", "--reason", "letter")

        assert (code, said) == (2, "")
        assert "Traceback" not in error

    def test_wants_a_reason(self, run: Run, uid: str) -> None:
        assert run("decide", uid, "--audience", "public", "--hide")[0] == 2
        assert run("decide", uid, "--audience", "public", "--hide", "--reason", " ")[0] == 2


class TestShow:
    @pytest.mark.parametrize("reader", ["public", "self", "client:nobody", "martian", ""])
    @pytest.mark.parametrize("unknown", [str(uuid.uuid4()), "nonsense"])
    def test_undisclosed_and_unknown_alike_exit_2(self, run: Run, reader: str, unknown: str) -> None:
        code, said, error = run("show", unknown, "--as", reader)

        assert (code, said) == (2, "")
        assert "Traceback" not in error

    def test_undisclosed_says_what_unknown_says(self, run: Run, uid: str) -> None:
        run("decide", uid, "--audience", "public", "--hide", "--reason", "letter")

        assert run("show", uid, "--as", "public") == run("show", str(uuid.uuid4()), "--as", "public")


class TestExport:
    def test_leaves_contacts_out_of_the_public_file(self, run: Run, uid: str, tmp_path: Path) -> None:
        path = tmp_path / "tout.csv"

        code, said, _ = run("export", "organisation", "--format", "csv", "-o", str(path))

        assert (code, said) == (0, "")
        text = path.read_text("utf-8-sig")
        assert "Club numéro" in text
        assert "@" not in text

    def test_gives_them_to_a_client(self, run: Run, uid: str, client: str) -> None:
        code, said, _ = run("export", "organisations", "--format", "ndjson", "--as", f"client:{client}")

        assert (code, said.count("@")) == (0, 2)

    def test_writes_in_the_words_of_hsds_what_its_pages_tell(self, run: Run, uid: str, client: str) -> None:
        code, said, _ = run("export", "organisations", "--format", "hsds")

        told = json.loads(said)
        pages = Client().get("/hsds/organizations", headers={"accept-language": "fr"}).json()["contents"]
        assert (code, told["version"]) == (0, "3.0")
        assert len(told["contents"]) == 2
        assert sorted(told["contents"], key=str) == sorted(pages, key=str)
        assert "@" not in str(told["contents"])
        assert run("export", "organisations", "--format", "hsds", "--as", f"client:{client}")[1].count("@") == 2

    def test_an_empty_list_is_a_document_of_hsds_too(self, run: Run) -> None:
        assert json.loads(run("export", "activities", "--format", "hsds")[1])["contents"] == []

    @pytest.mark.parametrize(
        "arguments",
        [
            ("persons", "--format", "csv"),
            ("organisations", "--format", "papyrus"),
            ("organisations", "--format", "ics"),
            ("needs", "--format", "hsds"),
            ("organisations", "--format", "csv", "--as", "client:nobody"),
            ("organisations", "--format", "csv", "--as", "martian"),
            ("organisations",),
            ("organisations", "--format", "csv", "-o", "absent/folder/tout.csv"),
        ],
    )
    def test_refuses_in_one_sentence(self, run: Run, arguments: tuple[str, ...]) -> None:
        code, said, error = run("export", *arguments)

        assert (code, said) == (2, "")
        assert "Traceback" not in error
