"""`bench link --lists`: what is merged of public registers without a person, and each wrong merge with its reasons."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import numpy as np

from datacoop.linking.rules.clustering import Clusters
from datacoop.linking.rules.judging import Judged, judge_pairs
from datacoop.linking.rules.scoring import scorer
from datacoop.linking.wording import reason_in_words, signed
from datacoop.pipelines.bench.installation import MeasureFailed
from datacoop.pipelines.bench.linking import clusters_of
from datacoop.pipelines.bench.registers import READERS, Register
from datacoop.pipelines.bench.report import Measure


def measure(lists: Path, say: Callable[[str], None]) -> tuple[list[Measure], list[str]]:
    """Link each register alone; return what was reached, and a line in English for each pair that is wrongly one.

    Precision and recall are of the pairs within clusters, among those of which the truth speaks. Raises: MeasureFailed
    where a register is not there.
    """
    measures, wrong = list[Measure](), list[str]()
    for name, (folder, read) in READERS.items():
        try:
            register = read(lists / folder)
        except (OSError, KeyError, ValueError) as error:
            raise MeasureFailed(f"{lists / folder} does not hold the register: {error}") from error
        found, false = _linked(f"link.{name}", register)
        measures += found
        wrong += [f"{name}: {each}" for each in false]
        say(f"{name}: {len(register.corpus.rows)} records, {register.true_pairs} pairs are one")
    return measures, wrong


def _linked(name: str, register: Register) -> tuple[list[Measure], list[str]]:
    corpus = register.corpus
    judged = judge_pairs(corpus.rows, corpus.held, corpus.left, corpus.right, scorer())
    clusters = clusters_of(corpus, judged.weights, judged.verdicts == 2, judged.apart)
    made = np.array(list(_within(clusters)), dtype=np.int64).reshape(-1, 2)
    made = made[register.told(made[:, 0], made[:, 1])]
    is_right = corpus.entities[made[:, 0]] == corpus.entities[made[:, 1]]
    shown = (judged.verdicts > 0) & register.told(corpus.left, corpus.right) & corpus.labels
    reached = {tuple(pair) for pair in made[is_right].tolist()}
    reached |= set(zip(corpus.left[shown].tolist(), corpus.right[shown].tolist(), strict=True))
    true = max(register.true_pairs, 1)
    measures = [
        Measure(f"{name}.auto.precision", float(is_right.sum() / max(len(made), 1)), "share"),
        Measure(f"{name}.auto.recall", float(is_right.sum() / true), "share"),
        Measure(f"{name}.auto.false_merges", float((~is_right).sum()), ""),
        Measure(f"{name}.recall_with_review", len(reached) / true, "share"),
    ]
    return measures, list(_explained(register, made[~is_right]))


def _within(clusters: Clusters) -> Iterator[tuple[int, int]]:
    """Pairs of rows of one cluster, the smaller first."""
    groups: dict[int, set[int]] = {}
    for one, two in clusters.joined():
        groups.setdefault(clusters.head(one), set()).update((one, two))
    for group in groups.values():
        yield from combinations(sorted(group), 2)


def _explained(register: Register, pairs: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> Iterator[str]:
    if not len(pairs):
        return
    corpus = register.corpus
    judged = judge_pairs(corpus.rows, corpus.held, pairs[:, 0], pairs[:, 1], scorer())
    for at, (one, two) in enumerate(pairs.tolist()):
        yield f"{register.called[one]} = {register.called[two]}: {_why(judged, at)}"


def _why(judged: Judged, at: int) -> str:
    reasons = judged.reasons([at])[0]
    told = "; ".join(f"{reason_in_words(each, 'en')} {signed(each.weight, 'en')}" for each in reasons)
    through = "" if judged.verdicts[at] == 2 else "; one through a third entry"
    return f"{signed(float(judged.weights[at]), 'en')} ({told}{through})"
