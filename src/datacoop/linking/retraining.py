"""Train the scorer anew, with the pairs that this cooperative's own people judged among what it learns from."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from datacoop.linking.indexing import Index
from datacoop.linking.learning.training import SHIPPED, Plan, Reviewed, write_model
from datacoop.linking.matching import compare_standing
from datacoop.linking.models import Judgement
from datacoop.linking.rules.features import NAMES
from datacoop.linking.rules.trained import use_own

#: Fewer reviewed pairs teach less than the invented ones: a scorer would learn the taste of an afternoon.
LEAST = 200


class TooFewJudgements(ValueError):
    """Too few pairs were judged to learn from; the message says how many there are."""


def retrain(folder: Path, *, plan: Plan = SHIPPED, least: int = LEAST) -> dict[str, object]:
    """Write a model into `folder` from invented worlds and from standing judgements; return its report.

    A part of something is not the whole, as `different` is. Pairs of which nothing is indexed any more teach nothing.
    Only this process uses the new model at once: others after they start anew. Raises: TooFewJudgements.
    """
    reviewed = _reviewed()
    if len(reviewed.labels) < least:
        raise TooFewJudgements(
            f"{len(reviewed.labels)} pairs were judged so far; from {least} on they teach more than invented ones do."
        )
    report = write_model(folder, reviewed, plan)
    use_own(folder)
    return report


def _reviewed() -> Reviewed:
    judged = Judgement.objects.filter(reversed_at__isnull=True).exclude(verdict="unsure").order_by("id")
    index, lines, labels = Index(), [], []
    for each in judged.iterator():
        found = index.of_records([each.first, each.second])
        if len(found) == 2:
            pairing = compare_standing(index, found[each.first], found[each.second])
            lines.append(pairing.judged.matrix[pairing.at])
            labels.append(each.verdict == "same")
    matrix = np.array(lines, dtype=np.float32).reshape(-1, len(NAMES))
    return Reviewed(matrix, np.array(labels, dtype=bool))
