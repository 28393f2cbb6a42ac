"""A list beside everything public: what it covers, what is missing, how many there may be, what others say otherwise.

All of it made of the list's own words and of public views alone (law 2).
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from datacoop.consent.actions import Wish, decide
from datacoop.consent.restricting import restrict
from datacoop.disclosure.actions import settle
from datacoop.disclosure.reading import reading
from datacoop.lib.recapture import Estimate, NoEstimate
from datacoop.linking.actions import judge
from datacoop.pipelines.coverage.changes import Changed, changes_of
from datacoop.pipelines.coverage.counting import Coverage, Share, cover
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, state
from datacoop.records.queries import merges_of, root_of
from datacoop.records.rules import Origin, id_of
from datacoop.sources.owning import OwnList, find_holder_named, list_own
from tests.pipelines.pouring import HOLDER, Row, club, clubs, take, uid_of, write

pytestmark = pytest.mark.django_db(transaction=True)
UMBRELLA, MINE, STRANGER = "Faîtière d'Exemple", "Bureau d'Exemple", "Étranger d'Exemple"
MAPPING = {"Clé": "id", "Thème": "theme"}


@pytest.fixture
def pour(tmp_path: Path) -> "Pour":
    return Pour(tmp_path)


class Pour:
    """Brings rows in as the list of a holder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, rows: Sequence[Row], holder: str = HOLDER, *, published: bool = True) -> None:
        path = write(self.folder, rows, f"{len(list(self.folder.iterdir()))}.csv")
        take(path, holder=holder, published=published, mapping=MAPPING, accept_removals=True)


def numbers(first: int, last: int) -> list[Row]:
    return [club(number) for number in range(first, last + 1)]


def own(holder: str = MINE) -> OwnList:
    found = find_holder_named(holder)
    assert found is not None
    (listed,) = list_own(found.uid)
    return listed


def covered(holder: str = MINE, now: datetime | None = None) -> Coverage:
    with reading() as open_reading:
        return cover(open_reading, own(holder), now=now or datetime.now(UTC))


def changed(holder: str = MINE) -> list[Changed]:
    with reading() as open_reading:
        return changes_of(open_reading, own(holder))


def sizes(found: Coverage) -> tuple[int, int, int, int, int]:
    return found.rows, found.rows_found, found.pool, found.shared, len(found.missing)


def names(found: Coverage) -> list[str]:
    return [str(each.item["name"]) for each in found.missing]


class TestCounting:
    @pytest.mark.parametrize("published", [False, True])
    def test_a_list_is_found_in_the_pool_published_or_not(self, pour: Pour, published: bool) -> None:
        """A list that is not published is compared with the public views; one that is, is part of them."""
        pour(numbers(1, 20))
        pour([*numbers(5, 14), club(40)], MINE, published=published)

        found = covered()

        if published:
            assert sizes(found) == (11, 11, 21, 11, 10)
        else:
            assert sizes(found) == (11, 10, 20, 10, 10)
        assert [f"{n:03}" for n in (*range(1, 5), *range(15, 21))] == sorted(
            f"{[club(k)['Nom'] for k in range(1, 41)].index(name) + 1:03}" for name in names(found)
        )

    def test_names_are_sorted_as_people_do(self, pour: Pour) -> None:
        pour([club(1, Nom="Zone libre"), club(2, Nom="Élan commun"), club(3, Nom="Eau vive"), club(9)])
        pour([club(9)], MINE, published=False)

        assert names(covered()) == ["Eau vive", "Élan commun", "Zone libre"]

    def test_two_rows_of_one_organisation_count_as_two_rows_and_one_of_the_pool(self, pour: Pour) -> None:
        pour(numbers(1, 3))
        pour([club(1), club(1, Clé="K1b", Téléphone="")], MINE, published=False)

        assert sizes(covered()) == (2, 2, 3, 1, 2)

    def test_what_only_resembles_a_row_is_missing_and_marked(self, pour: Pour) -> None:
        pour([club(1, Nom="Chœur de la Clairière"), club(2)])
        pour([club(1, Nom="Chœur de la Clairière, juniors", **{"E-mail": "", "Téléphone": ""})], MINE, published=False)

        found = covered()

        assert sizes(found) == (1, 0, 2, 0, 2)
        assert [(str(each.item["name"]), each.resembles) for each in found.missing] == [
            ("Chœur de la Clairière", True),
            (club(2)["Nom"], False),
        ]

    def test_what_a_person_judged_the_same_is_the_same(self, pour: Pour) -> None:
        pour([club(1, Nom="Chœur de la Clairière")])
        pour([club(2, Nom="Ensemble vocal", NPA="1009", Localité="Pully")], MINE, published=False)
        assert covered().shared == 0

        judge(first=uid_of("K1"), second=uid_of("K2", holder=MINE), verdict="same", actor="steward:1", now=_now())

        assert sizes(covered()) == (1, 1, 1, 1, 0)

    def test_counts_by_theme_and_commune(self, pour: Pour) -> None:
        sport, song = {"Thème": "sport/football"}, {"Thème": "culture/chant"}
        there = {"NPA": "1009", "Localité": "Pully"}
        pour([club(1, **sport), club(2, **sport), club(3, **song), club(4, **song, **there), club(5, **there)])
        pour([club(1, **sport), club(4, **song, **there)], MINE, published=False)

        found = covered()

        assert set(found.themes) == {Share("sport", 2, 1), Share("culture", 2, 1), Share("", 1, 0)}
        assert found.themes[-1].value == ""
        assert {(each.pool, each.mine) for each in found.communes} == {(3, 1), (2, 1)}
        assert sum(each.missing for each in found.communes) == 3

    def test_counts_what_the_subject_itself_confirmed_this_year(self, pour: Pour) -> None:
        pour(numbers(1, 4))
        pour([club(1)], MINE, published=False)
        _says(uid_of("K1"), "website", "https://un.example.org", _now())
        _says(uid_of("K2"), "website", "https://deux.example.org", _now())
        assert (covered().confirmed, covered().confirmed_shared) == (2, 1)

        next_year = covered(now=_now() + timedelta(days=366))

        assert (next_year.confirmed, next_year.year) == (0, _now().year + 1)

    def test_what_the_subject_hides_leaves_the_pool_at_once(self, pour: Pour) -> None:
        pour(numbers(1, 3))
        pour([club(1)], MINE, published=False)

        decide(uid=uid_of("K3"), wish=Wish("public", shows=False), actor="steward:1", reason="test", now=_now())

        assert sizes(covered()) == (1, 1, 2, 1, 1)
        assert club(3)["Nom"] not in names(covered())


