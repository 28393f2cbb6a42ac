"""Workbooks that we write: inert, readable, the same bytes for the same content."""

import io
import re
import zipfile

import pytest
from openpyxl import load_workbook

from datacoop.lib.sheets import Cell, Sheet
from datacoop.lib.workbooks import book


def cells(*values: Cell) -> list[list[object]]:
    made = load_workbook(io.BytesIO(book([Sheet("Liste", ["Nom"], [list(values)])])))
    return [list(row) for row in made["Liste"].iter_rows(min_row=2)]


@pytest.mark.parametrize("text", ["=1+1", "=cmd|'/c calc'!A1", "@SUM(A1)", "+41 21 555 12 34", "-1", "\t=1", "{=1}"])
def test_no_text_is_a_formula(text: str) -> None:
    ((cell,),) = cells(Cell(text))
    assert cell.data_type == "s"
    assert cell.value == text.strip()
    assert cell.quotePrefix


def test_control_characters_are_left_out() -> None:
    ((cell,),) = cells(Cell("Les\x00 Amis\x0b du Four\x1f"))
    assert cell.value == "Les Amis du Four"


def test_numbers_are_numbers_and_notes_are_comments() -> None:
    ((number, noted),) = cells(Cell(812), Cell("Rue", "FFF2CC", "=ailleurs"))
    assert (number.value, number.data_type) == (812, "n")
    assert noted.comment.text == "=ailleurs"
    assert noted.fill.fgColor.rgb.endswith("FFF2CC")


def test_nobody_is_named_as_author() -> None:
    with zipfile.ZipFile(io.BytesIO(book([Sheet("Liste", ["Nom"], [[Cell("a", "", "b")]])]))) as parts:
        assert b"openpyxl" not in b"".join(parts.read(name) for name in parts.namelist() if "docProps/core" in name)
        assert re.findall(rb"<author>[^<]+", parts.read("xl/comments/comment1.xml")) == []


def test_titles_that_no_sheet_may_have_are_made_fit() -> None:
    made = load_workbook(io.BytesIO(book([Sheet("a/b: [c]?" * 9, ["x"], []), Sheet("", ["x"], [])])))
    assert len(made.sheetnames) == 2
    assert all(len(name) <= 31 for name in made.sheetnames)


def test_the_same_content_gives_the_same_bytes() -> None:
    sheet = Sheet("Liste", ["Nom"], [[Cell("Élan", "", "note")]])
    assert book([sheet]) == book([sheet])
    assert b"202" not in load_created(book([sheet]))


def load_created(content: bytes) -> bytes:
    """The moment that a workbook says it was made at."""
    return str(load_workbook(io.BytesIO(content)).properties.created).encode()
