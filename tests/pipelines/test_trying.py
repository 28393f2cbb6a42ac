"""Trying a list: what is noticed in it, and what of the file comes back."""

import csv
import io
import json
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoop.pipelines.trying import domains, held
from datacoop.pipelines.trying.examining import Setting
from datacoop.pipelines.trying.marking import FILLS, inert
from datacoop.pipelines.trying.separated import Separated, _records
from datacoop.sources.localities import save_localities
from tests.pipelines.lists_to_try import (
    CHOIR,
    CLUB,
    HEAD,
    LOCALITIES,
    OVEN,
    TODAY,
    data_folder,
    first_sheet,
    gaps_of,
    separated,
    told,
    try_file,
    workbook,
)
from tests.sources.workbooks import ods, xls

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> Iterator[Path]:
    with data_folder(tmp_path / "data"):
        yield tmp_path / "data"


def with_cell(row: list[str], column: str, value: str) -> list[str]:
    return [value if name == column else cell for name, cell in zip(HEAD, row, strict=True)]


def try_rows(*rows: list[str], head: list[str] | None = None) -> held.Held:
    return try_file(separated([head or HEAD, *rows]), "liste.csv")


class TestChecks:
    def test_find_nothing_in_a_list_in_order(self) -> None:
        assert told(try_rows(CHOIR, OVEN, CLUB)) == set()

    @pytest.mark.parametrize(
        ("column", "value", "code"),
        [
            ("Nom", "", "name-missing"),
            ("E-mail", "info(at)clairiere", "email-unreadable"),
            ("E-mail", "info@gmial.com", "domain-typo"),
            ("E-mail", "info@bluewin.cg", "domain-typo"),
            ("E-mail", "info@clairiere.orgg", "domain-ending"),
            ("Site web", "https://clairiere.chh", "domain-ending"),
            ("Téléphone", "021 55", "phone-unreadable"),
            ("NPA", "1203", "postcode-elsewhere"),
            ("NPA", "1999", "postcode-unknown"),
        ],
    )
    def test_find_what_is_wrong_with_one_cell(self, column: str, value: str, code: str) -> None:
        found = try_rows(OVEN, with_cell(CHOIR, column, value), CLUB)
        assert told(found) == {(3, column, code)}

    def test_say_where_a_postcode_belongs(self) -> None:
        found = try_rows(with_cell(CHOIR, "NPA", "1203"))
        assert gaps_of(found, "postcode-elsewhere") == [{"postcode": "1203", "place": "Genève", "city": "Lausanne"}]

    def test_leave_the_postcodes_of_boxes_alone(self) -> None:
        assert told(try_rows(with_cell(CHOIR, "NPA", "1001"))) == set()

    def test_say_nothing_of_postcodes_where_no_list_of_them_was_loaded(self, folder: Path) -> None:
        (folder / "localities.json").unlink()
        found = try_rows(with_cell(CHOIR, "NPA", "1999"))
        assert told(found) == set()
        assert found.report["postcodes_judged"] is False

    def test_judge_postcodes_once_a_list_of_them_is_loaded(self, folder: Path) -> None:
        (folder / "localities.json").unlink()
        try_rows(CHOIR)
        save_localities(LOCALITIES, folder)
        found = try_rows(CHOIR, with_cell(OVEN, "NPA", "1999"))
        assert "postcode-unknown" in {code for _row, _column, code in told(found)}
        assert found.report["postcodes_judged"] is True

    def test_find_a_postcode_of_five_digits_beside_a_swiss_town(self) -> None:
        assert told(try_rows(OVEN, with_cell(CHOIR, "NPA", "99999"), CLUB)) == {(3, "NPA", "postal-code-unreadable")}

    def test_leave_headings_and_totals_out(self) -> None:
        heading, total = (["SPORTS", *[""] * (len(HEAD) - 1)], ["Total : 3", *[""] * (len(HEAD) - 1)])
        found = try_rows(CHOIR, heading, OVEN, CLUB, total)
        assert told(found) == set()
        assert (found.report["rows"], found.report["left_out"]) == (3, [3, 6])

    def test_doubt_a_menu_as_an_import_does(self) -> None:
        menu = [[f"Plat numéro {n}", f"CHF {10 + n}.50"] for n in range(8)]
        assert try_rows(*menu, head=["Nom", "Prix"]).report["doubt"][0] == "like-a-price-list"
        assert try_rows(CHOIR, OVEN, CLUB).report["doubt"] is None

    def test_say_once_that_there_are_no_names(self) -> None:
        found = try_rows(*(["1005", "Lausanne"] for _ in range(5)), head=["NPA", "Localité"])
        assert told(found) == set()
        assert found.report["has_names"] is False
        assert try_rows(CHOIR).report["has_names"] is True

    def test_find_days_to_come_in_a_column_of_past_ones(self) -> None:
        rows = [[f"Club {letter}", f"1{number}.05.2019"] for number, letter in enumerate("ABCDEFGHI")]
        found = try_rows(*rows, ["Club Z", "13.05.2031"], head=["Nom", "Entrée"])
        assert told(found) == {(11, "Entrée", "date-future")}

    def test_leave_a_column_of_days_to_come_alone(self) -> None:
        rows = [[f"Club {letter}", f"1{number}.05.2031"] for number, letter in enumerate("ABCDEFGHI")]
        assert told(try_rows(*rows, head=["Nom", "Échéance"])) == set()

    def test_find_coordinates_that_changed_places_or_lie_far_away(self) -> None:
        head = ["Nom", "NPA", "Localité", "Latitude", "Longitude"]
        found = try_rows(
            ["Club Un", "1005", "Lausanne", "46.52", "6.64"],
            ["Ligue Deux", "1005", "Lausanne", "6.64", "46.52"],
            ["Cercle Trois", "1005", "Lausanne", "46.21", "6.13"],
            head=head,
        )
        assert told(found) == {(3, "Latitude", "coordinates-swapped"), (4, "Latitude", "far-from-place")}
        assert gaps_of(found, "far-from-place")[0]["place"] == "Lausanne"

    def test_count_people_named_and_contacts_of_theirs(self) -> None:
        head = ["Nom", "Localité", "E-mail", "Présidente"]
        found = try_rows(
            ["Club Un", "Lausanne", "ada.exemple@example.org", "Ada Exemple"],
            ["Ligue Deux", "Lausanne", "info@deux.example.org", "Ada Exemple"],
            ["Cercle Trois", "Lausanne", "", "Léa Exemple"],
            head=head,
        )
        report = found.report
        assert (report["persons"], report["person_columns"], report["personal_contacts"]) == (2, ["Présidente"], 1)


