"""`datacoop verify` of what somebody holds: a receipt, a proof, a kept checkpoint; plain words and exit codes."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from django.test import override_settings

from datacoop.cli import offline
from datacoop.consent.actions import Wish, decide
from datacoop.consent.receipt_checks import TYPE, read_receipt
from datacoop.consent.receipt_form import Controller
from datacoop.consent.receipts import receipt
from datacoop.disclosure.own.history import history, proof
from datacoop.ledger import signing
from datacoop.ledger.models import Entry
from datacoop.records.actions.closing import close_day
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import create_record
from tests.cli.program import run_program

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
COOP = Controller("https://coop.example.org", "Coopérative d’essai", "Rue du Lac 1", "mailto:a@example.org", "CH")
Run = Callable[..., tuple[int, str, str]]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    with override_settings(DATACOOP_DATA_DIR=tmp_path):
        yield tmp_path


def decided() -> tuple[UUID, int]:
    with revision(actor="steward:1", now=NOW, why="test") as draft:
        record = create_record(draft, kind="organisation")
    number = decide(uid=record.uid, wish=Wish("public", False, "email"), actor="link:1", reason="", now=NOW)
    return record.uid, number


def written(folder: Path, name: str, content: str) -> str:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return str(path)


class TestReceipt:
    def test_holds(self, run: Run, folder: Path) -> None:
        uid, number = decided()
        file = written(folder, "r.jws", receipt(subject=uid, revision=number, controller=COOP, now=NOW) + "\n")

        code, said, _ = run("verify", "--receipt", file)

        assert code == 0
        assert said.splitlines()[0] == "This receipt holds."
        assert f"email: hidden for everybody (entry {uid})" in said
        assert "It means: the cooperative noted this decision then" in said

    @pytest.mark.parametrize(
        ("language", "holds", "fails", "do"),
        [
            ("fr", "Ce reçu est valable.", "Ce reçu n’est pas valable.", "Que faire :"),
            ("de", "Diese Quittung gilt.", "Diese Quittung gilt nicht.", "Was tun:"),
            ("it", "Questa ricevuta è valida.", "Questa ricevuta non è valida.", "Che fare:"),
            ("en", "This receipt holds.", "This receipt does not hold.", "What to do:"),
        ],
    )
    def test_is_told_with_what_to_do_in_the_language_asked_for(
        self, run: Run, folder: Path, language: str, holds: str, fails: str, do: str
    ) -> None:
        uid, number = decided()
        token = receipt(subject=uid, revision=number, controller=COOP, now=NOW)
        whole, broken = written(folder, "r.jws", token), written(folder, "b.jws", token[:-9])

        said = [run("verify", "--language", language, "--receipt", each)[1] for each in (whole, broken)]

        assert [each.splitlines()[0] for each in said] == [holds, fails]
        assert [do in each for each in said] == [False, True]

    @pytest.mark.parametrize(
        ("language", "broken", "unproven"),
        [
            ("fr", "La signature ne correspond pas", "Preuve 1 : La preuve n’ouvre rien"),
            ("de", "Die Unterschrift passt nicht", "Beleg 1: Der Beleg öffnet nichts"),
            ("it", "La firma non corrisponde", "Prova 1: La prova non apre nulla"),
            ("en", "The signature does not fit", "Proof 1: The proof opens nothing"),
        ],
    )
    def test_says_why_it_does_not_hold_in_the_language_asked_for(
        self, run: Run, folder: Path, language: str, broken: str, unproven: str
    ) -> None:
        uid, number = decided()
        token = receipt(subject=uid, revision=number, controller=COOP, now=NOW)
        said = read_receipt(token, signing.public_keys())
        said["dc:proof"][0]["openings"] = []
        untrue = signing.sign(json.dumps(said).encode(), typ=TYPE)

        told = [
            run("verify", "--language", language, "--receipt", written(folder, "r.jws", each))[1]
            for each in (token[:-9], untrue)
        ]

        assert [broken in told[0], unproven in told[1]] == [True, True], told

    def test_has_every_reason_in_every_language(self) -> None:
        keys = [{k for k in offline.PHRASES.of(each) if ".faults." in k} for each in offline.LANGUAGES]

        assert len(keys[0]) > 10
        assert all(each == keys[0] for each in keys)

    def test_says_what_does_not_fit(self, run: Run, folder: Path) -> None:
        uid, number = decided()
        token = receipt(subject=uid, revision=number, controller=COOP, now=NOW)
        file = written(folder, "r.jws", token[:200] + ("A" if token[200] != "A" else "B") + token[201:])

        code, said, _ = run("verify", "--receipt", file, "--json")

        assert code == 1
        assert json.loads(said)["holds"] is False
        assert "signature does not fit" in json.loads(said)["faults"][0]

    def test_is_checked_without_a_database_by_the_published_key(self, folder: Path) -> None:
        uid, number = decided()
        file = written(folder, "r.jws", receipt(subject=uid, revision=number, controller=COOP, now=NOW))
        keys = written(folder, "jwks.json", json.dumps(signing.public_keys()))
        elsewhere = folder / "elsewhere"

        done = run_program(
            ["verify", "--receipt", file, "--keys", keys],
            elsewhere,
            DATACOOP_SECRET_KEY="x" * 50,
            DATACOOP_DATABASE_URL="postgres://nobody@127.0.0.1:1/none",
        )

        assert (done.returncode, done.stderr) == (0, "")
        assert "This receipt holds." in done.stdout

    def test_is_refused_by_another_key(self, run: Run, folder: Path) -> None:
        uid, number = decided()
        file = written(folder, "r.jws", receipt(subject=uid, revision=number, controller=COOP, now=NOW))
        (folder / signing.KEY_FILE).unlink()
        signing.forget_keys()
        signing.make_key()

        assert run("verify", "--receipt", file)[0] == 1

    @pytest.mark.parametrize("content", ["", "not a receipt", "a.b.c", "{}", "\x00\xff"])
    def test_of_nonsense_does_not_hold(self, run: Run, folder: Path, content: str) -> None:
        signing.make_key()

        assert run("verify", "--receipt", written(folder, "r.jws", content))[0] == 1

    def test_that_is_not_there_could_not_be_checked(self, run: Run, folder: Path) -> None:
        signing.make_key()

        assert run("verify", "--receipt", str(folder / "none"))[0] == 2

    @pytest.mark.parametrize("content", ["", "[]", "{}", "keys"])
    def test_needs_a_key(self, run: Run, folder: Path, content: str) -> None:
        file, keys = written(folder, "r.jws", "x"), written(folder, "k.json", content)

        assert run("verify", "--receipt", file, "--keys", keys)[0] == 2
        assert run("verify", "--receipt", file)[0] == 2


class TestProof:
    def test_holds_until_it_is_changed(self, run: Run, folder: Path) -> None:
        uid, _ = decided()
        found = proof(uid, history(uid)[0].entry or 0, now=NOW)
        whole = written(folder, "p.json", json.dumps(found))
        found["entry"]["at"] = "2020-01-01T00:00:00.000000Z"  # type: ignore[index]
        changed = written(folder, "q.json", json.dumps(found))

        assert run("verify", "--proof", whole)[0] == 0
        code, said, _ = run("verify", "--proof", changed)
        assert code == 1
        assert "not in the chain" in said

    @pytest.mark.parametrize("content", ["", "[]", "{}", '{"form":"datacoop-proof/1"}', "[" * 100_000])
    def test_of_nonsense_does_not_hold(self, run: Run, folder: Path, content: str) -> None:
        signing.make_key()

        assert run("verify", "--proof", written(folder, "p.json", content))[0] == 1


class TestSince:
    def test_finds_what_was_rewritten_since_a_kept_checkpoint(self, run: Run, folder: Path) -> None:
        decided()
        kept = close_day(now=NOW)
        assert kept is not None
        decided()
        plain = written(folder, "c.jws", kept.signed)
        answered = written(folder, "c.json", json.dumps({"size": kept.size, "checkpoint": kept.signed}))

        assert [run("verify", "--since", each)[0] for each in (plain, answered)] == [0, 0]
        Entry.objects.filter(number=2).update(hash="0" * 64)
        code, said, _ = run("verify", "--since", plain)

        assert code == 1
        assert "the chain was rewritten" in said

    def test_takes_no_other_text(self, run: Run, folder: Path) -> None:
        signing.make_key()

        code, _, refused = run("verify", "--language", "fr", "--since", written(folder, "c.jws", "e30.e30.AAAA"))

        assert code == 2
        assert "La signature ne correspond pas" in refused

    def test_checks_the_trees_and_signatures_too(self, run: Run, folder: Path) -> None:
        decided()
        close_day(now=NOW)
        (folder / signing.KEY_FILE).write_text("{}")
        signing.forget_keys()

        assert run("verify", "--only", "ledger")[0] == 2
