"""What people do to their lists is survived: nothing is lost, and what was decided is told in the notes."""

import datetime as dt
import io

import openpyxl
import pytest

from datacoop.sources.mapping import knows_header
from datacoop.sources.readers.reading import read
from tests.sources import workbooks

MEMBERS = [["Nom", "NPA", "Localité"], ["Chœur", 1880, "Bex"], ["Gym", 1860, "Aigle"]]


def _read(path):
    table = read(path, knows=knows_header)
    return table, list(table.rows)


def _csv(tmp_path, content, name="list.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return _read(path)


def _xlsx(tmp_path, rows, change=lambda book: None, name="list.xlsx"):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    change(book)
    book.save(tmp_path / name)
    return _read(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("list.xls", workbooks.xls(MEMBERS)),
        ("list.xlsb", workbooks.xlsb(MEMBERS)),
        ("list.ods", workbooks.ods(MEMBERS)),
    ],
)
def test_reads_workbooks_of_every_make(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    table, rows = _read(tmp_path / name)
    assert (table.format, table.header_row) == (name.removeprefix("list."), 1)
    assert [(row.number, list(row.values.values())) for row in rows] == [(2, MEMBERS[1]), (3, MEMBERS[2])]


class TestHeaders:
    def test_joins_two_rows_of_names(self, tmp_path):
        table, rows = _csv(
            tmp_path,
            "Association;;Président;;Trésorier;\n"
            "Nom;Localité;Nom;Téléphone;Nom;Téléphone\n"
            "Chœur;Bex;Nora Exemple;021 555 11 11;Ugo Exemple;021 555 11 12\n",
        )
        assert table.columns == [
            "Association.Nom", "Association.Localité", "Président.Nom", "Président.Téléphone",
            "Trésorier.Nom", "Trésorier.Téléphone",
        ]  # fmt: skip
        assert (table.header_row, rows[0].number, rows[0].values["Trésorier.Nom"]) == (2, 3, "Ugo Exemple")
        assert "The names of the columns stand in two rows, 1 and 2." in table.notes

    def test_joins_names_below_merged_groups(self, tmp_path):
        rows = [
            ["Nom", "Adresse", None, None, "Téléphone"],
            [None, "Rue", "NPA", "Localité", None],
            ["Chœur", "Rue Haute 1", 1880, "Bex", "024 555 11 11"],
        ]

        def merge(book):
            for cells in ("B1:D1", "A1:A2", "E1:E2"):
                book.active.merge_cells(cells)

        table, read_rows = _xlsx(tmp_path, rows, merge)
        assert table.columns == ["Nom", "Adresse.Rue", "Adresse.NPA", "Adresse.Localité", "Téléphone"]
        assert [row.number for row in read_rows] == [3]

    def test_takes_a_title_for_no_group(self, tmp_path):
        table, rows = _csv(
            tmp_path, "Sociétés locales de Bex;;\nÉtat au printemps;;\nNom;NPA;Localité\nChœur;1880;Bex\n"
        )
        assert (table.columns, table.header_row, len(rows)) == (["Nom", "NPA", "Localité"], 3, 1)
        assert table.notes == ["What stands above the names of the columns was not read as records: rows 1 to 2."]

    def test_one_known_word_among_the_records_is_no_header(self, tmp_path):
        body = "".join(f"mot {number},abréviation {number}\n" for number in range(9))
        table, rows = _csv(tmp_path, f"mot,abréviation\nLocalité,#l#\nfoot,#f#\nAdresse,#a#\n{body}")
        assert (table.columns, table.header_row, len(rows)) == (["mot", "abréviation"], 1, 12)

    def test_calls_columns_by_letters_without_header(self, tmp_path):
        table, rows = _csv(tmp_path, "info@a.example.org;1880\ninfo@b.example.org;1860\n")
        assert (table.columns, table.header_row, len(rows)) == (["A", "B"], None, 2)
        assert table.notes == ["No row names the columns: they are called by their letters."]

    def test_numbers_names_that_are_given_twice(self, tmp_path):
        table, rows = _csv(tmp_path, "Nom;Téléphone;Téléphone;Téléphone (2)\nChœur;1;2;3\n")
        assert table.columns == ["Nom", "Téléphone", "Téléphone (2)", "Téléphone (2) (2)"]
        assert list(rows[0].values.values()) == ["Chœur", "1", "2", "3"]
        assert table.notes == ["Several columns have the same name, the later ones were numbered: Téléphone."]

    def test_calls_an_unnamed_column_by_its_letter(self, tmp_path):
        table, rows = _csv(tmp_path, "Nom;;Localité;\nChœur;x;Bex;\nGym;;Aigle;\n")
        assert table.columns == ["Nom", "B", "Localité"]
        assert rows[0].values["B"] == "x"
        assert table.notes == ["Columns without a name are called by their letters: B."]

    def test_keeps_columns_beyond_the_last_name(self, tmp_path):
        table, rows = _csv(tmp_path, "Nom;Localité\nChœur;Bex;024 555 11 11\nGym;Aigle;024 555 11 12\n")
        assert table.columns == ["Nom", "Localité", "C"]
        assert rows[1].values["C"] == "024 555 11 12"

    def test_names_a_column_by_the_date_above_it(self, tmp_path):
        header = ["Nom", "Localité", dt.datetime(2024, 1, 31), 2025]
        table, rows = _xlsx(tmp_path, [header, ["Chœur", "Bex", "oui", "non"]])
        assert table.columns == ["Nom", "Localité", "2024-01-31", "2025"]
        assert rows[0].values["2024-01-31"] == "oui"
        assert "A date stands where the name of a column should be: 2024-01-31. Is that a slip?" in table.notes

    def test_reads_numero_signs_in_names(self, tmp_path):
        table, rows = _csv(tmp_path, "N°;Nom;N° de tél.;№ IDE\n1;Chœur;024 555 11 11;CHE-000.000.000\n")
        assert table.columns == ["N°", "Nom", "N° de tél.", "№ IDE"]
        assert rows[0].values["N°"] == "1"

    def test_tells_of_a_row_with_too_many_cells(self, tmp_path):
        body = "".join(f"Club {number};Bex\n" for number in range(9))
        table, rows = _csv(tmp_path, f"Nom;Localité\n{body}Chœur; Orgue;Bex\n")
        assert len(rows) == 10
        assert table.notes == [
            "Row 11 has more cells than there are names of columns, so have 1 rows in all: "
            "their last cells were left out. Does a cell hold the separator?"
        ]


class TestSheets:
    def test_turns_a_sheet_whose_records_stand_in_columns(self, tmp_path):
        rows = [
            ["Nom", "Chœur", "Gym", "Foot"],
            ["Localité", "Bex", "Aigle", "Ollon"],
            ["E-mail", "a@example.org", None, "c@example.org"],
            ["Téléphone", None, "024 555 11 11", None],
        ]
        table, read_rows = _xlsx(tmp_path, rows)
        assert (table.sideways, table.columns) == (True, ["Nom", "Localité", "E-mail", "Téléphone"])
        assert (table.header_row, [row.number for row in read_rows]) == (None, [2, 3, 4])
        assert read_rows[1].values == {"Nom": "Gym", "Localité": "Aigle", "Téléphone": "024 555 11 11"}
        told = "The records stand in columns, their names in the first one: the sheet was turned."
        assert told in table.notes

    def test_does_not_turn_a_list_of_words(self, tmp_path):
        table, rows = _csv(tmp_path, "Nom;Localité;Téléphone\nChant;Bex;1\nAdresse;Aigle;2\nE-mail;Ollon;3\n")
        assert (table.columns, len(rows)) == (["Nom", "Localité", "Téléphone"], 3)

    def test_reads_a_merged_cell_for_each_of_its_rows(self, tmp_path):
        rows = [["Commune", "Nom"], ["Bex", "Chœur"], [None, "Gym"], [None, None], ["Aigle", "Foot"]]
        _table, read_rows = _xlsx(tmp_path, rows, lambda book: book.active.merge_cells("A2:A4"))
        assert [row.values.get("Commune") for row in read_rows] == ["Bex", "Bex", "Aigle"]
        assert [row.number for row in read_rows] == [2, 3, 5]

    def test_reads_a_merged_cell_of_old_workbooks(self, tmp_path):
        content = workbooks.xls([["Commune", "Nom"], ["Bex", "Chœur"], ["", "Gym"]], merged=[(1, 0, 2, 0)])
        (tmp_path / "list.xls").write_bytes(content)
        _table, rows = _read(tmp_path / "list.xls")
        assert [row.values["Commune"] for row in rows] == ["Bex", "Bex"]

    def test_leaves_hidden_sheets_and_tells_of_them(self, tmp_path):
        def hide(book):
            book.create_sheet("Anciens").append(["Nom", "NPA"])
            book["Anciens"].sheet_state = "veryHidden"
            book.create_sheet("Vide").sheet_state = "hidden"

        table, rows = _xlsx(tmp_path, MEMBERS, hide)
        assert len(rows) == 2
        assert table.notes == ["Read the sheet Sheet.", "Hidden sheets were not read: Anciens."]

    def test_reads_hidden_rows_and_columns_and_tells_of_them(self, tmp_path):
        def hide(book):
            book.active.row_dimensions[3].hidden = True
            book.active.column_dimensions["B"].hidden = True

        table, rows = _xlsx(tmp_path, MEMBERS, hide)
        assert len(rows) == 2
        assert "Hidden rows were read too (1, the first is 3)." in table.notes
        assert "Hidden columns were read too (1)." in table.notes

    def test_takes_the_sheet_that_looks_like_a_list(self, tmp_path):
        def add(book):
            book.active.title = "Mode d’emploi"
            for row in MEMBERS:
                book.create_sheet("Membres").append(row) if "Membres" not in book else book["Membres"].append(row)

        table, rows = _xlsx(tmp_path, [["Prière de ne rien modifier ici."]] * 50, add)
        assert len(rows) == 2
        assert table.notes[:2] == ["Read the sheet Membres.", "Not read: Mode d’emploi."]

    def test_finds_a_list_that_begins_far_from_the_corner(self, tmp_path):
        table, rows = _xlsx(tmp_path, [*[[]] * 300, *[[None, None, *row] for row in MEMBERS]])
        assert (table.header_row, [row.number for row in rows]) == (301, [302, 303])
        assert rows[0].values["Localité"] == "Bex"

    def test_leaves_macros_of_old_workbooks_and_tells_of_them(self, tmp_path):
        content = workbooks.xls(MEMBERS) + "_VBA_PROJECT".encode("utf-16-le")
        (tmp_path / "list.xls").write_bytes(content)
        table = read(tmp_path / "list.xls", knows=knows_header)
        assert "The workbook holds macros: they were left out, only values were read." in table.notes

    def test_leaves_macros_and_tells_of_them(self, tmp_path):
        sheet = '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>Nom</t></is></c></row></sheetData>'
        content = workbooks.xlsx_of(sheet, extra={"xl/vbaProject.bin": b"Sub AutoOpen()"})
        (tmp_path / "list.xlsm").write_bytes(content)
        table = read(tmp_path / "list.xlsm", knows=knows_header)
        assert "The workbook holds macros: they were left out, only values were read." in table.notes


class TestCells:
    def test_reads_float_postcodes_as_whole_numbers(self, tmp_path):
        _table, rows = _xlsx(tmp_path, [["Nom", "NPA"], ["Chœur", 1005.0], ["Gym", 1005.5]])
        assert [row.values["NPA"] for row in rows] == [1005, 1005.5]

    def test_keeps_columns_that_change_type_half_way(self, tmp_path):
        cells = [1005, "CH-1006", dt.datetime(2024, 1, 31), 1007.0, True, dt.time(10, 30)]
        _table, rows = _xlsx(tmp_path, [["Nom", "NPA"], *(["Chœur", cell] for cell in cells)])
        assert [row.values["NPA"] for row in rows] == [
            1005, "CH-1006", dt.date(2024, 1, 31), 1007, True, dt.time(10, 30),
        ]  # fmt: skip

    def test_takes_the_value_of_a_formula_and_its_text_as_text(self, tmp_path):
        text = '<c r="{}" t="inlineStr"><is><t>{}</t></is></c>'
        header = text.format("A1", "Nom") + text.format("B1", "NPA")
        row = text.format("A2", "=cmd|' /C calc'!A0") + '<c r="B2"><f>1000+5</f><v>1005</v></c>'
        sheet = f'<sheetData><row r="1">{header}</row><row r="2">{row}</row></sheetData>'
        (tmp_path / "list.xlsx").write_bytes(workbooks.xlsx_of(sheet))
        _table, rows = _read(tmp_path / "list.xlsx")
        assert rows[0].values == {"Nom": "=cmd|' /C calc'!A0", "NPA": 1005}

    def test_tells_of_formulas_without_a_saved_result(self, tmp_path):
        table, rows = _xlsx(tmp_path, [["Nom", "NPA"], ["Chœur", "=1000+5"], ["Gym", "=B2"], ["Vélo", 1006]])
        assert [row.values.get("NPA") for row in rows] == [None, None, 1006]
        assert table.notes[1:] == [
            "Cells with a formula and no saved result are read as empty (2, the first is B2). "
            "Open the workbook in a spreadsheet program, save it there and send it again."
        ]

    def test_leaves_out_what_nobody_sees_and_tells_of_it(self, tmp_path):
        table, rows = _csv(tmp_path, "Nom;NPA\nCh\u200bœur\x00;10\u202e05\nGym;1006\n")
        assert rows[0].values == {"Nom": "Chœur", "NPA": "1005"}
        assert table.notes == [
            "Invisible characters (zero-width, direction marks, NUL) were left out of 2 cells, the first in row 2."
        ]

    def test_keeps_emoji_and_other_scripts_whole(self, tmp_path):
        names = ["Famille 👨‍👩‍👧 🏳️‍🌈", "جمعية می‌خواهم", "עמותה", "समूह क्‍ष", "🏴󠁧󠁢󠁥󠁮󠁧󠁿 club"]
        _table, rows = _csv(tmp_path, "Nom;NPA\n" + "".join(f"{name};1005\n" for name in names))
        assert [row.values["Nom"] for row in rows] == names

    def test_reads_windows_signs_of_a_mistaken_latin_1(self, tmp_path):
        _table, rows = _csv(tmp_path, '[{"nom": "L\u0092Envol \u0096 \u009cuvre"}]', "list.json")
        assert rows[0].values == {"nom": "L’Envol – œuvre"}


class TestEncodings:
    TEXT = "Nom;But\nSociété d’été à Nyon;œuvre « sociale »\nÉcole de Zürich;Müßiggang – 5 €\n"

    @pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le", "utf-32-be", "utf-16-be", "cp1252", "mac_roman"])
    def test_reads(self, tmp_path, encoding):
        _table, rows = _csv(tmp_path, self.TEXT.encode(encoding))
        assert rows[0].values == {"Nom": "Société d’été à Nyon", "But": "œuvre « sociale »"}
        assert rows[1].values == {"Nom": "École de Zürich", "But": "Müßiggang – 5 €"}

    @pytest.mark.parametrize("encoding", ["iso8859_15", "cp850"])
    def test_reads_older_ones(self, tmp_path, encoding):
        letters = "œ" if encoding == "iso8859_15" else "oe"
        text = f"Nom;But\nSociété générale à Nyon;école du c{letters}ur\n"
        table, rows = _csv(tmp_path, text.encode(encoding))
        assert "\n".join([";".join(table.columns), ";".join(map(str, rows[0].values.values())), ""]) == text

    @pytest.mark.parametrize(
        ("encoding", "name"),
        [("cp1250", "Společnost přátel žižkovské čtvrti"), ("cp1251", "Общество любителей хорового пения")],
    )
    def test_recognises_other_scripts(self, tmp_path, encoding, name):
        text = "Nom;Ville\n" + "".join(f"{name} {number};Praha\n" for number in range(20))
        table, rows = _csv(tmp_path, text.encode(encoding))
        assert rows[0].values["Nom"] == f"{name} 0"
        assert "by its letters. Look at the accents." in table.notes[0]

    def test_reads_two_encodings_in_one_file(self, tmp_path):
        lines = ["Nom;Ville", "Société d’été;Genève", "Chœur d’été;Zürich", "École;Neuchâtel"]
        content = b"".join(
            line.encode("cp1252" if number == 2 else "utf-8") + b"\n" for number, line in enumerate(lines)
        )
        table, rows = _csv(tmp_path, content)
        assert [";".join(row.values.values()) for row in rows] == lines[1:]
        assert table.notes == [
            "The file mixes two encodings: from line 3 on, what is not utf-8 was read as cp1252. Look at the accents."
        ]

    def test_tells_of_half_a_letter(self, tmp_path):
        table, rows = _csv(tmp_path, "Nom;Ville\nÉcole d’été à Genè".encode()[:-1])
        assert rows[0].values == {"Nom": "École d’été à Gen\ufffd"}
        assert table.notes == [
            "Characters that are broken in the file itself stand as \ufffd in 1 cells, the first in row 2."
        ]

    def test_believes_the_line_that_names_the_separator(self, tmp_path):
        table, rows = _csv(tmp_path, "sep=|\r\nNom|Adresse\r\nA, B; C|Rue 1, Bex; VD\r\nD|E\r\n")
        assert (table.columns, table.header_row) == (["Nom", "Adresse"], 1)
        assert [(row.number, row.values["Nom"]) for row in rows] == [(2, "A, B; C"), (3, "D")]

    @pytest.mark.parametrize("separator", ["^", "~", "¦", "\x1f"])
    def test_finds_rare_separators(self, tmp_path, separator):
        _table, rows = _csv(tmp_path, f"Nom{separator}Ville\nA{separator}Bex\nB{separator}Aigle\n")
        assert [row.values for row in rows] == [{"Nom": "A", "Ville": "Bex"}, {"Nom": "B", "Ville": "Aigle"}]

    def test_reads_zeros_that_pad_a_text(self, tmp_path):
        _table, rows = _csv(tmp_path, b"Nom;Ville\nChoeur\x00\x00;Bex\x00\nGym;Aigle\x00\x00\n")
        assert [row.values for row in rows] == [{"Nom": "Choeur", "Ville": "Bex"}, {"Nom": "Gym", "Ville": "Aigle"}]

    @pytest.mark.parametrize("mark", ["\x00", '"', "a", " ", "\ue000"])
    def test_does_not_believe_in_a_separator_that_is_none(self, tmp_path, mark):
        _table, rows = _csv(tmp_path, f"sep={mark}\nNom;NPA\nA;1005\n")
        assert rows[-1].number >= 2


class TestWebPages:
    def test_reads_the_table_of_a_page_saved_as_a_workbook(self, tmp_path):
        page = (
            "<html><head><meta charset='iso-8859-1'><style>td {}</style></head><body>"
            "<table><tr><td>Menu</td></tr></table><table><thead>"
            "<tr><th rowspan=2>Nom</th><th colspan=2>Adresse</th></tr><tr><th>NPA</th><th>Localité</th></tr>"
            "</thead><tr><td>L’Écho <b>des</b>\n Alpes<br>chœur</td><td rowspan='2'>1880</td><td>Bex</td></tr>"
            "<tr><td>Gym</td><td>Les Plans<script>alert(1)</script></td></tr></table></body></html>"
        )
        table, rows = _csv(tmp_path, page.encode("cp1252", "xmlcharrefreplace"), "list.xls")
        assert (table.format, table.columns) == ("html", ["Nom", "Adresse.NPA", "Adresse.Localité"])
        assert rows[0].values == {"Nom": "L’Écho des Alpes\nchœur", "Adresse.NPA": "1880", "Adresse.Localité": "Bex"}
        assert rows[1].values == {"Nom": "Gym", "Adresse.NPA": "1880", "Adresse.Localité": "Les Plans"}
        assert table.notes[0] == "This is a web page, whatever its name: its table was read."

    def test_a_table_in_a_table_is_read_once(self, tmp_path):
        inner = "<table><tr><th>Nom</th><th>NPA</th></tr>" + "<tr><td>A</td><td>1005</td></tr>" * 5 + "</table>"
        page = f"<table><tr><td>Menu</td><td>{inner}</td></tr><tr><td>x</td><td>y</td></tr></table>"
        table, rows = _csv(tmp_path, page, "list.html")
        assert (table.columns, len(rows)) == (["Nom", "NPA"], 5)

    def test_merged_cells_cannot_grow_without_end(self, tmp_path):
        page = "<table>" + "<tr><td rowspan=9999 colspan=999>x" * 30_000 + "</table>"
        with pytest.raises(Exception, match="Merged or skipped cells make far too large a table"):
            _csv(tmp_path, page, "list.html")

    def test_asks_nothing_of_the_network_nor_of_other_files(self, tmp_path):
        (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
        page = (
            f'<!DOCTYPE html [<!ENTITY x SYSTEM "file://{tmp_path}/secret.txt">]><table><tr><td>Nom</td><td>NPA</td></tr>'
            "<tr><td>&x;</td><td>1005</td></tr></table>"
        )
        _table, rows = _csv(tmp_path, page, "list.html")
        assert "secret" not in str(rows)


def test_reads_workbooks_saved_as_xml(tmp_path):
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    content = (
        '<?xml version="1.0"?>\n<?mso-application progid="Excel.Sheet"?>\n'
        f'<Workbook xmlns="{space}" xmlns:ss="{space}">'
        '<Worksheet ss:Name="Aide"><Table><Row><Cell><Data ss:Type="String">Lisez-moi</Data></Cell></Row></Table>'
        '</Worksheet><Worksheet ss:Name="Membres"><Table><Row ss:Index="2"><Cell><Data ss:Type="String">Commune</Data>'
        '</Cell><Cell><Data ss:Type="String">Nom</Data></Cell>'
        '<Cell ss:Index="4"><Data ss:Type="String">NPA</Data></Cell>'
        '</Row><Row><Cell ss:MergeDown="1"><Data ss:Type="String">Bex</Data></Cell><Cell><Data ss:Type="String">Chœur'
        '</Data></Cell><Cell ss:Index="4" ss:Formula="=R1+5"><Data ss:Type="Number">1880.0</Data></Cell>'
        "</Row><Row><Cell>"
        '<Data ss:Type="String">Gym</Data></Cell><Cell ss:Index="4"><Data ss:Type="DateTime">2024-01-31T00:00:00.000'
        "</Data></Cell></Row></Table></Worksheet></Workbook>"
    )
    table, rows = _csv(tmp_path, content, "list.xls")
    assert (table.format, table.header_row, table.columns) == ("spreadsheetml", 2, ["Commune", "Nom", "C", "NPA"])
    assert [(row.number, row.values) for row in rows] == [
        (3, {"Commune": "Bex", "Nom": "Chœur", "NPA": 1880}),
        (4, {"Commune": "Bex", "Nom": "Gym", "NPA": dt.date(2024, 1, 31)}),
    ]
    assert table.notes[:2] == ["Read the sheet Membres.", "Not read: Aide."]


def test_reads_twenty_thousand_rows_of_twenty_columns(tmp_path):
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Membres")
    header = ["Nom", "NPA", "Localité", *(f"Champ {number}" for number in range(17))]
    for row in (header, *([f"Club {number}", 1000 + number % 900, "Bex", *[number] * 17] for number in range(20_000))):
        sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    (tmp_path / "list.xlsx").write_bytes(target.getvalue())
    _table, rows = _read(tmp_path / "list.xlsx")
    assert (len(rows), rows[-1].number, len(rows[-1].values)) == (20_000, 20_001, 20)