class TestDoubles:
    def test_are_found_by_name_and_place_with_why(self) -> None:
        again = with_cell(with_cell(CHOIR, "Nom", "Choeur de la Clairiere"), "Rue", "")
        found = try_rows(CHOIR, OVEN, again)
        assert told(found) == {(2, "Nom", "double"), (4, "Nom", "double")}
        assert gaps_of(found, "double")[0] == {"rows": "4", "why": "email phone name place"}
        assert found.report["doubles"] == 1
        assert found.report["families"] == [["double", 1]]
        assert found.report["levels"] == {"wrong": 1}

    def test_of_three_rows_are_two_rows_that_look_like_another(self) -> None:
        found = try_rows(CHOIR, OVEN, CHOIR, CHOIR)
        assert told(found) == {(row, "Nom", "double") for row in (2, 4, 5)}
        assert (found.report["doubles"], found.report["doubles_perhaps"]) == (2, 0)
        assert dict(found.report["families"])["double"] == found.report["levels"]["wrong"] == 2

    def test_count_a_doubtful_one_beside_a_sure_one(self) -> None:
        head = ["Nom", "Localité"]
        name = "Chœur de la Clairière"
        found = try_rows([name, "Lausanne"], [name, "Lausanne"], ["Chœur de la Clairere", "Lausanne"], head=head)
        assert (found.report["doubles"], found.report["doubles_perhaps"]) == (1, 1)
        assert dict(found.report["families"])["double"] == 2

    def test_by_almost_the_same_name_and_place_alone_are_a_doubt(self) -> None:
        head = ["Nom", "Localité"]
        found = try_rows(["Chœur de la Clairière", "Lausanne"], ["Chœur de la Clairere", "Lausanne"], head=head)
        assert told(found) == {(2, "Nom", "double-maybe"), (3, "Nom", "double-maybe")}
        assert (found.report["doubles"], found.report["doubles_perhaps"]) == (0, 1)
        assert found.report["levels"] == {"doubt": 1}

    def test_are_not_two_clubs_of_one_town(self) -> None:
        assert told(try_rows(["FC Pré-Vert", "", "1066", "Epalinges", "", "", ""], OVEN)) == set()

    def test_tell_a_contact_under_two_names(self) -> None:
        other = with_cell(OVEN, "E-mail", CHOIR[4])
        found = try_rows(CHOIR, other)
        assert told(found) == {(2, "E-mail", "shared-email"), (3, "E-mail", "shared-email")}
        assert found.report["families"] == [["double", 1]]

    def test_of_the_same_number_are_one(self) -> None:
        head = ["Nom", "Localité", "UID"]
        found = try_rows(
            ["Chœur de la Clairière", "Lausanne", "CHE-123.456.788"],
            ["Voix du Belvédère", "Renens VD", "CHE-123.456.788"],
            head=head,
        )
        assert {code for _, _, code in told(found)} & {"double", "double-maybe"}


