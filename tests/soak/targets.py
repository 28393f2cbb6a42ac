"""What the soak feeds to each reader: seeds, how bytes become a file, and what must hold of whatever comes out."""

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from datacoop.sources.readers.reading import ListRefused, read
from tests.sources import workbooks

WORDS = frozenset({"nom", "npa", "localité", "adresse", "téléphone", "e-mail", "rue", "name", "ort", "president"})
ROWS = [["Nom", "NPA", "Localité"], ["Chœur d’été", 1005, "Bex"], ["Gym; «mixte»", "1006.0", ""], ["", "", "=cmd"]]


@dataclass(frozen=True)
class Target:
    """One reader: the format asked for (None: found out), seeds, and what wraps the bytes into a file."""

    format: str | None
    seeds: tuple[bytes, ...]
    wrap: Callable[[bytes], bytes] = bytes
    dictionary: tuple[bytes, ...] = ()


def knows(label: str) -> bool:
    """Recognise header words cheaply: the real vocabulary would take most of the time."""
    return label.strip().lower() in WORDS


def check(path: Path, format: str | None) -> int:
    """Read the file to its end, 0 if it is refused. Anything but rows of the table's columns is an AssertionError."""
    try:
        table = read(path, format=format, knows=knows)
        count = 0
        for row in table.rows:
            count += 1
            assert row.number >= 1
            assert row.values
            assert row.values.keys() <= set(table.columns)
            assert not any(isinstance(value, str) and "\x00" in value for value in row.values.values())
    except ListRefused as refused:
        return _said(refused)
    assert all(isinstance(note, str) and "\n" not in note[:-1] for note in table.notes)
    return count


def _said(refused: ListRefused) -> int:
    assert len(refused.message) > 20
    return 0


def _text(*lines: str, encoding: str = "utf-8") -> bytes:
    return "\n".join(lines).encode(encoding)


def _csv(separator: str, encoding: str = "utf-8", end: str = "\n") -> bytes:
    return end.join(separator.join(f'"{cell}"' if cell else "" for cell in row) for row in ROWS).encode(encoding)


