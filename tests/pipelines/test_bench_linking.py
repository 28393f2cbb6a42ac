"""`bench link`: its values, and corpora that are none."""

import csv
import json
from pathlib import Path

import pytest

from datacoop.pipelines.bench import reading
from datacoop.pipelines.bench.installation import MeasureFailed
from datacoop.pipelines.bench.linking import measure, table


def _corpus(folder: Path) -> Path:
    rows = [
        ("town", "Chœur des Hirondelles", 1, "021 555 12 34"),
        ("league", "Association Choeur des Hirondelles", 1, "+41 (0)21 555 12 34"),
        ("town", "La Ruche", 2, "0041 21 555 00 01"),
        ("league", "Boussole", 3, "021 555 00 02"),
    ]
    with (folder / "records.ndjson").open("w") as stream:
        for number, (holder, name, _, phone) in enumerate(rows, 1):
            record = {"rec_id": number, "holder": holder, "name": name, "town": "Exemple", "phones": [phone]}
            stream.write(json.dumps(record) + "\n")
    for file, head, lines in (
        ("truth.csv", ["rec_id", "entity_id"], [[number, row[2]] for number, row in enumerate(rows, 1)]),
        ("traps.csv", ["entity_a", "entity_b", "kind"], [[2, 3, "same contact"]]),
    ):
        with (folder / file).open("w", newline="") as stream:
            csv.writer(stream).writerows([head, *lines])
    return folder


def test_says_what_is_reached_on_a_corpus_with_truth(tmp_path: Path) -> None:
    found = {each.name.partition(".")[2].partition(".")[2]: each for each in measure((), _corpus(tmp_path), print)}

    assert found["candidate_recall"].value == 1
    assert found["auto.recall"].value == 1
    assert found["auto.cluster_precision"].value == 1
    assert found["auto.traps.same_contact"].value == 0
    assert found["best_f1"].holds


def test_measures_an_invented_world() -> None:
    found = {each.name: each.value for each in measure(("1k",), None, print)}

    assert found["link.1k.auto.cluster_precision"] >= 0.99
    assert 0.5 < found["link.1k.auto.recall"] <= found["link.1k.auto.recall_across_lists"]
    assert reading.size_of("1k") == 1000
    assert found["link.1k.review.f1_after_80"] > 2 * found["link.1k.auto.recall"] / (1 + found["link.1k.auto.recall"])


def test_prints_a_table_with_aim_and_reference_beside(tmp_path: Path) -> None:
    lines = table(measure((), _corpus(tmp_path), print)).splitlines()

    (best,) = [line for line in lines if ".best_f1 " in line]
    assert [cell.strip() for cell in best.strip("|").split("|")][1:] == ["1", "≥ 0.975", "holds", "0.972"]


@pytest.mark.parametrize("broken", ["records.ndjson", "truth.csv", "traps.csv"])
def test_refuses_a_folder_that_is_no_corpus(tmp_path: Path, broken: str) -> None:
    _corpus(tmp_path)
    (tmp_path / broken).write_text("nothing\n")

    with pytest.raises(MeasureFailed, match="no corpus with truth"):
        measure((), tmp_path, print)
