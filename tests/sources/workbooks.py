"""Small workbooks in the formats nothing here writes: xls, xlsb, ods. Bytes as their specifications give them."""

import io
import struct
import zipfile
from html import escape

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml"
END, FREE = 0xFFFFFFFE, 0xFFFFFFFF


def zipped(members, *, stored=()):
    """A zip of these members (name → text or bytes)."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content, zipfile.ZIP_STORED if name in stored else None)
    return target.getvalue()


def ods(rows, *, manifest=""):
    """An OpenDocument spreadsheet of one sheet; a number becomes a float, a date a date."""
    body = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
    return ods_of(f'<table:table table:name="Feuille1">{body}</table:table>', manifest=manifest)


def ods_of(tables, *, manifest=""):
    """An OpenDocument spreadsheet around the XML of its tables."""
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "table", "text")
    )
    opening, closing = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {spaces}><office:body><office:spreadsheet>',
        "</office:spreadsheet></office:body></office:document-content>",
    )
    inside = tables if isinstance(tables, bytes) else tables.encode()
    content = opening.encode() + inside + closing.encode()
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    listed = (
        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml">{manifest}'
        "</manifest:file-entry></manifest:manifest>"
    )
    return zipped({"mimetype": kind, "content.xml": content, "META-INF/manifest.xml": listed}, stored=["mimetype"])


def _ods_cell(value):
    if value in ("", None):
        return "<table:table-cell/>"
    if isinstance(value, int | float):
        return f'<table:table-cell office:value-type="float" office:value="{value}"/>'
    return f'<table:table-cell office:value-type="string"><text:p>{escape(value)}</text:p></table:table-cell>'


def xls(rows, *, merged=(), protected=False, hidden_sheet=False):
    """A workbook of Excel 97 (BIFF8 in a compound file): one sheet, texts and numbers."""
    sheets = [("Feuille1", 0), *([("Cachée", 1)] if hidden_sheet else [])]
    opening = _biff(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 1997, 0, 0))
    opening += _biff(0x002F, struct.pack("<HHH", 1, 1, 1) + bytes(48)) if protected else b""
    length = len(opening) + sum(12 + 2 * len(name) for name, _ in sheets) + 4
    bodies = [_biff_sheet(rows, merged), *([_biff_sheet([["Secret"]], ())] if hidden_sheet else [])]
    for (name, state), body in zip(sheets, bodies, strict=True):
        opening += _biff(0x0085, struct.pack("<IBBBB", length, state, 0, len(name), 1) + name.encode("utf-16-le"))
        length += len(body)
    return compound("Workbook", opening + _biff(0x000A, b"") + b"".join(bodies))


def _biff(kind, data):
    return struct.pack("<HH", kind, len(data)) + data


def _biff_sheet(rows, merged):
    width = max(map(len, rows), default=0)
    records = [_biff(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 1997, 0, 0))]
    records.append(_biff(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0)))
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            place = struct.pack("<HHH", row, column, 0)
            if isinstance(cell, int | float):
                records.append(_biff(0x0203, place + struct.pack("<d", cell)))
            elif cell:
                records.append(_biff(0x0204, place + struct.pack("<HB", len(cell), 1) + cell.encode("utf-16-le")))
    if merged:
        ranges = b"".join(struct.pack("<HHHH", top, bottom, left, right) for top, left, bottom, right in merged)
        records.append(_biff(0x00E5, struct.pack("<H", len(merged)) + ranges))
    return b"".join(records) + _biff(0x000A, b"")


def compound(name, stream):
    """A compound file ([MS-CFB]) of one stream."""
    stream = stream.ljust(4096, b"\0")
    stream += bytes(-len(stream) % 512)
    count = len(stream) // 512
    chain = [0xFFFFFFFD, END, *range(3, 2 + count), END]
    fat = struct.pack(f"<{len(chain)}I", *chain).ljust(512, b"\xff")
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16) + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, END, 0, END, 0) + struct.pack("<109I", 0, *[FREE] * 108)
    folder = _entry("Root Entry", 5, 1, END, 0) + _entry(name, 2, FREE, 2, len(stream))
    return header + fat + folder.ljust(512, b"\0") + stream


def _entry(name, kind, child, start, size):
    said = name.encode("utf-16-le") + b"\0\0"
    entry = said.ljust(64, b"\0") + struct.pack("<HBBIII", len(said), kind, 1, FREE, FREE, child)
    return entry + bytes(36) + struct.pack("<IQ", start, size)


def xlsb(rows):
    """A binary workbook ([MS-XLSB]) of one sheet, texts and numbers."""
    book = _record(0x83) + _record(0x99, struct.pack("<II", 0, 0) + _wide("")) + _record(0x8F)
    book += _record(0x9C, struct.pack("<II", 0, 1) + _wide("rId1") + _wide("Feuille1"))
    book += _record(0x90) + _record(0x9D, bytes(26)) + _record(0x84)
    width = max(map(len, rows), default=1)
    sheet = (
        _record(0x81)
        + _record(0x94, struct.pack("<IIII", 0, max(0, len(rows) - 1), 0, max(0, width - 1)))
        + _record(0x91)
    )
    for row, cells in enumerate(rows):
        sheet += _record(0x00, struct.pack("<I", row) + bytes(21))
        for column, cell in enumerate(cells):
            place = struct.pack("<II", column, 0)
            if isinstance(cell, int | float):
                sheet += _record(0x05, place + struct.pack("<d", cell))
            elif cell:
                sheet += _record(0x06, place + _wide(cell))
    sheet += _record(0x92) + _record(0x82)
    relations = (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
        'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" '
        'Target="worksheets/sheet1.bin"/></Relationships>'
    )
    return zipped({"xl/workbook.bin": book, "xl/_rels/workbook.bin.rels": relations, "xl/worksheets/sheet1.bin": sheet})


def _record(kind, data=b""):
    head = bytes([kind]) if kind < 0x80 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, length = b"", len(data)
    while True:
        size += bytes([length & 0x7F | (0x80 if length > 0x7F else 0)])
        length >>= 7
        if not length:
            return head + size + data


def _wide(text):
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def xlsx_of(sheet, *, extra=None):
    """A workbook of Excel around the XML of one sheet; texts stand in their cells (t="inlineStr")."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    links = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    sheets = '<sheets><sheet name="Feuille1" sheetId="1" r:id="rId1"/></sheets>'
    return zipped(
        {
            "[Content_Types].xml": f'<Types xmlns="{package}/content-types"><Default Extension="xml" '
            f'ContentType="application/xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{XLSX}.sheet.main+xml"/>'
            f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{XLSX}.worksheet+xml"/></Types>',
            "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
            f'Type="{links}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
            "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{links}">{sheets}</workbook>',
            "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="rId1" '
            f'Type="{links}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{main}">{sheet}</worksheet>',
            **(extra or {}),
        }
    )
