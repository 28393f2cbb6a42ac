"""Invented worlds, the pairs of a corpus, clusters, and what a small training reaches."""

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datacoop.linking.learning.lists import write_lists
from datacoop.linking.learning.pairing import paired
from datacoop.linking.learning.training import SHIPPED, invented, least_weight, quality, train
from datacoop.linking.learning.worlds import make_world
from datacoop.linking.rules.clustering import Clusters, Link, cluster, torn
from datacoop.linking.rules.keys import keys_of
from datacoop.linking.rules.profiles import Profile, profile_of
from datacoop.linking.rules.scoring import Scorer, scorer
from datacoop.linking.rules.streets import read_street
from datacoop.pipelines.bench.linking import SEED
from tests.linking.lists import organisation


def profile(name: str, number: int = 1, **values: object) -> Profile:
    return profile_of(number, organisation(name, **values))


def test_the_same_seed_makes_the_same_lists() -> None:
    first, again = (write_lists(make_world(300, 4), 4) for _ in range(2))

    assert first == again
    assert first != write_lists(make_world(300, 5), 5)


def test_a_world_has_every_trap_and_several_lists() -> None:
    world = make_world(2000, 1)

    assert {kind for *_, kind in world.traps} == {"section", "same contact", "same name", "near name"}
    assert {row.holder for row in write_lists(world, 1)} == {0, 1, 2, 3}
    assert all(one != two for one, two, _ in world.traps)


def test_what_is_measured_was_never_learnt() -> None:
    seeds = [seed for _, seed in (*SHIPPED.learnt, SHIPPED.set_on, SHIPPED.reported)] + [SEED]

    assert len(set(seeds)) == len(seeds)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Chorale Arc-en-Ciel", "Association Arc-en-ciel (chorale)"),
        ("Les Hirondelles", "Les Hirrondelles"),
        ("Hirondelles du Lac", "Ihrondelles du Lac"),
        ("Union sportive Lausanne", "USL"),
        ("Brigade du Moulin rouge", "Brigade du Moulin"),
    ],
)
def test_spellings_of_one_name_share_a_key(first: str, second: str) -> None:
    assert keys_of(profile(first)) & keys_of(profile(second))


def test_a_door_is_a_key_of_its_own() -> None:
    door = {"city": "Lausanne", "postal_code": "1003", "street": "Av. du Lac-Invisible 7"}
    same = {"city": "Lausanne", "street": "7, avenue du lac-invisible"}

    shared = keys_of(profile("La Ruche", addresses=door)) & keys_of(profile("Boussole", addresses=same))
    assert {key[0] for key in shared} == {"door"}


@pytest.mark.parametrize(
    ("text", "street", "house"),
    [
        ("Av. de la Gare 12a", "gare", "12a"),
        ("12, avenue de la Gare", "gare", "12"),
        ("c/o Anne Blanc, Bahnhofstr. 3", "bahnho", "3"),
        ("Bahnhofstrasse 3, Postfach 44", "bahnho", "3"),
        ("Place du Marché", "marche", ""),
        ("", "", ""),
    ],
)
def test_streets_are_read_however_written(text: str, street: str, house: str) -> None:
    assert read_street(text) == (street, house)


def test_pairs_share_a_key_and_come_once() -> None:
    profiles = [profile(name, i) for i, name in enumerate(["La Ruche", "Ruche (La)", "Boussole", "La Ruche"])]

    left, right = paired(profiles)

    assert set(zip(left.tolist(), right.tolist(), strict=True)) == {(0, 1), (0, 3), (1, 3)}


def test_an_overfull_block_makes_no_pairs() -> None:
    profiles = [profile("La Ruche", number) for number in range(6)]

    assert len(paired(profiles, block=5)[0]) == 0
    assert len(paired(profiles, block=6)[0]) == 15


LINKS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from([3.0, 5.0, 8.0])).filter(lambda e: e[0] != e[1]),
    max_size=20,
)
PAIRS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)).filter(lambda e: e[0] != e[1]), max_size=8)


def _parts(clusters: Clusters) -> set[frozenset[int]]:
    return {frozenset(clusters.members(number)) for number in range(10)}


@given(LINKS, PAIRS, st.randoms(use_true_random=False))
def test_clusters_do_not_depend_on_the_order_of_links(
    links: list[tuple[int, int, float]], never: list[tuple[int, int]], shuffled: random.Random
) -> None:
    apart: dict[int, set[int]] = {}
    for one, two in never:
        apart.setdefault(one, set()).add(two)
        apart.setdefault(two, set()).add(one)
    ranks = {number: bytes([number]) for number in range(10)}
    told = [Link(*link) for link in links]
    again = list(told)
    shuffled.shuffle(again)

    found = cluster(told, apart, ranks)

    assert _parts(found) == _parts(cluster(again, apart, ranks))
    assert not any(two in found.members(one) for one, two in never)


def test_who_fits_two_that_exclude_each_other_joins_the_clearly_better_one_or_neither() -> None:
    apart = {1: {2}, 2: {1}}

    assert torn([Link(0, 1, 8.0), Link(0, 2, 7.0)], apart) == {(0, 1), (0, 2)}
    assert torn([Link(0, 1, 12.0), Link(0, 2, 7.0)], apart) == set()
    assert torn([Link(0, 1, 8.0), Link(0, 2, 7.0)], {}) == set()


def test_what_is_settled_stays_together_whatever_stands_between() -> None:
    found = cluster([Link(1, 2, 9.0)], {0: {1}, 1: {0}}, {n: bytes([n]) for n in range(3)}, settled=[(0, 1)])

    assert found.members(2) == {0, 1, 2}


def test_a_veto_holds_through_a_third() -> None:
    links = [Link(1, 2, 9.0), Link(2, 3, 8.0)]

    found = cluster(links, {1: {3}, 3: {1}}, {1: b"a", 2: b"b", 3: b"c"})

    assert found.members(1) == {1, 2}
    assert found.members(3) == {3}


def test_a_small_training_tells_pairs_apart_and_never_lowers_for_more_agreement() -> None:
    learnt, unseen = invented(400, 11), invented(400, 12)

    booster = train([learnt])
    weights = Scorer(booster, 0, 0, 0).weights(unseen.matrix())
    found = quality(weights, unseen.labels, unseen.true_pairs)

    assert found.candidate_recall > 0.97
    assert found.best_f1 > 0.9


def test_the_shipped_model_keeps_its_promise_on_an_unseen_world() -> None:
    unseen = invented(1500, SEED)
    weights = scorer().weights(unseen.matrix())
    found = quality(weights, unseen.labels, unseen.true_pairs)

    assert found.best_f1 >= 0.97
    assert found.recall_at["0.995"] >= 0.9
    assert unseen.labels[weights >= scorer().same].mean() >= 0.999


def test_the_least_weight_is_where_precision_still_holds() -> None:
    weights = np.array([5, 4, 3, 2, 1], dtype=np.float32)
    labels = np.array([True, True, True, False, True])

    assert least_weight(weights, labels, 1.0) == 3
    assert least_weight(weights, labels, 0.8) == 1
