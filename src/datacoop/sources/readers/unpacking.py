"""A program apart that unpacks a workbook under limits: `python -I unpacking.py FILE MEGABYTES SECONDS`.

The libraries that read workbooks end the whole process where a few bytes make them reserve too much memory
(decision 0014): so a process of its own does it, and its end is a refusal. It writes one line of JSON for each
sheet, then one for each row, at last `{"done": true}`; or `{"refused": CODE}` and exits with 3, with 4 where it
would write too much.
Imports nothing of the project, so that it starts at once.
"""

import errno
import re
import resource
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final
from xml.parsers import expat

import orjson
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

Write = Callable[[object], object]
Noted = Mapping[str, Sequence[object]]
_PART: Final = 1 << 20
_HIDDEN_ROW: Final = re.compile(rb'<(?:\w+:)?row\b(?=[^>]*\bhidden="(?:1|true)")[^>]*?\br="(\d+)"')
_HIDDEN_COLUMN: Final = re.compile(
    rb'<(?:\w+:)?col\b(?=[^>]*\bhidden="(?:1|true)")(?=[^>]*\bmin="(\d+)")[^>]*\bmax="(\d+)"'
)
#: A cell with a formula and without a result: programs that write workbooks leave it to the one that opens them.
_UNSAVED: Final = re.compile(
    rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+\d+)"[^>]*>\s*<(?:\w+:)?f\b(?:[^>]*/>|[^>]*>[^<]*</(?:\w+:)?f>)\s*'
    rb"(?:<(?:\w+:)?v\s*/>\s*|<(?:\w+:)?v></(?:\w+:)?v>\s*)?</(?:\w+:)?c>"
)
_SHEET: Final = re.compile(rb'<(?:\w+:)?sheet\b(?=[^>]*\bname="([^"]*)")[^>]*\br:id="([^"]*)"')
_TARGET: Final = re.compile(rb'<Relationship\b(?=[^>]*\bId="([^"]*)")[^>]*\bTarget="([^"]*)"')
_MOST_TOLD: Final = 1_000


def unpack(path: str, write: Write) -> None:
    """Write sheets and rows of a workbook. Raises what the library raises."""
    _refuse_malformed(path)
    with CalamineWorkbook.from_path(path) as workbook:
        told = _macros_and_noted(path)
        write({"macros": told.pop("", None) is not None})
        for each in workbook.sheets_metadata:
            if each.typ != SheetTypeEnum.WorkSheet:
                continue
            visible = each.visible == SheetVisibleEnum.Visible
            _write_sheet(workbook.get_sheet_by_name(each.name), visible, told.get(each.name, {}), write)
    write({"done": True})


def _refuse_malformed(path: str) -> None:
    """The library reads on for ever after the end of an OpenDocument whose tags do not close."""
    if not zipfile.is_zipfile(path):
        return
    with zipfile.ZipFile(path) as archive:
        if "content.xml" in archive.namelist():
            with archive.open("content.xml") as file:
                expat.ParserCreate().ParseFile(file)


def _write_sheet(sheet: CalamineSheet, visible: bool, noted: Noted, write: Write) -> None:
    merged = []
    try:
        merged = [[top, left, bottom, right] for (top, left), (bottom, right) in sheet.merged_cell_ranges or []]
    except CalamineError:
        pass
    write({"sheet": sheet.name, "visible": visible, "merged": merged[:100_000], **noted})
    if not visible:
        write([] if sheet.start is None else [1])
        return
    before = [""] * sheet.start[1] if sheet.start else []  # rows begin at the first filled column
    for row in sheet.iter_rows():
        while row and row[-1] == "":
            row.pop()
        write([*before, *map(_plain, row)] if row else [])


def _plain(cell: object) -> object:
    """A value JSON can hold; days and hours under the name of their type. 59260.0 is how a sheet keeps 59260."""
    if isinstance(cell, float):
        return int(cell) if cell.is_integer() and abs(cell) < 1e15 else cell
    if isinstance(cell, datetime):
        return {"datetime": cell.isoformat()}
    if isinstance(cell, date):
        return {"date": cell.isoformat()}
    if isinstance(cell, time):
        return {"time": cell.isoformat()}
    if isinstance(cell, timedelta):
        return {"seconds": cell.total_seconds()}
    return cell


