"""`datacoop holders set|undo|accept|reject` and `datacoop pull`: what they print and how they exit."""

import doctest
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from datacoop.cli import lists
from datacoop.sources.models import Holder
from tests.pipelines.pouring import HOLDER, clubs, seen, take, verify, write
from tests.pipelines.web import HOST, Answer, served

pytestmark = pytest.mark.django_db(transaction=True)
Run = Callable[..., tuple[int, str, str]]


class TestUndo:
    def test_takes_the_last_contribution_back(self, run: Run, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(5)))
        take(write(tmp_path, clubs(7)))

        code, said, _ = run("holders", "undo", HOLDER, "--json")

        assert (code, json.loads(said)["undone"]) == (0, 2)
        assert json.loads(said)["counts"]["vanished"] == 2
        assert len(seen()) == 5
        assert verify() == []

    def test_is_refused_where_there_is_nothing_to_undo(self, run: Run, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(5)))
        assert run("holders", "undo", HOLDER)[0] == 0

        for arguments in ((HOLDER,), ("Nobody",), (HOLDER, "--source", "autre")):
            code, _, error = run("holders", "undo", *arguments)
            assert code == 2
            assert error.startswith("datacoop: ")

    def test_asks_which_list_is_meant(self, run: Run, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(5)), source="un")
        take(write(tmp_path, clubs(5)), source="deux")

        code, _, error = run("holders", "undo", HOLDER)

        assert (code, "deux, un" in error) == (2, True)
        assert run("holders", "undo", HOLDER, "--source", "un")[0] == 0


class TestSet:
    def test_registers_and_describes_a_list(self, run: Run) -> None:
        code, said, _ = run(
            "holders", "set", HOLDER, "--publisher", "Ville", "--rows", "100±5%", "--every-days", "30",
            "--address", "https://example.org/l.csv", "--pull", "daily", "--licence", "CC0-1.0", "--json",
        )  # fmt: skip

        told = json.loads(said)
        assert code == 0
        assert (told["rows_from"], told["rows_to"], told["pull_hours"], told["licence"]) == (95, 105, 24, "CC0-1.0")
        assert HOLDER in run("holders", "list")[1]

    def test_leaves_what_is_not_said_and_clears_what_is_said_to_be_nothing(self, run: Run) -> None:
        run("holders", "set", HOLDER, "--publisher", "Ville", "--contact", "liste@example.org", "--rows", "5-9")

        _, said, _ = run("holders", "set", HOLDER, "--contact", "-", "--rows", "-", "--json")

        told = json.loads(said)
        assert (told["publisher"], told["contact"], told["rows_from"], told["rows_to"]) == ("Ville", "", None, None)

    @pytest.mark.parametrize(
        "arguments",
        [
            ("--address", "ftp://example.org/"),
            ("--address", "https://a:b@example.org/"),
            ("--address", "http://127.0.0.1/l.csv"),
            ("--address", "http://0x7f000001/l.csv"),
            ("--address", "https://[::ffff:10.0.0.1]/l.csv"),
            ("--address", "http://localhost:8080/l.csv"),
            ("--rows", "many"),
            ("--rows", "9-5"),
            ("--kind", "unicorn"),
        ],
    )
    def test_is_refused_where_it_cannot_be_meant(self, run: Run, arguments: tuple[str, ...]) -> None:
        code, _, error = run("holders", "set", HOLDER, *arguments)

        assert (code, bool(error)) == (2, True)
        assert run("holders", "list")[1].startswith("No holder yet")
        assert not Holder.objects.exists()

    @pytest.mark.parametrize("address", ["http://127.0.0.1/", "http://2130706433/", "http://[fe80::1]/"])
    def test_says_that_an_address_is_private_and_keeps_the_old_one(self, run: Run, address: str) -> None:
        run("holders", "set", HOLDER, "--address", "https://example.org/l.csv")

        code, _, error = run("holders", "set", HOLDER, "--address", address)

        assert (code, "The address leads into a private network" in error) == (2, True)
        assert json.loads(run("holders", "set", HOLDER, "--json")[1])["address"] == "https://example.org/l.csv"


class TestPull:
    def test_takes_in_fails_waits_and_is_answered(self, run: Run, tmp_path: Path, settings: Any) -> None:
        settings.DATACOOP_PULL_HOSTS, settings.DATACOOP_DATA_DIR = frozenset({HOST}), tmp_path / "data"
        with served() as web:
            body = write(tmp_path, clubs(6)).read_bytes()
            web.answers["/l.csv"] = Answer(body)
            run("holders", "set", HOLDER, "--address", web.url("/l.csv"), "--pull", "weekly")

            assert run("pull", "--due") == (0, f"{HOLDER} – liste: taken in.\n", "")
            assert run("pull", "--due")[:2] == (0, "No list is due.\n")
            assert run("pull")[:2] == (0, f"{HOLDER} – liste: unchanged.\n")
            web.answers["/l.csv"] = Answer(status=404)
            code, said, _ = run("pull", "--holder", HOLDER, "--json")
            assert (code, json.loads(said)[0]["detail"]) == (1, "404")
            assert "pulling fails (status), last good 20" in run("holders", "list")[1]
            web.answers["/l.csv"] = Answer(write(tmp_path, clubs(2)).read_bytes())
            code, said, _ = run("pull")
            assert (code, "4 of 6 rows" in said) == (1, True)
            assert json.loads(run("holders", "list", "--json")[1])[0]["waiting"]
            assert run("holders", "reject", HOLDER)[0] == 0
            assert run("holders", "accept", HOLDER)[0] == 2
            web.answers["/l.csv"] = Answer(write(tmp_path, clubs(1)).read_bytes())
            run("pull")
            assert run("holders", "accept", HOLDER)[:2] == (0, "read 1, accepted 1, new 0, changed 0, vanished 5\n")

    def test_of_a_list_without_an_address_is_refused(self, run: Run, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(2)))

        assert run("pull", "--holder", HOLDER)[0] == 2
        assert run("pull", "--source", "liste")[0] == 2
        assert run("pull") == (0, "No list has an address.\n", "")


def test_import_takes_an_unlike_file_once_it_is_confirmed(run: Run, tmp_path: Path) -> None:
    take(write(tmp_path, clubs(6)))
    menu = write(tmp_path, [{"Plat": str(n), "Prix": "9", "Nom": f"Entrée {n}"} for n in range(6)], "menu.csv")
    asked = ("import", str(menu), "--holder", HOLDER, "--accept-removals")

    code, _, error = run(*asked)

    assert (code, "--accept-unlike" in error) == (2, True)
    assert run(*asked, "--accept-unlike")[0] == 0


def test_examples_in_the_code_hold() -> None:
    assert doctest.testmod(lists).failed == 0
