"""XML Spreadsheet 2003, which programs of that age save under the name of a workbook. Values only, no formulas.

Read by lxml without network, entities or huge trees; a document type is refused. The fullest visible sheet is the
list.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Final

from lxml import etree

from datacoop.lib.tabular import Span, is_filled
from datacoop.lib.text import clean
from datacoop.sources.readers.grid import Budget, Grid, Record, table_of
from datacoop.sources.readers.osm import entities_refused
from datacoop.sources.readers.table import ListRefused, Table

MAX_BYTES: Final = 50_000_000
NAMESPACE: Final = "urn:schemas-microsoft-com:office:spreadsheet"
_SS: Final = f"{{{NAMESPACE}}}"
_WIDEST: Final = 5_000
_LONGEST: Final = 10_000
_ADVICE: Final = "Open it in a spreadsheet program, save it as XLSX and send that."


@dataclass
class _Sheet:
    """What was read of one sheet so far; `lasting` are cells merged over rows to come: (last row, value)."""

    records: list[Record] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    lasting: dict[int, tuple[int, object]] = field(default_factory=dict)
    number: int = 0

    def filled(self) -> int:
        return sum(1 for _number, cells in self.records if any(map(is_filled, cells)))


def open_table(path: Path, name: str, knows: Callable[[str], bool]) -> Table:
    """Open the fullest visible sheet; the others are told."""
    if path.stat().st_size > MAX_BYTES:
        raise ListRefused("too-large", f"This XML workbook is larger than {MAX_BYTES // 1_000_000} MB. {_ADVICE}")
    sheets, hidden = _sheets(path)
    filled = {title: sheet for title, sheet in sheets.items() if sheet.filled()}
    if not filled:
        raise ListRefused("empty", "The workbook has no filled cell.")
    title = max(filled, key=lambda each: filled[each].filled())
    notes = [f"Read the sheet {title}."]
    others = [other for other in filled if other != title]
    notes += [f"Not read: {', '.join(others)}."] if others else []
    notes += [f"Hidden sheets were not read: {', '.join(hidden)}."] if hidden else []
    sheet = filled[title]
    return table_of(Grid(name, None, iter(sheet.records), notes, sheet.spans), knows)


def _sheets(path: Path) -> tuple[dict[str, _Sheet], list[str]]:
    """Visible sheets by name, and the names of hidden ones. Raises ListRefused."""
    sheets: dict[str, _Sheet] = {}
    hidden: list[str] = []
    sheet = _Sheet()
    budget = Budget(path.stat().st_size, _ADVICE)
    tags = (f"{_SS}Row", f"{_SS}Worksheet")
    options = {"resolve_entities": False, "no_network": True, "load_dtd": False, "huge_tree": False}
    try:
        with path.open("rb") as file:
            for _event, element in etree.iterparse(file, tag=tags, remove_comments=True, remove_pis=True, **options):
                if element.getroottree().docinfo.internalDTD is not None:
                    raise entities_refused()
                if element.tag == tags[0]:
                    budget.spend(_read_row(element, sheet))
                else:
                    title = clean(element.get(f"{_SS}Name") or "")[:80] or str(len(sheets) + 1)
                    if any((each.text or "").startswith("SheetHidden") for each in element.iter("{*}Visible")):
                        hidden += [title] if sheet.filled() else []
                    else:
                        sheets[title] = sheet
                    sheet = _Sheet()
                element.clear()
    except etree.XMLSyntaxError as error:
        raise ListRefused(
            "xml-invalid", f"This XML is damaged: was it cut off on its way? {_ADVICE[:-1]}", line=error.lineno or None
        ) from error
    return sheets, hidden


def _read_row(row: etree._Element, sheet: _Sheet) -> int:
    """Add the row to the sheet; the number of its cells."""
    sheet.number = max(_number(row, "Index", 10_000_000) or sheet.number + 1, sheet.number + 1)
    cells: list[object] = []
    sheet.lasting = {column: each for column, each in sheet.lasting.items() if each[0] >= sheet.number}
    for cell in row.iterchildren(f"{_SS}Cell"):
        at = _number(cell, "Index", _WIDEST + 1)
        _pad(cells, at - 1 if at else _free(cells, sheet.lasting))
        if len(cells) >= _WIDEST:
            raise ListRefused(
                "too-large", f"More than {_WIDEST} columns: keep those of the list and delete the others."
            )
        value, left = _value(cell.find(f"{_SS}Data")), len(cells)
        wide, high = _number(cell, "MergeAcross", _WIDEST - left), _number(cell, "MergeDown", _LONGEST)
        if high:
            sheet.lasting[left] = (sheet.number + high, value)
        if wide:
            sheet.spans.append((sheet.number, left, left + wide))
        cells += [value, *[""] * wide]
    if any(map(is_filled, cells)):
        for column, (_last, value) in sheet.lasting.items():
            _pad(cells, column + 1)
            cells[column] = cells[column] if is_filled(cells[column]) else value
        sheet.records.append((sheet.number, cells))
    return len(cells)


def _pad(cells: list[object], width: int) -> None:
    cells += [""] * (width - len(cells))


def _free(cells: list[object], lasting: dict[int, tuple[int, object]]) -> int:
    position = len(cells)
    while position in lasting:
        position += 1
    return position


def _number(element: etree._Element, name: str, most: int) -> int:
    said = (element.get(f"{_SS}{name}") or "").strip()
    return min(int(said), most) if said.isascii() and said.isdigit() and len(said) < 9 else 0


def _value(data: etree._Element | None) -> object:
    if data is None:
        return ""
    text = "".join(data.itertext()).strip("\r\n\t ")
    try:
        match data.get(f"{_SS}Type"):
            case "Number":
                number = float(text)
                return int(number) if number.is_integer() and abs(number) < 1e15 else number
            case "DateTime":
                moment = datetime.fromisoformat(text)
                return date(moment.year, moment.month, moment.day) if text.endswith("T00:00:00.000") else moment
            case "Boolean":
                return text == "1"
            case "Error":
                return ""
    except (ValueError, OverflowError):
        pass
    return text
