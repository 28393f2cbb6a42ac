"""Headings and totals within a list are told from its records; in doubt a row is a record."""

from pathlib import Path

import openpyxl
import pytest

from datacoop.sources.readers.reading import read
from datacoop.sources.readers.table import Table

HEAD = "Nom;Rue;NPA;Localité;E-mail"


def listed(tmp_path: Path, *odd: str, names: str = "Club Exemple {}") -> Table:
    """A list of ten clubs with odd rows in its middle: the first odd one is row 7."""
    clubs = [f"{names.format(n)};Rue Haute {n};1005;Lausanne;club{n}@example.org" for n in range(10)]
    path = tmp_path / "liste.csv"
    path.write_text("\n".join([HEAD, *clubs[:5], *odd, *clubs[5:]]))
    return read(path)


@pytest.mark.parametrize(
    "odd",
    ["SPORTS;;;;", "Culture et loisirs:;;;;", "Total;20;;;", "Total : 814;;;;", "Sous-total;;12;;",
     "Summe;=COUNTA(A2:A9);;;",
     "Gesamt: 814 Vereine;;;;", "Nombre d'associations : 814;;;;", "Totale;;;;"],
)  # fmt: skip
def test_leaves_out_headings_and_totals_and_tells_their_rows(tmp_path: Path, odd: str) -> None:
    table = listed(tmp_path, odd)

    assert len(list(table.rows)) == 10
    assert table.left_out == [7]
    assert table.notes[-1] == "1 row is a heading or a total and was left out: row 7."


@pytest.mark.parametrize(
    "kept",
    ["Amis du Lac;;;;", "ASSOCIATION DES AMIS DU LAC;;;;", "Total Danse;;;;", "Total;Rue Basse 3;1005;Lausanne;",
     "SPORTS;;1005;;", "Somme de voix;12;;;"],
)  # fmt: skip
def test_keeps_what_may_be_an_organisation(tmp_path: Path, kept: str) -> None:
    table = listed(tmp_path, kept)

    assert len(list(table.rows)) == 11
    assert (table.left_out, table.notes) == ([], [])


def test_capitals_say_nothing_where_names_are_written_in_them(tmp_path: Path) -> None:
    assert len(list(listed(tmp_path, "FC LAC;;;;", names="FC {} EXEMPLE").rows)) == 11


def test_a_name_alone_is_a_record_where_the_others_are_names_alone(tmp_path: Path) -> None:
    path = tmp_path / "noms.csv"
    path.write_text("Nom\nAmis du Lac\nSPORTS\nClub Exemple\n")

    assert len(list(read(path).rows)) == 3


def test_leaves_out_a_cell_merged_over_the_row(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(HEAD.split(";"))
    for n in range(6):
        sheet.append([f"Club Exemple {n}", f"Rue Haute {n}", 1005, "Lausanne", f"club{n}@example.org"])
    sheet.append(["Culture et loisirs"])
    sheet.merge_cells("A8:E8")
    sheet.append(["Amis du Lac"])
    sheet.append(["Club Exemple 9", "Rue Haute 9", 1005, "Lausanne", "club9@example.org"])
    book.save(tmp_path / "liste.xlsx")

    table = read(tmp_path / "liste.xlsx")

    assert [row.number for row in table.rows] == [2, 3, 4, 5, 6, 7, 9, 10]
    assert table.left_out == [8]
