"""Tables of web pages, which many programs save under the name of a workbook. Only text is read.

lxml builds the page without network, entities or scripts; the largest table of the page is the list.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from lxml import etree

from datacoop.lib.decoding import decoding_of
from datacoop.lib.tabular import Span, is_filled
from datacoop.sources.readers.csv import chunks_of, notes_of
from datacoop.sources.readers.events import events_in
from datacoop.sources.readers.grid import Budget, Grid, Record, table_of
from datacoop.sources.readers.json_values import columns_of, thing_values
from datacoop.sources.readers.table import ListRefused, Row, Table

MAX_BYTES: Final = 7_000_000
_WIDEST: Final = 1_000
_LONGEST: Final = 10_000
_CHARSET: Final = re.compile(
    rb"<meta[^>]{0,200}charset\s*=\s*[\"']?\s*(iso-8859-1?[0-9]|windows-125[0-8]|macintosh|us-ascii|koi8-[ru])",
    re.IGNORECASE,
)
#: What browsers read as Windows-1252, whatever it is called.
_LATIN: Final = frozenset({"iso-8859-1", "us-ascii"})
_UNREAD: Final = frozenset({"script", "style", "template", "noscript"})
_BREAKS: Final = frozenset({"br", "p", "li", "div"})
_ADVICE: Final = "Open it in a spreadsheet program, save it as XLSX or CSV and send that."


def open_table(path: Path, name: str, knows: Callable[[str], bool]) -> Table:
    """Open the largest table of a page; other tables are told."""
    if path.stat().st_size > MAX_BYTES:
        raise ListRefused("too-large", f"This web page is larger than {MAX_BYTES // 1_000_000} MB. {_ADVICE}")
    text, encoding, notes = _text_of(path)
    budget = Budget(len(text), _ADVICE)
    root = _root_of(text)
    found = [] if root is None else list(root.iter("table"))
    tables = [table for table in (_cells(each, budget) for each in found) if len(table[0]) > 1]
    if not tables and root is not None and (events := events_in(root)):
        notes.insert(0, f"This is a web page: the {len(events)} events it describes for search engines were read.")
        rows = [Row(number, thing_values(each)) for number, each in enumerate(events, start=1)]
        return Table(name, encoding, None, columns_of(rows), iter(rows), notes)
    if not tables:
        raise ListRefused("html", f"This is a web page, whatever its name, and it holds no table. {_ADVICE}")
    records, spans = max(tables, key=lambda table: sum(1 for _, row in table[0] for cell in row if is_filled(cell)))
    notes.insert(0, "This is a web page, whatever its name: its table was read.")
    if len(tables) > 1:
        notes.append(f"The page holds {len(tables)} tables: only the largest was read.")
    return table_of(Grid(name, encoding, iter(records), notes, spans), knows)


def _text_of(path: Path) -> tuple[str, str, list[str]]:
    """The page as text: UTF-8 where it is, else the encoding the page names, else the one its letters show."""
    data = path.read_bytes()
    decoding = decoding_of(chunks_of(path))
    said = _CHARSET.search(data[:4000])
    if said and not decoding.certain:
        name = said[1].decode().lower()
        try:
            return data.decode("cp1252" if name in _LATIN else name, "replace"), name, []
        except LookupError:
            pass  # there is no ISO-8859-12
    return decoding.text(data), decoding.name, notes_of(decoding)


def _root_of(text: str) -> etree._Element | None:
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        # Bytes, since a declaration of another encoding in the text would be an error.
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.ParseError:
        return None
    return root


def _cells(table: etree._Element, budget: Budget) -> tuple[list[Record], list[Span]]:
    """Rows of a table without those of tables inside it; a cell over several rows counts for each."""
    records: list[Record] = []
    spans: list[Span] = []
    lasting: dict[int, tuple[int, str]] = {}
    for number, row in enumerate(_rows(table), start=1):
        cells: list[object] = []
        started: dict[int, tuple[int, str]] = {}
        for cell in row.iterchildren("td", "th"):
            _fill(cells, lasting)
            text, wide, high = _text(cell), _span(cell, "colspan", _WIDEST), _span(cell, "rowspan", _LONGEST)
            if wide > 1:
                spans.append((number, len(cells), len(cells) + wide - 1))
            if high > 1:
                started |= {len(cells) + offset: (high - 1, text if offset == 0 else "") for offset in range(wide)}
            cells += [text, *[""] * (wide - 1)]
            if len(cells) > _WIDEST:
                break
        for column in sorted(lasting):
            cells += [""] * (column - len(cells))
            _fill(cells, lasting)
        lasting = {column: (rows - 1, text) for column, (rows, text) in lasting.items() if rows > 1} | started
        budget.spend(len(cells) + 1)
        records.append((number, cells))
    return records, spans


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    for child in table.iterchildren("tr", "thead", "tbody", "tfoot"):
        if child.tag == "tr":
            yield child
        else:
            yield from child.iterchildren("tr")


def _fill(cells: list[object], lasting: dict[int, tuple[int, str]]) -> None:
    while len(cells) in lasting:
        cells.append(lasting[len(cells)][1])


def _span(cell: etree._Element, name: str, most: int) -> int:
    said = (cell.get(name) or "").strip()
    return max(1, min(int(said), most)) if re.fullmatch(r"[0-9]{1,6}", said) else 1


def _text(cell: etree._Element) -> str:
    """Text of a cell without tables inside it, one line for each of the page's."""
    pieces: list[str | None] = []
    waiting = [(cell, False)]
    while waiting:
        element, is_left = waiting.pop()
        if is_left:
            pieces.append(_flat(element.tail))
            continue
        pieces.append("\n" if element.tag in _BREAKS else "")
        if element.tag in _UNREAD or (element.tag == "table" and element is not cell):
            continue
        pieces.append(_flat(element.text))
        for child in reversed(element):
            waiting += [(child, True), (child, False)]
    lines = (line.strip() for line in "".join(each for each in pieces if each).split("\n"))
    return "\n".join(line for line in lines if line)


def _flat(text: str | None) -> str:
    return re.sub(r"[ \t\r\n]+", " ", text or "")
