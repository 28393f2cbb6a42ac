"""Workbooks (xlsx, xlsm, xlsb, xls, ods): the sheet that holds the list, values without formulas or macros.

A process apart with limits of memory and time unpacks them (`unpacking.py`, decision 0014); this reads its answer.
"""

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import IO, Final

import orjson

from datacoop.lib.tabular import header_row_of, is_filled
from datacoop.lib.text import clean
from datacoop.sources.readers import unpacking
from datacoop.sources.readers.grid import HEAD_ROWS, Grid, Record, table_of
from datacoop.sources.readers.table import ListRefused, Table

MAX_BYTES: Final = 100_000_000
#: What unpacking may use: so much at least, and so much more for each byte of the file.
_LEAST_MEGABYTES: Final = 384
_MEGABYTES_EACH: Final = 24
_MOST_MEGABYTES: Final = 3_000
_LEAST_SECONDS: Final = 2
_SECONDS_EACH: Final = 4
_MOST_FILLED: Final = 10_000
#: Why the process ended: SIGABRT where memory was refused, SIGKILL or SIGXCPU where time was up.
_ENDINGS: Final = {-6: "too-large", 4: "too-large", -9: "too-slow", -24: "too-slow"}
_REFUSALS: Final = {
    "protected": "The workbook is protected by a password. Save it without one and send it again.",
    "broken": (
        "The workbook is damaged and cannot be read: was it cut off on its way? "
        "Open it, save it again as XLSX and send that, or save the sheet as CSV."
    ),
    "too-large": (
        "The workbook would need far more memory than a list of its size: nothing was read. Often a single cell far "
        "below or beside the others is the cause. Copy the list into a new workbook, or save the sheet as CSV."
    ),
    "too-slow": (
        "Reading the workbook takes far longer than a list of its size needs: nothing was read. "
        "Copy the list into a new workbook, or save the sheet as CSV."
    ),
}


@dataclass
class _Sheet:
    """One visible sheet as unpacked: where its rows begin in the answer, and its first rows."""

    name: str
    merged: list[list[int]]
    start: int
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[int] = field(default_factory=list)
    unsaved: list[str] = field(default_factory=list)
    head: list[list[object]] = field(default_factory=list)
    height: int = 0


def open_table(path: Path, name: str, knows: Callable[[str], bool]) -> Table:
    """Open the sheet of a workbook that looks most like a list; the others, and what is hidden, are told."""
    answer = _unpacked(path)
    sheets, hidden, notes = _sheets(answer)
    filled = [sheet for sheet in sheets if sheet.height]
    if not filled:
        where = f" All is in hidden sheets ({', '.join(hidden)}): show them in the workbook first." if hidden else ""
        raise ListRefused("empty", f"The workbook has no filled cell.{where}")
    sheet = _best(filled, lru_cache(maxsize=4096)(knows))
    notes[:0] = _told(sheet, [other.name for other in filled if other is not sheet], hidden)
    spans = [(top + 1, left, right) for top, left, bottom, right in sheet.merged if top == bottom and left < right]
    return table_of(Grid(name, None, _records(answer, sheet), notes, spans), knows)


def _unpacked(path: Path) -> IO[bytes]:
    """What the process apart wrote; the file has no name and is gone when closed. Raises ListRefused."""
    size = path.stat().st_size / 1_000_000
    megabytes = min(_MOST_MEGABYTES, _LEAST_MEGABYTES + int(size * _MEGABYTES_EACH))
    seconds = _LEAST_SECONDS + int(size * _SECONDS_EACH)
    answer = tempfile.TemporaryFile()  # noqa: SIM115 - whoever reads the rows closes it
    code = run_apart([str(path), str(megabytes), str(seconds)], answer)
    answer.seek(max(0, answer.seek(0, 2) - 100))
    last = answer.read().rpartition(b"\n")[0].rpartition(b"\n")[2]
    answer.seek(0)
    if code == 0 and last == b'{"done":true}':
        return answer
    answer.close()
    refused = orjson.loads(last).get("refused") if code == 3 and last.startswith(b'{"refused"') else None
    reason = refused or _ENDINGS.get(code, "broken")
    raise ListRefused(reason, _REFUSALS[reason])


def run_apart(arguments: list[str], answer: IO[bytes]) -> int:
    """Run the unpacking program; its exit code, negative where a signal ended it."""
    # The program is ours, started by the interpreter that runs us; the path is one argument, no shell reads it.
    program = [sys.executable, "-I", unpacking.__file__, *arguments]
    return subprocess.run(  # noqa: S603
        program, stdin=subprocess.DEVNULL, stdout=answer, stderr=subprocess.DEVNULL, check=False
    ).returncode


