"""Which format a file has, by its first bytes; what is no list is refused in words that say what to do."""

import lzma
import re
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Final

from datacoop.lib.decoding import decoding_of, is_wide
from datacoop.sources.readers.table import ListRefused

MAX_BYTES: Final = 2_000_000_000
MAX_WORKBOOK_BYTES: Final = 100_000_000
MAX_UNPACKED_BYTES: Final = 1_500_000_000
MAX_RATIO: Final = 250
_SAMPLE: Final = 200_000
_SAVE: Final = "Save the table as XLSX or CSV and send that."
#: What `zipfile` raises on damaged archives.
BROKEN: Final = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, KeyError, ValueError, NotImplementedError, RuntimeError,
    EOFError, struct.error,
)  # fmt: skip
_SIGNATURES: Final = (
    (b"%PDF", "pdf", "This is a PDF: it shows a table but holds none. Ask for the table it was made from."),
    (b"{\\rtf", "archive", f"This is a text document. {_SAVE}"),
    (b"\x1f\x8b", "archive", "This is a packed file (gzip). Unpack it and send the list inside."),
    (b"Rar!", "archive", "This is a packed file (RAR). Unpack it and send the list inside."),
    (b"7z\xbc\xaf", "archive", "This is a packed file (7z). Unpack it and send the list inside."),
    (b"\x89PNG", "binary", f"This is a picture. {_SAVE}"),
    (b"\xff\xd8\xff", "binary", f"This is a picture. {_SAVE}"),
    (b"GIF8", "binary", f"This is a picture. {_SAVE}"),
    (b"SQLite format 3", "binary", f"This is a database. {_SAVE}"),
    (b"\x00\x01\x00\x00Standard", "binary", f"This is an Access database. {_SAVE}"),
)
_PAGE: Final = re.compile(r"<(?:!doctype html|html|head|body|table|meta|style)\b", re.IGNORECASE)
_MARKUP: Final = re.compile(r"<[?!A-Za-z]")
_PROGRAM: Final = re.compile(r"(?:export\s+default|export\s+const|const|var|let)\s+[\w$]*\s*=?\s*[\[{]")


def format_of(path: Path) -> str:
    """Format by the first bytes of the file. Raises ListRefused."""
    size = path.stat().st_size
    if size == 0:
        raise ListRefused(
            "empty", "The file is empty: nothing was written, or nothing arrived. Export the list once more."
        )
    if size > MAX_BYTES:
        raise ListRefused("too-large", f"The file is larger than {MAX_BYTES // 10**9} GB. Split it into several files.")
    with path.open("rb") as file:
        start = file.read(_SAMPLE)
    if start.startswith(b"PK\x03\x04"):
        return _zipped(path, size)
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        return _compound(start, path, size)
    for signature, code, message in _SIGNATURES:
        if start.removeprefix(b"\xef\xbb\xbf").startswith(signature):
            raise ListRefused(code, message)
    if not is_wide(start) and _is_binary(start):
        raise ListRefused("binary", f"This is neither a text nor a workbook. {_SAVE}")
    return _textual(_text(start), path.suffix.lower())


