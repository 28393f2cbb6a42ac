"""The cooperative ends: announced, confirmed by name, in steps that can be taken again, until nothing is left."""

from __future__ import annotations

import json
import string
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core import mail
from django.db import transaction
from django.test import override_settings

from datacoop.accounts.actions import open_account
from datacoop.clients.actions import add_contact
from datacoop.consent.queries import list_agreements
from datacoop.disclosure.models import View
from datacoop.disclosure.readers import reader_of_agreement
from datacoop.disclosure.reading import reading
from datacoop.jobs.actions import run_due
from datacoop.ledger.actions import append
from datacoop.ledger.checking import CHECKPOINT_TYPE
from datacoop.ledger.models import Checkpoint, Entry
from datacoop.ledger.signing import signed_content
from datacoop.pipelines import closing
from datacoop.records.actions.revising import take_writers_lock
from datacoop.records.models import Statement, Suppression
from datacoop.rights.actions.closing import closing_day
from datacoop.rights.wording import LANGUAGES, PHRASES
from tests.api import world
from tests.api.test_suspended import token_for
from tests.cli.conftest import Run
from tests.laws.city import City
from tests.laws.conftest import caller, city
from tests.pipelines.pouring import HOLDER, clubs, seen, take, verify, write

__all__ = ["caller", "city"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("datacoop.api.urls")]
NAME = ["--confirm", "127.0.0.1"]
TODAY = datetime.now(UTC).date()


@pytest.fixture(autouse=True)
def outbox(tmp_path: Path) -> Iterator[None]:
    backend = "django.core.mail.backends.locmem.EmailBackend"
    with override_settings(EMAIL_BACKEND=backend, DATACOOP_DATA_DIR=tmp_path / "data"):
        (tmp_path / "data").mkdir()
        yield


def announced(on: date = TODAY) -> None:
    """As if thirty days had passed since."""
    with transaction.atomic():
        take_writers_lock()
        append(at=datetime.now(UTC), kind="cooperative.closing", payload={"on": on.isoformat(), "actor": "test"})


def name_of(city: City) -> str:
    (found,) = (each.name for each in list_agreements() if each.uid == city.agreement)
    return found


def a_world(path: Path, city: City) -> None:
    """A list, what somebody said themselves, and a client that received all of it."""
    take(write(path, clubs(3)), source="Membres")
    world.add("organisation", 700, name="Chœur 700", email="c@example.org")
    city.get("exports/organisations.ndjson")


class TestAnnouncing:
    def test_tells_everybody_who_can_be_written_to_once(self, run: Run, city: City) -> None:
        open_account(email="ana@example.org", name="Ana", now=datetime.now(UTC), language="de")
        add_contact(agreement=city.agreement, email="web@ville.example.org", language="it")
        day = TODAY + timedelta(days=40)

        code, said, _ = run("close", "announce", "--on", str(day), *NAME)
        again, told, _ = run("close", "announce", "--on", str(day), *NAME, "--json")
        run_due(datetime.now(UTC))

        assert (code, again) == (0, 0)
        assert said == f"1 account and the contacts of 1 client are told that it ends on {day}.\n"
        assert json.loads(told) == {"on": str(day), "told": 0, "accounts": 0, "clients": 0, "silent": []}
        assert {each.to[0] for each in mail.outbox} == {"ana@example.org", "web@ville.example.org"}
        texts = {each.to[0]: each.body for each in mail.outbox}
        assert all(f"{day:%d.%m.%Y}" in text for text in texts.values())
        assert "gelöscht" in texts["ana@example.org"]
        assert "flusso" in texts["web@ville.example.org"] or "feed" in texts["web@ville.example.org"]
        assert closing_day() == day

    def test_names_the_clients_that_nobody_can_write_to(self, run: Run, city: City) -> None:
        asked = ("close", "announce", "--on", str(TODAY + timedelta(days=40)), *NAME)

        said = run(*asked)[1].splitlines()

        assert said[0].startswith("0 accounts and the contacts of 0 clients are told")
        assert said[1:] == [f"Nobody is known who could be told for: {name_of(city)}."]
        assert run(*asked)[1] == f"Everybody was told of {TODAY + timedelta(days=40)} already: nobody is told again.\n"

    @pytest.mark.parametrize("confirm", [[], NAME])
    @pytest.mark.parametrize(("days", "said"), [(29, "earliest"), (45, "put off")])
    def test_gives_thirty_days_and_takes_none_back(self, run: Run, days: int, said: str, confirm: list[str]) -> None:
        announced(TODAY + timedelta(days=60))

        code, _, error = run("close", "announce", "--on", str(TODAY + timedelta(days=days)), *confirm)

        assert code == 2
        assert said in error
        assert closing_day() == TODAY + timedelta(days=60)

    def test_says_which_name_confirms_it(self, run: Run) -> None:
        code, _, error = run("close", "announce", "--on", str(TODAY + timedelta(days=40)))

        assert code == 2
        assert "--confirm 127.0.0.1" in error
        assert closing_day() is None
        said = " ".join(run("close", "announce", "--help")[1].split())
        assert "the host of DATACOOP_BASE_URL" in said
        assert "dry run" not in said


