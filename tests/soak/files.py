"""Files that Hypothesis makes up for each reader: lists as people write them, then damaged."""

import json
from html import escape

from hypothesis import strategies as st

from tests.soak.targets import BOOK, CALENDARS, DOCUMENTS, ELEMENTS, FEATURES, GEOMETRIES, HTML, OSM
from tests.sources import workbooks

LABELS = st.sampled_from(["Nom", "NPA", "Localité", "Adresse", "Téléphone", "E-mail", "N°", "", "Président", "2024"])
ODD = st.sampled_from(
    ["\x00", "\u200b", "\u202e", "=cmd|' /C calc'!A0", '"', "'", ";", "\n", "\ufeff", "👨‍👩‍👧", "1005.0", " "]
)
TEXTS = st.one_of(LABELS, ODD, st.text(max_size=30))
CELLS = st.one_of(TEXTS, st.integers(), st.floats())
ENCODINGS = (
    "utf-8",
    "utf-8-sig",
    "utf-16",
    "utf-16-le",
    "utf-32",
    "cp1252",
    "mac_roman",
    "cp850",
    "shift_jis",
    "utf-7",
)


@st.composite
def grids(draw, cells=CELLS):
    """Rows of unequal length, with titles, groups and names above them, upright or turned."""
    names = draw(st.lists(LABELS, max_size=6))
    body = draw(st.lists(st.lists(cells, max_size=7), max_size=12))
    above = draw(st.lists(st.lists(TEXTS, max_size=3), max_size=3))
    rows = [*above, names, *body]
    if draw(st.booleans()):
        width = max(map(len, rows), default=0)
        rows = [[row[column] if column < len(row) else "" for row in rows] for column in range(width)]
    return rows


@st.composite
def separated(draw):
    separator = draw(st.sampled_from(";,\t|^~"))
    end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    quote = draw(st.sampled_from(['"', "'", ""]))
    lines = [separator.join(f"{quote}{cell}{quote}" for cell in row) for row in draw(grids())]
    first = draw(st.sampled_from(["", f"sep={separator}{end}", "\ufeff", "\n\n"]))
    text = first + end.join(lines)
    encoding = draw(st.sampled_from(ENCODINGS))
    other = draw(st.sampled_from(ENCODINGS))
    middle = draw(st.integers(0, len(text)))
    return text[:middle].encode(encoding, "replace") + text[middle:].encode(other, "replace")


VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), TEXTS),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(TEXTS, inner, max_size=5)),
    max_leaves=30,
)
KEYS = st.sampled_from(
    ["nom", "data", "columns", "results", "features", "elements", "properties", "type", "value", "x"]
)
SHAPED = st.recursive(
    st.one_of(VALUES, st.sampled_from(DOCUMENTS)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(KEYS, inner, max_size=4)),
    max_leaves=12,
)


def _dumped(value: object) -> bytes:
    return json.dumps(value).encode()


NUMBERS = st.one_of(st.floats(), st.integers(), st.none(), st.text(max_size=3))
POSITIONS = st.recursive(st.lists(NUMBERS, max_size=3), lambda inner: st.lists(inner, max_size=4), max_leaves=12)
PLACES = st.one_of(
    st.sampled_from(GEOMETRIES),
    st.fixed_dictionaries({"type": st.sampled_from(["Point", "Polygon", "x", ""]), "coordinates": POSITIONS}),
    VALUES,
)
FEATURE = st.fixed_dictionaries({"type": st.just("Feature"), "properties": VALUES, "geometry": PLACES, "id": VALUES})
COLLECTIONS = st.fixed_dictionaries(
    {
        "type": st.just("FeatureCollection"),
        "features": st.lists(st.one_of(FEATURE, st.sampled_from(FEATURES)), max_size=5),
    }
)
ELEMENT = st.dictionaries(
    st.sampled_from(["type", "id", "lat", "lon", "nodes", "members", "tags", "center", "bounds"]),
    st.one_of(VALUES, st.sampled_from(["node", "way", "relation", 1, 46.5])),
    max_size=7,
)
ANSWERS = st.fixed_dictionaries(
    {
        "generator": st.just("Overpass API"),
        "elements": st.lists(st.one_of(ELEMENT, st.sampled_from(ELEMENTS)), max_size=6),
    }
)