def _zipped(path: Path, size: int) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            names = {member.filename for member in members}
            unpacked = sum(member.file_size for member in members)
            _refuse_bomb(size, unpacked)
            kind = _member(archive, "mimetype") if "mimetype" in names else b""
            listed = _member(archive, "META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
    except BROKEN as error:
        raise ListRefused(
            "broken",
            "The workbook is damaged and cannot be unpacked: was it cut off on its way? "
            "Open it, save it again as XLSX and send that.",
        ) from error
    if "xl/workbook.xml" in names or "xl/workbook.bin" in names:
        return "xlsx" if "xl/workbook.xml" in names else "xlsb"
    if b"opendocument.spreadsheet" in kind:
        if b"encryption-data" in listed:
            raise ListRefused(
                "protected", "The workbook is protected by a password. Save it without one and send it again."
            )
        return "ods"
    if any(name.endswith("Index/Document.iwa") or name == "Index.zip" for name in names):
        raise ListRefused("archive", "This is a workbook of Numbers. Export it as XLSX or CSV and send that.")
    raise ListRefused("archive", f"This is an archive or a text document, not a list. {_SAVE}")


def _member(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as file:
        return file.read(_SAMPLE)


def _refuse_bomb(size: int, unpacked: int) -> None:
    if unpacked > MAX_UNPACKED_BYTES or (unpacked > 50_000_000 and unpacked > size * MAX_RATIO):
        raise ListRefused(
            "too-large",
            f"The file unpacks to {max(1, unpacked // 1_000_000)} MB, far more than a list needs: it was not opened. "
            "Copy the list into a new workbook, or save the sheet as CSV.",
        )
    if size > MAX_WORKBOOK_BYTES:
        raise ListRefused(
            "too-large", f"The workbook is larger than {MAX_WORKBOOK_BYTES // 1_000_000} MB. Save the sheet as CSV."
        )


def _compound(start: bytes, path: Path, size: int) -> str:
    whole = start if len(start) < _SAMPLE else _first_bytes(path, 20_000_000)
    if "EncryptedPackage".encode("utf-16-le") in whole:
        raise ListRefused(
            "protected", "The workbook is protected by a password. Save it without one and send it again."
        )
    if "Workbook".encode("utf-16-le") in whole or "Book".encode("utf-16-le") in whole:
        _refuse_bomb(size, size)
        return "xls"
    raise ListRefused("binary", f"This is an office document, but not a workbook. {_SAVE}")


def _first_bytes(path: Path, most: int) -> bytes:
    with path.open("rb") as file:
        return file.read(most)


def _text(start: bytes) -> str:
    return decoding_of([start]).text(start).lstrip("\ufeff")


def _textual(start: str, suffix: str) -> str:
    stripped = start.lstrip("\ufeff\x00 \t\r\n")
    if not stripped:
        raise ListRefused("empty", "The file holds blanks only. Export the list once more.")
    if _MARKUP.match(stripped):
        return _marked_up(stripped)
    if re.match(r"BEGIN:V(?:CALENDAR|EVENT|TODO|TIMEZONE)\s", stripped, re.IGNORECASE):
        return "calendar"
    if re.match(r"BEGIN:VCARD\s", stripped, re.IGNORECASE):
        raise ListRefused("cards", f"These are address cards. Import them into a spreadsheet. {_SAVE}")
    if stripped.startswith("MIME-Version:"):
        raise ListRefused("html", f"This is an archive of a web page, whatever its name. {_SAVE}")
    if _PROGRAM.match(stripped[:200]):
        raise ListRefused("script", "This is a program that holds a list. Save the list itself as JSON.")
    if stripped[0] in "{[\x1e" or suffix in {".json", ".geojson", ".ndjson", ".jsonl"}:
        return _json_flavour(stripped.lstrip("\x1e"), suffix)
    return "tsv" if suffix in {".tsv", ".tab"} else "csv"


def _marked_up(stripped: str) -> str:
    if re.search(r"<osm[\s>]", stripped[:2000]):
        if "<!DOCTYPE" in stripped[:20_000]:
            raise ListRefused(
                "xml-entities", "This XML declares a document type, as no list does: it was not read. Send CSV."
            )
        return "osm"
    if "urn:schemas-microsoft-com:office:spreadsheet" in stripped[:5000] and "<Workbook" in stripped[:5000]:
        return "spreadsheetml"
    if _PAGE.search(stripped[:5000]):
        return "html"
    raise ListRefused("xml", f"This is XML, not a list. {_SAVE}")


def _json_flavour(stripped: str, suffix: str) -> str:
    first_line = stripped.split("\n", 1)[0].strip(" \t\r\x1e")
    lines = len(re.findall(r"\n\s*\x1e?[{\[]", stripped)) > 0
    complete = (first_line[:1], first_line[-1:]) in {("{", "}"), ("[", "]")} and len(first_line) > 2
    if suffix in {".ndjson", ".jsonl"} or (complete and lines and _is_whole(first_line)):
        return "ndjson"
    head = stripped[:3000]
    if suffix == ".geojson" or '"FeatureCollection"' in head or re.search(r'"type"\s*:\s*"Feature"', head[:300]):
        return "geojson"
    if '"elements"' in stripped[:20_000] and ('"osm3s"' in head or "Overpass" in head):
        return "osm"
    if suffix in {".csv", ".tsv", ".txt"} and stripped[:1] == "[" and "{" not in stripped[:200]:
        return "csv"
    return "json"


def _is_whole(line: str) -> bool:
    """Whether as many brackets close as open, outside of texts."""
    bare = re.sub(r'"(?:[^"\\]|\\.)*"', "", line)
    return all(bare.count(opening) == bare.count(closing) for opening, closing in ("{}", "[]"))


def _is_binary(start: bytes) -> bool:
    sample = start[:8000]
    controls = sum(1 for byte in sample if 0 < byte < 9 or 13 < byte < 27)
    return controls > len(sample) // 40 or sample.count(0) > len(sample) // 3
