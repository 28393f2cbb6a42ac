"""Law 8: erasure is complete, at once in every table, and no list brings anybody back."""

import json
import logging
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection, transaction

from datacoop.accounts.actions import give_mandate, open_account
from datacoop.accounts.models import Account, Mandate
from datacoop.accounts.rules import SELF
from datacoop.consent.actions import Wish, decide
from datacoop.consent.models import Decision
from datacoop.directory.actions import Letter, keep_message
from datacoop.disclosure import purging
from datacoop.disclosure.describe import self_body
from datacoop.disclosure.purging import PURGE
from datacoop.disclosure.reading import open_reading
from datacoop.jobs.actions import run_due
from datacoop.jobs.models import Job
from datacoop.kinds.definition import kind
from datacoop.ledger import rules
from datacoop.ledger.actions import append
from datacoop.ledger.queries import verify_chain
from datacoop.lib.sql import execute
from datacoop.records import withdrawals
from datacoop.records.actions.erasing import erase_subjects
from datacoop.records.actions.publishing import add_source
from datacoop.records.actions.revising import revision
from datacoop.records.actions.staging import StagedRow, Staging, accept, open_staging, stage
from datacoop.records.actions.stating import release
from datacoop.records.models import Envelope, Record, Statement, Suppression
from datacoop.records.rules import id_of
from datacoop.records.storing import Said
from datacoop.rights.links import LETTER, Wanted, make_links, note_held
from datacoop.rights.models import Link, Report
from tests.laws.searching import tables_with
from tests.pipelines.pouring import answer, club, clubs, feed, seen, take, uid_of, verify, write

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2026, 11, 20, tzinfo=UTC)
NAME, EMAIL, PHONE = "Zéphyrine Canariprivé", "zephyrine.canari@canari.example.org", "079 555 66 77"
#: As the tables would show them: folded in the text index, digits as they are stored.
CANARIES = [
    "Canariprivé",
    "canariprive",
    "zephyrine.canari",
    "canari.example.org",
    "795556677",
    "79 555 66 77",
    "raisoncanari",
    "lettrecanari",
]
ROWS = [
    *clubs(3),
    club(4, Présidente=NAME, **{"Mail présidente": EMAIL}),
    # What her club says of her: in its own envelope, in a text, in a row that could not be taken.
    club(5, **{"E-mail": EMAIL, "Description": f"Chœur mixte. Inscriptions: {EMAIL}"}),
    club(6, Nom="", Contact=NAME),
]


@pytest.fixture(autouse=True)
def fresh_log() -> Iterator[None]:
    withdrawals.path().unlink(missing_ok=True)
    yield
    withdrawals.path().unlink(missing_ok=True)


def _take(folder: Path, rows: list[dict[str, str]] | None = None, **asked: object) -> None:
    take(write(folder, rows or ROWS), **{"with_persons": True, **asked})


def _person() -> Record:
    (found,) = Record.objects.filter(kind="person")
    return found


def _erasable() -> Record:
    """Hers of the list that was accepted."""
    said = Statement.objects.filter(record__kind="person", source__accepted__gt=0)
    return Record.objects.get(id=said.values_list("record_id", flat=True)[0])


def _shown(person: Record) -> None:
    """She decided that everybody sees her, everywhere."""
    with revision(actor="test", now=NOW, why="told") as draft:
        for number in (person.id, *Record.objects.filter(subject_id=person.id).values_list("id", flat=True)):
            release(draft, record_id=number)
    for record in Record.objects.filter(subject_id=person.id) | Record.objects.filter(id=person.id):
        for name in [None, *(p.name for p in kind(record.kind).properties)]:
            decide(uid=record.uid, wish=Wish("public", True, name), actor="subject", reason="raisoncanari", now=NOW)


def _erase(record: Record, **asked: object) -> None:
    erase_subjects(subject_ids=[record.id], actor="steward:test", now=NOW, why="erasure", **asked)  # type: ignore[arg-type]


def _canaries_in_files() -> list[str]:
    """Which of what was published of her stands in the bytes of the database's files."""
    name = str(connection.settings_dict["NAME"])
    content = b"".join(Path(name + end).read_bytes() for end in ("", "-wal") if Path(name + end).exists())
    return [each for each in CANARIES if each.encode() in content]


