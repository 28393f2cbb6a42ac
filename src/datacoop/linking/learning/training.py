"""Train the scorer on invented worlds, and write it with its report: `python -m datacoop.linking.learning.training`.

Thresholds are set on one world and reported on another. The same seeds give the same model.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from datacoop.linking.learning.lists import Written, write_lists
from datacoop.linking.learning.pairing import paired
from datacoop.linking.learning.worlds import make_world
from datacoop.linking.rules.encoding import Rows, encode
from datacoop.linking.rules.features import FEATURES, NAMES, Held, Indices, Matrix, count_held, measure
from datacoop.linking.rules.profiles import profile_of
from datacoop.linking.rules.scoring import Scorer
from datacoop.linking.rules.trained import SHIPPED_FOLDER

if TYPE_CHECKING:
    from xgboost import Booster

_ROUNDS: Final = 200
_SETTINGS: Final = {
    "objective": "binary:logistic", "max_depth": 5, "eta": 0.15, "subsample": 0.8, "colsample_bytree": 0.6,
    "min_child_weight": 2, "reg_lambda": 2, "tree_method": "hist", "nthread": 1, "seed": 1,
}  # fmt: skip
_PRECISION: Final = 0.9995
_REVIEW, _APART = -2.0, -1.0
_REVIEWED: Final = 20.0
_MEASURED_AT_ONCE = 200_000


@dataclass(frozen=True)
class Plan:
    """(organisations, seed) of the worlds learnt from, of the one thresholds are set on, and of the one reported."""

    learnt: tuple[tuple[int, int], ...]
    set_on: tuple[int, int]
    reported: tuple[int, int]


SHIPPED: Final = Plan(((5_000, 1), (5_000, 2), (5_000, 3), (5_000, 4), (30_000, 5)), (15_000, 6), (15_000, 7))


@dataclass(frozen=True)
class Corpus:
    """Rows with known truth: `entities` says of each row which organisation is meant."""

    rows: Rows
    held: Held
    entities: npt.NDArray[np.int64]
    left: Indices
    right: Indices

    @property
    def labels(self) -> npt.NDArray[np.bool_]:
        """Whether each pair is one organisation."""
        return np.asarray(self.entities[self.left] == self.entities[self.right])

    @property
    def true_pairs(self) -> int:
        """How many pairs of rows are one organisation, found or not."""
        return sum(n * (n - 1) // 2 for n in Counter(self.entities.tolist()).values())

    def matrix(self) -> Matrix:
        """Return the features of every pair."""
        starts = range(0, len(self.left), _MEASURED_AT_ONCE)
        parts = [slice(start, start + _MEASURED_AT_ONCE) for start in starts]
        return np.concatenate([measure(self.rows, self.held, self.left[p], self.right[p]) for p in parts])


@dataclass(frozen=True)
class Quality:
    """How well pairs are told apart by weight: the best F1 and where, and recall where precision is `at`."""

    candidate_recall: float
    best_f1: float
    precision: float
    recall: float
    recall_at: dict[str, float]


def corpus_of(written: Sequence[Written]) -> Corpus:
    """Return rows, and the pairs that share a key."""
    profiles = [profile_of(number, row.values) for number, row in enumerate(written)]
    rows = encode(profiles, [row.holder for row in written])
    left, right = paired(profiles)
    return Corpus(rows, count_held(rows), np.array([row.organisation for row in written]), left, right)


def invented(organisations: int, seed: int) -> Corpus:
    """Return the corpus of an invented world."""
    return corpus_of(write_lists(make_world(organisations, seed), seed))


@dataclass(frozen=True)
class Reviewed:
    """Pairs that people judged: their features, and whether they are one."""

    matrix: Matrix
    labels: npt.NDArray[np.bool_]


def train(corpora: Sequence[Corpus], reviewed: Reviewed | None = None) -> Booster:
    """Learn from pairs with known truth. More agreement never lowers the weight: constraints of `FEATURES`.

    Each pair that people reviewed counts as much as `_REVIEWED` invented ones.
    """
    import xgboost  # noqa: PLC0415 -- slow to load

    matrix = [corpus.matrix() for corpus in corpora]
    labels = [corpus.labels for corpus in corpora]
    counts = [np.ones(len(each), np.float32) for each in labels]
    if reviewed is not None:
        matrix.append(reviewed.matrix)
        labels.append(reviewed.labels)
        counts.append(np.full(len(reviewed.labels), _REVIEWED, np.float32))
    constraints = "(" + ",".join(str(FEATURES[name][1]) for name in NAMES) + ")"
    pairs = xgboost.DMatrix(
        np.concatenate(matrix), np.concatenate(labels), weight=np.concatenate(counts), feature_names=list(NAMES)
    )
    return xgboost.train({**_SETTINGS, "monotone_constraints": constraints}, pairs, _ROUNDS)


def quality(weights: npt.NDArray[np.float32], labels: npt.NDArray[np.bool_], true_pairs: int) -> Quality:
    """Measure how well weights tell pairs apart."""
    order = np.argsort(-weights, kind="stable")
    right = np.cumsum(labels[order])
    precision, recall = right / np.arange(1, len(order) + 1), right / true_pairs
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-9)
    best = int(f1.argmax())
    reached = {str(at): _recall_at(precision, recall, at) for at in (0.999, 0.995, 0.99)}
    at_best = float(f1[best]), float(precision[best]), float(recall[best])
    return Quality(float(labels.sum() / true_pairs), *at_best, recall_at=reached)


def least_weight(weights: npt.NDArray[np.float32], labels: npt.NDArray[np.bool_], precision: float) -> float:
    """Return the least weight from which on pairs are right with this precision."""
    order = np.argsort(-weights, kind="stable")
    right = np.cumsum(labels[order]) / np.arange(1, len(order) + 1)
    return float(weights[order[np.flatnonzero(right >= precision)[-1]]])


def write_model(folder: Path, reviewed: Reviewed | None = None, plan: Plan = SHIPPED) -> dict[str, object]:
    """Train, set thresholds, write the model and what it reaches into a folder; return the report."""
    booster = train([invented(*world) for world in plan.learnt], reviewed)
    probe = Scorer(booster, 0, 0, 0)
    set_on, reported = invented(*plan.set_on), invented(*plan.reported)
    same = round(least_weight(probe.weights(set_on.matrix()), set_on.labels, _PRECISION), 1)
    booster.set_attr(same=str(same), review=str(_REVIEW), apart=str(_APART))
    found = quality(probe.weights(reported.matrix()), reported.labels, reported.true_pairs)
    folder.mkdir(exist_ok=True)
    booster.save_model(folder / "organisation.json")
    report = {
        "learnt": plan.learnt, "reviewed": 0 if reviewed is None else len(reviewed.labels),
        "thresholds_set_on": plan.set_on, "reported_on": plan.reported, "same": same, **vars(found),
    }  # fmt: skip
    (folder / "organisation.report.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return report


def _recall_at(precision: npt.NDArray[np.float64], recall: npt.NDArray[np.float64], at: float) -> float:
    reached = np.flatnonzero(precision >= at)
    return float(recall[reached[-1]]) if len(reached) else 0.0


if __name__ == "__main__":
    sys.stdout.write(json.dumps(write_model(SHIPPED_FOLDER), indent=1) + "\n")
