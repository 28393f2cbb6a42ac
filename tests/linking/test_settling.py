"""What is one does not depend on how it came: orders, batches, corrections, retractions, judgements (decision 0042)."""

import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from datacoop.consent.actions import Wish, decide
from datacoop.linking import partitioning
from datacoop.linking.actions import judge
from datacoop.linking.queries import list_doubted, list_review
from datacoop.linking.refreshing import refresh_review
from datacoop.records.queries import merges_of, root_of
from tests.linking.lists import Listing, now, organisation, shown

pytestmark = pytest.mark.django_db(transaction=True)

MAIL, PHONE = {"email": "info@hirondelles.example"}, {"phones": "+41 21 555 12 34"}
NAMES = [
    "Chœur des Hirondelles",
    "Choeur des Hirondeles",
    "Chœur des Hirondelles, juniors",
    "La Ruche",
    "Fondation La Ruche",
]
LISTS = ("Town", "League", "Canton")
Row = tuple[str, str]
Rows = dict[Row, dict[str, list[Any]]]

CONTACTS = st.fixed_dictionaries(
    {},
    optional={
        "email": st.sampled_from(["info@hirondelles.example", "ruche@example.org"]),
        "phones": st.sampled_from(["+41 21 555 12 34", "+41 21 555 12 35"]),
        "identifiers": st.sampled_from(["CHE-109.322.551", "CHE-103.786.205"]).map(
            lambda value: {"scheme": "CH-UID", "value": value}
        ),
    },
)
#: A line of its own theme each: lines that say the very same are told apart by nothing.
LINES = st.builds(lambda name, contacts: (name, contacts), st.sampled_from(NAMES), CONTACTS)
WORLDS = st.dictionaries(st.tuples(st.sampled_from(LISTS), st.sampled_from("abc")), LINES, min_size=3, max_size=7)


def line(row: Row, said: tuple[str, Mapping[str, Any]]) -> dict[str, list[Any]]:
    street = f"Rue du Lac {10 * LISTS.index(row[0]) + 'abc'.index(row[1]) + 1}"
    address = {"street": street, "city": "Lausanne", "postal_code": "1003", "country": "CH"}
    return organisation(said[0], **{**said[1], "addresses": address})


class World:
    """Three lists, the third of which is not public."""

    def __init__(self) -> None:
        self.lists = {name: Listing(name, published=name != "Canton") for name in LISTS}

    def pour(self, rows: Rows) -> None:
        for name in {name for name, _ in rows}:
            self.lists[name].pour({key: said for (own, key), said in rows.items() if own == name})

    def record(self, row: Row) -> int:
        return self.lists[row[0]].records[row[1]]

    def partition(self, rows: Rows) -> set[frozenset[Row]]:
        merges = merges_of([self.record(row) for row in rows])
        groups: dict[int, set[Row]] = {}
        for row in rows:
            groups.setdefault(root_of(self.record(row), merges), set()).add(row)
        return {frozenset(group) for group in groups.values()}

    def waiting(self) -> set[frozenset[int]]:
        return {frozenset((pair.first_uid.int, pair.second_uid.int)) for pair in list_review(limit=1000)}