def _macros_and_noted(path: str) -> dict[str, Noted]:
    """What is noted of each sheet, by its name; "" is there if the workbook holds macros."""
    found: dict[str, Noted] = {}
    try:
        if not zipfile.is_zipfile(path):
            return {"": {}} if _holds(path, "_VBA_PROJECT".encode("utf-16-le")) else {}
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            if any(name.endswith("vbaProject.bin") or name.startswith("Basic/") for name in names):
                found[""] = {}
            if "xl/workbook.xml" in names and "xl/_rels/workbook.xml.rels" in names:
                targets = dict(_TARGET.findall(archive.read("xl/_rels/workbook.xml.rels")))
                for name, relation in _SHEET.findall(archive.read("xl/workbook.xml")):
                    target = targets.get(relation, b"").decode().removeprefix("/xl/")
                    if f"xl/{target}" in names:
                        found[name.decode("utf-8", "replace")] = _noted(archive, f"xl/{target}")
    except Exception:  # noqa: S110 - zipfile raises many kinds, some undocumented
        pass  # what is hidden is told where it can be; the library says whether the workbook is sound
    return found


def _holds(path: str, mark: bytes) -> bool:
    with open(path, "rb") as file:
        return any(mark in part for part in iter(lambda: file.read(4 * _PART), b""))


def _noted(archive: zipfile.ZipFile, member: str) -> Noted:
    """Numbers of hidden rows and columns, and names of cells whose formula has no result."""
    rows: list[int] = []
    columns: list[int] = []
    unsaved: list[str] = []
    for part in _parts(archive, member):
        rows += [int(number) for number in _HIDDEN_ROW.findall(part)]
        unsaved += [name.decode() for name in _UNSAVED.findall(part)]
        for first, last in _HIDDEN_COLUMN.findall(part):
            columns += range(int(first), min(int(last), int(first) + 500) + 1)
    return {
        "hidden_rows": rows[:_MOST_TOLD], "hidden_columns": columns[:_MOST_TOLD], "unsaved": unsaved[:_MOST_TOLD]
    }  # fmt: skip


def _parts(archive: zipfile.ZipFile, member: str) -> Iterator[bytes]:
    """The member in parts that end between two tags."""
    rest = b""
    with archive.open(member) as file:
        while part := file.read(_PART):
            whole = rest + part
            cut = whole.rfind(b"<")
            if cut <= 0 or len(whole) > 4 * _PART:
                rest = b""
                yield whole
            else:
                rest = whole[cut:]
                yield whole[:cut]
    yield rest


def main(arguments: Sequence[str], out: Callable[[bytes], object]) -> int:
    """Unpack under limits; the exit code is 0, or 3 where the workbook is refused."""
    path, megabytes, seconds = arguments
    for limit, value in (
        (resource.RLIMIT_AS, int(megabytes) << 20),
        (resource.RLIMIT_CPU, int(seconds)),
        (resource.RLIMIT_FSIZE, 4 * int(megabytes) << 20),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(limit, (value, value))
        except (ValueError, OSError):
            continue  # a system that does not know this limit
    try:
        unpack(path, lambda line: out(orjson.dumps(line) + b"\n"))
    except PasswordError:
        out(b'{"refused": "protected"}\n')
        return 3
    except MemoryError:
        out(b'{"refused": "too-large"}\n')
        return 3
    except OSError as error:
        if error.errno == errno.EFBIG:
            return 4
        out(b'{"refused": "broken"}\n')
        return 3
    except BaseException as error:  # a panic of the library is no Exception
        code = "too-large" if "alloc" in str(error) or "capacity" in str(error) else "broken"
        out(b'{"refused": "%s"}\n' % code.encode())
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:4], sys.stdout.buffer.write))
