"""What a weight means: the same, a look-alike for a person to judge, or different, and why in codes. Pure.

Rules stand above the weight. Two numbers of one register are two; the same number is the same, unless many carry it.
Parts of one whole are never one. Two kinds of evidence must agree, the name among them: a contact alone, under two
names, is a treasurer, and a short name alone, in one town, may be two. Two lines of one list are judged like others;
that they stand in one list speaks against them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from datacoop.linking.rules.comparing import DIFFERENT, LOOK_ALIKE, SAME, Reason, Verdict
from datacoop.linking.rules.encoding import Rows, number_of
from datacoop.linking.rules.features import NAMES, Column, Held, Indices, Matrix, in_common, measure
from datacoop.linking.rules.scoring import PRIOR, Scorer
from datacoop.linking.rules.words import known

#: A number of a register held under so many names was entered carelessly.
_UID_NAMES: Final = 4
_NUMBER: Final = 20.0
#: Near-equal names, and names of which something is left: ratios of 100.
_NEAR, _SIMILAR = 85, 60
#: How much more the weight must be where no contact and no door agree; then theme, street or some 300 metres must, or
#: the name must say more than one word of its own: two of one town may both be called La Ruche.
_NAME_ALONE: Final = 1.0
_TELLING: Final = 1.25
_NEARBY: Final = 0.3
_OWN, _SLIPS = 0.9, 1
#: Two lines of one list that the weight does not hold to be one come together through a third from this weight on.
_THROUGH_A_THIRD: Final = 0.0
_AT: Final = {name: place for place, name in enumerate(NAMES)}
_CONTACTS: Final = ("email", "domain", "phone")
_NUMBERS: Final = {1: ("same-number", _NUMBER), 2: ("shared-number", 0.0), -1: ("other-number", -_NUMBER)}
ALIKE, _SAME = np.int8(1), np.int8(2)
VERDICTS: Final[tuple[Verdict, ...]] = (DIFFERENT, LOOK_ALIKE, SAME)
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Judged:
    """Many pairs compared at once. `verdicts` 0 different, 1 look-alike, 2 the same, by pair; `weights` likewise.

    `apart`: the two never come into one group without a person, whatever a third has in common with both.
    """

    matrix: Matrix
    weights: Column
    verdicts: npt.NDArray[np.int8]
    numbers: npt.NDArray[np.int8]
    apart: Flags
    scorer: Scorer

    def only(self, pairs: Indices) -> Judged:
        """Return some of the pairs, in their order."""
        return Judged(
            self.matrix[pairs],
            self.weights[pairs],
            self.verdicts[pairs],
            self.numbers[pairs],
            self.apart[pairs],
            self.scorer,
        )

    @staticmethod
    def joined(parts: Sequence[Judged]) -> Judged:
        """Return the pairs of all parts, one after the other."""
        return Judged(
            np.concatenate([part.matrix for part in parts]),
            np.concatenate([part.weights for part in parts]),
            np.concatenate([part.verdicts for part in parts]),
            np.concatenate([part.numbers for part in parts]),
            np.concatenate([part.apart for part in parts]),
            parts[0].scorer,
        )

    def codes(self, pair: int) -> tuple[str, ...]:
        """Return what can be said of one pair, without weights."""
        number = _NUMBERS.get(int(self.numbers[pair]))
        said = [code for code, _ in _codes(self.matrix[pair]).values()]
        return (number[0], *said) if number else tuple(said)

    def reasons(self, pairs: Sequence[int]) -> list[tuple[Reason, ...]]:
        """Return the reasons of some pairs, whose weights add up to theirs. Slow: see `Scorer.shares`."""
        shares = self.scorer.shares(self.matrix[list(pairs)])
        return [self._told(pair, share) for pair, share in zip(pairs, shares, strict=True)]

    def _told(self, pair: int, share: Mapping[str, float]) -> tuple[Reason, ...]:
        line = self.matrix[pair]
        codes = _codes(line)
        left = sum(weight for group, weight in share.items() if group not in codes)
        told = [Reason(code, detail, round(share[group], 2)) for group, (code, detail) in codes.items()]
        if (said := _NUMBERS.get(int(self.numbers[pair]))) is not None:
            told.insert(0, Reason(said[0], "", said[1]))
        return (*sorted(told, key=lambda r: -abs(r.weight)), Reason(PRIOR, "", round(left, 2)))


def judge_pairs(rows: Rows, held: Held, left: Indices, right: Indices, scorer: Scorer) -> Judged:
    """Compare pairs of rows. `held` must know everybody who holds what the pairs have in common."""
    matrix = measure(rows, held, left, right)
    weights = scorer.weights(matrix)
    numbers = _numbers(rows, held, left, right)
    weights = weights + np.select([numbers == 1, numbers == -1], [_NUMBER, -_NUMBER], 0).astype(np.float32)
    verdicts = _verdicts(matrix, weights, numbers, scorer)
    other, unsaid = _foundations(rows[left], rows[right])
    # A foundation and the association beside it are two, however alike; where one list leaves the form away, a contact
    # in common tells that it means the foundation. A person may say otherwise.
    two = (other | (unsaid & (_column(matrix, "contacts") == 0))) & (numbers != 1)
    verdicts = np.where(two & (verdicts == _SAME), ALIKE, verdicts)
    apart = (weights < scorer.apart) | (_column(matrix, "parts_differ") > 0) | (numbers < 0) | (other & (numbers != 1))
    apart |= (_column(matrix, "same_list") > 0) & (verdicts != _SAME) & (weights < _THROUGH_A_THIRD)
    return Judged(matrix, weights, verdicts, numbers, apart & (verdicts != _SAME), scorer)


def _foundations(one: Rows, two: Rows) -> tuple[Flags, Flags]:
    """Return where one is a foundation and the other says to be something else, and where the other says nothing."""
    first, second = _is_foundation(one), _is_foundation(two)
    silent = np.where(first, two["legal"][:, 0], one["legal"][:, 0]) == 0
    return (first != second) & ~silent, (first != second) & silent


def _is_foundation(rows: Rows) -> Flags:
    said = [number_of(word) for word in sorted(known().foundations)]
    return np.asarray(np.isin(rows["legal"], said).any(axis=1))


def _verdicts(matrix: Matrix, weights: Column, numbers: npt.NDArray[np.int8], scorer: Scorer) -> npt.NDArray[np.int8]:
    parts = _column(matrix, "parts_differ") > 0
    near = (_column(matrix, "name_ratio") >= _NEAR) | (_column(matrix, "stems_within") >= 1)
    same = (numbers == 1) | ((weights >= scorer.same) & _is_supported(matrix, weights, scorer))
    same &= ~parts & (numbers >= 0) & (numbers != 2)
    part = parts & near & (_column(matrix, "contacts") > 0)
    alike = (weights >= scorer.review) | (numbers > 0) | part
    return np.where(same, _SAME, np.where(alike & (numbers >= 0), ALIKE, 0)).astype(np.int8)


def _is_supported(matrix: Matrix, weights: Column, scorer: Scorer) -> Flags:
    """Whether two kinds of evidence speak for it, the name among them."""
    short = (_column(matrix, "acronym") > 0) | (_column(matrix, "names_in_common") > 0)
    named = (_column(matrix, "name_ratio") >= _SIMILAR) | (_column(matrix, "stems_within") >= 0.5) | short
    # Each has a word of its own that the other has not, and no slip of the pen explains it: Production, Diffusion.
    named &= (_column(matrix, "words_left_less") < _OWN) | (_column(matrix, "letters_slips") <= _SLIPS) | short
    reached = (_column(matrix, "contacts") > 0) | (_column(matrix, "house") > 0)
    beside = (_column(matrix, "themes") == 1) | (_column(matrix, "street") == 1)
    beside |= (_column(matrix, "kilometres") < _NEARBY) | (_column(matrix, "words_fewer") >= _TELLING)
    return np.asarray(named & (reached | (beside & (weights >= scorer.same + _NAME_ALONE))))


def _numbers(rows: Rows, held: Held, left: Indices, right: Indices) -> npt.NDArray[np.int8]:
    """1 the same registry number, 2 one that many carry, -1 two numbers of one register, 0 none."""
    common = in_common(rows["uids"][left].T, rows["uids"][right].T)
    own = (common & (held.names["uids"][left].T < _UID_NAMES)).any(axis=0)
    both = in_common(rows["schemes"][left].T, rows["schemes"][right].T).any(axis=0)
    found = np.where(own, 1, np.where(common.any(axis=0), 2, np.where(both, -1, 0)))
    return found.astype(np.int8)


def _column(matrix: Matrix, name: str) -> Column:
    return matrix[:, _AT[name]]


def _codes(line: Column) -> dict[str, tuple[str, str]]:
    """Return by group what can be said of it; of what neither tells, nothing. Details are counts, never values."""
    value = {name: float(line[place]) for name, place in _AT.items()}
    found = {"name": (_name_code(value), "")}
    if value["parts_differ"] > 0:
        found["part"] = ("other-part", "")
    if (place := _place_code(value)) is not None:
        found["place"] = (place, "")
    for contact in _CONTACTS:
        if value[contact] == 1:
            found[contact] = (f"same-{contact}", str(int(value[f"{contact}_names"])))
        elif value[contact] == 0:
            found[contact] = (f"other-{contact}", "")
    if value["themes"] >= 0:
        found["themes"] = ("same-theme" if value["themes"] else "other-theme", "")
    if value["contacts"] or value["contacts_differ"]:
        found["contacts"] = ("contacts-agree" if value["contacts"] else "contacts-differ", "")
    if value["same_list"]:
        found["list"] = ("one-list", "")
    return found


def _name_code(value: Mapping[str, float]) -> str:
    if value["name_equal"] or value["letters_equal"] or value["names_in_common"]:
        return "same-name"
    if value["acronym"]:
        return "acronym"
    if value["name_ratio"] >= _NEAR or value["letters_slips"] <= 1:
        return "near-name"
    return "similar-name" if value["name_ratio"] >= _SIMILAR else "other-name"


def _place_code(value: Mapping[str, float]) -> str | None:
    if value["house"] == 1:
        return "same-door"
    if value["postcode"] == 1 or value["town"] == 1:
        return "other-street" if value["street"] == 0 else "same-place"
    return "other-place" if value["postcode"] == 0 or value["town"] == 0 else None
