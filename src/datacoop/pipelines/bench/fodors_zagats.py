"""Two guides to restaurants, Fodor's and Zagat's, and which entries are one: as shipped, and after learning labels.

Public lists (RIDDLE); `bench link --lists` names the folder they lie in. No restaurant is in what the shipped scorer
learnt. Labels serve the second figure alone: each fifth of Fodor's entries is judged by trees grown, on top of the
shipped weight, from the labels of the other four, and by a threshold set among these.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from datacoop.linking.learning.lists import Written
from datacoop.linking.learning.training import Corpus, corpus_of, quality
from datacoop.linking.rules.features import NAMES, Column
from datacoop.linking.rules.judging import Judged, judge_pairs
from datacoop.linking.rules.scoring import scorer
from datacoop.pipelines.bench.installation import MeasureFailed
from datacoop.pipelines.bench.report import Measure

FOLDER: Final = "er-fodors-zagats"
TARGET: Final = 1.0
#: Reached, trained on labels of three fifths and measured on one, when the ways were compared.
REFERENCE: Final = {"link.fodors_zagats.learnt.f1": 1.0}
_FIFTHS, _DRAWS = 5, (1, 2, 3)
#: How much the shipped weight counts, from which trees go on; beyond 8 it says no more.
_SHARE, _MOST = 0.35, 8.0
_ROUNDS: Final = 150
_SETTINGS: Final = {
    "objective": "binary:logistic", "max_depth": 3, "eta": 0.1, "subsample": 0.8, "colsample_bytree": 0.5,
    "min_child_weight": 0.5, "nthread": 1, "seed": 1,
}  # fmt: skip
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Guides:
    """Pairs of an entry of each guide, whether they are one, and how many such pairs there are."""

    corpus: Corpus
    judged: Judged
    labels: Flags
    true_pairs: int


def measure(lists: Path, say: Callable[[str], None]) -> list[Measure]:
    """Link the guides in `lists`/er-fodors-zagats. Raises: MeasureFailed where they are not there."""
    try:
        guides = read(lists / FOLDER)
    except (OSError, KeyError, ValueError) as error:
        raise MeasureFailed(f"{lists / FOLDER} does not hold the two guides: {error}") from error
    found = list(_measured(guides))
    say(f"Fodor's and Zagat's: {len(guides.labels)} pairs compared, {guides.true_pairs} are one")
    return found


def read(folder: Path) -> Guides:
    """Return the guides as linking compares them, without a label in what it is told."""
    guides = [list(_entries(folder / f"{name}.csv")) for name in ("fodors", "zagats")]
    with (folder / "matches_fodors_zagats.csv").open(encoding="utf-8", newline="") as stream:
        one = {row["zagats_id"]: int(row["fodors_id"]) for row in csv.DictReader(stream)}
    fodors = [Written(values, 0, int(number)) for number, values in guides[0]]
    zagats = [Written(values, 1, one.get(number, -int(number))) for number, values in guides[1]]
    corpus = corpus_of([*fodors, *zagats])
    across = (corpus.left < len(fodors)) & (corpus.right >= len(fodors))
    left, right = corpus.left[across], corpus.right[across]
    judged = judge_pairs(corpus.rows, corpus.held, left, right, scorer())
    corpus = Corpus(corpus.rows, corpus.held, corpus.entities, left, right)
    return Guides(corpus, judged, corpus.labels, len(one))


def _entries(file: Path) -> Iterator[tuple[str, dict[str, list[object]]]]:
    with file.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream, quotechar="'", escapechar="\\", doublequote=False):
            digits = "".join(filter(str.isdigit, row["phone"]))
            yield (
                row["id"],
                {
                    "name": [row["name"]],
                    "addresses": [{"street": row["addr"], "city": row["city"]}],
                    "phones": [f"+1{digits}"] if digits else [],
                    "theme": [row["type"]],
                },
            )


def _measured(guides: Guides) -> Iterator[Measure]:
    name, labels, every = "link.fodors_zagats", guides.labels, guides.true_pairs
    merged, shown = guides.judged.verdicts == 2, guides.judged.verdicts > 0
    yield Measure(f"{name}.shipped.precision", (labels & merged).sum() / max(merged.sum(), 1), "share")
    yield Measure(f"{name}.shipped.recall", (labels & merged).sum() / every, "share")
    yield Measure(f"{name}.shipped.recall_with_review", (labels & shown).sum() / every, "share")
    yield Measure(f"{name}.shipped.best_f1", quality(guides.judged.weights, labels, every).best_f1, "share")
    reached = [_held_out(guides, draw) for draw in _DRAWS]
    for place, what in enumerate(("precision", "recall")):
        yield Measure(f"{name}.learnt.{what}", float(np.mean([each[place] for each in reached])), "share")
    f1 = [2 * precision * recall / max(precision + recall, 1e-9) for precision, recall in reached]
    yield Measure(f"{name}.learnt.f1", float(np.mean(f1)), "share", TARGET, more=True)


def _held_out(guides: Guides, draw: int) -> tuple[float, float]:
    """Precision and recall where every pair was judged by what was learnt from other entries."""
    entries = np.random.default_rng(draw).integers(0, _FIFTHS, len(guides.corpus.rows))
    fifth = entries[guides.corpus.left]
    weights = np.zeros(len(fifth), np.float32)
    for each in range(_FIFTHS):
        others = fifth != each
        inner = np.zeros(len(fifth), np.float32)
        for one in set(range(_FIFTHS)) - {each}:
            inner[fifth == one] = _learnt(guides, others & (fifth != one), fifth == one)
        weights[~others] = _learnt(guides, others, ~others) - _threshold(inner[others], guides.labels[others])
    found = _one_each(guides.corpus, weights)
    right = int(guides.labels[found].sum())
    return right / max(len(found), 1), right / guides.true_pairs


def _learnt(guides: Guides, taught: Flags, asked: Flags) -> Column:
    import xgboost  # noqa: PLC0415 -- slow to load

    start = np.clip(guides.judged.weights, -_MOST, _MOST) * _SHARE

    def lines(rows: Flags, labels: Flags | None = None) -> xgboost.DMatrix:
        return xgboost.DMatrix(
            guides.judged.matrix[rows], labels, base_margin=start[rows], feature_names=list(NAMES), nthread=1
        )

    booster = xgboost.train(_SETTINGS, lines(taught, guides.labels[taught]), _ROUNDS)
    return np.asarray(booster.predict(lines(asked), output_margin=True), np.float32)


def _threshold(weights: Column, labels: Flags) -> float:
    """The middle of the gap below the best F1."""
    order = np.argsort(-weights, kind="stable")
    right = np.cumsum(labels[order])
    best = int((2 * right / (np.arange(1, len(order) + 1) + labels.sum())).argmax())
    return float(weights[order[best : best + 2]].mean())


def _one_each(corpus: Corpus, weights: Column) -> list[int]:
    """The pairs from 0 on, the heaviest first, no entry twice: a list is never merged with itself."""
    taken: set[int] = set()
    found = []
    for at in np.argsort(-weights, kind="stable").tolist():
        pair = {int(corpus.left[at]), int(corpus.right[at])}
        if weights[at] >= 0 and taken.isdisjoint(pair):
            taken |= pair
            found.append(at)
    return found