class TestDomains:
    def test_reserved_and_strange_ones_are_left_alone(self) -> None:
        fine = ("example.org", "choeur.example", "gmail.com", "yahoo.de", "mail.com", "zürich.ch", "localhost")
        assert [each for each in fine if domains.fault_of(each)] == []
        assert domains.fault_of("laposte.fr", is_of_mailbox=False) is None

    def test_held_by_nobody_are_told_only_where_the_installation_asks(self) -> None:
        rows = separated([HEAD, CHOIR, OVEN])
        asked: list[str] = []

        def ask(domain: str) -> bool:
            asked.append(domain)
            return domain == "amis-du-four.example.org"

        assert told(try_file(rows, "a.csv")) == set()
        found = try_file(rows, "a.csv", setting=Setting(TODAY, ask))
        assert told(found) == {(3, "E-mail", "domain-gone")}
        assert sorted(asked) == ["amis-du-four.example.org", "clairiere.example.org"]

    def test_a_silent_name_server_costs_no_more_than_the_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(domains, "ASKING_SECONDS", 0.3)
        began = time.monotonic()
        assert domains.gone({f"a{n}.example.org" for n in range(50)}, lambda _: bool(time.sleep(1.0))) == set()
        assert time.monotonic() - began < 1.0


class TestWorkbook:
    def test_is_the_senders_own_with_coloured_cells_and_comments(self, tmp_path: Path) -> None:
        rows = [HEAD, CHOIR, with_cell(OVEN, "E-mail", "four@gmial.com"), with_cell(CLUB, "Téléphone", "12")]
        source = workbook(tmp_path / "membres.xlsx", rows, start=3)
        found = try_file(source.read_bytes(), source.name)

        before, after = openpyxl.load_workbook(source), openpyxl.load_workbook(found.workbook)
        assert after.sheetnames == ["Membres d'ici", "Comptes", "Caché", "Remarques"]
        assert after["Caché"].sheet_state == "hidden"
        assert after["Comptes"]["A2"].value == "=A1*2"
        assert after["Comptes"]["A2"].number_format == '0.00 "CHF"'
        sheet, own = after["Membres d'ici"], before["Membres d'ici"]
        assert [[c.value for c in row] for row in sheet.iter_rows()] == [
            [c.value for c in row] for row in own.iter_rows()
        ]
        assert sheet.column_dimensions["A"].width == 44
        assert sheet.freeze_panes == "B2"
        assert sheet["A3"].font.bold
        assert sheet["A3"].fill.fgColor.rgb == "FFDDEEDD"
        marked = {cell.coordinate: cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment}
        assert marked.keys() == {"E5", "F6"}
        assert "gmail.com" in marked["E5"]
        assert sheet["E5"].fill.fgColor.rgb == FILLS["doubt"].fgColor.rgb
        assert sheet["F6"].fill.fgColor.rgb == FILLS["wrong"].fgColor.rgb

    def test_keeps_comments_merged_cells_and_what_stands_above(self, tmp_path: Path) -> None:
        source = workbook(tmp_path / "a.xlsx", [HEAD, CHOIR, with_cell(OVEN, "E-mail", "x@gmial.com")], start=4)
        book = openpyxl.load_workbook(source)
        sheet = book.worksheets[0]
        sheet["A1"] = "Liste des sociétés"
        sheet.merge_cells("A1:C1")
        sheet["E6"].comment = openpyxl.comments.Comment("à vérifier", "Moi")
        book.save(source)
        marked = first_sheet(try_file(source.read_bytes(), "a.xlsx"))
        assert marked["A1"].value == "Liste des sociétés"
        assert [str(each) for each in marked.merged_cells.ranges] == ["A1:C1"]
        assert marked["E6"].comment is not None
        assert marked["E6"].comment.text.startswith("à vérifier\n")
        assert "gmail.com" in marked["E6"].comment.text

    def test_lists_every_remark_with_a_link_to_its_cell(self, tmp_path: Path) -> None:
        source = workbook(tmp_path / "a.xlsx", [HEAD, CHOIR, with_cell(OVEN, "NPA", "1203")])
        page = openpyxl.load_workbook(try_file(source.read_bytes(), "a.xlsx", "de").workbook)["Bemerkungen"]
        last = [cell.value for cell in page[page.max_row]]
        assert last == ["C3", "NPA", "Fehler", "1203 gehört zu Genève, nicht zu Renens VD."]
        link = page.cell(page.max_row, 1).hyperlink
        assert link is not None
        assert link.location == "'Membres d''ici'!C3"

    def test_is_kept_whatever_the_name_of_the_file_ends_with(self, tmp_path: Path) -> None:
        source = workbook(tmp_path / "a.xlsx", [HEAD, CHOIR, OVEN])
        for name in ("liste.xls", "liste", "liste.csv"):
            found = try_file(source.read_bytes(), name)
            assert found.report["lost"] == []
            assert first_sheet(found)["A1"].font.bold

    def test_says_that_macros_and_pictures_are_lost(self, tmp_path: Path) -> None:
        source = workbook(tmp_path / "a.xlsx", [HEAD, CHOIR, OVEN])
        with zipfile.ZipFile(source, "a") as archive:
            archive.writestr("xl/vbaProject.bin", b"\0")
            archive.writestr("xl/media/image1.png", b"\0")
        assert try_file(source.read_bytes(), "a.xlsm").report["lost"] == ["macros", "pictures"]

    def test_marks_records_that_stand_in_columns(self, tmp_path: Path) -> None:
        rows = [HEAD, CHOIR, with_cell(OVEN, "E-mail", "four@gmial.com"), CLUB]
        book = openpyxl.Workbook()
        for row in zip(*rows, strict=True):
            book.worksheets[0].append(row)
        book.save(tmp_path / "quer.xlsx")
        sheet = first_sheet(try_file((tmp_path / "quer.xlsx").read_bytes(), "quer.xlsx"))
        assert [c.coordinate for row in sheet.iter_rows() for c in row if c.comment] == ["C5"]


