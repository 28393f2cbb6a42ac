"""Files that are no list, by what is wrong with them: name, content, code and the whole sentence of the refusal."""

import io
import json
import struct
import zipfile
from dataclasses import dataclass

import openpyxl

from tests.sources import workbooks

AGAIN = "Open it, save it again as XLSX and send that"
PASSWORD = "The workbook is protected by a password. Save it without one and send it again."
MEMORY = (
    "The workbook would need far more memory than a list of its size: nothing was read. Often a single cell far "
    "below or beside the others is the cause. Copy the list into a new workbook, or save the sheet as CSV."
)
OPEN = "Open it in a spreadsheet program, save it as XLSX or CSV and send that."
DAMAGED = f"The workbook is damaged and cannot be read: was it cut off on its way? {AGAIN}, or save the sheet as CSV."
SAVE = "Save the table as XLSX or CSV and send that."


@dataclass(frozen=True)
class BadInput:
    name: str
    content: bytes
    code: str
    message: str


def _workbook(rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _bomb():
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 60_000_000)
    return target.getvalue()


def _lying_bomb():
    """A sheet that says it unpacks to a kilobyte and unpacks to 60 MB."""
    sheet = "<sheetData>" + "<row>" + '<c t="inlineStr"><is><t>' + "A" * 60_000_000
    content = workbooks.xlsx_of(sheet)
    start = content.rfind(b"PK\x01\x02", 0, content.rfind(b"xl/worksheets/sheet1.xml"))
    return content[: start + 24] + struct.pack("<I", 1_000) + content[start + 28 :]


def _encrypted():
    return b"\xd0\xcf\x11\xe0" + bytes(1200) + "EncryptedPackage".encode("utf-16-le")


def _far_cell():
    cells = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    return workbooks.xlsx_of(f"<sheetData>{cells}</sheetData>")


def _hidden_only():
    book = openpyxl.Workbook()
    book.create_sheet("Membres").append(["Nom", "NPA"])
    book["Membres"].sheet_state = "hidden"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


TRUNCATED = _workbook([["Nom", "NPA"], *([f"Club {number}", 1000 + number] for number in range(300))])

