"""Columns that change their sort half-way are told, with the rows where they do."""

import csv
import datetime as dt

import pytest

from datacoop.kinds.definition import kind
from datacoop.pipelines.intake import Report
from datacoop.pipelines.opening import open_file
from datacoop.sources.readers.table import Row
from datacoop.sources.turning import turn_of

EMAILS = [f"info@club{number}.example.org" for number in range(20)]
PHONES = [f"021 311 10 {number:02d}" for number in range(20)]
WORDS = [f"une remarque {number}" for number in range(20)]


def _rows(values):
    return [Row(number, {"Divers": value}) for number, value in enumerate(values, start=2)]


@pytest.mark.parametrize(
    ("values", "before", "after"),
    [
        (PHONES + EMAILS, "phone numbers", "e-mail addresses"),
        (EMAILS + WORDS, "e-mail addresses", "something else"),
        (WORDS + [1005 + n for n in range(20)], "something else", "postcodes"),
        ([dt.date(2024, 1, 1 + n) for n in range(20)] + WORDS, "dates", "something else"),
    ],
    ids=["phones, e-mails", "e-mails, words", "words, postcodes", "dates, words"],
)
def test_tells_what_a_column_holds_before_and_after_and_where_it_turns(values, before, after):
    turn = turn_of("Divers", _rows(values))
    assert turn is not None
    assert turn.told("Divers") == (
        f"The column Divers holds {before} down to row 21 and {after} from row 22 on: it is not stored. "
        "Give each a column of its own, or say in the mapping what the column is."
    )


def test_counts_rows_not_values_where_cells_are_empty():
    values = [value for each in PHONES + EMAILS for value in (each, "", "-")]
    turn = turn_of("Divers", _rows(values))
    assert (turn.last, turn.first) == (2 + 19 * 3, 2 + 20 * 3)


def test_takes_a_few_strays_for_what_they_are():
    values = [*PHONES, *EMAILS]
    values[3] = "sur demande"
    values[33] = "-- voir site"
    assert turn_of("Divers", _rows(values)).first == 22


@pytest.mark.parametrize(
    "values",
    [
        EMAILS * 2,
        WORDS * 2,
        [each for both in zip(PHONES, EMAILS, strict=True) for each in both],
        [*PHONES, *EMAILS[:3]],
        PHONES[:4] + EMAILS[:4],
        [],
    ],
    ids=["one sort", "no sort", "in turn", "few at the end", "too few", "empty"],
)
def test_says_nothing_of_columns_that_do_not_turn(values):
    assert turn_of("Divers", _rows(values)) is None


def test_the_report_tells_of_it_unless_somebody_said_what_the_column_is(tmp_path):
    path = tmp_path / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow(["Nom", "NPA", "Localité", "Contact"])
        lines.writerows([f"Chœur {n}", 1005, "Lausanne", each] for n, each in enumerate([*PHONES, *EMAILS]))
    told = "The column Contact holds phone numbers down to row 21 and e-mail addresses from row 22 on"
    for given, expected in (({}, True), ({"Contact": None}, False)):
        report = Report(["list.csv"], "X", "X", "organisation")
        opened = open_file(path, kind("organisation"), given, report)
        assert opened.mapping["Contact"] is None
        assert any(note.startswith(told) for note in report.notes) is expected
