"""`datacoop holders list`: who keeps which lists; `invite`: who cannot be let in."""

import json
from pathlib import Path

import pytest

from datacoop.cli import main
from tests.pipelines.pouring import HOLDER, clubs, take, write

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


def test_names_every_list_with_its_last_counts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    take(write(tmp_path, clubs(2)), source="Membres")
    take(write(tmp_path, clubs(3)), source="Membres")

    assert main.run(["holders", "list", "--json"]) == 0

    (listed,) = json.loads(capsys.readouterr().out)
    assert (listed["holder"], listed["source"], listed["kind"]) == (HOLDER, "Membres", "organisation")
    assert (listed["counts"]["accepted"], listed["counts"]["new"]) == (3, 1)
    main.run(["holders", "list"])
    assert f"{HOLDER} – Membres (organisation): 3 rows" in capsys.readouterr().out