@settings(
    max_examples=20,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(WORLDS, st.randoms(use_true_random=False))
def test_line_by_line_in_any_order_is_what_all_at_once_is(
    clean_database: Callable[[], None], said: dict[Row, tuple[str, dict[str, Any]]], draw: random.Random
) -> None:
    rows = {row: line(row, each) for row, each in said.items()}
    order = list(rows)
    draw.shuffle(order)
    clean_database()
    slow = World()
    for row in order:
        if draw.random() < 0.4:  # said wrongly first
            slow.pour({row: line(row, (draw.choice(NAMES), {**MAIL, **PHONE}))})
    for row in order:
        slow.pour({row: rows[row]})
    gone = order[0]
    slow.lists[gone[0]].vanish([gone[1]])
    del rows[gone]
    found, waits = slow.partition(rows), slow.waiting()

    refreshed = refresh_review(now=now())

    assert (refreshed.merged, refreshed.split) == (0, 0)
    assert slow.waiting() == waits
    assert not any(len({row[0] == "Canton" for row in group}) > 1 for group in found)
    clean_database()
    fast = World()
    fast.pour(rows)
    assert fast.partition(rows) == found


@settings(
    max_examples=12,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    deadline=None,
)
@given(WORLDS, st.randoms(use_true_random=False))
def test_what_people_said_holds_whatever_comes_after(
    clean_database: Callable[[], None], said: dict[Row, tuple[str, dict[str, Any]]], draw: random.Random
) -> None:
    rows = {row: line(row, each) for row, each in said.items()}
    clean_database()
    world = World()
    world.pour(rows)
    one, two, three = draw.sample(list(rows), 3)
    for pair, verdict in (((one, two), "same"), ((one, three), "different")):
        first, second = (world.lists[row[0]].uid(row[1]) for row in pair)
        judge(first=first, second=second, verdict=verdict, actor="steward:1", now=now())  # type: ignore[arg-type]

    for row in draw.sample(list(rows), 2):
        world.pour({row: line(row, (draw.choice(NAMES), {**MAIL, **PHONE}))})

    found = world.partition(rows)
    assert not any({one, three} <= group for group in found)
    if draw.random() < 0.5:
        refresh_review(now=now())
        assert world.partition(rows) == found


class TestSettling:
    def test_a_correction_takes_a_merge_apart_and_shows_both_as_before(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": organisation("La Ruche", **PHONE)})
        before = shown(town, "a")
        league.pour({"x": organisation("La Ruche", **PHONE)})
        assert merges_of([league.records["x"]])

        league.pour({"x": organisation("Le Trèfle", email="trefle@example.org")})

        assert not merges_of([league.records["x"]])
        assert shown(town, "a") == before
        assert shown(league, "x") is not None

    def test_who_was_taken_joins_the_better_one_that_comes_later(self) -> None:
        uids = [{"scheme": "CH-UID", "value": value} for value in ("CHE-109.322.551", "CHE-103.786.205")]
        town, league, canton = Listing("Town"), Listing("League"), Listing("Canton")
        town.pour({"a": organisation("La Ruche", identifiers=uids[0], **PHONE)})
        league.pour({"x": organisation("La Ruche", **PHONE)})
        canton.pour({"k": organisation("La Ruche", identifiers=uids[1], **PHONE)})
        assert not merges_of([league.records["x"]])

        league.pour({"x": organisation("La Ruche", identifiers=uids[1], **PHONE)})

        assert merges_of([league.records["x"]]) in (
            {league.records["x"]: canton.records["k"]}, {canton.records["k"]: league.records["x"]}
        )  # fmt: skip

    def test_who_fitted_two_joins_the_one_that_is_left(self) -> None:
        """Once the other says something else, nothing is counted otherwise of the two that are left."""
        name, elsewhere = "Chœur des Hirondelles", {"city": "Morges", "postal_code": "1110", "country": "CH"}
        uids = [{"scheme": "CH-UID", "value": value} for value in ("CHE-109.322.551", "CHE-103.786.205")]
        town, league, canton = [Listing(each) for each in LISTS]
        town.pour({"a": organisation(name.replace("ll", "l"), identifiers=uids[0], **PHONE)})
        league.pour({"k": organisation(name.replace("nd", "n"), identifiers=uids[1], addresses=elsewhere, **MAIL)})
        canton.pour({"x": organisation(name, addresses=None, **PHONE, **MAIL)})
        assert not merges_of([each for listing in (town, league, canton) for each in listing.records.values()])

        league.pour({"k": organisation("Le Trèfle", identifiers=uids[1], addresses=elsewhere)})

        assert merges_of([canton.records["x"]]) == {canton.records["x"]: town.records["a"]}

    def test_never_takes_apart_what_a_person_made_one(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": organisation("La Ruche", **PHONE)})
        league.pour({"x": organisation("Bzz")})
        judge(first=town.uid("a"), second=league.uid("x"), verdict="same", actor="steward:1", now=now())

        league.pour({"x": organisation("Le Trèfle", email="trefle@example.org")})
        refresh_review(now=now())

        assert merges_of([league.records["x"]])
        assert not list_doubted(limit=10)

    def test_asks_a_person_where_somebody_decided_since(self) -> None:
        town, league = Listing("Town"), Listing("League")
        town.pour({"a": organisation("La Ruche", **PHONE)})
        league.pour({"x": organisation("La Ruche", **PHONE)})
        hidden = Wish(audience="public", shows=False, property="phones")
        decide(uid=town.uid("a"), wish=hidden, actor="steward:1", reason="asked", now=now())

        league.pour({"x": organisation("Le Trèfle", phones="+41 21 555 12 35")})

        assert merges_of([league.records["x"]])
        (pair,) = list_doubted(limit=10)
        assert {pair.first_uid, pair.second_uid} == {town.uid("a"), league.uid("x")}
        judge(first=pair.first_uid, second=pair.second_uid, verdict="different", actor="steward:1", now=now())
        assert not merges_of([league.records["x"]])
        assert not list_doubted(limit=10)

    def test_more_than_any_organisation_has_lines_are_left_to_people(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(partitioning, "MOST", 3)
        town, league = Listing("Town"), Listing("League")
        town.pour({str(n): organisation("Chœur des Hirondelles", **MAIL) for n in range(3)})
        assert merges_of([town.records["0"]])

        league.pour({"x": organisation("Chœur des Hirondelles", **MAIL)})

        assert not merges_of([*town.records.values(), *league.records.values()])
        assert {code for pair in list_review(limit=100) for code in pair.codes} >= {"several"}
