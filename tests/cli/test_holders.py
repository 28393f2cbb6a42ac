"""`datacoop holders list`: who keeps which lists; `invite`: who cannot be let in."""

import json
from pathlib import Path

import openpyxl
import pytest

from datacoop.cli import main
from datacoop.pipelines import leaving
from datacoop.pipelines.contribute import ContributionRefused
from tests.pipelines.pouring import HOLDER, clubs, seen, take, write

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("kept", [254, 255])
def test_invites_no_address_that_no_account_keeps(capsys: pytest.CaptureFixture[str], kept: int) -> None:
    email = f"anna@{'.'.join(['a' * 60] * 4)}.{'b' * (kept - 249 - 4)}.org"
    assert len(email) == kept
    assert (main.run(["holders", "invite", "Ville de Test", email]) == 0) == (kept == 254)
    assert ("254" in capsys.readouterr().err) == (kept == 255)


def test_says_that_there_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["holders", "list"]) == 0
    assert "No holder yet" in capsys.readouterr().out


def test_names_a_feed_that_nothing_was_read_from_and_lets_its_address_be_corrected(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for address in ("https://exmaple.invalid", "https://example.invalid"):
        assert main.run(["import", "--feed", address, "--holder", "Voisine"]) == 1
        assert main.run(["holders", "list"]) == 0
        said = capsys.readouterr().out.splitlines()
        failing = "nothing yet; pulling fails (address-unknown), last good never"
        assert said[-1] == f"Voisine – {address} (feed): {failing}"

    main.run(["holders", "list", "--json"])

    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["holder"], listed["source"], listed["kind"]) == ("Voisine", "feed", None)
    assert (listed["address"], listed["problem"]) == ("https://example.invalid", "address-unknown")


def test_names_every_list_with_its_last_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    take(write(tmp_path, clubs(2)), source="Membres")
    take(write(tmp_path, clubs(3)), source="Membres")

    assert main.run(["holders", "list", "--json"]) == 0

    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["holder"], listed["source"], listed["kind"]) == (HOLDER, "Membres", "organisation")
    assert (listed["counts"]["accepted"], listed["counts"]["new"]) == (3, 1)
    main.run(["holders", "list"])
    assert f"{HOLDER} – Membres (organisation): 3 rows" in capsys.readouterr().out


class TestLeaving:
    def leave(self, folder: Path, *more: str) -> int:
        return main.run(["holders", "leave", HOLDER, "--into", str(folder / "out"), *more])

    def test_writes_what_the_holder_takes_along_before_its_lists_go(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        take(write(tmp_path, clubs(2)), source="Membres: 1/2")

        assert self.leave(tmp_path, "--json") == 0

        told = json.loads(capsys.readouterr().out)
        (file,) = map(Path, told["files"])
        assert (told["left"], told["lists"]) == (True, [{"source": "Membres: 1/2", "rows": 2, "corrected": 0}])
        assert file.parent == tmp_path / "out"
        assert file.stat().st_mode & 0o077 == 0
        assert len(openpyxl.load_workbook(file).active["A"]) == 3  # type: ignore[union-attr, index]
        assert seen() == {}
        assert self.leave(tmp_path) == 2

    def test_changes_nothing_on_a_dry_run_and_writes_the_same_once(
        self, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        take(write(tmp_path, clubs(2)), source="Membres")

        assert self.leave(tmp_path, "--dry-run") == 0

        assert "Nothing was changed" in capsys.readouterr().out
        assert len(seen()) == 2
        assert self.leave(tmp_path) == 0

    def test_takes_nothing_back_where_the_files_cannot_be_written(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(2)), source="Membres")
        self.leave(tmp_path, "--dry-run")
        (file,) = (tmp_path / "out").iterdir()
        file.write_bytes(b"something else")

        assert self.leave(tmp_path) == 2
        assert len(seen()) == 2
        assert main.run(["holders", "leave", "Nobody", "--into", str(tmp_path)]) == 2

    def test_says_that_it_goes_on_where_another_delivery_came_between(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        take(write(tmp_path, clubs(2)), source="Membres")

        def overtaken(*_: object, **__: object) -> None:
            raise ContributionRefused("Another import began.")

        monkeypatch.setattr(leaving, "contribute", overtaken)

        assert self.leave(tmp_path) == 2
        assert "goes on by itself" in capsys.readouterr().err
