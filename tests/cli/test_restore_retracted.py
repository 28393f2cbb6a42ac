"""What lists and people no longer say since a backup is not said again when it is restored (law 8, decision 0037)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.installation import EMAIL, ROWS, Installation, row_of

pytestmark = pytest.mark.django_db(transaction=True)
HOLDER = "Commune d'Exemple"
GAMMA = row_of("K3", "Club Gamma", "info@gamma.example.ch")
DELTA = row_of("K4", "Club Delta", "info@delta.example.ch")

_SUBJECT = """
from uuid import UUID
from datacoop.accounts.proofs import PASSKEY
from datacoop.rights.actions.answering import Answerer
from datacoop.pipelines.correcting import Typed, correct, take_back
from datacoop.records.rules import id_of
uid, now = UUID("{uid}"), datetime.now(UTC)
by = Answerer(uid, "account:1", PASSKEY)
"""
_CORRECT = """
typed = Typed({{"name": "Club Gamma", "email": "{email}"}}, frozenset({{"email"}}))
correct(by=by, record=id_of(uid), typed=typed, now=now)
"""
_TAKE_BACK = "take_back(by=by, record=id_of(uid), properties=['email'], now=now)"


def _emails(house: Installation, uids: dict[str, str]) -> dict[str, object]:
    shown = {name: house.shown(uid) for name, uid in uids.items()}
    return {name: body.get("email") for name, body in shown.items() if body}


def test_what_is_no_longer_said_since_is_not_shown_until_it_is_said_again(house: Installation, tmp_path: Path) -> None:
    house.take([*ROWS, GAMMA])
    uids = house.uids()
    house.run_script((_SUBJECT + _CORRECT).format(uid=uids["Club Gamma"], email="own@gamma.example.ch"))
    house.run("backup", str(tmp_path / "b"))
    house.take([{**ROWS[0], "E-mail": "new@alpha.example.ch"}, GAMMA, DELTA])
    house.run_script((_SUBJECT + _TAKE_BACK).format(uid=uids["Club Gamma"]))
    house.hide(house.uids()["Club Delta"], "--property", "email")

    told = json.loads(house.run("restore", str(tmp_path / "b"), "--force", "--json"))

    assert _emails(house, uids) == {"Club Alpha": None, "Club Gamma": None}
    assert told["withdrawn_again"]["retracted"] == 1
    assert told["withdrawn_again"]["unsaid"] > 3
    assert told["of_missing_records"] == {"hidden": 1}
    assert "Clean" in house.run("verify")
    house.take([*ROWS, GAMMA])
    assert _emails(house, uids) == {"Club Alpha": EMAIL, "Club Beta": ROWS[1]["E-mail"], "Club Gamma": None}


def test_what_was_undone_since_is_not_shown(house: Installation, tmp_path: Path) -> None:
    house.take([{**ROWS[0], "E-mail": "leak@alpha.example.ch"}, ROWS[1], GAMMA])
    uids = house.uids()
    house.run("backup", str(tmp_path / "b"))
    house.run("holders", "undo", HOLDER)

    house.run("restore", str(tmp_path / "b"), "--force")

    assert _emails(house, uids) == {"Club Alpha": None, "Club Beta": ROWS[1]["E-mail"]}
    assert "Clean" in house.run("verify")
