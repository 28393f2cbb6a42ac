"""The learnt weight of what two records have in common, and its shares. Pure; the model is a file beside this room.

Weights are log2 odds: +6 is sixty-four to one that both are the same organisation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from math import log
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from datacoop.linking.rules.features import FEATURES, NAMES, Column, Matrix
from datacoop.linking.rules.trained import file_of

if TYPE_CHECKING:
    from xgboost import Booster, DMatrix

_GROUPS: Final = tuple(dict.fromkeys(group for group, _ in FEATURES.values()))
#: The part of a weight that no feature has.
PRIOR: Final = "prior"


@dataclass(frozen=True)
class Scorer:
    """A trained model. `same` and `review`: the least weights to be one, and to be shown to a person; below `apart`
    two records never come into one group.
    """

    booster: Booster
    same: float
    review: float
    apart: float
    kind: str = "organisation"

    def __reduce__(self) -> tuple[Callable[[str], Scorer], tuple[str]]:
        """Travel to another process as what was asked for: it reads the model itself."""
        return scorer, (self.kind,)

    def weights(self, matrix: Matrix) -> Column:
        """Return the weight of each line of features."""
        if not len(matrix):
            return np.zeros(0, np.float32)
        return (self.booster.predict(_lines(matrix), output_margin=True) / log(2)).astype(np.float32)

    def shares(self, matrix: Matrix) -> list[dict[str, float]]:
        """Return the exact Shapley shares of each line's weight, by group of features; they add up to the weight.

        Lundberg et al., Nature Machine Intelligence 2 (2020), "From local explanations to global understanding". Slow
        (0.4 ms a line): only for what somebody is shown.
        """
        if not len(matrix):
            return []
        found = self.booster.predict(_lines(matrix), pred_contribs=True) / log(2)
        groups = [FEATURES[name][0] for name in NAMES]
        return [
            {
                **{g: float(sum(line[i] for i, own in enumerate(groups) if own == g)) for g in _GROUPS},
                PRIOR: float(line[-1]),
            }
            for line in found
        ]


def scorer(kind: str = "organisation") -> Scorer:
    """Return the model of a kind, read once: this cooperative's own where it trained one."""
    return _read(kind, file_of(kind))


@cache
def _read(kind: str, file: Path) -> Scorer:
    import xgboost  # noqa: PLC0415 -- slow to load, and only who links needs it

    # One thread: what is asked while people wait takes one core.
    booster = xgboost.Booster({"nthread": 1}, model_file=file)
    same, review, apart = (float(booster.attr(name) or "nan") for name in ("same", "review", "apart"))
    return Scorer(booster, same, review, apart, kind)


def _lines(matrix: Matrix) -> DMatrix:
    import xgboost  # noqa: PLC0415

    return xgboost.DMatrix(matrix, feature_names=list(NAMES), nthread=1)
