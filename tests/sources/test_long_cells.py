"""A cell as long as a book, by mistake or by malice: the file is read in a moment and the cell is refused."""

import json
import time

import pytest

from datacoop.kinds.definition import kind
from datacoop.sources.countries import find_country
from datacoop.sources.mapping import as_data, knows_header, propose
from datacoop.sources.normalising import Setting
from datacoop.sources.readers.reading import read
from datacoop.sources.rows import RowReader

ORGANISATION = kind("organisation")
CELLS = {
    "Nom": "Club", "E-mail": "info@club.example.org", "Téléphone": "021 555 12 34", "Adresse": "Rue Haute 3",
    "NPA": "1005", "Localité": "Lausanne", "Description": "Chanter ensemble", "Site web": "https://club.example.org",
    "Responsable": "Nora Exemple", "Latitude": "46.52", "Longitude": "6.63",
}  # fmt: skip
LENGTH = 1_000_000


def _read(path):
    table = read(path, knows=lambda label: knows_header(label, ORGANISATION))
    rows = list(table.rows)
    mapping = as_data(propose(table.columns, rows, ORGANISATION))
    find_country(rows, mapping, remembered=None, assumed="CH")
    reader = RowReader(mapping, ORGANISATION, Setting("CH"))
    return [reader.read(row) for row in rows]


@pytest.mark.parametrize("filling", ["a", "1", "ab ", "a@", "<a", "(", "021 555 12 34; ", "1005 Bex, "])
@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_file_with_a_cell_of_a_million_characters_is_read_in_a_moment(tmp_path, filling, ending):
    long = filling * (LENGTH // len(filling))
    for column in CELLS:
        rows = [CELLS, CELLS | {column: long}, CELLS]
        path = tmp_path / f"list.{ending}"
        lines = [";".join(CELLS), *(";".join(f'"{cell}"' for cell in row.values()) for row in rows)]
        path.write_text(json.dumps(rows) if ending == "json" else "\n".join(lines), encoding="utf-8")
        began = time.perf_counter()
        taken = _read(path)
        assert time.perf_counter() - began < 2, column
        assert len(taken) == 3
        longest = max((len(str(value.value)) for each in taken for value in each.values), default=0)
        assert longest <= 20_100, column


@pytest.mark.parametrize("column", ["Nom", "E-mail", "Téléphone", "Adresse", "Localité", "Description", "Site web"])
def test_says_that_a_cell_is_too_long(tmp_path, column):
    path = tmp_path / "list.json"
    path.write_text(json.dumps([CELLS, CELLS | {column: "ab " * (LENGTH // 3)}, CELLS]), encoding="utf-8")
    problems = [(each.row, each.column, each.code) for taken in _read(path) for each in taken.problems]
    assert (2, column, "too-long") in problems


@pytest.mark.parametrize("filling", ["021 555 12 34 ", "1 2-", "a@b ", "[at] ", "(("])
def test_a_text_of_the_greatest_length_is_searched_for_contacts_in_a_moment(tmp_path, filling):
    path = tmp_path / "list.json"
    path.write_text(json.dumps([CELLS | {"Description": filling * (19_900 // len(filling))}] * 3), encoding="utf-8")
    began = time.perf_counter()
    _read(path)
    assert time.perf_counter() - began < 2
