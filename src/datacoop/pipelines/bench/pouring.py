"""One invented list poured in on one core, from its file to being found. Runs inside the installation it measures."""

from __future__ import annotations

import csv
import json
import os
import random
import resource
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import reading
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.questions import Question
from datacoop.pipelines.bench.corpus import SEED, Organisation, organisations
from datacoop.pipelines.bench.installation import MeasureFailed
from datacoop.pipelines.contribute import ContributionRefused, contribute
from datacoop.pipelines.intake import Intake
from datacoop.sources.places import load_communes

COLUMNS = ("Nom", "Description", "Thème", "Rue", "NPA", "Localité", "E-mail", "Téléphone", "Site web")
_AREAS = ("21", "22", "24", "26", "27", "31", "32", "43", "44", "61")
_LOCAL = 3_000_000


@dataclass(frozen=True)
class Poured:
    """One import, as it measured itself."""

    rows: int
    seconds: float
    cpu_seconds: float
    peak_mb: float


def write_list(file: Path, first: int, count: int) -> None:
    """Write a CSV of organisations of the corpus, `count` of them from number `first` on, in Swiss communes."""
    towns = _towns()
    with file.open("w", encoding="utf-8", newline="") as stream:
        lines = csv.writer(stream)
        lines.writerow(COLUMNS)
        for number, each in enumerate(organisations(first + count)):
            if number >= first:
                lines.writerow(_cells(number, each, towns))


def pour(file: Path, holder: str, *, linked: bool) -> Poured:
    """Import a list on one core of this process and measure it until its rows are found.

    Raises:
        MeasureFailed: rows were refused, or are not found afterwards.
    """
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    begun, used = time.perf_counter(), time.process_time()
    try:
        told = contribute(Intake(files=(file,), holder=holder, published=True, linked=linked), actor="bench")
    except ContributionRefused as refused:
        raise MeasureFailed(f"The list was refused: {refused}") from refused
    taken, used = time.perf_counter() - begun, time.process_time() - used
    rows = told.counts["read"]
    if not rows == told.counts["accepted"] == told.counts["visible"]:
        raise MeasureFailed(f"Of {rows} rows {told.counts['accepted']} were taken, {told.counts['visible']} are shown.")
    _check_found(file)
    return Poured(rows, taken, used, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def _check_found(file: Path) -> None:
    """Look for some rows of the list by their names."""
    with file.open(encoding="utf-8", newline="") as stream:
        names = [cells[0] for cells in csv.reader(stream)][1:]
    for name in random.Random(SEED).sample(names, min(5, len(names))):  # noqa: S311 (which rows are looked for)
        with reading() as reader:
            bodies = find(reader, PUBLIC, Question("organisation", text=name, limit=10)).bodies
        if not any(json.loads(body)["name"] == name for body in bodies):
            raise MeasureFailed("A row that was poured in is not found.")


def _cells(number: int, each: Organisation, towns: Sequence[str]) -> tuple[str, ...]:
    local = _LOCAL + number // len(_AREAS)
    phone = f"0{_AREAS[number % len(_AREAS)]} {local // 10_000} {local // 100 % 100:02d} {local % 100:02d}"
    town = towns[each.commune.bfs % len(towns)]
    purpose = " ".join(each.description.split()[:8])
    theme = each.theme.rpartition("/")[2]
    email = f"contact@org{number}.example.org"
    return each.name, purpose, theme, each.street, each.postal_code, town, email, phone, each.website


@cache
def _towns() -> tuple[str, ...]:
    return tuple(sorted(each.name for each in load_communes()))[:400]
