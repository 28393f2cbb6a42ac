"""What is no list is refused in a whole sentence: what is wrong, where, and what to do. No refusal takes long."""

import os
import time

import pytest

from datacoop.sources.mapping import knows_header
from datacoop.sources.readers.reading import ListRefused, read
from tests.sources.bad_inputs import BAD_INPUTS

LONGEST_SECONDS = 5


def _refusal(path):
    with pytest.raises(ListRefused) as refused:
        list(read(path, knows=knows_header).rows)
    return refused.value


@pytest.mark.parametrize("name", BAD_INPUTS)
def test_refuses_with_a_sentence(name, tmp_path):
    bad = BAD_INPUTS[name]
    path = tmp_path / bad.name
    path.write_bytes(bad.content)
    began = time.perf_counter()
    refusal = _refusal(path)
    assert time.perf_counter() - began < LONGEST_SECONDS
    assert (refusal.code, refusal.message) == (bad.code, bad.message)


def test_refuses_two_gigabytes_at_once(tmp_path):
    path = tmp_path / "membres.csv"
    path.touch()
    os.truncate(path, 2_000_000_001)
    began = time.perf_counter()
    assert _refusal(path).message == "The file is larger than 2 GB. Split it into several files."
    assert time.perf_counter() - began < 0.5


def test_refuses_a_workbook_of_hundreds_of_megabytes(tmp_path):
    path = tmp_path / "membres.xls"
    path.write_bytes(b"\xd0\xcf\x11\xe0" + "Workbook".encode("utf-16-le"))
    os.truncate(path, 150_000_000)
    assert _refusal(path).message == "The workbook is larger than 100 MB. Save the sheet as CSV."


def test_refuses_one_json_document_of_hundreds_of_megabytes(tmp_path):
    path = tmp_path / "membres.json"
    path.write_bytes(b'[{"nom": "A"}]')
    os.truncate(path, 150_000_000)
    expected = "One JSON document of more than 40 MB. Send CSV or one record per line (NDJSON)."
    assert _refusal(path).message == expected


@pytest.mark.parametrize("shape", [(5_000, 40), (40, 5_000), (2, 200_000)], ids=["wide", "long", "very long"])
def test_strange_words_everywhere_take_no_longer(tmp_path, shape):
    width, height = shape
    words = ["adresso", "namenlos", "telefonia", "postcodes", "localit\u200bés", "siteweb", "mailing", "rues"]
    path = tmp_path / "membres.csv"
    with path.open("w", encoding="utf-8") as file:
        for row in range(height):
            file.write(";".join(f"{words[(row + cell) % 8]} {cell % 97}" for cell in range(width)) + "\n")
    began = time.process_time()
    table = read(path, knows=knows_header)
    assert sum(1 for _row in table.rows) >= height - 2
    assert time.process_time() - began < LONGEST_SECONDS


def test_says_which_formats_there_are(tmp_path):
    with pytest.raises(
        ListRefused, match=r"dbf is not one of calendar, csv, geojson, html, json, ndjson, ods, osm, spreadsheetml"
    ):
        read(tmp_path / "membres.dbf", format="dbf")


@pytest.mark.parametrize("name", BAD_INPUTS)
def test_every_sentence_says_enough(name):
    message = BAD_INPUTS[name].message
    assert len(message) >= 30
    assert not {"exception", "traceback", "error", "none"} & set(message.lower().split())
