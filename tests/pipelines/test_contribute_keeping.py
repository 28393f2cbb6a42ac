"""What is kept of an upload: rejected rows for their sender, own columns for their holder, nothing else at all."""

import csv
import io
import json
import logging
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from datacoop.consent.restricting import restrict
from datacoop.jobs.actions import run_due
from datacoop.lib.workbooks import book
from datacoop.pipelines.contribute import ContributionRefused
from datacoop.pipelines.undoing import undo_last
from datacoop.records.queries import uids_of
from datacoop.records.recognising import Traits
from datacoop.sources.forgetting import erase_due, erase_naming, erase_own_of, erase_rejected
from datacoop.sources.keeping import (
    LONGEST,
    NOTE_COLUMNS,
    list_own,
    list_rejected,
)
from datacoop.sources.models import Contribution, KeptRow
from datacoop.sources.queries import find_list
from datacoop.sources.returning import is_note, own_sheet, rejected_sheet
from tests.api.conftest import caller
from tests.api.world import Caller
from tests.pipelines.pouring import HOLDER, KEY, club, clubs, counts, feed, seen, tables, take, uid_of, verify, write

__all__ = ["caller"]
pytestmark = pytest.mark.django_db(transaction=True)
OWN = {**KEY, "Notre cote": "@own"}


def _source() -> int:
    listed = find_list(holder=HOLDER, kind="organisation")
    assert listed is not None
    return listed.source_id


def _rejected(now: datetime | None = None) -> list[Mapping[str, object]]:
    return [each.row.cells for each in list_rejected(_source(), now=now or datetime.now(UTC))]


def _own() -> dict[str, dict[str, object]]:
    found = dict(list_own(_source()))
    uids = uids_of(found)
    return {str(uids[record_id]): cells for record_id, cells in found.items()}


def _back(tmp_path: Path, mend: Mapping[str, str], name: str = "retour.xlsx") -> Path:
    """The workbook of rejected rows, mended as somebody would: first row, these cells."""
    path = tmp_path / name
    path.write_bytes(book([rejected_sheet(list_rejected(_source(), now=datetime.now(UTC)), language="fr")]))
    mended = openpyxl.load_workbook(path)
    sheet = mended.active
    assert sheet is not None
    headers = [cell.value for cell in sheet[1]]
    for column, text in mend.items():
        sheet.cell(2, headers.index(column) + 1).value = text
    mended.save(path)
    return path