CSV = (
    _csv(";"), _csv(",", "utf-8-sig", "\r\n"), _csv("\t", "utf-16", "\r"), _csv("|", "cp1252"), _csv(";", "utf-32-le"),
    _text("sep=;", "Nom;NPA", "A;1"), _text("Groupe;;Président;", "Nom;NPA;Nom;Téléphone", "A;1;B;2"),
    _text("Nom;A;B", "NPA;1005;1006", "Rue;x;y", "Adresse;;"),
    b"Nom;Ville\nd\xc3\xa9j\xc3\xa0;\xe9t\xe9\nx\x00;\xf0\x9f\x98\x80",
    _text("'Nom';'NPA'", "'A';'1'", "'B';'2'", "'C';'3'"), _text("Nom,NPA", '"A,1', "B,2"),
)  # fmt: skip
DOCUMENTS: tuple[object, ...] = (
    [{"nom": "A", "npa": 1005}, {"nom": "B", "links": [{"type": "website", "value": "x"}], "tags": ["u"]}],
    {"a": {"nom": "A"}, "b": {"nom": "B", "x": {"y": {"z": None}}}},
    {"data": {"items": [{"nom": "A"}, {"nom": "B"}]}, "total": 2},
    {"nom": ["A", "B"], "npa": [1, 2]}, {"nom": {"0": "A", "1": "B"}, "npa": {"0": 1}},
    {"columns": ["nom", {"name": "npa"}], "data": [["A", 1], ["B", 2]]}, [["nom", "npa"], ["A", 1], ["B", 2]],
    {"head": {"vars": ["a"]}, "results": {"bindings": [{"a": {"type": "literal", "value": "x"}}]}},
    {"Vaud": [{"nom": "A"}], "Genève": [{"nom": "B"}]}, [[{"nom": "A"}], [{"nom": "B"}]], [1, "a", None, [], {}],
)  # fmt: skip
JSON = (
    *(json.dumps(document, ensure_ascii=False).encode() for document in DOCUMENTS),
    b'{"nom": "A"}\n{\n"nom": "B"}\n', b'\x1e{"nom": "A"}\n\x1e{"nom": "B"}\n',
    b'[{"id": 12345678901234567890123, "x": NaN}]',
    b'[{"a": "\\ud800", "b": 1e999}]',
)  # fmt: skip
LINES = (
    b'{"nom": "A"}\n\n{"nom": "B", "x": [1]}\n',
    b'["nom", "npa"]\n["A", 1]\n["B", 2]\n',
    b'\xef\xbb\xbf{"a":1}\r\n{"b":{}}',
)
RING = [[6.0, 46.0], [6.2, 46.0], [6.2, 46.2], [6.0, 46.0]]
GEOMETRIES: tuple[object, ...] = (
    {"type": "Point", "coordinates": [6, 46, 400]}, {"type": "MultiPoint", "coordinates": RING},
    {"type": "LineString", "coordinates": RING}, {"type": "Polygon", "coordinates": [RING]},
    {"type": "MultiPolygon", "coordinates": [[RING]]}, None,
    {"type": "GeometryCollection", "geometries": [{"type": "Point", "coordinates": [6, 46]}]},
)  # fmt: skip
FEATURES = [{"type": "Feature", "id": 1, "properties": {"nom": "A"}, "geometry": each} for each in GEOMETRIES]
GEOJSON = (
    json.dumps({"type": "FeatureCollection", "features": FEATURES}).encode(), json.dumps(FEATURES[0]).encode(),
    b"\n".join(json.dumps(feature).encode() for feature in FEATURES),
)  # fmt: skip
ELEMENTS: list[dict[str, object]] = [
    {"type": "way", "id": 2, "nodes": [1, 3, 1], "tags": {"name": "B"}},
    {"type": "node", "id": 1, "lat": 46.5, "lon": 6.6, "tags": {"name": "A", "addr:street": "Rue"}},
    {"type": "node", "id": 3, "lat": 46.6, "lon": 6.7},
    {"type": "relation", "id": 4, "members": [{"type": "way", "ref": 2}], "tags": {"name": "C"}},
    {"type": "way", "id": 5, "center": {"lat": 46, "lon": 6}, "tags": {"name": "D"}},
    {"type": "way", "id": 6, "bounds": {"minlat": 46, "minlon": 6, "maxlat": 47, "maxlon": 7}, "tags": {"name": "E"}},
]
OVERPASS = (json.dumps({"version": 0.6, "generator": "Overpass API", "elements": ELEMENTS}).encode(),)
OSM = (
    b"<?xml version='1.0' encoding='UTF-8'?><osm version='0.6'><bounds minlat='46'/><node id='1' lat='46.5' lon='6.6'>"
    b"<tag k='name' v='A &amp; B'/></node><way id='2'><nd ref='1'/><tag k='name' v='B'/></way><relation id='3'>"
    b"<member type='way' ref='2' role=''/><tag k='name' v='C'/></relation></osm>",
    b"<osm><way id='2'><center lat='46' lon='6'/><tag k='' v=''/></way></osm>",
)
HTML = (
    b"<html><meta charset=iso-8859-1><table><tr><th rowspan=2>Nom<th colspan=2>Adresse<tr><th>NPA<th>Localit\xe9"
    b"<tr><td>A<br>B<td>1005<td><p>x<p>y</table></html>",
    b"<table><tbody><tr><td><table><tr><td>a<td>b</table><td>c</tr></tbody><tr><td>1<td>2</table><!-- x --><?y ?>",
)
SPACE = "urn:schemas-microsoft-com:office:spreadsheet"
BOOK = (
    f'<?xml version="1.0"?><Workbook xmlns="{SPACE}" xmlns:ss="{SPACE}"><Worksheet ss:Name="A"><Table>'
    '<Row ss:Index="3"><Cell ss:MergeDown="1"><Data ss:Type="String">Nom</Data></Cell><Cell ss:Index="3" ss:MergeAcross'
    '="1"><Data ss:Type="Number">1005.0</Data></Cell></Row><Row><Cell><Data ss:Type="DateTime">2024-01-31T00:00:00.000'
    '</Data></Cell><Cell ss:Formula="=1"/></Row></Table></Worksheet></Workbook>'.encode(),
)
CELL = '<c r="A1" t="inlineStr"><is><t>Nom</t></is></c>'
SHEETS = (
    f'<cols><col min="1" max="2" hidden="1"/></cols><sheetData><row r="1">{CELL}<c r="B1" t="str"><v>NPA</v></c></row>'
    '<row r="2" hidden="1"><c r="A2" t="b"><v>1</v></c><c r="B2"><f>1+1</f><v>2</v></c><c r="C2" t="e"><v>#N/A</v></c>'
    '</row></sheetData><mergeCells count="1"><mergeCell ref="A2:A4"/></mergeCells>'.encode(),
    b'<dimension ref="A1:XFD1048576"/><sheetData><row r="5"><c r="C5" s="1"><v>45322.5</v></c></row></sheetData>',
)
TABLES = (
    b'<table:table table:name="a"><table:table-row table:number-rows-repeated="2"><table:table-cell '
    b'table:number-columns-repeated="3" office:value-type="float" office:value="1"/></table:table-row></table:table>',
    b'<table:table table:name="b"><table:table-row><table:table-cell office:value-type="date" office:date-value='
    b'"2024-01-31"/><table:table-cell office:value-type="string"><text:p>x<text:s text:c="3"/></text:p>'
    b"</table:table-cell><table:covered-table-cell/></table:table-row></table:table>",
)


def _inside(member: str, archive: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return opened.read(member)


XLSB = workbooks.xlsb([[cell if cell != "" else None for cell in row] for row in ROWS])


def _as_xlsb(data: bytes) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(XLSB)) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, data if name.endswith("sheet1.bin") else old.read(name))
    return target.getvalue()