BAD_INPUTS = {
    "empty file": BadInput(
        "membres.csv",
        b"",
        "empty",
        "The file is empty: nothing was written, or nothing arrived. Export the list once more.",
    ),
    "blanks only": BadInput(
        "membres.csv", b" \r\n\r\n ", "empty", "The file holds blanks only. Export the list once more."
    ),
    "separators only": BadInput(
        "membres.csv", b";;;\n;;;\n", "empty", "There is no filled cell: is this the right file, the right sheet?"
    ),
    "empty workbook": BadInput("membres.xlsx", _workbook([]), "empty", "The workbook has no filled cell."),
    "all in hidden sheets": BadInput(
        "membres.xlsx",
        _hidden_only(),
        "empty",
        "The workbook has no filled cell. All is in hidden sheets (Membres): show them in the workbook first.",
    ),
    "empty JSON list": BadInput(
        "membres.json", b"[]", "empty", "There is no record in this JSON: is this the right file?"
    ),
    "truncated workbook": BadInput(
        "membres.xlsx",
        TRUNCATED[: len(TRUNCATED) // 2],
        "broken",
        f"The workbook is damaged and cannot be unpacked: was it cut off on its way? {AGAIN}.",
    ),
    "truncated xls": BadInput(
        "membres.xls",
        workbooks.xls([["Nom", "NPA"], ["Club", 1005]])[:1600],
        "broken",
        DAMAGED,
    ),
    "truncated JSON": BadInput(
        "membres.json",
        b'[\n {"nom": "A"},\n {"nom": "B"},',
        "json-invalid",
        "Not valid JSON: the file ends too early, perhaps it was cut off on its way. Correct this place, or export "
        "the list once more (line 3, column 15)",
    ),
    "JSON cut off in a text": BadInput(
        "membres.json",
        b'[\n {"nom": "A"},\n {"nom": "B',
        "json-invalid",
        "Not valid JSON: a text never ends, either a quotation mark is missing or the file was cut off on its way. "
        "Correct this place, or export the list once more (line 3, column 10)",
    ),
    "zip bomb": BadInput(
        "membres.xlsx",
        _bomb(),
        "too-large",
        "The file unpacks to 60 MB, far more than a list needs: it was not opened. Copy the list into a new workbook, "
        "or save the sheet as CSV.",
    ),
    "zip bomb that lies": BadInput("membres.xlsx", _lying_bomb(), "broken", DAMAGED),
    "one cell far away": BadInput("membres.xlsx", _far_cell(), "too-large", MEMORY),
    "password-protected xlsx": BadInput("membres.xlsx", _encrypted(), "protected", PASSWORD),
    "password-protected xls": BadInput("membres.xls", workbooks.xls([["Nom"]], protected=True), "protected", PASSWORD),
    "password-protected ods": BadInput(
        "membres.ods", workbooks.ods([["Nom"]], manifest="<manifest:encryption-data/>"), "protected", PASSWORD
    ),
    "web page without a table": BadInput(
        "membres.xls",
        b"<html><body><p>Connectez-vous</p></body></html>",
        "html",
        f"This is a web page, whatever its name, and it holds no table. {OPEN}",
    ),
    "web archive": BadInput(
        "membres.xls",
        b"MIME-Version: 1.0\r\nContent-Type: multipart/related\r\n",
        "html",
        f"This is an archive of a web page, whatever its name. {SAVE}",
    ),
    "invalid JSON": BadInput(
        "membres.json",
        b'[\n {"nom": "A",}\n]',
        "json-invalid",
        "Not valid JSON: a comma before a closing bracket. Correct this place, or export the list once more "
        "(line 2, column 14)",
    ),
    "JSON with typographic quotes": BadInput(
        "membres.json",
        "[{“nom”: “A”}]".encode(),
        "json-invalid",
        "Not valid JSON: names and texts stand between straight double quotation marks, not “. Correct this place, "
        "or export the list once more (line 1, column 3)",
    ),
    "invalid line of NDJSON": BadInput(
        "membres.ndjson",
        b'{"nom": "A"}\n{"nom": }\n{"nom": "C"}\n',
        "json-invalid",
        "Not valid JSON: expecting value. Correct this place, or export the list once more (line 2, column 9)",
    ),
    "JSON nested too deeply": BadInput(
        "membres.json",
        b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
        "json-invalid",
        "The JSON is nested too deeply to be a list. Export the list once more, or send CSV.",
    ),
    "JSON of a single value": BadInput(
        "membres.json",
        b'"Club"',
        "not-a-list",
        "This JSON is a single value, not a list of records. Is this the right file?",
    ),
    "JSON of several lists": BadInput(
        "membres.json",
        json.dumps({"clubs": [{"nom": "A"}], "salles": [{"adresse": "B", "places": 3}]}).encode(),
        "several-lists",
        "This JSON holds several lists of different things: clubs, salles. Send each in its own file.",
    ),
    "GeoJSON of outlines": BadInput(
        "zones.geojson",
        b'{"type": "Polygon", "coordinates": []}',
        "not-a-list",
        "This GeoJSON has no list of features, only outlines without names. Is this the right file?",
    ),
    "quotation mark missing": BadInput(
        "membres.csv",
        b'Nom;NPA\nClub;1005\n"Gym;1006\nFoot;1007\n',
        "quote-unclosed",
        "A cell never ends: a quotation mark is missing. Look at the cell that begins here, or export the list once "
        "more (line 3)",
    ),
    "line without end": BadInput(
        "membres.csv",
        b"Nom;NPA\n" + b"a" * 8_000_001,
        "line-too-long",
        "A line of more than 8 million characters: this is no table, or its line ends are lost. Export the list once "
        "more (line 2)",
    ),
    "too many columns": BadInput(
        "membres.csv",
        b"a;" * 6_000 + b"\n",
        "too-large",
        "More than 5000 columns: keep those of the list and delete the others.",
    ),
    "OSM with entities": BadInput(
        "carte.osm",
        b'<?xml version="1.0"?><!DOCTYPE osm [<!ENTITY a "x">]><osm><node id="1"><tag k="a" v="&a;"/></node></osm>',
        "xml-entities",
        "This XML declares a document type, as no list does: it was not read. Send CSV.",
    ),
    "truncated OSM": BadInput(
        "carte.osm",
        b'<osm>\n<node id="1" lat="46" lon="6"><tag k="name" v="A"/></node>\n<node id="2"',
        "xml-invalid",
        "This XML is damaged: was it cut off on its way? Export the extract once more (line 3)",
    ),
    "another XML": BadInput("membres.xml", b"<?xml version='1.0'?><clubs/>", "xml", f"This is XML, not a list. {SAVE}"),
    "PDF": BadInput(
        "membres.pdf",
        b"%PDF-1.7 ...",
        "pdf",
        "This is a PDF: it shows a table but holds none. Ask for the table it was made from.",
    ),
    "picture": BadInput("membres.csv", b"\x89PNG\r\n\x1a\n" + bytes(200), "binary", f"This is a picture. {SAVE}"),
    "packed file": BadInput(
        "membres.csv.gz",
        b"\x1f\x8b\x08\x00",
        "archive",
        "This is a packed file (gzip). Unpack it and send the list inside.",
    ),
    "text document": BadInput(
        "membres.docx",
        workbooks.zipped({"word/document.xml": "<w:document/>"}),
        "archive",
        f"This is an archive or a text document, not a list. {SAVE}",
    ),
    "program": BadInput(
        "membres.js",
        b"export default [\n{}]",
        "script",
        "This is a program that holds a list. Save the list itself as JSON.",
    ),
    "calendar": BadInput(
        "agenda.ics",
        b"BEGIN:VCALENDAR\r\nEND:VCALENDAR",
        "empty",
        "There is no event in this calendar: is this the right file?",
    ),
    "calendar after an empty line": BadInput(
        "agenda.ics",
        b"\xef\xbb\xbf\r\nBEGIN:VCALENDAR\r\n",
        "calendar-invalid",
        "VCALENDAR never ends: was the file cut off on its way? Export the calendar once more (line 2)",
    ),
    "address cards": BadInput(
        "membres.vcf",
        b"BEGIN:VCARD\r\nFN:Nora Exemple\r\n",
        "cards",
        f"These are address cards. Import them into a spreadsheet. {SAVE}",
    ),
    "bytes of a machine": BadInput(
        "membres.csv", bytes(range(256)) * 20, "binary", f"This is neither a text nor a workbook. {SAVE}"
    ),
}