def _sheets(answer: IO[bytes]) -> tuple[list[_Sheet], list[str], list[str]]:
    """The visible sheets, the names of hidden ones that hold something, and what else is to be told."""
    sheets: list[_Sheet] = []
    hidden: list[str] = []
    notes: list[str] = []
    current: _Sheet | None = None
    name = ""
    while line := answer.readline():
        if line.startswith(b"["):
            if current is None:
                hidden += [name] if line != b"[]\n" else []
            else:
                _keep(current, line)
            continue
        said = orjson.loads(line)
        if said.get("macros"):
            notes.append("The workbook holds macros: they were left out, only values were read.")
        if "sheet" in said:
            name = clean(said["sheet"])[:80]
            current = None
            if said["visible"]:
                extra = [said.get(what, []) for what in ("hidden_rows", "hidden_columns", "unsaved")]
                current = _Sheet(name, said["merged"], answer.tell(), *extra)
                sheets.append(current)
    return sheets, hidden, notes


def _keep(sheet: _Sheet, line: bytes) -> None:
    sheet.height += line != b"[]\n"
    if len(sheet.head) < HEAD_ROWS:
        sheet.head.append(orjson.loads(line))


def _best(sheets: list[_Sheet], knows: Callable[[str], bool]) -> _Sheet:
    """The first sheet whose header row has three words that are known; else the one with most rows."""

    def known(sheet: _Sheet) -> int:
        across = header_row_of(sheet.head[:60], knows)
        row = [] if across is None else sheet.head[across]
        down = [cells[0] for cells in sheet.head[:60] if cells]
        return max(sum(1 for cell in cells if isinstance(cell, str) and knows(cell)) for cells in (row, down))

    for sheet in sheets:
        if known(sheet) >= 3:
            return sheet
    return max(sheets, key=lambda sheet: (known(sheet) > 0, sheet.height))


def _told(sheet: _Sheet, others: list[str], hidden: list[str]) -> list[str]:
    notes = [f"Read the sheet {sheet.name}."]
    if others:
        notes.append(f"Not read: {', '.join(others)}.")
    if hidden:
        notes.append(f"Hidden sheets were not read: {', '.join(hidden)}.")
    if sheet.hidden_rows:
        notes.append(f"Hidden rows were read too ({len(sheet.hidden_rows)}, the first is {sheet.hidden_rows[0]}).")
    if sheet.hidden_columns:
        notes.append(f"Hidden columns were read too ({len(sheet.hidden_columns)}).")
    if sheet.unsaved:
        notes.append(
            f"Cells with a formula and no saved result are read as empty ({len(sheet.unsaved)}, the first is "
            f"{sheet.unsaved[0]}). Open the workbook in a spreadsheet program, save it there and send it again."
        )
    return notes


def _records(answer: IO[bytes], sheet: _Sheet) -> Iterator[Record]:
    """Rows of the sheet. A cell merged over several rows means its value for each of them."""
    starts: dict[int, list[tuple[int, int]]] = {}
    for top, left, bottom, right in sheet.merged:
        if left == right and 0 < bottom - top <= _MOST_FILLED:
            starts.setdefault(top, []).append((left, bottom))
    lasting: dict[int, tuple[int, object]] = {}
    with answer:
        answer.seek(sheet.start)
        for index, line in enumerate(answer):
            if not line.startswith(b"["):
                return
            cells = [_cell(cell) for cell in orjson.loads(line)]
            if lasting:
                lasting = {column: each for column, each in lasting.items() if each[0] >= index}
                _fill(cells, lasting)
            for column, bottom in starts.get(index, ()):
                if column < len(cells) and is_filled(cells[column]):
                    lasting[column] = (bottom, cells[column])
            yield index + 1, cells


def _fill(cells: list[object], lasting: dict[int, tuple[int, object]]) -> None:
    if not any(map(is_filled, cells)):
        return
    for column, (_bottom, value) in lasting.items():
        cells += [""] * (column + 1 - len(cells))
        if not is_filled(cells[column]):
            cells[column] = value


def _cell(cell: object) -> object:
    if not isinstance(cell, dict):
        return "" if cell is None else cell
    ((name, value),) = cell.items()
    match name:
        case "datetime":
            return datetime.fromisoformat(value)
        case "date":
            return date.fromisoformat(value)
        case "time":
            return time.fromisoformat(value)
        case _:
            return timedelta(seconds=value)
