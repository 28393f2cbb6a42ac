"""Open any reasonable list: the format is known by the file's content, its name only breaks ties.

`read(path)` gives a Table whose rows are read as they are asked for; ListRefused says, with the place in the
file, why a list cannot be read. Must not change, guess or judge values: mapping and normalising do that.
"""

import importlib
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Final

from datacoop.sources.readers.table import ListRefused, Row, Table

__all__ = ["FORMATS", "ListRefused", "Row", "Table", "format_of", "read"]

FORMATS: Final = {
    "csv": "csv",
    "tsv": "csv",
    "xlsx": "xlsx",
    "xls": "xlsx",
    "ods": "xlsx",
    "json": "json",
    "ndjson": "json",
    "geojson": "geojson",
}
MAX_BYTES: Final = 2_000_000_000
MAX_WORKBOOK_BYTES: Final = 200_000_000
MAX_UNPACKED_BYTES: Final = 1_500_000_000
MAX_RATIO: Final = 250
_SAMPLE: Final = 200_000


def read(
    path: Path,
    *,
    format: str | None = None,
    knows: Callable[[str], bool] = lambda _label: False,
) -> Table:
    """Open a list. `knows` recognises header words and helps to find the row that names the columns.

    Raises ListRefused for what is no list: empty, binary, protected, broken, too large.
    """
    name = format or format_of(path)
    module_name = FORMATS.get(name)
    if module_name is None:
        raise ListRefused("format-unknown", f"The format {name} is not one of {', '.join(sorted(FORMATS))}.")
    module = importlib.import_module(f"datacoop.sources.readers.{module_name}")
    table: Table = module.open_table(path, name, knows)
    return table


def format_of(path: Path) -> str:
    """Format by the first bytes of the file. Raises ListRefused."""
    size = path.stat().st_size
    if size == 0:
        raise ListRefused("empty", "The file is empty.")
    if size > MAX_BYTES:
        raise ListRefused("too-large", f"The file is larger than {MAX_BYTES // 10**9} GB.")
    with path.open("rb") as file:
        start = file.read(_SAMPLE)
    if start.startswith(b"PK\x03\x04"):
        return _zipped(path, size)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return _compound(start, path)
    return _textual(start, path.suffix.lower())


def _zipped(path: Path, size: int) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            kind = archive.read("mimetype")[:80] if "mimetype" in names else b""
    except (zipfile.BadZipFile, OSError, KeyError) as error:
        raise ListRefused("broken", "The workbook is damaged and cannot be unpacked.") from error
    unpacked = sum(member.file_size for member in members)
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > 50_000_000 and unpacked > size * MAX_RATIO):
        raise ListRefused("too-large", "The workbook unpacks to far more than a list needs: not opened.")
    if size > MAX_WORKBOOK_BYTES:
        raise ListRefused("too-large", "The workbook is too large; save the sheet as CSV.")
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return "xlsx"
    if b"opendocument.spreadsheet" in kind:
        return "ods"
    raise ListRefused("archive", "This is an archive or a text document, not a list.")


def _compound(start: bytes, path: Path) -> str:
    whole = start if len(start) < _SAMPLE else path.read_bytes()[:20_000_000]
    if "EncryptedPackage".encode("utf-16-le") in whole:
        raise ListRefused("protected", "The workbook is protected by a password; save it without one.")
    if "Workbook".encode("utf-16-le") in whole or "Book".encode("utf-16-le") in whole:
        return "xls"
    raise ListRefused("binary", "This is an office document, but not a workbook.")


def _textual(start: bytes, suffix: str) -> str:
    stripped = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not stripped:
        raise ListRefused("empty", "The file holds blanks only.")
    lowered = stripped[:500].lower()
    if lowered.startswith((b"<!doctype html", b"<html", b"<table", b"<head")) or b"<html" in lowered[:300]:
        raise ListRefused("html", "This is a web page, whatever its name; save the table as CSV or XLSX.")
    if lowered.startswith(b"<"):
        raise ListRefused("xml", "This is XML, not a list; save the table as CSV or XLSX.")
    if lowered.startswith(b"%pdf"):
        raise ListRefused("pdf", "This is a PDF; ask the holder for the table it was made from.")
    if lowered.startswith(b"begin:vcalendar"):
        raise ListRefused("calendar", "This is a calendar, not a list; calendars are subscribed to.")
    if re.match(rb"(?:export\s+default|export\s+const|const|var|let)\s+[\w$]*\s*=?\s*[\[{]", stripped[:200]):
        raise ListRefused("script", "This is a program that holds a list; save the list itself as JSON.")
    if _is_binary(start):
        raise ListRefused("binary", "These bytes are no text and no workbook.")
    if stripped[:1] in b"{[" or suffix in {".json", ".geojson", ".ndjson", ".jsonl"}:
        return _json_flavour(start, stripped, suffix)
    return "tsv" if suffix in {".tsv", ".tab"} else "csv"


def _json_flavour(start: bytes, stripped: bytes, suffix: str) -> str:
    if suffix == ".geojson" or b'"FeatureCollection"' in start[:2000]:
        return "geojson"
    if suffix in {".ndjson", ".jsonl"}:
        return "ndjson"
    first_line = stripped.split(b"\n", 1)[0].strip()
    several = stripped.count(b"\n{") > 0
    if first_line.startswith(b"{") and first_line.endswith(b"}") and several and len(first_line) > 2:
        return "ndjson"
    if suffix in {".csv", ".tsv", ".txt"} and stripped[:1] == b"[" and b"{" not in stripped[:200]:
        return "csv"
    return "json"


def _is_binary(start: bytes) -> bool:
    sample = start[:8000]
    zeros = sample.count(0)
    if zeros and not sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        halves = sample[0::2].count(0), sample[1::2].count(0)
        if min(halves) > 0 or max(halves) < len(sample) // 5:
            return zeros > 2
        return False
    controls = sum(1 for byte in sample if byte < 9 or 13 < byte < 27)
    return not zeros and controls > len(sample) // 20
