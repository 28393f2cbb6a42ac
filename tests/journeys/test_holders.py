"""A holder of a list: tries a file without an account, and takes the same workbook back."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font
from playwright.sync_api import Page, expect

from tests.journeys.test_accessibility import SCREENS, faults

Visit = Callable[..., Page]
LOOKING_MS = 60_000
HEAD = ["N°", "Nom", "Rue", "NPA", "Localité", "E-mail", "Téléphone", "Site web", "Présidente"]
ROWS = [
    [1, "Les Voix du Préau", "Rue du Préau 4", 1005, "Lausanne", "voix@preau.example.org", "021 555 33 10", "",
     "Ada Exemple"],
    [2, "Club des Girouettes", "Rue Haute 8", 1009, "Pully", "vent@gmial.com", "021 55", "", "Léa Exemple"],
    [3, "Voix du Preau", "Rue du Préau 4", 1005, "Lausanne", "voix@preau.example.org", "", "", ""],
]  # fmt: skip


@pytest.fixture
def list_of_mine(tmp_path: Path) -> Path:
    """A workbook as holders keep them: a title above, a bold head, a second sheet with formulas."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Membres"
    for row in (["Sociétés locales"], [], HEAD, *ROWS):
        sheet.append(row)
    for cell in sheet[3]:
        cell.font = Font(bold=True)
    accounts = book.create_sheet("Cotisations")
    accounts["A1"], accounts["A2"] = 40, "=A1*3"
    file = tmp_path / "membres.xlsx"
    book.save(file)
    return file


def try_file(page: Page, file: Path) -> None:
    page.get_by_label("Votre liste").set_input_files(file)
    page.get_by_role("button", name="Examiner ma liste").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Votre liste, examinée", timeout=LOOKING_MS)


def taken_back(page: Page) -> openpyxl.Workbook:
    with page.expect_download() as download:
        page.get_by_role("link", name="Télécharger le classeur").click()
    return openpyxl.load_workbook(BytesIO(download.value.path().read_bytes()))


@pytest.mark.parametrize("with_scripts", [True, False], ids=["scripts", "no-scripts"])
def test_try_with_my_file_and_take_the_same_workbook_back(visit: Visit, list_of_mine: Path, with_scripts: bool) -> None:
    page = visit("/", java_script_enabled=with_scripts)
    page.get_by_role("link", name="Essayer avec mon fichier").click()
    try_file(page, list_of_mine)
    expect(page.get_by_text("3 lignes lues")).to_be_visible()
    expect(page.get_by_text("Votre liste nomme 2 personnes.")).to_be_visible()

    book = taken_back(page)
    assert book.sheetnames == ["Membres", "Cotisations", "Remarques"]
    sheet = book["Membres"]
    assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=3)] == [
        HEAD,
        *([None if cell == "" else cell for cell in row] for row in ROWS),
    ]
    assert book["Cotisations"]["A2"].value == "=A1*3"
    remarks = {cell.coordinate: cell.comment.text for row in sheet.iter_rows() for cell in row if cell.comment}
    assert remarks.keys() == {"B4", "F5", "G5", "B6"}
    assert "ligne 6" in remarks["B4"]
    assert "gmail.com" in remarks["F5"]

    address = page.url
    page.get_by_role("button", name="Effacer mon fichier").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est effacé")
    page.goto(address)
    expect(page.get_by_role("heading", level=1)).to_have_text("Il n’y a plus rien ici")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", SCREENS)
def test_trying_is_accessible(visit: Visit, list_of_mine: Path, screen: str, scheme: str) -> None:
    page = visit("/try", viewport=SCREENS[screen], color_scheme=scheme)
    assert faults(page) == []
    page.get_by_role("button", name="Examiner ma liste").click()  # the browser asks for the file
    try_file(page, list_of_mine)
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_a_file_that_is_no_list_is_refused_in_words(visit: Visit, tmp_path: Path) -> None:
    file = tmp_path / "statuts.pdf"
    file.write_bytes(b"%PDF-1.7\n")
    page = visit("/try")
    page.get_by_label("Votre liste").set_input_files(file)
    page.get_by_role("button", name="Examiner ma liste").click()
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("Ce fichier n’a pas pu être examiné", timeout=LOOKING_MS)
    assert faults(page) == []
    page.get_by_role("link", name="Essayer un autre fichier").click()
    expect(page.get_by_label("Votre liste")).to_be_visible()