class TestAPerson:
    def test_is_gone_from_every_table_at_once(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        _take(tmp_path)
        person = _person()
        _shown(person)
        account = open_account(email=EMAIL, name=NAME, now=NOW)
        give_mandate(account_id=account.id, subject_uid=person.uid, scope=SELF, valid_from=NOW)
        keep_message(record_uid=uid_of("K1"), letter=Letter(NAME, EMAIL, "Bonjour", "fr"), now=NOW)
        keep_message(record_uid=person.uid, letter=Letter("Un voisin", "v@example.org", "Lettrecanari", "fr"), now=NOW)
        assert tables_with(CANARIES), "or nothing is looked for"
        assert "Canariprivé" in json.dumps(self_body(uid=person.uid, now=NOW), ensure_ascii=False)

        _erase(person)

        left = [each for each in tables_with(CANARIES) if not each.startswith("disclosure_words_")]
        assert left == []
        assert not Envelope.objects.filter(subject_id=person.id).exists()
        assert not Statement.objects.filter(record_id=person.id).exists()
        assert not Mandate.objects.filter(subject_uid=person.uid).exists()
        assert not Account.objects.filter(email=EMAIL).exists()
        assert not any(each in caplog.text for each in CANARIES)
        assert verify() == []

    def test_no_number_of_an_account_leads_to_whoever_is_erased(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Rows forget which account it was; in the ledger, which cannot change, its number is nobody's for ever."""
        _take(tmp_path)
        person = _person()
        number = open_account(email=EMAIL, name=NAME, now=NOW).pk
        give_mandate(account_id=number, subject_uid=person.uid, scope=SELF, valid_from=NOW)
        by = f"account:{number}"
        decide(uid=uid_of("K1"), wish=Wish("public", False, "email"), actor=by, reason="", now=NOW)
        report = Report.objects.create(
            kind="gone", record_uid=uid_of("K1"), language="fr", created_at=NOW, settled_at=NOW, settled_by=by
        )
        (link,) = make_links([Wanted(uid_of("K1"), LETTER)], now=NOW)
        note_held([link], actor="steward:3")
        note_held([link], actor=by)
        with monkeypatch.context() as before, transaction.atomic():
            before.setattr(rules, "nameless", dict)  # entries of earlier versions
            append(at=NOW, kind="rights.settled", payload={"actor": by})
        assert {each.partition(".")[0] for each in tables_with([by])} >= {
            "consent_decision", "records_revision", "rights_report", "rights_link", "ledger_entry"
        }  # fmt: skip

        _erase(person)

        assert [each for each in tables_with([by]) if not each.startswith("ledger_entry.")] == []
        assert Decision.objects.get(record_id=id_of(uid_of("K1"))).actor == "account"
        report.refresh_from_db()
        assert report.settled_by == "account"
        assert Link.objects.get(pk=link).held_by == "account steward:3"
        for model in apps.get_models():
            columns = [each.name for each in model._meta.concrete_fields if each.related_model is Account]
            for column in ["pk"] if model is Account else columns:
                assert not model._default_manager.filter(**{column: number}).exists(), (model, column)
        assert open_account(email="autre@example.org", name="", now=NOW).pk != number, "no number is given twice"
        assert verify_chain() == []

    def test_what_an_account_decided_is_found_without_reading_every_decision(self) -> None:
        if connection.vendor != "sqlite":
            pytest.skip("PostgreSQL reads a table as small as this one whole")
        assert "consent_decision_actor" in Decision.objects.filter(actor__in=["account:1"]).explain()

    def test_is_gone_from_the_bytes_of_file_log_and_text_index_after_the_purge(self, tmp_path: Path) -> None:
        if connection.vendor != "sqlite":
            pytest.skip("PostgreSQL's files are its own; docs/operate says what remains there and for how long")
        _take(tmp_path)
        person = _person()
        _shown(person)
        assert _canaries_in_files(), "or nothing is looked for"

        _erase(person)
        assert _canaries_in_files(), "or there is nothing to purge"
        assert Job.objects.filter(name=PURGE).count() == 1
        run_due(datetime.now(UTC))

        assert _canaries_in_files() == []
        assert not Job.objects.filter(name=PURGE).exists()
        assert seen()

    def test_is_gone_from_the_segments_of_the_text_index_after_the_purge(self) -> None:
        if connection.vendor != "sqlite":
            pytest.skip("PostgreSQL has no such segments")
        row = "INSERT INTO disclosure_words_public (rowid, name, text, deeper) VALUES (%s, %s, '', '')"
        for number in range(1, 4):
            execute(row, [number, f"aaa{number} canariprive zzz{number}"])
        execute("DELETE FROM disclosure_words_public WHERE rowid = 2", [])
        execute("DELETE FROM disclosure_words_public WHERE rowid = 3", [])
        execute("DELETE FROM disclosure_words_public WHERE rowid = 1", [])
        execute(row, [4, "autrechose"])
        assert tables_with(["canariprive"]), "or nothing is looked for"

        purging.purge(now=NOW)

        assert tables_with(["canariprive"]) == []
        assert tables_with(["autrechose"])

    def test_is_purged_when_readers_leave(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        if connection.vendor != "sqlite":
            pytest.skip("PostgreSQL waits for no reader")
        monkeypatch.setattr(purging, "_TRIES", 2)
        _take(tmp_path)
        person = _person()
        _shown(person)
        reader = open_reading()
        with closing(reader), reader.snapshot():
            reader.rows("SELECT COUNT(*) FROM records_record")
            _erase(person)
            with pytest.raises(purging.LogInUse):
                purging.purge(now=NOW)
        purging.purge(now=NOW)
        assert _canaries_in_files() == []

    def test_is_told_deleted_to_whoever_reads_the_feed(self, tmp_path: Path) -> None:
        _take(tmp_path)
        person = _person()
        _shown(person)
        role = Record.objects.get(kind="role")
        assert answer(role.uid, "role") is not None

        _erase(person)

        assert answer(role.uid, "role") is None
        assert {i["state"] for i in feed() if i["id"] in {str(role.uid), str(person.uid)}} == {"deleted"}

    def test_leaves_the_organisation_that_named_her(self, tmp_path: Path) -> None:
        _take(tmp_path)
        before = seen()
        _erase(_person())

        assert seen() == before

    @pytest.mark.parametrize("again", ["same list", "changed row", "other list", "other function"])
    def test_is_not_brought_back_by_a_list(self, tmp_path: Path, again: str) -> None:
        _take(tmp_path)
        _erase(_person())
        rows, asked = [dict(row) for row in ROWS], {}
        rows[0]["Nom"] = "Club renommé"
        if again == "changed row":
            rows[3]["Téléphone"] = "021 555 99 99"
            rows[4]["Téléphone"] = "021 555 99 98"
        if again == "other list":
            asked = {"holder": "Union des sociétés"}
        if again == "other function":
            rows[3] |= {"Présidente": "", "Mail présidente": "", "Caissière": NAME, "Mail caissière": EMAIL}

        _take(tmp_path, rows, **asked)

        assert _readable_of_her() == []
        assert verify() == []

    def test_is_not_brought_back_without_an_address_where_she_was_named(self, tmp_path: Path) -> None:
        _take(tmp_path, [club(4, Présidente=NAME)])
        _erase(_person())

        _take(tmp_path, [club(4, Présidente=NAME)], holder="Union des sociétés")

        assert _readable_of_her() == []

    def test_a_namesake_elsewhere_is_somebody_else(self, tmp_path: Path) -> None:
        _take(tmp_path, [club(4, Présidente=NAME)])
        _erase(_person())

        _take(tmp_path, [club(7, Présidente=NAME)], holder="Union des sociétés")

        assert _readable_of_her() != []

    def test_whoever_sends_the_list_is_answered_as_ever(self, tmp_path: Path) -> None:
        first = take(write(tmp_path, ROWS), with_persons=True, holder="Une").for_holder()
        _erase(_person())
        again = take(write(tmp_path, ROWS), with_persons=True, holder="Autre").for_holder()

        assert {**again, "holder": None} == {**first, "holder": None}

    def test_who_was_only_never_told_may_be_named_again(self, tmp_path: Path) -> None:
        _take(tmp_path)
        _erase(_person(), returns=True)
        assert _readable_of_her() == []

        _take(tmp_path, [*ROWS, club(9)])

        assert _readable_of_her() != []

    def test_suppression_is_keyed_digests_alone(self, tmp_path: Path) -> None:
        _take(tmp_path)
        _erase(_person())

        assert Suppression.objects.count() >= 4
        assert all(len(bytes(each.digest)) == 16 for each in Suppression.objects.all())


class TestAnImportUnderWay:
    def _staged(self, told: list[Said]) -> tuple[Staging, list[int]]:
        number = add_source(holder_uid=uuid4(), holder="Autre", name="liste", kind="person")
        staging = open_staging(source_id=number, now=NOW)
        person = stage(staging, kind="person", rows=[StagedRow(None, told)], quarantined=True)
        role = StagedRow(None, [Said("person", "", refers=person[0]), Said("role", "president")], person[0])
        return staging, [*person, *stage(staging, kind="role", rows=[role], quarantined=True)]

    def _accepted(self, staging: Staging) -> None:
        with revision(actor="test", now=NOW, why="contribution") as draft:
            accept(draft, staging)

    def test_does_not_bring_back_who_is_erased_before_it_is_accepted(self, tmp_path: Path) -> None:
        _take(tmp_path)
        staging, ids = self._staged([Said("name", NAME), Said("email", EMAIL)])
        _erase(_erasable())
        self._accepted(staging)

        assert _readable_of_her() == []
        assert not Statement.objects.filter(record_id__in=ids).exists()

    def test_brings_whoever_else_it_names(self, tmp_path: Path) -> None:
        _take(tmp_path)
        staging, ids = self._staged([Said("name", NAME), Said("email", "autre@example.org")])
        _erase(_erasable())
        self._accepted(staging)

        assert {s.record_id for s in Statement.objects.filter(record_id__in=ids)} == set(ids)


class TestAnOrganisation:
    CANARY = "Chœur Canarivoix"

    def _row(self, **cells: str) -> dict[str, str]:
        return club(8, Nom=self.CANARY, **cells)

    def test_is_gone_from_every_table_at_once(self, tmp_path: Path) -> None:
        _take(tmp_path, [*clubs(3), self._row(), self._row(Clé="K9", NPA="1006")])
        record = Record.objects.get(uid=uid_of("K8"))
        assert tables_with(["canarivoix"])

        erase_subjects(subject_ids=[record.id, id_of(uid_of("K9"))], actor="steward:test", now=NOW, why="erasure")

        assert [each for each in tables_with(["canarivoix"]) if not each.startswith("disclosure_words_")] == []
        assert len(seen()) == 3
        assert verify() == []

    def test_is_not_brought_back_by_another_list_nor_linked_to(self, tmp_path: Path) -> None:
        _take(tmp_path, [*clubs(3), self._row()])
        _erase(Record.objects.get(uid=uid_of("K8")))

        _take(tmp_path, [*clubs(3), self._row(Clé="X8")], holder="Union des sociétés")
        _take(tmp_path, [*clubs(3), self._row(Téléphone="021 555 44 33")])

        assert [each for each in tables_with(["canarivoix"]) if not each.startswith("disclosure_words_")] == []
        assert len(seen()) == 3
        assert verify() == []


class TestTheLog:
    def test_an_erasure_is_on_the_disk_before_it_succeeds(self, tmp_path: Path) -> None:
        _take(tmp_path)
        person = _person()
        _erase(person)

        found = list(withdrawals.lines(withdrawals.path().read_bytes()))

        (line,) = [each for each in found if each.record == withdrawals.record_digest(person.uid)]
        assert (line.verb, line.kind) == ("erased", "person")
        assert set(line.known_by) >= {bytes(s.digest) for s in Suppression.objects.filter(record_id=person.id)}
        content = withdrawals.path().read_text()
        assert not any(each in content for each in [*CANARIES, str(person.uid), f"{person.id:x}"])

    def test_no_log_no_erasure(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        _take(tmp_path)
        person = _person()
        monkeypatch.setattr(withdrawals, "path", lambda: Path("/proc/nowhere/withdrawals.log"))

        with pytest.raises(OSError):
            _erase(person)

        assert Statement.objects.filter(record_id=person.id).exists()


def _readable_of_her() -> list[str]:
    """What an envelope that can be opened still says of her, wherever it lies."""
    from datacoop.records.actions.erasing import _told  # noqa: PLC0415

    told = _told(Record.objects.all())
    values = [json.dumps(value, ensure_ascii=False) for several in told.values() for _, value in several]
    return [text for text in values if "Canariprivé" in text or "zephyrine.canari" in text]