class TestSeparatedValues:
    @pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
    def test_come_back_as_they_were_with_one_more_column(self, separator: str, encoding: str) -> None:
        sent = separated([HEAD, CHOIR, with_cell(OVEN, "E-mail", "four@gmial.com"), CLUB], separator, encoding)
        found = try_file(sent, "liste.csv")
        text = found.table.read_bytes().decode(encoding)
        lines = text.split("\r\n")
        assert [line.rpartition(separator)[0] for line in lines[:4]] == sent.decode(encoding).split("\r\n")[:4]
        assert lines[0].endswith(f'{separator}"Remarques"')
        assert "gmail.com" in lines[2]
        assert lines[3].endswith(separator)

    def test_keep_quotes_line_breaks_and_short_rows(self) -> None:
        sent = 'Nom;Ville;E-mail\n"Les ""Amis""\ndu Four";Renens;x@gmial.com\n\nFC Pré-Vert\n'.encode()
        found = try_file(sent, "a.csv")
        back = list(csv.reader(io.StringIO(found.table.read_text(encoding="utf-8"), newline=""), delimiter=";"))
        assert back[1][:3] == ['Les "Amis"\ndu Four', "Renens", "x@gmial.com"]
        assert "gmail.com" in back[1][3]
        assert back[2:] == [[], ["FC Pré-Vert", "", "", ""]]

    def test_become_a_workbook_of_texts_with_the_same_columns(self) -> None:
        head = ["Nom", "Localité", "NPA", "Remarque"]
        rows = [["Club Un", "Lausanne", "01005", "=1+1"], ["Ligue Deux", "Lausanne", "1005", "+41 | @x"]]
        sheet = first_sheet(try_rows(*rows, ["Cercle Trois", "Lausanne", "1005", "-2"], head=head))
        cells = [list(row) for row in sheet.iter_rows()]
        assert [[cell.value for cell in row] for row in cells[:3]] == [head, *rows]
        assert {cell.data_type for row in cells for cell in row} == {"s"}
        assert [row[3].quotePrefix for row in cells] == [False, True, True, True]

    def test_of_any_json_become_a_workbook_whose_rows_the_remarks_name(self) -> None:
        records = [{"name": "Club Un", "email": "a@b.example.org"}, {"name": "Ligue Deux", "email": "x@gmial.com"}]
        found = try_file(json.dumps(records).encode(), "liste.json")
        sheet = first_sheet(found)
        assert told(found) == {(3, "email", "domain-typo")}
        assert [[cell.value for cell in row] for row in sheet.iter_rows()][2] == ["Ligue Deux", "x@gmial.com"]
        assert sheet["B3"].comment is not None

    @pytest.mark.parametrize(("make", "name"), [(ods, "liste.ods"), (xls, "liste.xls")])
    def test_of_other_workbooks_come_back_as_values_and_say_so(
        self, make: Callable[[list[list[object]]], bytes], name: str
    ) -> None:
        rows: list[list[object]] = [["Nom", "Localité", "E-mail"], ["Club Un", "Lausanne", "x@gmial.com"]]
        found = try_file(make([*rows, ["Ligue Deux", "Lausanne", "a@b.example.org"]]), name)
        assert found.report["lost"] == ["formats"]
        sheet = first_sheet(found)
        assert [[cell.value for cell in row] for row in sheet.iter_rows()][:2] == rows
        assert [c.coordinate for row in sheet.iter_rows() for c in row if c.comment] == ["C2"]

    @given(
        cells=st.lists(
            st.lists(
                st.text(st.characters(codec="latin-1", exclude_characters="\0\x85"), max_size=12),
                min_size=2,
                max_size=4,
            ),
            min_size=1,
            max_size=8,
        ),
        separator=st.sampled_from(";,\t|"),
        ending=st.sampled_from(["\n", "\r\n", "\r"]),
    )
    def test_lose_no_byte(self, cells: list[list[str]], separator: str, ending: str) -> None:
        """Whatever stands in the cells: without its last column, every record is what it was."""
        sent = io.StringIO(newline="")
        csv.writer(sent, delimiter=separator, lineterminator=ending, quoting=csv.QUOTE_ALL).writerows(cells)
        body = sent.getvalue()
        taken = Separated(list(_records(body, separator)), separator, "latin-1", "latin-1")
        back = taken.with_findings(1, {2: "=x"}, "Remarques").decode("latin-1")
        again = list(csv.reader(io.StringIO(back, newline=""), delimiter=separator))
        assert "".join(record.text + record.ending for record in taken.records) == body
        width = max(map(len, cells))
        assert [row[:-1] for row in again] == [row + [""] * (width - len(row)) for row in cells]


