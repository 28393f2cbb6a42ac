"""Two lists name one activity: it is one, as long as both say so, and whatever came first."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from itertools import permutations
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import reading
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Found, Moved, Question
from datacoop.linking.actions import JudgementError, judge
from datacoop.linking.explaining import explain
from datacoop.linking.queries import list_judgements, list_review
from datacoop.linking.refreshing import refresh_review
from datacoop.linking.taking_back import take_back
from datacoop.pipelines.undoing import undo_last
from datacoop.records.queries import merges_of, root_of
from datacoop.records.rules import id_of
from datacoop.sources.queries import find_list
from tests.pipelines.pouring import KEY, answer, club, counts, seen, take, uid_of, verify, write

pytestmark = pytest.mark.django_db(transaction=True)
TOWN, PARISH = "Commune d'Exemple", "Paroisse d'Exemple"
MAPPING: dict[str, str | None] = {**KEY, "Organisateur": "organiser"}


def concert(key: str = "A1", **cells: str) -> dict[str, str]:
    own = {
        "Clé": key, "Titre": "Concert de printemps", "Date": "2027-05-01 20:00", "Organisateur": club(1)["Nom"],
        "NPA": "1005", "Localité": "Lausanne",
    }  # fmt: skip
    return {**own, **cells}


def pour(folder: Path, *rows: dict[str, str], holder: str = TOWN, **asked: Any) -> Any:
    return take(write(folder, rows, "agenda.csv"), kind="activity", mapping=MAPPING, holder=holder, **asked)


@pytest.fixture
def clubs(tmp_path: Path) -> Path:
    """Three organisers that everybody knows."""
    take(write(tmp_path, [club(1), club(2), club(3)], "clubs.csv"))
    return tmp_path


def uid(key: str, holder: str = TOWN) -> Any:
    return uid_of(key, holder=holder, kind="activity")


def are_one(*uids: Any) -> bool:
    merges = merges_of([id_of(each) for each in uids])
    return len({root_of(id_of(each), merges) for each in uids}) == 1


class TestTwoLists:
    def test_make_one_activity_and_the_other_uid_leads_there(self, clubs: Path) -> None:
        pour(clubs, concert())

        report = pour(clubs, concert("B1", Titre="Concert de Printemps !"), holder=PARISH)

        assert counts(report, "matched", "to_review") == (1, 0)
        assert len(seen("activity")) == 1
        assert answer(uid("B1", PARISH), "activity") == Moved(str(uid("A1")))
        (body,) = seen("activity").values()
        assert {each["holder"] for each in body["sources"]} == {TOWN, PARISH}
        assert verify() == []

    @pytest.mark.parametrize(
        "other",
        [
            {"Date": "2027-05-02 20:00"},
            {"Date": "2027-05-01 21:00"},
            {"Organisateur": club(2)["Nom"]},
            {"Titre": "Assemblée générale"},
            {"Titre": "Concert de printemps juniors"},
        ],
    )
    def test_keep_apart_what_differs(self, clubs: Path, other: dict[str, str]) -> None:
        pour(clubs, concert())

        report = pour(clubs, concert("B1", **other), holder=PARISH)

        assert counts(report, "matched", "to_review") == (0, 0)
        assert not are_one(uid("A1"), uid("B1", PARISH))

    def test_ask_a_person_where_the_place_differs(self, clubs: Path) -> None:
        pour(clubs, concert())

        report = pour(clubs, concert("B1", NPA="1020", Localité="Renens VD"), holder=PARISH)

        assert counts(report, "matched", "to_review") == (0, 1)
        (pair,) = list_review(limit=9)
        assert {pair.first_uid, pair.second_uid} == {uid("A1"), uid("B1", PARISH)}
        assert "other-place" in pair.codes

    def test_never_merge_two_lines_of_one_list(self, clubs: Path) -> None:
        report = pour(clubs, concert("A1"), concert("A2"))

        assert counts(report, "matched", "to_review") == (0, 1)
        assert not are_one(uid("A1"), uid("A2"))
        # Which of the two is meant only a person can say.
        pour(clubs, concert("B1"), holder=PARISH)
        assert not are_one(uid("A1"), uid("B1", PARISH))
        assert not are_one(uid("A2"), uid("B1", PARISH))

    def test_never_merge_what_is_public_with_what_is_not(self, clubs: Path) -> None:
        pour(clubs, concert())

        pour(clubs, concert("B1"), holder=PARISH, published=False)

        assert not are_one(uid("A1"), uid("B1", PARISH))
        assert isinstance(answer(uid("A1"), "activity"), Found)
        assert answer(uid("B1", PARISH), "activity") is None


class TestWhatChanges:
    def test_a_new_date_takes_them_apart_and_the_old_one_unites_them_again(self, clubs: Path) -> None:
        pour(clubs, concert())
        pour(clubs, concert("B1"), holder=PARISH)

        pour(clubs, concert("B1", Date="2027-06-01 20:00"), holder=PARISH)

        assert not are_one(uid("A1"), uid("B1", PARISH))
        assert isinstance(answer(uid("B1", PARISH), "activity"), Found)
        pour(clubs, concert("B1"), holder=PARISH)
        assert are_one(uid("A1"), uid("B1", PARISH))
        assert verify() == []

    def test_undoing_a_contribution_takes_them_apart(self, clubs: Path) -> None:
        pour(clubs, concert())
        before = answer(uid("A1"), "activity")
        pour(clubs, concert("X9", Titre="Loto"), holder=PARISH)
        pour(clubs, concert("X9", Titre="Loto"), concert("B1"), holder=PARISH)
        listed = find_list(holder=PARISH, kind="activity")
        assert listed

        undo_last(source_id=listed.source_id, actor="steward:test")

        assert isinstance(before, Found)
        after = answer(uid("A1"), "activity")
        assert isinstance(after, Found)
        assert [each["holder"] for each in seen("activity")["Concert de printemps"]["sources"]] == [TOWN]
        assert verify() == []

    def test_organisers_that_become_one_bring_their_activities_together(self, clubs: Path) -> None:
        pour(clubs, concert())
        pour(clubs, concert("B1", Organisateur=club(2)["Nom"]), holder=PARISH)
        assert not are_one(uid("A1"), uid("B1", PARISH))
        organisers = {"first": uid_of("K1"), "second": uid_of("K2")}

        judge(**organisers, verdict="same", actor="steward:7", now=datetime.now(UTC))

        assert are_one(uid("A1"), uid("B1", PARISH))
        (said,) = list_judgements(limit=9)
        take_back(judgement_id=said.id, actor="steward:7", now=datetime.now(UTC))
        assert not are_one(uid("A1"), uid("B1", PARISH))
        assert verify() == []

    def test_organisers_that_lists_make_one_do_too(self, clubs: Path) -> None:
        theirs = club(7, **{"E-mail": "", "Téléphone": ""})
        take(write(clubs, [theirs], "autres.csv"), holder=PARISH)
        pour(clubs, concert())
        pour(clubs, concert("B1", Organisateur=theirs["Nom"]), holder=PARISH)
        assert not are_one(uid("A1"), uid("B1", PARISH))

        same = {**club(1), "Clé": "K7"}
        take(write(clubs, [same], "autres.csv"), holder=PARISH)

        assert are_one(uid_of("K1"), uid_of("K7", holder=PARISH))
        assert are_one(uid("A1"), uid("B1", PARISH))
        assert verify() == []


class TestPeople:
    def test_outrank_the_rules_for_ever(self, clubs: Path) -> None:
        pour(clubs, concert())
        pour(clubs, concert("B1"), holder=PARISH)
        both = {"first": uid("A1"), "second": uid("B1", PARISH)}

        judge(**both, verdict="different", actor="steward:7", now=datetime.now(UTC))

        pour(clubs, concert("B1", Titre="Concert de printemps."), holder=PARISH)
        refresh_review(now=datetime.now(UTC))
        assert not are_one(*both.values())
        assert explain(**both, now=datetime.now(UTC)).said[0].verdict == "different"

    def test_unite_what_the_rules_would_not(self, clubs: Path) -> None:
        pour(clubs, concert())
        pour(clubs, concert("B1", Titre="Soirée de gala"), holder=PARISH)
        both = {"first": uid("A1"), "second": uid("B1", PARISH)}

        judge(**both, verdict="same", actor="steward:7", now=datetime.now(UTC))
        pour(clubs, concert("B1", Titre="Soirée de gala", Date="2027-05-01 21:30"), holder=PARISH)

        assert are_one(*both.values())

    def test_are_told_why(self, clubs: Path) -> None:
        pour(clubs, concert())
        pour(clubs, concert("B1", Date="2027-05-01 19:45"), holder=PARISH)

        told = explain(uid("A1"), uid("B1", PARISH), now=datetime.now(UTC))

        assert told.are_one
        assert told.needed is None
        assert {reason.code for reason in told.reasons} == {"same-organiser", "near-start", "same-title", "same-place"}

    @pytest.mark.parametrize("verdict", ["part_of", "same"])
    def test_cannot_say_what_makes_no_sense(self, clubs: Path, verdict: Any) -> None:
        pour(clubs, concert("A1"), concert("A2", Titre="Loto"))
        other = uid("A2") if verdict == "part_of" else uid_of("K1")

        with pytest.raises(JudgementError):
            judge(first=uid("A1"), second=other, verdict=verdict, actor="steward:7", now=datetime.now(UTC))


def by_list(rows: Iterable[tuple[Any, ...]]) -> dict[str, list[dict[str, str]]]:
    """The lines of each holder: its letter, a title, an hour, the number of who organises it."""
    lists: dict[str, list[dict[str, str]]] = {}
    for number, (holder, title, hour, organiser) in enumerate(rows):
        cells = {"Titre": title, "Date": f"2027-05-01 {hour}", "Organisateur": club(organiser)["Nom"]}
        lists.setdefault(holder, []).append(concert(f"{holder}{number}", **cells))
    return lists


def public_agenda() -> list[str]:
    """All that the public is shown of activities, ids and moments of change apart."""
    with reading() as source:
        found = [json.loads(body) for body in find(source, PUBLIC, Question("activity", limit=200)).bodies]
        bodies = [
            json.loads(one.body) for b in found if isinstance(one := get(source, PUBLIC, "activity", b["id"]), Found)
        ]
    return sorted(repr(sorted((n, repr(v)) for n, v in b.items() if n not in VARYING)) for b in bodies)


VARYING = {"id", "modified", "organiser"}


class TestAnyOrder:
    TITLES = ("Concert de printemps", "Concert printemps", "Loto", "Concert de printemps juniors")
    HOURS = ("20:00", "20:20", "20:40", "21:30")
    ROWS = st.lists(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(TITLES), st.sampled_from(HOURS), st.sampled_from((1, 2))),
        min_size=2, max_size=5,
    )  # fmt: skip

    @settings(
        max_examples=12, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate),
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )  # fmt: skip
    @given(rows=ROWS)
    def test_of_lists_and_the_whole_run_say_the_same(
        self, tmp_path: Path, clean_database: Callable[[], None], rows: list[tuple[Any, ...]]
    ) -> None:
        self.clean = clean_database
        lists = by_list(rows)
        worlds = [self._partition(tmp_path, lists, order) for order in permutations(sorted(lists))]
        apart = self._partition(tmp_path, lists, sorted(lists), linked=False)

        assert all(world == worlds[0] for world in [*worlds, apart])

    @settings(
        max_examples=12,
        deadline=None,
        phases=(Phase.explicit, Phase.reuse, Phase.generate),
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(rows=ROWS, hidden=ROWS, at=st.integers(0, 3))
    def test_of_lists_that_are_not_public_changes_nothing_of_what_is(
        self,
        tmp_path: Path,
        clean_database: Callable[[], None],
        rows: list[tuple[Any, ...]],
        hidden: list[tuple[Any, ...]],
        at: int,
    ) -> None:
        self.clean = clean_database
        lists = by_list(rows)
        without = self._partition(tmp_path, lists, sorted(lists))
        told = public_agenda()
        secret = [row for name in by_list(hidden).values() for row in name]
        order = [*sorted(lists)[:at], "hidden", *sorted(lists)[at:]]

        beside = self._partition(tmp_path, lists, order, hidden=secret)

        assert beside == without
        assert public_agenda() == told
        uids = {str(uid(row["Clé"], f"{holder} d'Exemple")) for holder, own in lists.items() for row in own}
        answers = [answer(UUID(each), "activity") for each in uids]
        assert {each.id for each in answers if isinstance(each, Moved)} <= uids
        assert all(isinstance(each, Found | Moved) for each in answers)

    def _partition(
        self,
        folder: Path,
        lists: dict[str, list[dict[str, str]]],
        order: Iterable[str],
        *,
        linked: bool = True,
        hidden: list[dict[str, str]] | None = None,
    ) -> set[frozenset[str]]:
        """Who is one with whom, where the lists came in this order."""
        self.clean()
        take(write(folder, [club(1), club(2)], "clubs.csv"))
        for holder in order:
            if hidden and holder == "hidden":
                pour(folder, *hidden, holder="Personne", published=False)
            else:
                pour(folder, *lists[holder], holder=f"{holder} d'Exemple", linked=linked)
        told = self._told(lists)
        refresh_review(now=datetime.now(UTC))
        whole = self._told(lists)
        assert not linked or whole == told
        return whole

    def _told(self, lists: dict[str, list[dict[str, str]]]) -> set[frozenset[str]]:
        keys = {row["Clé"]: uid(row["Clé"], f"{h} d'Exemple") for h, rows in lists.items() for row in rows}
        merges = merges_of([id_of(each) for each in keys.values()])
        groups: dict[int, set[str]] = {}
        for key, each in keys.items():
            groups.setdefault(root_of(id_of(each), merges), set()).add(key)
        return {frozenset(group) for group in groups.values()}
