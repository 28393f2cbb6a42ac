"""Small invented lists to try, and the way to try them without a server."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import openpyxl
from django.test import override_settings
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.worksheet import Worksheet

from datacoop.pipelines.trying import held
from datacoop.pipelines.trying.examining import Setting, examine
from datacoop.portal.catalogue import LANGUAGES
from datacoop.portal.views.trying import _words
from datacoop.sources.localities import Locality, save_localities

TODAY = date(2026, 11, 24)
HEAD = ["Nom", "Rue", "NPA", "Localité", "E-mail", "Téléphone", "Site web"]
CHOIR = [
    "Chœur de la Clairière", "Rue du Lac 7", "1005", "Lausanne", "info@clairiere.example.org", "021 555 12 34",
    "https://clairiere.example.org",
]  # fmt: skip
OVEN = ["Les Amis du Four", "Chemin du Four 2", "1020", "Renens VD", "four@amis-du-four.example.org", "", ""]
CLUB = ["FC Pré-Vert", "", "1066", "Epalinges", "", "", ""]
LOCALITIES = [
    Locality("Lausanne", "1005", "0", "Lausanne", 5586, "VD", 46.521, 6.642),
    Locality("Renens VD", "1020", "0", "Renens (VD)", 5591, "VD", 46.536, 6.588),
    Locality("Epalinges", "1066", "0", "Epalinges", 5584, "VD", 46.549, 6.668),
    Locality("Genève", "1203", "0", "Genève", 6621, "GE", 46.208, 6.127),
]


@contextmanager
def data_folder(folder: Path) -> Iterator[None]:
    """Work in a data folder of its own, which knows four localities."""
    save_localities(LOCALITIES, folder)
    with override_settings(DATACOOP_DATA_DIR=folder):
        yield


def separated(rows: Sequence[Sequence[str]], separator: str = ";", encoding: str = "utf-8") -> bytes:
    """Rows as separated values, none of them quoted."""
    return "".join(separator.join(row) + "\r\n" for row in rows).encode(encoding)


def workbook(file: Path, rows: Sequence[Sequence[object]], start: int = 1) -> Path:
    """A workbook as people keep them: a title, a bold head, widths, formulas, another sheet, a hidden one."""
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.title = "Membres d'ici"
    for number, row in enumerate(rows, start=start):
        for position, value in enumerate(row, start=1):
            sheet.cell(number, position, value)
    for cell in sheet[start]:
        cell.font = Font(bold=True, color="FF123456")
        cell.fill = PatternFill("solid", fgColor="FFDDEEDD")
    sheet.column_dimensions["A"].width = 44
    sheet.freeze_panes = "B2"
    accounts = book.create_sheet("Comptes")
    accounts["A1"], accounts["A2"] = 5, "=A1*2"
    accounts["A2"].number_format = '0.00 "CHF"'
    hidden = book.create_sheet("Caché")
    hidden.sheet_state = "hidden"
    hidden["A1"] = "reste"
    book.save(file)
    return file


def try_file(content: bytes, name: str, language: str = "fr", setting: Setting | None = None) -> held.Held:
    """Hold a file and look at it, here and now."""
    assert language in LANGUAGES
    token = held.keep([content], name, held.Wish(_words(language), "https://annuaire.example.org"))
    found = held.Held(held.tries() / held.digest_of(token))
    examine(found, setting or Setting(TODAY))
    return found


def told(found: held.Held) -> set[tuple[int, str | None, str]]:
    """(row, column, code) of every finding."""
    assert found.state.step == "done", found.state
    return {(row, column, code) for row, column, code, _ in found.report["findings"]}


def gaps_of(found: held.Held, code: str) -> list[dict[str, object]]:
    """What fills the texts of a code."""
    return [gaps for _, _, each, gaps in found.report["findings"] if each == code]


def first_sheet(found: held.Held) -> Worksheet:
    """The sheet with the list, as handed back."""
    sheet = openpyxl.load_workbook(found.workbook).worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet
