"""How many there are in all: known answers, a known whole recovered, refusals."""

import doctest
import random
from itertools import product

import pytest

from datacoop.lib import recapture
from datacoop.lib.recapture import Estimate, NoEstimate, estimate, histories_of, stratified


def lists(*counts: tuple[str, int]) -> dict[frozenset[str], int]:
    return {frozenset(names): number for names, number in counts}


def drawn(whole: int, chances: dict[str, float], dice: random.Random) -> dict[frozenset[str], int]:
    """What lists that know each thing by chance have of a whole."""
    return histories_of([name for name, chance in chances.items() if dice.random() < chance] for _ in range(whole))


def test_examples_hold() -> None:
    assert doctest.testmod(recapture).failed == 0


class TestTwoLists:
    def test_gives_chapmans_estimate(self) -> None:
        """(n1 + 1)(n2 + 1)/(m + 1) - 1."""
        found = estimate(lists(("a", 60), ("b", 30), ("ab", 20)))
        assert isinstance(found, Estimate)
        assert found.total == pytest.approx(81 * 51 / 21 - 1)
        assert (found.seen, found.lists, found.overlap, found.is_lower_bound) == (110, 2, 20, False)
        assert found.seen <= found.low < found.total < found.high

    def test_says_what_was_seen_where_one_list_holds_the_other(self) -> None:
        found = estimate(lists(("a", 60), ("ab", 40)))
        assert isinstance(found, Estimate)
        assert (found.low, found.total, found.high) == (100, 100, 100)


class TestSeveralLists:
    def test_the_model_of_two_lists_is_petersens(self) -> None:
        found = recapture._chao(lists(("a", 60), ("b", 30), ("ab", 20)), ["a", "b"])
        assert found is not None
        unseen, variance = found
        assert unseen == pytest.approx(60 * 30 / 20)
        assert variance == pytest.approx(80 * 50 * 60 * 30 / 20**3)

    def test_the_fit_leaves_every_margin_as_it_was(self) -> None:
        """What makes it the maximum of the likelihood: fitted and observed totals of each list agree."""
        said = lists(("a", 69), ("b", 55), ("c", 63), ("ab", 21), ("ac", 17), ("bc", 18))
        cells = list(said)
        rows = [[1.0, *(float(name in cell) for name in "abc")] for cell in cells]
        solved = fitted(rows, [float(said[cell]) for cell in cells])
        for column in range(4):
            expected = sum(mean * row[column] for mean, row in zip(solved, rows, strict=True))
            assert expected == pytest.approx(
                sum(said[cell] * row[column] for cell, row in zip(cells, rows, strict=True))
            )

    def test_what_all_lists_have_adds_to_what_was_seen_alone(self) -> None:
        few = estimate(lists(("a", 69), ("b", 55), ("c", 63), ("ab", 21), ("ac", 17), ("bc", 18)))
        more = estimate(lists(("a", 69), ("b", 55), ("c", 63), ("ab", 21), ("ac", 17), ("bc", 18), ("abc", 28)))
        assert isinstance(few, Estimate)
        assert isinstance(more, Estimate)
        assert more.total - few.total == pytest.approx(28)

    @pytest.mark.parametrize("chances", [{"a": 0.5, "b": 0.3, "c": 0.2}, {"a": 0.6, "b": 0.1, "c": 0.3, "d": 0.15}])
    def test_recovers_a_whole_that_lists_of_any_size_know_by_chance(self, chances: dict[str, float]) -> None:
        dice = random.Random(1802)
        found = [estimate(drawn(1200, chances, dice)) for _ in range(100)]
        estimates = [each for each in found if isinstance(each, Estimate)]
        assert len(estimates) == 100
        assert sum(each.total for each in estimates) / 100 == pytest.approx(1200, rel=0.02)
        assert 88 <= sum(each.low <= 1200 <= each.high for each in estimates) <= 100

    def test_is_a_lower_bound_where_some_are_listed_more_readily(self) -> None:
        dice = random.Random(1803)
        ready, shy = {"a": 0.6, "b": 0.5, "c": 0.4}, {"a": 0.2, "b": 0.15, "c": 0.1}
        totals = []
        for _ in range(50):
            mixed = drawn(600, ready, dice)
            for history, number in drawn(600, shy, dice).items():
                mixed[history] = mixed.get(history, 0) + number
            found = estimate(mixed)
            assert isinstance(found, Estimate)
            assert found.is_lower_bound
            totals.append(found.total)
        assert 850 < sum(totals) / 50 < 1200

    def test_takes_many_lists(self) -> None:
        dice = random.Random(1804)
        found = estimate(drawn(2000, {str(n): 0.12 for n in range(20)}, dice))
        assert isinstance(found, Estimate)
        assert found.total == pytest.approx(2000, rel=0.1)


class TestRefuses:
    @pytest.mark.parametrize("counts", [{}, lists(("a", 500)), lists(("", 12), ("a", 5))])
    def test_fewer_than_two_lists(self, counts: dict[frozenset[str], int]) -> None:
        found = estimate(counts)
        assert isinstance(found, NoEstimate)
        assert found.reason == "few-lists"

    @pytest.mark.parametrize(("overlap", "refused"), [(0, True), (6, True), (7, False)])
    def test_too_small_an_overlap(self, overlap: int, refused: bool) -> None:
        found = estimate(lists(("a", 60), ("b", 30), ("ab", overlap)))
        assert isinstance(found, NoEstimate) == refused
        assert found.overlap == overlap

    def test_an_absurd_answer(self) -> None:
        found = estimate(lists(("a", 900), ("b", 900), ("ab", 7)))
        assert isinstance(found, NoEstimate)
        assert found.reason == "no-answer"

    def test_never_with_an_error(self) -> None:
        for a, b, c, ab, ac, bc, abc in product((0, 50), (0, 1), (0, 9), (0, 8), (0, 3), (0, 7), (0, 7)):
            counts = lists(("a", a), ("b", b), ("c", c), ("ab", ab), ("ac", ac), ("bc", bc), ("abc", abc))
            found = estimate(counts)
            if isinstance(found, Estimate):
                assert found.seen <= found.low <= found.total <= found.high


def fitted(rows: list[list[float]], said: list[float]) -> list[float]:
    """The means of the fit, from a solution found by another way: gradient steps of the likelihood."""
    coefficients = [3.0, 0.5, 0.5, 0.5]
    means: list[float] = []
    for _ in range(200_000):
        means = [pow(2.718281828459045, sum(x * b for x, b in zip(row, coefficients, strict=True))) for row in rows]
        slope = [
            sum((y - m) * row[i] for y, m, row in zip(said, means, rows, strict=True)) for i in range(len(coefficients))
        ]
        if max(map(abs, slope)) < 1e-9:
            break
        coefficients = [b + 0.002 * s for b, s in zip(coefficients, slope, strict=True)]
    assert recapture._poisson(rows, said)[0] == pytest.approx(coefficients[0], abs=1e-6)  # type: ignore[index]
    return means


class TestStrata:
    def test_lists_that_know_different_fields_do_not_invent_a_whole(self) -> None:
        """Each of two lists knows its own field well and the other badly: taken together they seem to miss half."""
        dice = random.Random(1805)
        sport = drawn(600, {"club": 0.7, "care": 0.12}, dice)
        social = drawn(600, {"club": 0.12, "care": 0.7}, dice)
        mixed = estimate({h: sport.get(h, 0) + social.get(h, 0) for h in {*sport, *social}})
        whole, done = stratified({"sport": sport, "social": social})
        assert isinstance(mixed, Estimate)
        assert isinstance(whole, Estimate)
        assert mixed.low > 1800
        assert whole.low <= 1200 <= whole.high
        assert (done, whole.is_lower_bound) == ({"sport", "social"}, False)

    def test_what_one_list_alone_covers_counts_as_seen(self) -> None:
        two = lists(("a", 60), ("b", 30), ("ab", 20))
        whole, done = stratified({"sport": two, "song": lists(("a", 50))})
        alone = estimate(two)
        assert isinstance(whole, Estimate)
        assert isinstance(alone, Estimate)
        assert done == {"sport"}
        assert whole.total == pytest.approx(alone.total + 50)
        assert (whole.seen, whole.is_lower_bound) == (160, True)

    def test_a_stray_entry_makes_no_list_cover_a_field(self) -> None:
        two = lists(("a", 60), ("b", 30), ("ab", 20))
        stray = {**two, frozenset("c"): 1, frozenset("ac"): 1}
        whole, _ = stratified({"sport": stray})
        assert isinstance(whole, Estimate)
        assert whole.lists == 3
        assert whole.seen == 112
        same = estimate(lists(("a", 61), ("b", 30), ("ab", 20)))
        assert isinstance(same, Estimate)
        assert whole.total == pytest.approx(same.total + 1)

    def test_small_fields_are_taken_together(self) -> None:
        small = lists(("a", 12), ("b", 9), ("ab", 4))
        whole, done = stratified({"song": small, "sport": small})
        both = estimate(lists(("a", 24), ("b", 18), ("ab", 8)))
        assert isinstance(whole, Estimate)
        assert isinstance(both, Estimate)
        assert whole.total == pytest.approx(both.total)
        assert done == {"song", "sport"}

    @pytest.mark.parametrize(
        ("strata", "reason", "overlap"),
        [
            ({}, "few-lists", 0),
            ({"song": lists(("a", 12)), "sport": lists(("b", 9))}, "few-lists", 0),
            ({"song": lists(("a", 12), ("b", 9), ("ab", 4)), "sport": lists(("b", 9))}, "little-overlap", 4),
        ],
    )
    def test_refuses_where_no_field_can_be_estimated(
        self, strata: dict[str, dict[frozenset[str], int]], reason: str, overlap: int
    ) -> None:
        found, done = stratified(strata)
        assert isinstance(found, NoEstimate)
        assert (found.reason, found.overlap, done) == (reason, overlap, frozenset())