class TestTheWhole:
    def test_is_estimated_from_published_lists(self, pour: Pour) -> None:
        pour(numbers(1, 20))
        pour(numbers(11, 28), UMBRELLA)
        pour(numbers(1, 2), MINE, published=False)

        whole = covered().whole

        assert isinstance(whole, Estimate)
        assert (whole.seen, whole.overlap, whole.lists) == (28, 10, 2)
        assert whole.total == pytest.approx(21 * 19 / 11 - 1)
        assert covered().lists == ((HOLDER, 20), (UMBRELLA, 18))

    def test_is_not_estimated_where_too_little_overlaps(self, pour: Pour) -> None:
        pour(numbers(1, 20))
        pour(numbers(15, 28), UMBRELLA)
        pour(numbers(1, 2), MINE, published=False)

        whole = covered().whole

        assert isinstance(whole, NoEstimate)
        assert (whole.reason, whole.overlap) == ("little-overlap", 6)

    def test_takes_no_list_that_is_not_published(self, pour: Pour) -> None:
        pour(numbers(1, 20))
        pour(numbers(1, 20), MINE, published=False)

        whole = covered().whole

        assert isinstance(whole, NoEstimate)
        assert whole.reason == "few-lists"


class TestWhatOthersSay:
    def test_tells_what_the_public_view_says_otherwise_in_my_columns(self, pour: Pour) -> None:
        pour([club(1, Adresse="Rue de la Poste 9"), club(2)])
        pour([club(1), club(2)], MINE, published=False)

        (row,) = changed()

        (change,) = row.changes
        assert row.item["name"] == club(1)["Nom"]
        assert (change.column.name, change.mine, change.theirs) == (
            "Adresse", ("Rue de l'Exemple 1",), ("Rue de la Poste 9",),
        )  # fmt: skip

    def test_says_that_a_telephone_differs_and_does_not_repeat_it(self, pour: Pour) -> None:
        """Anonymous lists carry none: a list of names must not fetch them by the thousand."""
        pour([club(1, Téléphone="021 555 77 77")])
        pour([club(1, **{"E-mail": ""})], MINE, published=False)

        (row,) = changed()

        assert [(each.column.name, each.mine, each.theirs) for each in row.changes] == [
            ("E-mail", (), ()),
            ("Téléphone", ("+41 21 555 00 01",), ()),
        ]

    def test_tells_what_would_fill_an_empty_cell(self, pour: Pour) -> None:
        pour([club(1)])
        pour([club(1, Adresse=""), club(9)], MINE, published=False)

        (row,) = changed()

        assert [(each.column.name, each.mine, each.theirs) for each in row.changes] == [
            ("Adresse", (), ("Rue de l'Exemple 1",))
        ]

    def test_says_nothing_of_spelling_alone_nor_of_columns_i_do_not_keep(self, pour: Pour) -> None:
        pour([club(1, Nom="Chœur de l’Été", **{"Site web": "https://ete.example.org"})])
        pour([club(1, Nom="choeur de l'ete")], MINE, published=False)

        assert changed() == []

    def test_a_theme_kept_coarser_is_no_other_theme(self, pour: Pour) -> None:
        pour([club(1, Thème="sport/football"), club(2, Thème="culture/chant")])
        pour([club(1, Thème="sport"), club(2, Thème="sport")], MINE, published=False)

        (row,) = changed()

        assert [(each.mine, each.theirs) for each in row.changes] == [(("sport",), ("culture/chant",))]

    def test_compares_a_published_list_with_what_wins_over_it(self, pour: Pour) -> None:
        pour([club(1)], MINE)
        pour([club(1, Adresse="Rue de la Poste 9")])

        (row,) = changed()

        assert [each.theirs for each in row.changes] == [("Rue de la Poste 9",)]


