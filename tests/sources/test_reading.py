"""Lists of every make come in as the same rows; what is no list is refused with the place where it breaks."""

import csv
import io
import json
import zipfile

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoop.lib.decoding import visible
from datacoop.sources.mapping import knows_header
from datacoop.sources.readers.json import flatten
from datacoop.sources.readers.reading import FORMATS, ListRefused, format_of, read
from tests.soak.files import FILES
from tests.soak.targets import TARGETS

ROWS = [["Nom", "NPA", "Localité"], ["Chœur d’été", "1005", "Lausanne"], ["Société; «à suivre»", "1400", "Yverdon"]]
WANTED = [dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]


def _written(separator, end="\r\n"):
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=end).writerows(ROWS)
    return text.getvalue()


def _values(path):
    return [row.values for row in read(path, knows=knows_header).rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_reads_any_encoding_separator_and_line_end(tmp_path, encoding, separator, end):
    path = tmp_path / "list.csv"
    text = _written(separator, end)
    if encoding == "cp1252":
        text = text.replace("œ", "œ")
    path.write_bytes(text.encode(encoding))
    assert _values(path) == WANTED


def test_recognises_old_mac_letters(tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes("Nom;Ville\nSociété générale de théâtre;Genève\nÉcole d’été à Nyon;Nyon\n".encode("mac_roman"))
    assert _values(path)[0] == {"Nom": "Société générale de théâtre", "Ville": "Genève"}


def test_counts_rows_as_the_sheet_does(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text('Liste des sociétés 2026\n\nNom,Ville\n"Deux\nlignes",Bex\n\nAutre,Aigle\n', encoding="utf-8")
    table = read(path, knows=knows_header)
    assert table.header_row == 3
    assert [row.number for row in table.rows] == [4, 6]


def test_names_columns_by_letter_where_there_is_no_header(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("info@a.example.org;1005;021 555 11 11\ninfo@b.example.org;1006;021 555 11 12\n", encoding="utf-8")
    table = read(path, knows=knows_header)
    assert (table.header_row, table.columns) == (None, ["A", "B", "C"])
    assert len(list(table.rows)) == 2


def test_every_format_is_fuzzed_in_the_soak():
    assert {target.format for target in TARGETS.values()} - {None} == set(FORMATS)
    assert {format for format, _files in FILES.values()} == set(FORMATS)


CELLS = st.text(
    st.characters(codec="utf-8", exclude_characters="\r\n\x00", exclude_categories=("Cs", "Cc")), max_size=20
)


#: A row with a single cell among full ones may be a heading: see `test_sections`.
WRITTEN = st.tuples(CELLS, CELLS, CELLS).filter(lambda row: sum(bool(cell.strip()) for cell in row) != 1)


@given(rows=st.lists(WRITTEN, min_size=1, max_size=20), separator=st.sampled_from(";,\t|"))
def test_what_is_written_is_read(rows, separator, tmp_path_factory):
    path = tmp_path_factory.mktemp("lists") / "list.csv"
    header = ["Nom de la structure", "Code postal", "Localité"]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=separator, quoting=csv.QUOTE_ALL).writerows([header, *rows])
    table = read(path, format="csv", knows=knows_header)
    rows = [tuple(visible(cell) for cell in row) for row in rows]
    filled = [row for row in rows if any(cell and not cell.isspace() for cell in row)]
    read_back = [tuple(row.values.get(column, "") for column in table.columns) for row in table.rows]
    expected = [tuple("" if cell.isspace() else cell.lstrip(" ") and cell for cell in row) for row in filled]
    assert read_back == expected


def test_reads_a_workbook_with_title_notes_and_merged_cells(tmp_path):
    book = openpyxl.Workbook()
    notes = book.active
    notes.title = "Mode d'emploi"
    notes["A1"] = "Prière de ne pas modifier."
    sheet = book.create_sheet("Sociétés")
    for row in [
        ["Sociétés locales, état 2026"],
        [],
        ["Nom", "Commune", "NPA", "E-mail"],
        ["Chœur", "Bex", 1880.0, "info@choeur.example.org"],
        ["Gym", None, 1880.0, "info@gym.example.org"],
    ]:
        sheet.append(row)
    sheet.merge_cells("B4:B5")
    book.save(tmp_path / "list.xlsx")
    table = read(tmp_path / "list.xlsx", knows=knows_header)
    rows = list(table.rows)
    assert (table.header_row, [row.number for row in rows]) == (3, [4, 5])
    assert rows[1].values == {"Nom": "Gym", "Commune": "Bex", "NPA": 1880, "E-mail": "info@gym.example.org"}


def test_takes_values_never_formulas(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("Nom;But\n=cmd|' /C calc'!A0;+SUM(1)\n", encoding="utf-8")
    assert _values(path) == [{"Nom": "=cmd|' /C calc'!A0", "But": "+SUM(1)"}]


@pytest.mark.parametrize(
    "document",
    [
        [{"nom": "A"}, {"nom": "B"}],
        {"a": {"nom": "A"}, "b": {"nom": "B"}},
        {"total": 2, "associations": [{"nom": "A"}, {"nom": "B"}]},
        {"data": {"items": [{"nom": "A"}, {"nom": "B"}]}},
    ],
)
def test_reads_json_of_every_shape(tmp_path, document):
    path = tmp_path / "list.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    assert [values["nom"] for values in _values(path)] == ["A", "B"]


def test_reads_one_record_per_line(tmp_path):
    path = tmp_path / "list.ndjson"
    path.write_text('{"nom": "A"}\n\n{"nom": "B"}\n', encoding="utf-8")
    assert [(row.number, row.values["nom"]) for row in read(path).rows] == [(1, "A"), (3, "B")]


def test_flattens_typed_lists_into_one_column_per_type():
    record = {"names": [{"types": ["display", "label"], "lang": "fr", "value": "Nom"}, {"lang": "de", "value": "Name"}]}
    assert flatten(record) == {"names.display": "Nom", "names.label": "Nom", "names.de": "Name"}


def test_reads_geojson_outlines_as_points(tmp_path):
    ring = [[6.0, 46.0], [6.2, 46.0], [6.2, 46.2], [6.0, 46.2], [6.0, 46.0]]
    feature = {
        "type": "Feature",
        "id": 7,
        "properties": {"name": "A"},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
    path = tmp_path / "list.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8")
    assert _values(path) == [{"name": "A", "id": 7, "geometry": {"lat": 46.1, "lon": 6.1}}]


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b" \n\n ", "empty"),
        ("a.xls", b"<html><p>Nom</p></html>", "html"),
        ("a.xlsx", b"PK\x03\x04broken", "broken"),
        ("a.xlsx", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "protected"),
        ("a.csv", bytes(range(256)) * 20, "binary"),
        ("a.pdf", b"%PDF-1.7 ...", "pdf"),
        ("a.json", b'{"a": 1', "json-invalid"),
        ("a.js", b"export default [\n{}]", "script"),
        ("a.json", b"[]", "empty"),
        ("a.json", b"3", "not-a-list"),
    ],
)
def test_refuses_what_is_no_list_in_a_sentence(tmp_path, name, content, code):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ListRefused) as refused:
        list(read(path).rows)
    assert refused.value.code == code
    assert len(refused.value.message) > 15


def test_says_line_and_column_of_invalid_json(tmp_path):
    path = tmp_path / "list.json"
    path.write_text('[\n {"nom": "A",}\n]', encoding="utf-8")
    with pytest.raises(ListRefused) as refused:
        read(path)
    assert (refused.value.line, refused.value.code) == (2, "json-invalid")
    assert "comma" in refused.value.message


def test_does_not_open_a_bomb(tmp_path):
    path = tmp_path / "list.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 60_000_000)
    with pytest.raises(ListRefused) as refused:
        format_of(path)
    assert refused.value.code == "too-large"


def test_a_character_is_seen_alike_in_clean_and_unclean_cells():
    """Cells in which everything shows are taken as they are; NUL, which never shows, has the others searched."""
    seldom = [code for code in range(0x110000) if visible(chr(code)) != visible(f"{chr(code)}\0")]
    assert seldom == []