def _as_xlsx(data: bytes) -> bytes:
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    sheet = f'<worksheet xmlns="{main}">'.encode() + data + b"</worksheet>"
    return workbooks.xlsx_of("", extra={"xl/worksheets/sheet1.xml": sheet})


XLS = workbooks.xls(ROWS, merged=[(1, 0, 2, 0)], hidden_sheet=True)
ANY = (
    CSV[0],
    JSON[0],
    GEOJSON[0],
    OVERPASS[0],
    OSM[0],
    HTML[0],
    BOOK[0],
    XLS,
    XLSB,
    workbooks.ods(ROWS),
    _as_xlsx(SHEETS[0]),
)
MARKS = (
    b'"',
    b";",
    b"\t",
    b"\x00",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"sep=;",
    b"\r\n",
    b"\xe2\x80\x8d",
    b"\xed\xa0\x80",
    b"\xc3",
)
KEYS = (
    b'"type"',
    b'"Feature"',
    b'"properties"',
    b'"geometry"',
    b'"coordinates"',
    b'"elements"',
    b'"data"',
    b"[[[[",
    b"1e999",
)
CALENDARS = (
    b"BEGIN:VCALENDAR\r\nX-WR-TIMEZONE:Europe/Zurich\r\nBEGIN:VTIMEZONE\r\nTZID:Own\r\nBEGIN:STANDARD\r\n"
    b"DTSTART:19710101T020000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    b"BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Ch\xc5\x93ur\r\nDTSTART;TZID=Own:20261201T190000\r\nDURATION:PT2H\r\n"
    b"GEO:46.5;6.6\r\nCATEGORIES:a,b\r\nATTENDEE;CN=Nora:mailto:n@example.org\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nSUMMARY:A\nDTSTART:20261201T180000Z\nDTEND:20261201T190000Z\n"
    b"RRULE:FREQ=WEEKLY;BYDAY=TU\nRDATE;VALUE=PERIOD:20261202T180000Z/PT1H\nEXDATE;VALUE=DATE:20261208\nEND:VEVENT\n"
    b"BEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20261215T180000Z\nDTSTART:20261216T180000Z\nSTATUS:CANCELLED\nEND:VEVENT\n"
    b"BEGIN:VTODO\nUID:2\nEND:VTODO\nEND:VCALENDAR",
    b"BEGIN:VEVENT\nSUMMARY:B\nDTSTART;VALUE=DATE:20261201\nRDATE;VALUE=DATE:20261203,20261204\nEND:VEVENT",
)  # fmt: skip
EVENTS = (b"BEGIN:VEVENT", b"END:VEVENT", b"RRULE:FREQ=", b"EXDATE:", b"RDATE;VALUE=PERIOD:", b"RECURRENCE-ID:",
          b";TZID=Europe/Zurich", b"DURATION:P", b"\r\n ", b"COUNT=0", b"INTERVAL=0")  # fmt: skip
XML = (b"<node", b"<way", b"<nd", b"<!DOCTYPE", b"<!ENTITY", b"&amp;", b"<![CDATA[", b"&#0;", b"</osm>")
TAGS = (b"<table>", b"<tr>", b"<td>", b"rowspan=", b"colspan=", b"<br>", b"<!--", b"&nbsp;")
SHEET = (b"<row", b"<c r=", b"<v>", b't="s"', b"mergeCell", b"XFD1048576", b'hidden="1"')
ODS = (b"<table:table-row", b"<table:table-cell", b"number-rows-repeated", b"1048576")

TARGETS = {
    "csv": Target("csv", CSV, dictionary=MARKS),
    "tsv": Target("tsv", CSV, dictionary=MARKS),
    "json": Target("json", JSON, dictionary=KEYS),
    "ndjson": Target("ndjson", LINES + JSON, dictionary=KEYS),
    "geojson": Target("geojson", GEOJSON, dictionary=KEYS),
    "osm-json": Target("osm", OVERPASS, dictionary=KEYS),
    "osm-xml": Target("osm", OSM, dictionary=XML),
    "calendar": Target("calendar", CALENDARS, dictionary=EVENTS),
    "html": Target("html", HTML, dictionary=TAGS),
    "spreadsheetml": Target("spreadsheetml", BOOK, dictionary=(b"ss:Index=", b"ss:MergeDown=", b"<Row>", b"<!DOCTYPE")),
    "xlsx": Target("xlsx", SHEETS, _as_xlsx, SHEET),
    "ods": Target("ods", TABLES, workbooks.ods_of, ODS),
    "xls": Target("xls", (XLS,)),
    "xlsb": Target("xlsb", (_inside("xl/worksheets/sheet1.bin", XLSB),), _as_xlsb),
    "any": Target(None, ANY, dictionary=(b"PK\x03\x04", b"<html", b"<osm", b"{", b"%PDF", b"\xd0\xcf\x11\xe0")),
}
