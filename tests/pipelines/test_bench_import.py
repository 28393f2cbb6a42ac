"""Measuring imports: the values are named as the contract says, and a wrong import is no measure."""

import csv
import json
import subprocess
from pathlib import Path

import pytest

from datacoop.pipelines.bench import report
from datacoop.pipelines.bench.pouring import COLUMNS, Poured, write_list
from tests.cli.program import ARGUMENTS, environment


def test_measures_a_small_import_end_to_end(tmp_path: Path) -> None:
    file = tmp_path / "values.json"
    done = subprocess.run(
        [*ARGUMENTS, "bench", "import", "--scale", "1k", "--json", str(file)],
        env=environment(tmp_path / "data", DATACOOP_SECRET_KEY="only-for-this-test-" * 3),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    values = {each["name"]: each for each in json.loads(file.read_text(encoding="utf-8"))}
    assert {"import.1k.rows_per_s", "import.1k.linked.rows_per_s", "import.1k.peak_mb"} <= values.keys()
    assert values["import.1k.rows_per_s"]["value"] > 0
    assert not list((tmp_path / "data" / "bench").iterdir())


def test_names_the_targets_of_the_contract() -> None:
    poured = Poured(1000, 0.5, 0.4, 90.0)

    plain = {m.name: m.target for m in report.of_import("sqlite", "100k", poured, [], linked=False, at_100k=2000.0)}
    linked = {m.name: m.target for m in report.of_import("sqlite", "100k", poured, [], linked=True, at_100k=2000.0)}
    large = {m.name: m.target for m in report.of_import("sqlite", "1M", poured, [1, 9], linked=False, at_100k=4400.0)}

    assert plain["import.100k.rows_per_s"] == 4000
    assert linked["import.100k.linked.rows_per_s"] == 2000
    assert (large["import.1M.rows_per_s"], large["import.1M.peak_mb"]) == (2200, 1000)
    assert large["import.1M.decide_wait.p99_ms"] == 50


@pytest.mark.parametrize("first", [0, 7])
def test_a_longer_list_begins_with_a_shorter_one(tmp_path: Path, first: int) -> None:
    write_list(tmp_path / "a.csv", first, 5)
    write_list(tmp_path / "b.csv", first, 9)

    short, long = (list(csv.reader((tmp_path / name).open(encoding="utf-8"))) for name in ("a.csv", "b.csv"))
    assert short == long[:6]
    assert tuple(short[0]) == COLUMNS
    assert len({row[0] for row in long}) == 10