class TestRejectedRows:
    ROWS = (*clubs(4), club(5, Nom="", Adresse="Chemin du Canari 9"))

    def test_are_kept_whole_with_what_is_wrong(self, tmp_path: Path) -> None:
        take(write(tmp_path, self.ROWS))

        (kept,) = list_rejected(_source(), now=datetime.now(UTC))
        assert kept.row.cells == {k: v for k, v in self.ROWS[4].items() if v}
        assert (kept.contribution, kept.row.number) == (1, 6)
        assert [(column, code) for column, code, _ in kept.row.faults] == [("Nom", "name-missing")]
        assert verify() == []

    def test_nothing_of_them_nor_of_others_lies_in_clear(self, tmp_path: Path) -> None:
        take(write(tmp_path, [*self.ROWS, club(6, Divers="Perroquet bleu")]))

        stored = repr(tables())
        assert "Canari" not in stored
        assert "Perroquet" not in stored
        assert KeptRow.objects.count() == 1

    def test_a_dry_run_keeps_nothing(self, tmp_path: Path) -> None:
        before = tables()

        take(write(tmp_path, self.ROWS), dry_run=True)

        assert tables() == before

    def test_a_refused_contribution_keeps_nothing(self, tmp_path: Path) -> None:
        take(write(tmp_path, clubs(9)))

        with pytest.raises(ContributionRefused):
            take(write(tmp_path, self.ROWS))

        assert not KeptRow.objects.exists()

    def test_a_failure_leaves_nothing(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("datacoop.pipelines.contribute.mark_accepted", _fails)

        with pytest.raises(ZeroDivisionError):
            take(write(tmp_path, self.ROWS))

        assert not KeptRow.objects.exists()
        assert not Contribution.objects.exists()

    def test_each_lies_under_a_key_of_its_own(self, tmp_path: Path) -> None:
        take(write(tmp_path, [*self.ROWS, club(6, Nom="")]))
        one, other = KeptRow.objects.order_by("pk")
        assert bytes(one.wrapped or b"") != bytes(other.wrapped or b"")

        KeptRow.objects.filter(pk=one.pk).update(wrapped=None)

        assert [cells["Clé"] for cells in _rejected()] == ["K6"]

    def test_one_is_erased_by_its_name_and_no_other(self, tmp_path: Path) -> None:
        take(write(tmp_path, [*self.ROWS, club(6, Nom="")]))
        first, _ = list_rejected(_source(), now=datetime.now(UTC))

        assert erase_rejected(_source(), first.name)
        assert not erase_rejected(_source(), first.name)

        assert [cells["Clé"] for cells in _rejected()] == ["K6"]

    @pytest.mark.parametrize(
        "traits",
        [
            Traits(names=frozenset({frozenset({"canari", "jeanne"})})),
            Traits(emails=frozenset({"jeanne@canari.example.org"})),
            Traits(phones=frozenset({"795551234"})),
        ],
    )
    def test_an_erasure_reaches_the_rows_that_name_somebody(self, tmp_path: Path, traits: Traits) -> None:
        about = club(6, Nom="", Contact="Jeanne Canari", Mail="jeanne@canari.example.org", Tel="079 555 12 34")
        take(write(tmp_path, [*self.ROWS, about]))

        assert erase_naming(traits) == 1
        assert [cells["Clé"] for cells in _rejected()] == ["K5"]

    def test_after_thirty_days_only_digests_are_left(self, tmp_path: Path) -> None:
        take(write(tmp_path, self.ROWS))
        later = datetime.now(UTC) + LONGEST
        assert timedelta(days=30) >= LONGEST

        assert _rejected(later - timedelta(minutes=5)) != []
        assert _rejected(later) == []
        assert erase_due(now=later) == 1

        (row,) = KeptRow.objects.all()
        assert (row.wrapped, row.sealed) == (None, None)
        assert row.digest
        assert erase_due(now=later) == 0

    def test_the_job_erases_in_time(self, tmp_path: Path) -> None:
        take(write(tmp_path, self.ROWS))

        run_due(datetime.now(UTC) + LONGEST)

        assert not KeptRow.objects.filter(wrapped__isnull=False).exists()

    def test_go_when_they_are_taken(self, tmp_path: Path) -> None:
        take(write(tmp_path, self.ROWS))

        take(write(tmp_path, [*clubs(4), club(5)]))

        assert not KeptRow.objects.exists()

    def test_stay_while_other_rows_are_taken(self, tmp_path: Path) -> None:
        take(write(tmp_path, self.ROWS))

        take(write(tmp_path, clubs(4)))

        assert [cells["Clé"] for cells in _rejected()] == ["K5"]

    def test_rejected_again_they_are_kept_once(self, tmp_path: Path) -> None:
        take(write(tmp_path, self.ROWS))

        take(
            write(
                tmp_path,
                [
                    *clubs(
                        4,
                    ),
                    club(5, Nom="", Adresse="Ailleurs 3"),
                ],
            )
        )

        (kept,) = list_rejected(_source(), now=datetime.now(UTC))
        assert kept.row.cells["Adresse"] == "Ailleurs 3"

    def test_without_a_key_they_are_known_by_the_rest_of_their_cells(self, tmp_path: Path) -> None:
        def bare(rows: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
            return [{k: v for k, v in row.items() if k != "Clé"} for row in rows]

        take(write(tmp_path, bare([*self.ROWS, club(6, Nom="")])), mapping={})

        take(_back(tmp_path, {"Nom": "Club retrouvé"}), mapping={}, partial=True)

        (left,) = _rejected()
        assert left["Adresse"] == "Rue de l'Exemple 6"


def _save(path: Path, rows: Sequence[Sequence[str]], *, merged: bool) -> None:
    """A workbook whose first row groups the columns below it, as merged cells or with gaps."""
    made = openpyxl.Workbook()
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append([cell or None for cell in row])
    for cells in ("A1:B1", "C1:E1", "F1:G1") if merged else ():
        sheet.merge_cells(cells)
    made.save(path)


def _fails(*_: object, **__: object) -> None:
    raise ZeroDivisionError


class TestTheSameWorkbook:
    ROWS = (
        club(1, Remarque="=1+1"), club(2),
        club(5, Nom="", Remarque='=HYPERLINK("x")', Adresse="+Chemin 9", Localité="Lau\u202esanne\x07"),
    )  # fmt: skip

    def _book(self, tmp_path: Path) -> Any:
        take(write(tmp_path, self.ROWS))
        data = book([rejected_sheet(list_rejected(_source(), now=datetime.now(UTC)), language="fr")])
        return openpyxl.load_workbook(io.BytesIO(data))

    def test_has_their_columns_in_their_order_and_one_more(self, tmp_path: Path) -> None:
        sheet = self._book(tmp_path).active

        headers = [cell.value for cell in sheet[1]]
        assert headers == [*self.ROWS[0], "À corriger"]
        assert sheet.max_row == 2
        note = sheet.cell(2, len(headers)).value
        assert note == "Nom: The row has no name."
        coloured = {headers[cell.column - 1] for cell in sheet[2] if cell.fill.fgColor.rgb not in {"00000000", None}}
        assert coloured == {"Nom", "À corriger"}

    GROUPED = (
        ("Association", "", "Siège", "", "", "Bureau", ""),
        ("Clé", "Nom", "Adresse", "NPA", "Localité", "E-mail", "Téléphone"),
        *(tuple(club(n).values()) for n in range(1, 5)),
    )

    @pytest.mark.parametrize("merged", [True, False])
    def test_of_a_list_with_two_rows_of_names_is_read_as_the_list_was(self, tmp_path: Path, merged: bool) -> None:
        sent, whole = tmp_path / "liste.xlsx", tmp_path / "entière.xlsx"
        right = tuple(club(5).values())
        _save(sent, [*self.GROUPED, (right[0], "", *right[2:])], merged=merged)
        _save(whole, [*self.GROUPED, right], merged=merged)
        mapping = {"Association.Clé": "id"}
        first = take(sent, mapping=mapping)
        assert (first.counts["accepted"], first.counts["rejected"], first.header_row) == (4, 1, 2)

        mended = take(_back(tmp_path, {"Association.Nom": right[1]}), partial=True)

        assert (mended.counts["new"], mended.counts["rejected"], _rejected()) == (1, 0, [])
        told = {each["column"]: each["property"] for each in first.mapping}
        assert {each["column"]: each["property"] for each in mended.mapping} == {**told, "À corriger": None}
        again = take(whole, mapping=mapping)
        assert (again.counts["unchanged"], again.counts["new"], again.counts["changed"]) == (5, 0, 0)

    def test_holds_text_alone(self, tmp_path: Path) -> None:
        sheet = self._book(tmp_path).active

        cells = {sheet.cell(1, cell.column).value: cell for cell in sheet[2] if cell.value}
        assert {cell.data_type for cell in cells.values()} == {"s"}
        assert cells["Remarque"].value == '=HYPERLINK("x")'
        assert all(cell.quotePrefix for cell in cells.values())
        assert cells["Localité"].value == "Lausanne"

    def test_names_nobody_as_its_author(self, tmp_path: Path) -> None:
        properties = self._book(tmp_path).properties
        assert not properties.creator
        assert not properties.lastModifiedBy

    def test_mended_it_completes_the_list(self, tmp_path: Path) -> None:
        self._book(tmp_path)

        report = take(_back(tmp_path, {"Nom": "Club retrouvé"}), partial=True)

        assert counts(report, "read", "accepted", "rejected", "vanished") == (1, 1, 0, 0)
        assert "Club retrouvé" in seen()
        assert len(seen()) == 3
        assert _rejected() == []
        assert verify() == []

    @pytest.mark.parametrize("note", sorted(NOTE_COLUMNS.values()))
    def test_its_note_means_nothing_when_it_is_read_again(self, tmp_path: Path, note: str) -> None:
        report = take(write(tmp_path, [club(1, **{note: "Nom: The row has no name."})]))

        assert is_note(note)
        assert next(m for m in report.mapping if m["column"] == note)["property"] is None
        assert "has no name" not in repr(tables())


class TestOwnColumns:
    ROWS = [club(n, **{"Notre cote": f"Perroquet {n}"}) for n in (1, 2, 3)]

    def test_are_kept_for_their_holder_alone(self, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG):
            report = take(write(tmp_path, self.ROWS), mapping=OWN)

        assert _own() == {str(uid_of(f"K{n}")): {"Clé": f"K{n}", "Notre cote": f"Perroquet {n}"} for n in (1, 2, 3)}
        everywhere = repr(tables()) + repr(feed()) + repr(seen()) + caplog.text + repr(report.as_json())
        assert "Perroquet" not in everywhere
        told = next(m for m in report.mapping if m["column"] == "Notre cote")
        assert (told["property"], told["own"]) == (None, True)
        assert verify() == []

    def test_no_answer_depends_on_them(self, tmp_path: Path, caller: Caller) -> None:
        take(write(tmp_path, [*self.ROWS, club(4, Nom="", Adresse="Chemin du Canari 9")]), mapping=OWN)
        uid = uid_of("K1")
        paths = [
            "organisations?q=perroquet", "organisations?q=canari", f"organisations/{uid}", "organisations/facets",
            "organisations", "changes", *(f"exports/organisations.{f}" for f in ("csv", "ndjson", "geojson", "jsonld")),
        ]  # fmt: skip

        answers = [caller.get(f"/api/v1/{path}") for path in paths]

        assert {each.status for each in answers} == {200}
        assert [json.loads(each.body)["items"] for each in answers[:2]] == [[], []]
        assert not any(word in each.body for each in answers for word in (b"Perroquet", b"Notre cote", b"Canari"))

    def test_are_kept_only_when_somebody_says_so(self, tmp_path: Path) -> None:
        take(write(tmp_path, self.ROWS))

        assert not KeptRow.objects.exists()

    def test_the_same_file_twice_writes_nothing(self, tmp_path: Path) -> None:
        path = write(tmp_path, self.ROWS)
        take(path, mapping=OWN)
        before = list(KeptRow.objects.order_by("pk").values_list("pk", flat=True))

        take(path, mapping=OWN)

        assert list(KeptRow.objects.order_by("pk").values_list("pk", flat=True)) == before

    def test_change_by_themselves(self, tmp_path: Path) -> None:
        take(write(tmp_path, self.ROWS), mapping=OWN)
        rows = [{**self.ROWS[0], "Notre cote": "Autre"}, {**self.ROWS[1], "Notre cote": ""}, self.ROWS[2]]

        report = take(write(tmp_path, rows), mapping=OWN)

        assert counts(report, "unchanged") == (3,)
        assert _own() == {
            str(uid_of("K1")): {"Clé": "K1", "Notre cote": "Autre"},
            str(uid_of("K3")): {"Clé": "K3", "Notre cote": "Perroquet 3"},
        }  # fmt: skip
        assert KeptRow.objects.count() == 2

    def test_go_with_their_row(self, tmp_path: Path) -> None:
        take(write(tmp_path, [*self.ROWS, *clubs(9)[3:]]), mapping=OWN)

        take(write(tmp_path, [*self.ROWS[1:], *clubs(9)[3:]]), mapping=OWN)

        assert str(uid_of("K1")) not in _own()
        assert KeptRow.objects.count() == 2

    def test_stay_in_a_delivery_of_a_part(self, tmp_path: Path) -> None:
        take(write(tmp_path, self.ROWS), mapping=OWN)

        take(write(tmp_path, [self.ROWS[0]]), mapping=OWN, partial=True)

        assert len(_own()) == 3

    def test_a_failure_leaves_those_of_before(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        take(write(tmp_path, self.ROWS), mapping=OWN)
        before = _own()
        monkeypatch.setattr("datacoop.pipelines.contribute.mark_accepted", _fails)

        with pytest.raises(ZeroDivisionError):
            take(write(tmp_path, [club(1, **{"Notre cote": "Autre", "Nom": "Autre"}), *self.ROWS[1:]]), mapping=OWN)

        assert _own() == before

    def test_go_when_their_contribution_is_undone(self, tmp_path: Path) -> None:
        take(write(tmp_path, self.ROWS))
        take(write(tmp_path, [club(1, Nom="Autre", **{"Notre cote": "Perroquet"}), *self.ROWS[1:]]), mapping=OWN)
        assert len(_own()) == 3

        undo_last(source_id=_source(), actor="steward:test")

        assert not KeptRow.objects.exists()

    def test_an_erasure_reaches_them(self, tmp_path: Path) -> None:
        take(write(tmp_path, self.ROWS), mapping=OWN)
        (record_id,) = (i for i, cells in list_own(_source()) if cells["Notre cote"] == "Perroquet 2")

        erase_own_of([record_id])

        assert len(_own()) == 2

    def test_those_of_a_restricted_record_come_back_to_nobody(self, tmp_path: Path) -> None:
        take(write(tmp_path, self.ROWS), mapping=OWN)

        restrict(uid=uid_of("K2"), ground="test", actor="steward:test", now=datetime.now(UTC))

        assert sorted(str(cells["Notre cote"]) for cells in _own().values()) == ["Perroquet 1", "Perroquet 3"]

    def test_a_column_about_persons_stays_one(self, tmp_path: Path) -> None:
        rows = [club(n, Président="Jeanne Canari", Téléphone="079 555 12 34") for n in (1,)]

        take(write(tmp_path, rows), mapping={**KEY, "Président": "@own"})

        assert not KeptRow.objects.exists()
        assert "phones" not in repr(seen())

    def test_come_back_as_a_workbook(self, tmp_path: Path) -> None:
        take(write(tmp_path, self.ROWS), mapping=OWN)

        data = book([own_sheet("Liste", ["Notre cote"], [("=Club", cells) for _, cells in list_own(_source())])])

        sheet = openpyxl.load_workbook(io.BytesIO(data)).active
        assert sheet is not None
        assert sorted(str(row[1]) for row in sheet.iter_rows(min_row=2, values_only=True)) == [
            "Perroquet 1", "Perroquet 2", "Perroquet 3",
        ]  # fmt: skip
        assert sheet["A2"].data_type == "s"


class TestPersons:
    def test_counts_who_would_have_to_be_told(self, tmp_path: Path) -> None:
        rows = [
            club(1, Président="Jeanne Canari", Caissier="Paul Merle"), club(2, Président="Canari Jeanne"),
            club(3, Président=""), club(4, Nom="", Président="Luc Pinson"),
        ]  # fmt: skip

        assert [take(write(tmp_path, rows), dry_run=dry).counts["persons"] for dry in (True, False)] == [2, 2]

    def test_nobody_is_counted_in_a_list_without_them(self, tmp_path: Path) -> None:
        assert take(write(tmp_path, clubs(3))).counts["persons"] == 0


class TestNamesOfColumns:
    def test_those_that_become_nothing_lose_their_contacts_and_stay_decided(self, tmp_path: Path) -> None:
        telling = "Site internet de zq.canari@example.org 079 555 13 09"
        path = write(tmp_path, [club(1, **{telling: "https://club.example.ch"})])
        take(path, mapping={**KEY, telling: None})

        report = take(path, mapping={})

        assert [column["property"] for column in report.mapping if column["column"] == telling] == [None]
        assert "website" not in repr(seen())
        assert not [shown for shown in ("canari", "555 13 09") if shown in repr(tables())]


class TestFileNames:
    def test_contacts_in_them_are_masked(self, tmp_path: Path) -> None:
        path = write(tmp_path, clubs(2), "Liste jeanne.canari@example.org 079 555 12 34.csv")

        report = take(path)

        assert Contribution.objects.get().file_names == ["Liste … ….csv"]
        assert report.files == [path.name]
        assert "canari" not in repr(tables())

    def test_what_a_workbook_says_of_its_authors_is_not_read(self, tmp_path: Path) -> None:
        rows = list(csv.reader(write(tmp_path, clubs(2)).read_text("utf-8").splitlines(), delimiter=";"))
        made = openpyxl.Workbook()
        assert made.active is not None
        for row in rows:
            made.active.append(row)
        made.properties.creator, made.properties.lastModifiedBy = "Jeanne Canari", "Paul Merle"
        made.properties.description = "Perroquet 079 555 12 34"
        made.active["B2"].comment = openpyxl.comments.Comment("Pinson", "Luc Pinson")
        made.save(tmp_path / "liste.xlsx")

        assert take(tmp_path / "liste.xlsx").counts["accepted"] == 2

        assert not any(name in repr(tables()) for name in ("Canari", "Merle", "Perroquet", "Pinson"))
