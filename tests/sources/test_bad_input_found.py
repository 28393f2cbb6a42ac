"""What the soak found, kept for ever: each was a crash, a hang or a lost word once (`make soak`)."""

import base64
import time

import pytest

from datacoop.sources.mapping import knows_header
from datacoop.sources.readers.reading import ListRefused, read
from tests.sources import workbooks
from tests.sources.bad_inputs import TRUNCATED


def _outcome(tmp_path, content, format=None):
    path = tmp_path / "list"
    path.write_bytes(content)
    try:
        table = read(path, format=format, knows=knows_header)
        return table, list(table.rows)
    except ListRefused as refused:
        return refused.code, []


def test_marks_of_utf_16_in_the_middle_name_no_encoding(tmp_path):
    _table, rows = _outcome(tmp_path, b"Nom;Ville\n\xff\xfe\xe9;B\x8fN\n" * 40, "csv")
    assert len(rows) == 79


def test_a_page_may_name_an_encoding_that_does_not_exist(tmp_path):
    page = b"<meta charset=iso-8859-12><table><tr><td>Nom<td>NPA<tr><td>Caf\xe9<td>1005</table>"
    _table, rows = _outcome(tmp_path, page, "html")
    assert rows[0].values == {"Nom": "Café", "NPA": "1005"}


def test_notes_stay_on_one_line(tmp_path):
    table, _rows = _outcome(tmp_path, b'"Nom\nde";"Nom\nde";NPA\nA;B;1005\nC;D;1006\n', "csv")
    assert all("\n" not in note for note in table.notes)
    assert table.notes == ["Several columns have the same name, the later ones were numbered: Nom de."]


@pytest.mark.parametrize("byte", range(20, 1000, 37))
def test_an_archive_with_a_wrong_byte_is_read_or_refused(tmp_path, byte):
    content = bytearray(workbooks.ods([["Nom", "NPA"], ["Chœur", 1005]]))
    content[byte % len(content)] ^= 0xFF
    outcome, rows = _outcome(tmp_path, bytes(content))
    assert rows or outcome in {"broken", "archive", "empty", "binary"}


def test_a_workbook_cut_anywhere_is_refused(tmp_path):
    for length in range(40, len(TRUNCATED), len(TRUNCATED) // 12):
        assert _outcome(tmp_path, TRUNCATED[:length])[0] == "broken"


def test_tables_that_never_end_end(tmp_path):
    """The library reads on for ever after the end of such an ODS; it is parsed before."""
    tables = base64.b64decode(
        "PHRhYmxlOnRhYmxlIHRhYmxlOm5hbWU9ImIiPjx0YTx0YWJsZTp0YWJsZSB0YWJsZTpuYW1lPSJhIj48dGFibGU6dGEvbGUtcm93IG51bWJl"
        "ci1yb3dzLXJlcGVhdGVkdGFibGU6bnVtbGU6dGFibGUgdGFibGU6bmFtYmVyLXJvd3MtcmVwZWF0ZWQ9IjIiPjx0YWJsZTp0YWJsZS1jZWxs"
        "IHRhYm5lOm51bWJlci1jb2ljZTp2YWx1ZS10eXBlPSJmbG9hdCIgb2ZmaWNlOkBsZTp0YXZi"
    )
    began = time.perf_counter()
    assert _outcome(tmp_path, workbooks.ods_of(tables))[0] == "broken"
    assert time.perf_counter() - began < 5
