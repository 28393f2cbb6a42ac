"""How many there are in all, from how much several lists overlap: capture–recapture for a closed population."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

#: With fewer recaptures Chapman's estimate is biased by more than a little (Robson & Regier 1964; Seber 1982, § 3.1).
LEAST_OVERLAP = 7
#: Two-sided 95 % of the normal distribution.
_Z = 1.959964
_MOST_STEPS = 100
_CLOSE = 1e-10
#: Beyond this many times what was seen, the lists tell nothing about the whole.
_ABSURD = 20
#: A list that holds less than this share of a stratum does not cover it: what it has there is there by accident.
LEAST_SHARE = 0.1

History = frozenset[str]
Reason = Literal["few-lists", "little-overlap", "no-answer"]


@dataclass(frozen=True)
class Estimate:
    """How many there are in all, and the interval that holds it in 95 of 100 cases, if the assumptions hold.

    `is_lower_bound`: where some things are listed more readily than others, there are more than this.
    """

    total: float
    low: float
    high: float
    seen: int
    lists: int
    overlap: int
    is_lower_bound: bool
    variance: float


@dataclass(frozen=True)
class NoEstimate:
    """Why there is none: too few lists, too little in common, or nothing that could be computed from them."""

    reason: Reason
    seen: int
    lists: int
    overlap: int


def estimate(histories: Mapping[History, int]) -> Estimate | NoEstimate:
    """Estimate a whole from how many things stand in exactly these lists; whatever stands in none is ignored.

    Two lists: Chapman (1951), nearly unbiased; its variance after Seber (1970). Three or more: Chao's lower bound with
    an effect of each list, a log-linear Poisson model of what stands in one list or two (Rivest & Baillargeon 2007,
    Biometrics 63, 999–1006); for two lists it would be Lincoln and Petersen's estimate. The interval is log-normal
    in the number not seen (Chao 1987, Biometrics 43, 783–791; Burnham et al. 1987), so it never falls below what was.

    >>> found = estimate({frozenset("a"): 60, frozenset("b"): 30, frozenset("ab"): 20})
    >>> round(found.total), round(found.low), round(found.high)
    (196, 156, 269)
    """
    counts = {history: number for history, number in histories.items() if history and number}
    lists = sorted(set().union(*counts)) if counts else []
    seen = sum(counts.values())
    overlap = sum(number for history, number in counts.items() if len(history) > 1)
    reason: Reason | None = None
    if len(lists) < 2:
        reason = "few-lists"
    elif overlap < LEAST_OVERLAP:
        reason = "little-overlap"
    if reason:
        return NoEstimate(reason, seen, len(lists), overlap)
    unseen = _chapman(counts, lists) if len(lists) == 2 else _chao(counts, lists)
    if unseen is None or unseen[0] > _ABSURD * seen:
        return NoEstimate("no-answer", seen, len(lists), overlap)
    low, high = _interval(*unseen)
    return Estimate(seen + unseen[0], seen + low, seen + high, seen, len(lists), overlap, len(lists) > 2, unseen[1])


def stratified(strata: Mapping[str, Mapping[History, int]]) -> tuple[Estimate | NoEstimate, frozenset[str]]:
    """Estimate a whole part by part, and say which parts were.

    Lists that each know one field better than another overlap less than chance would have it, and an estimate over all
    fields at once is too high; within one field it is not (Sekar & Deming 1949, J. Am. Stat. Assoc. 44, 101–115). Only
    lists that cover a stratum count in it. Strata with too little overlap are taken together; what stands in a stratum
    that one list alone covers counts as seen, so that the sum is a lower bound.
    """
    counted = {name: _covering(histories) for name, histories in strata.items()}
    found = {name: estimate(histories) for name, histories in counted.items()}
    little = [name for name, each in found.items() if isinstance(each, NoEstimate) and each.reason == "little-overlap"]
    rest = Counter[History]()
    for name in little:
        rest.update(counted[name])
    together = estimate(rest)
    parts = {name: each for name, each in found.items() if isinstance(each, Estimate)}
    done = frozenset(parts) | (frozenset(little) if isinstance(together, Estimate) else frozenset())
    sums = [*parts.values(), *([together] if isinstance(together, Estimate) else ())]
    every = Counter[History]()
    for histories in strata.values():
        every.update(histories)
    seen = sum(number for history, number in every.items() if history)
    if not sums:
        lists = len(set().union(*every)) if every else 0
        reason = together.reason if little and isinstance(together, NoEstimate) else "few-lists"
        return NoEstimate(reason, seen, lists, sum(each.overlap for each in found.values())), done
    return _sum(sums, seen, lists=len(set().union(*every)), is_whole=len(done) == len(strata)), done


def _sum(parts: Sequence[Estimate], seen: int, *, lists: int, is_whole: bool) -> Estimate:
    unseen = sum(each.total - each.seen for each in parts)
    variance = sum(each.variance for each in parts)
    low, high = _interval(unseen, variance)
    bound = not is_whole or any(each.is_lower_bound for each in parts)
    overlap = sum(each.overlap for each in parts)
    return Estimate(seen + unseen, seen + low, seen + high, seen, lists, overlap, bound, variance)


def _covering(histories: Mapping[History, int]) -> Mapping[History, int]:
    """Leave out of a stratum the lists that do not cover it, and what only they have."""
    seen = sum(histories.values())
    sizes = Counter[str]()
    for history, number in histories.items():
        sizes.update(dict.fromkeys(history, number))
    covering = {name for name, size in sizes.items() if size >= LEAST_SHARE * seen}
    found = Counter[History]()
    for history, number in histories.items():
        found[history & covering] += number
    return {history: number for history, number in found.items() if history}


def histories_of(listed: Iterable[Iterable[str]]) -> dict[History, int]:
    """Count how many things stand in exactly the same lists."""
    return dict(Counter(frozenset(lists) for lists in listed))


def _interval(unseen: float, variance: float) -> tuple[float, float]:
    """Return the log-normal interval of the number not seen."""
    if unseen <= 0 or variance <= 0:
        return max(unseen, 0.0), max(unseen, 0.0)
    factor = math.exp(_Z * math.sqrt(math.log1p(variance / unseen**2)))
    return unseen / factor, unseen * factor


def _chapman(counts: Mapping[History, int], lists: Sequence[str]) -> tuple[float, float]:
    """Return how many stand in neither list, and the variance."""
    first, second = (counts.get(frozenset([name]), 0) for name in lists)
    both = counts.get(frozenset(lists), 0)
    unseen = first * second / (both + 1)
    variance = (first + both + 1) * (second + both + 1) * first * second / ((both + 1) ** 2 * (both + 2))
    return unseen, variance


def _chao(counts: Mapping[History, int], lists: Sequence[str]) -> tuple[float, float] | None:
    """Return how many stand in no list, at least, and the variance; None where the model has no finite answer.

    log E(n of a history) = whole + the effects of its lists; exp(whole) stand in none.
    """
    cells = [frozenset(each) for size in (1, 2) for each in combinations(lists, size)]
    rows = [[1.0, *(float(name in cell) for name in lists)] for cell in cells]
    said = [float(counts.get(cell, 0)) for cell in cells]
    fitted = _poisson(rows, said)
    if fitted is None:
        return None
    whole, spread = fitted
    unseen = math.exp(whole)
    return unseen, unseen + unseen**2 * spread


def _poisson(rows: Sequence[Sequence[float]], said: Sequence[float]) -> tuple[float, float] | None:
    """Fit a log-linear Poisson model by Fisher scoring; return the first coefficient and its variance, None if none.

    McCullagh & Nelder, Generalized Linear Models (1989), § 2.5.
    """
    means = [each + 0.5 for each in said]
    before = math.inf
    for _ in range(_MOST_STEPS):
        weighted = [math.log(m) + (y - m) / m for y, m in zip(said, means, strict=True)]
        information = _products(rows, means)
        solved = _solve(information, _projected(rows, means, weighted))
        if solved is None:
            return None
        try:
            means = [math.exp(sum(x * b for x, b in zip(row, solved, strict=True))) for row in rows]
        except OverflowError:
            return None
        deviance = sum(m - (y * math.log(m) if y else 0.0) for y, m in zip(said, means, strict=True))
        if abs(before - deviance) < _CLOSE * (abs(deviance) + 1):
            unit = [1.0, *([0.0] * (len(solved) - 1))]
            variance = _solve(_products(rows, means), unit)
            return (solved[0], variance[0]) if variance and variance[0] >= 0 else None
        before = deviance
    return None


def _products(rows: Sequence[Sequence[float]], weights: Sequence[float]) -> list[list[float]]:
    width = range(len(rows[0]))
    return [[sum(w * row[i] * row[j] for row, w in zip(rows, weights, strict=True)) for j in width] for i in width]


def _projected(rows: Sequence[Sequence[float]], weights: Sequence[float], values: Sequence[float]) -> list[float]:
    return [sum(w * row[i] * v for row, w, v in zip(rows, weights, values, strict=True)) for i in range(len(rows[0]))]


def _solve(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float] | None:
    """Solve linear equations by Gaussian elimination with pivots; None where they have no single answer."""
    system = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(system)
    for at in range(size):
        pivot = max(range(at, size), key=lambda i: abs(system[i][at]))
        if abs(system[pivot][at]) < 1e-12:
            return None
        system[at], system[pivot] = system[pivot], system[at]
        for below in range(at + 1, size):
            factor = system[below][at] / system[at][at]
            system[below] = [b - factor * a for a, b in zip(system[at], system[below], strict=True)]
    found = [0.0] * size
    for at in reversed(range(size)):
        rest = sum(system[at][k] * found[k] for k in range(at + 1, size))
        found[at] = (system[at][size] - rest) / system[at][at]
    return found
