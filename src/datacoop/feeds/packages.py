"""The package of access and the copy to take along, as one ZIP: records in our formats, everything else row by row.

Made while it is sent and kept nowhere. It holds what somebody may know of themselves, so it goes to nobody else.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from datacoop.disclosure.own.packing import Package
from datacoop.feeds.formats import jsonld
from datacoop.feeds.formatting import Context, begin
from datacoop.feeds.registry import all_formats
from datacoop.feeds.sinks import Sink
from datacoop.kinds.definition import kind as kind_named
from datacoop.kinds.described import own_word
from datacoop.lib.cells import harmless
from datacoop.records.tellers import Row

#: Formats that our own import reads back whole.
_FORMATS = ("csv", "jsonld")
File = tuple[str, bytes]


@dataclass(frozen=True)
class Told:
    """What a package says in words of its reader's language: whose the data is, in one sentence and in a file."""

    owned: str
    file_name: str = "README.txt"


def access_files(
    package: Package, *, base_url: str, told: Told, index: bytes, tables: Mapping[str, Sequence[Row]]
) -> Iterator[File]:
    """Yield everything: a page to read, one document with all of it, the records by kind, and a table per chapter.

    `tables` are the chapters in the reader's words; the document alone keeps codes, numbers and moments for machines.
    """
    yield "index.html", index
    yield "data.jsonld", everything(package, base_url=base_url, told=told)
    yield from record_files(package, base_url=base_url, told=told)
    for name, rows in tables.items():
        yield f"tables/{name}.csv", table(rows)


def record_files(package: Package, *, base_url: str, told: Told) -> Iterator[File]:
    """Yield the records by kind, each in every format that can be imported again (LPD 28; GDPR 20).

    They come under no licence and no terms: they are their subject's own, and a file says so.
    """
    yield told.file_name, f"{told.owned}\r\n".encode()
    for kind, bodies in package.bodies.items():
        context = _context(kind, base_url, told)
        plain = [orjson.dumps(body) for body in bodies]
        for layout in (all_formats()[name] for name in _FORMATS):
            writing = begin(layout, context)
            content = writing.part(plain) + writing.end()
            yield f"records/{kind_named(kind).plural}.{layout.EXTENSION}", content


def everything(package: Package, *, base_url: str, told: Told) -> bytes:
    """Return one JSON-LD document: the things in schema.org's words, and every chapter in ours."""
    things, words = [], None
    for kind, bodies in package.bodies.items():
        context = _context(kind, base_url, told)
        words = orjson.loads(jsonld.opening(context) + jsonld.closing(context))["@context"]
        things += [orjson.loads(jsonld.piece(orjson.dumps(body), context)) for body in bodies]
    names = {row["record"]: row["name"] for row in package.chapters.get("records", ()) if row["name"]}
    chapters = {own_word(name): [_named(row, names) for row in rows] for name, rows in package.chapters.items()}
    document = {
        "@context": words,
        "@type": "DataFeed",
        "dateCreated": package.made_at.isoformat(),
        "conditionsOfAccess": told.owned,
        "dataFeedElement": things,
        **chapters,
    }
    return orjson.dumps(document, default=str, option=orjson.OPT_INDENT_2)


def _named(row: Row, names: Mapping[object, object]) -> Row:
    """Return a row with the name of its record beside the number, where it has one."""
    return {**row, "record_name": names[row["record"]]} if row.get("record") in names else row


def table(rows: Sequence[Row]) -> bytes:
    """Return rows as CSV for spreadsheets: a column for each field, in the order in which they first come."""
    columns = list(dict.fromkeys(field for row in rows for field in row))
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])
    # The mark at the front tells spreadsheets that it is UTF-8.
    return b"\xef\xbb\xbf" + buffer.getvalue().encode("utf-8", "replace")


def zipped(files: Iterable[File], *, made_at: datetime) -> Iterator[bytes]:
    """Yield a ZIP file in chunks, one for each file in it; no more than one lies in memory."""
    sink = Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            about = zipfile.ZipInfo(name, made_at.timetuple()[:6])
            about.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(about, content)
            yield sink.taken()
    yield sink.taken()


def _cell(value: object) -> object:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return value
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping | list | tuple):
        return harmless(orjson.dumps(value, default=str).decode())
    return harmless(str(value))


def _context(kind: str, base_url: str, told: Told) -> Context:
    """A package is under no licence: it is somebody's own."""
    return Context(kind_named(kind), base_url, "", "", owned=told.owned)