def _pieces(seeds: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    """Tags of these documents and texts, in any order."""
    tags = sorted({f"<{piece}".encode() for seed in seeds for piece in seed.decode("latin-1").split("<")})
    texts = st.one_of(st.sampled_from(tags), TEXTS.map(lambda text: escape(text).encode("utf-8", "replace")))
    return st.lists(texts, max_size=40).map(b"".join)


@st.composite
def sheets(draw):
    """The XML of a sheet of Excel: cells of every type, merged, hidden, far away."""
    rows = []
    for number, row in enumerate(draw(grids()), start=draw(st.integers(1, 1_048_500))):
        cells = "".join(_sheet_cell(draw, column, number, cell) for column, cell in enumerate(row[:20]))
        also = draw(st.sampled_from(["", ' hidden="1"', ' spans="x"']))
        rows.append(f'<row r="{number}"{also}>{cells}</row>')
    merged = draw(st.sampled_from(["", '<mergeCells><mergeCell ref="A1:A9"/><mergeCell ref="B1:ZZ1"/></mergeCells>']))
    return workbooks.xlsx_of(f"<sheetData>{''.join(rows)}</sheetData>{merged}")


def _sheet_cell(draw, column, number, cell):
    letters = draw(st.sampled_from([chr(65 + column), chr(65 + column), "XFD", ""]))
    kind = draw(st.sampled_from(["inlineStr", "n", "s", "b", "e", "str", "d"]))
    said = escape(str(cell)).encode("utf-8", "replace").decode()
    value = f"<is><t>{said}</t></is>" if kind == "inlineStr" else f"<v>{said}</v>"
    return f'<c r="{letters}{number}" t="{kind}">{value}</c>'


PLAIN = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",), max_codepoint=0xFFFF), max_size=20), st.integers(0, 9999)
)


@st.composite
def damaged(draw, files):
    """Now and then a byte changed, a piece lost or doubled, or the end cut off."""
    content = bytearray(draw(files))
    for _time in range(draw(st.integers(0, 4))):
        at, to = sorted((draw(st.integers(0, len(content))), draw(st.integers(0, len(content)))))
        match draw(st.sampled_from(["change", "lose", "double", "cut"])):
            case "change":
                content[at : at + 1] = draw(st.binary(min_size=1, max_size=2))
            case "lose":
                del content[at:to]
            case "double":
                content[at:at] = content[at:to][:5_000]
            case _:
                del content[max(at, 1) :]
    return bytes(content)


FILES = {
    "csv": ("csv", separated()),
    "tsv": ("tsv", separated()),
    "json": ("json", SHAPED.map(_dumped)),
    "ndjson": ("ndjson", st.lists(SHAPED.map(_dumped), max_size=6).map(b"\n".join)),
    "geojson": ("geojson", st.one_of(COLLECTIONS, FEATURE, SHAPED).map(_dumped)),
    "osm-json": ("osm", ANSWERS.map(_dumped)),
    "osm-xml": ("osm", _pieces(OSM).map(lambda inside: b"<osm>" + inside + b"</osm>")),
    "calendar": ("calendar", _pieces(CALENDARS)),
    "html": ("html", _pieces(HTML)),
    "spreadsheetml": ("spreadsheetml", _pieces(BOOK).map(lambda inside: BOOK[0][:150] + inside + b"</Workbook>")),
    "xlsx": ("xlsx", sheets()),
    "ods": ("ods", grids(PLAIN).map(workbooks.ods)),
    "xls": ("xls", grids(PLAIN).map(workbooks.xls)),
    "xlsb": ("xlsb", grids(PLAIN).map(workbooks.xlsb)),
}
ANY = st.one_of(*(strategy for _format, strategy in FILES.values()), st.binary(max_size=2_000))