class TestFinishing:
    @pytest.mark.parametrize("confirm", [[], ["--confirm", "yes"]])
    def test_does_nothing_without_its_name(self, run: Run, tmp_path: Path, city: City, confirm: list[str]) -> None:
        a_world(tmp_path, city)
        announced()

        code, _, error = run("close", "finish", "--into", str(tmp_path / "out"), *confirm)

        assert code == 2
        assert "--confirm 127.0.0.1" in error
        assert len(seen()) == 4

    @pytest.mark.parametrize("day", [None, TODAY + timedelta(days=1)])
    def test_does_nothing_before_the_day(self, run: Run, tmp_path: Path, city: City, day: date | None) -> None:
        a_world(tmp_path, city)
        if day:
            announced(day)

        assert run("close", "finish", "--into", str(tmp_path / "out"), *NAME)[0] == 2
        assert len(seen()) == 4

    def test_says_on_a_dry_run_what_is_there(self, run: Run, tmp_path: Path, city: City) -> None:
        a_world(tmp_path, city)

        code, said, _ = run("close", "finish", "--into", str(tmp_path / "out"), "--dry-run", "--json")

        told = json.loads(said)
        assert code == 0
        assert (told["lists"], told["clients"], told["records"], told["owed"]) == (1, 1, 4, 0)
        assert not (tmp_path / "out").exists()
        assert len(seen()) == 4
        words = run("close", "finish", "--into", str(tmp_path / "out"), "--dry-run")[1]
        assert words.startswith("Still there: 1 list, 1 client with access, 4 records. Not confirmed: 0 erasures.")

    def test_gives_back_ends_erases_and_signs(self, run: Run, tmp_path: Path, city: City) -> None:
        a_world(tmp_path, city)
        announced()

        code, said, _ = run("close", "finish", "--into", str(tmp_path / "out"), *NAME, "--json")

        told = json.loads(said)
        assert code == 1
        assert (told["lists"], told["clients"], told["records"]) == (0, 0, 0)
        assert told["owed"] >= 4
        (file,) = (tmp_path / "out").glob("*/*.xlsx")
        assert file.parent.name.startswith(HOLDER[:7])
        assert len(openpyxl.load_workbook(file).active["A"]) == 4  # type: ignore[union-attr, index]
        assert not Statement.objects.exists()
        assert not Suppression.objects.exists()
        assert not View.objects.filter(state="l").exists()
        with reading() as connected:
            assert reader_of_agreement(connected, city.agreement) is None
        _check_head(tmp_path / "out" / "ledger-head.json")
        assert verify() == []

    def test_is_over_once_every_client_confirmed(self, run: Run, tmp_path: Path, city: City) -> None:
        a_world(tmp_path, city)
        announced()
        run("close", "finish", "--into", str(tmp_path / "out"), *NAME)
        city.token = token_for(city.agreement)
        owed = [each["tombstone"] for each in city.get("acknowledgements").json()["items"]]

        assert city.says(owed).status_code == 204

        assert run("close", "finish", "--into", str(tmp_path / "out"), *NAME)[0] == 0
        assert Entry.objects.filter(kind="cooperative.closed").count() == 1

    @pytest.mark.parametrize("step", ["leave", "suspend_client", "erase_subjects", "purge", "take_checkpoint"])
    def test_stopped_anywhere_it_goes_on(
        self, run: Run, tmp_path: Path, city: City, step: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        a_world(tmp_path, city)
        announced()

        def stopped(*_: Any, **__: Any) -> None:
            raise OSError(step)

        monkeypatch.setattr(closing, step, stopped)
        with pytest.raises(OSError, match=step):
            run("close", "finish", "--into", str(tmp_path / "out"), *NAME)
        assert verify() == []
        monkeypatch.undo()

        assert run("close", "finish", "--into", str(tmp_path / "out"), *NAME)[0] == 1

        assert not Statement.objects.exists()
        assert len(list((tmp_path / "out").glob("*/*.xlsx"))) == 1
        _check_head(tmp_path / "out" / "ledger-head.json")
        assert verify() == []


def _check_head(path: Path) -> None:
    """What is published is the end of the chain, and anybody can check it by itself."""
    head = json.loads(path.read_text(encoding="utf-8"))
    last = Checkpoint.objects.order_by("-size").first()
    assert last is not None
    assert head["statement"]["size"] == last.size == Entry.objects.count()
    signed = json.loads(signed_content(head["signed"], head["keys"], typ=CHECKPOINT_TYPE))
    assert {name: signed[name] for name in head["statement"]} == head["statement"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_everybody_is_told_in_their_language(language: str) -> None:
    texts = {key: text for key, text in PHRASES.of(language).items() if key.startswith("closing.")}
    french = {key: text for key, text in PHRASES.of("fr").items() if key.startswith("closing.")}

    def gaps(text: str) -> set[str | None]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    assert {key: gaps(text) for key, text in texts.items()} == {key: gaps(text) for key, text in french.items()}
    assert len(french) == 3
    assert language == "fr" or not set(texts.values()) & set(french.values())