class TestWhatWeAdd:
    @pytest.mark.parametrize("text", ["=cmd()", "+1", "-1", "@x", "\t=1", "\x00=1", "\u202e=1"])
    def test_is_never_a_formula(self, text: str) -> None:
        assert inert(text)[0] not in "=+-@\t\r\x00"

    def test_holds_no_control_character(self) -> None:
        assert inert("a\x00b\x0bc\u200bd") == "abcd"

    def test_quotes_a_formula_of_the_file_as_text(self, tmp_path: Path) -> None:
        """A town called like a formula stands inside sentences, never at the beginning of a cell."""
        source = workbook(
            tmp_path / "a.xlsx", [HEAD, with_cell(with_cell(CHOIR, "Localité", "=Genève"), "NPA", "1203")]
        )
        found = try_file(source.read_bytes(), "a.xlsx")
        book = openpyxl.load_workbook(found.workbook)
        assert all(cell.data_type != "f" for row in book["Remarques"].iter_rows() for cell in row)


class TestRefusals:
    @pytest.mark.parametrize(
        ("content", "name", "reason"),
        [
            (b"", "a.csv", "empty"),
            (b"Nom;Ville\n", "a.csv", "no-rows"),
            (b"<html><body>x</body></html>", "a.xls", None),
            (b"%PDF-1.7", "a.pdf", "pdf"),
            (b"PK\x03\x04 broken", "a.xlsx", "broken"),
        ],
    )
    def test_name_the_reason_and_keep_nothing(self, content: bytes, name: str, reason: str | None) -> None:
        found = try_file(content, name)
        assert found.state.step == "refused"
        assert reason in {found.state.reason, None}
        assert sorted(each.name for each in found.folder.iterdir()) == ["state.json", "wish.json"]

    def test_of_a_list_too_long_to_try(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("datacoop.pipelines.trying.reading.MOST_ROWS", 2)
        assert try_rows(CHOIR, OVEN, CLUB).state.reason == "too-long-to-try"