class TestLaw2:
    """Nobody learns from these answers what is in somebody else's unpublished list, or hidden in a published one."""

    def everything(self) -> str:
        return repr((covered(now=datetime(2026, 12, 1, tzinfo=UTC)), changed()))

    def test_the_answer_is_the_same_whatever_a_stranger_keeps_unpublished(self, pour: Pour) -> None:
        pour(numbers(1, 12))
        pour(numbers(5, 16), UMBRELLA)
        pour([*numbers(3, 7), club(40), club(41, Nom="Chœur caché")], MINE, published=False)
        before = self.everything()

        same = [club(n, Téléphone=f"021 555 90 {n:02}") for n in (1, 3, 5, 40, 41)]
        pour([*same, *numbers(60, 70), club(41, Clé="K41b", Nom="Chœur caché")], STRANGER, published=False)

        assert self.everything() == before
        pour([*same[:2], *numbers(60, 62)], STRANGER, published=False)
        assert self.everything() == before

    def test_the_answer_is_the_same_whatever_is_hidden_in_a_published_list(self, pour: Pour) -> None:
        """Two worlds that differ in values nobody sees give one answer."""
        pour(numbers(1, 12))
        pour(numbers(3, 7), MINE, published=False)
        hidden = club(50)
        pour([*numbers(1, 12), hidden], UMBRELLA)
        decide(uid=uid_of("K50", holder=UMBRELLA), wish=Wish("public", shows=False), actor="steward:1", reason="t",
               now=_now())  # fmt: skip
        before = self.everything()

        pour([*numbers(1, 12), club(50, Nom="Autre nom", Téléphone="021 555 12 12")], UMBRELLA)

        assert self.everything() == before
        assert hidden["Nom"] not in before

    def test_what_a_stranger_says_of_my_own_row_has_no_say(self, pour: Pour) -> None:
        """Two unpublished records became one; what the stranger alone says would lead to a public organisation."""
        pour([club(1), club(2)])
        mine = club(8)
        pour([mine], MINE, published=False)
        before = self.everything()

        pour([{**mine, "Autre nom": club(1)["Nom"]}], STRANGER, published=False)

        ours, theirs = (id_of(uid_of("K8", holder=name)) for name in (MINE, STRANGER))
        merges = merges_of([ours, theirs])
        assert root_of(ours, merges) == root_of(theirs, merges)
        assert self.everything() == before
        assert covered().shared == 0

    def test_what_was_restricted_is_not_even_compared(self, pour: Pour) -> None:
        pour([club(1), club(2)])
        pour([club(1, Téléphone="021 555 77 77"), club(2)], MINE, published=False)
        assert len(changed()) == 1

        restrict(uid=uid_of("K1", holder=MINE), ground="test", actor="steward:1", now=_now())

        assert changed() == []
        assert covered().rows_found == 1


def _now() -> datetime:
    return datetime.now(UTC)


def _says(uid: UUID, name: str, value: object, at: datetime) -> None:
    with revision(actor="steward:1", now=at, why="test") as draft:
        state(draft, record_id=id_of(uid), said=[Said(name, value)], origin=Origin.SUBJECT)
    settle(_now())


def test_a_list_knows_its_columns_by_property(pour: Pour) -> None:
    pour(clubs(2), MINE)

    assert own().columns == ("Clé", "Nom", "Localité", "NPA", "Adresse", "E-mail", "Téléphone")
