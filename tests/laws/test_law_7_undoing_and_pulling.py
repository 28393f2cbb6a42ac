"""Law 7, nothing is lost: undoing and pulling are all or nothing too, whatever is killed and whenever."""

import json
from collections.abc import Collection, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from datacoop.consent.actions import add_agreement
from datacoop.disclosure.actions import finish_contributions
from datacoop.disclosure.models import Tombstone, View
from datacoop.disclosure.readers import reader_of_agreement
from datacoop.disclosure.reading import reading
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.questions import Question
from datacoop.pipelines.contribute import ContributionRefused
from datacoop.pipelines.pulling import pull
from datacoop.pipelines.undoing import undo_last
from datacoop.sources.actions import Named, ensure_list
from datacoop.sources.describing import Description, describe, described
from datacoop.sources.history import list_deliveries
from datacoop.sources.pulls import find_held
from datacoop.sources.queries import find_list
from datacoop.sources.reaching import Reach
from tests.database import cleaning
from tests.pipelines.killing_lists import kill
from tests.pipelines.pouring import HOLDER, Row, club, clubs, counts, take, verify, write
from tests.pipelines.web import HOST, Answer, Web, served

pytestmark = pytest.mark.django_db(transaction=True)
OTHER = "Paroisse d'Exemple"
NOW = datetime(2026, 11, 24, 8, tzinfo=UTC)


def source_of(holder: str = HOLDER) -> int:
    listed = find_list(holder=holder, kind="organisation")
    assert listed is not None
    return listed.source_id


def views() -> dict[tuple[int, int], Any]:
    """What every audience can be answered from, times of change apart."""
    rows = View.objects.filter(state__in="lm").values_list("tier", "record_id", "state", "body", "open_body")
    return {
        (tier, record): (state, _timeless(state, body), _timeless(state, o)) for tier, record, state, body, o in rows
    }


def _timeless(state: str, body: Any) -> object:
    if body is None or state == "m":
        return body and bytes(body)
    return {name: value for name, value in json.loads(bytes(body)).items() if name != "modified"}


# ---- undoing

_CELLS = {
    "Nom": st.sampled_from(["Club A", "Chorale des Bords", "Maison d'accueil"]),
    "E-mail": st.sampled_from(["", "chorale@bords.example.ch", "club-a@example.org"]),
    "Téléphone": st.sampled_from(["", "021 555 12 12", "021 555 13 13"]),
    "Adresse": st.sampled_from(["Rue Neuve 9", "c/o Jeanne Exemple, Rue Haute 3"]),
    "But": st.sampled_from(["", "Refuge pour femmes victimes de violence", "Chanter"]),
    "Président": st.sampled_from(["", "Jeanne Exemple", "Jean Exemple"]),
}
_ROW = st.fixed_dictionaries({}, optional=_CELLS)
_LIST = st.lists(st.tuples(st.integers(1, 6), _ROW), min_size=1, max_size=6, unique_by=lambda pair: pair[0])


def _rows(drawn: list[tuple[int, Row]]) -> list[Row]:
    return [club(number, **cells) for number, cells in drawn]


def _as_of(then: Collection[tuple[int, int]]) -> dict[tuple[int, int], Any]:
    """What is shown now, without new redirects: who stood alone meanwhile, if only until linking settled, had a public
    id of its own, which leads on from then on.
    """
    return {place: view for place, view in views().items() if place in then or view[0] != "m"}


# Shrinking a world of four imports takes minutes and tells little more.
@settings(max_examples=25, phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(
    others=_LIST, first=_LIST, second=_LIST, persons=st.booleans(), published=st.tuples(st.booleans(), st.booleans())
)
def test_after_an_undo_the_world_is_what_it_was_after_the_contribution_before(
    others: list[tuple[int, Row]], first: list[tuple[int, Row]], second: list[tuple[int, Row]], persons: bool,
    published: tuple[bool, bool], tmp_path_factory: pytest.TempPathFactory,
) -> None:  # fmt: skip
    """Contribute A, contribute B, undo: A again, ids too; then A changes nothing, and B as many rows as before."""
    cleaning.restore()
    folder = tmp_path_factory.mktemp("lists")
    asked = {"with_persons": persons, "accept_removals": True, "accept_unlike": True}
    take(write(folder, _rows(others), "o.csv"), holder=OTHER)
    a, b = write(folder, _rows(first), "a.csv"), write(folder, _rows(second), "b.csv")
    take(a, published=published[0], **asked)
    before = views()
    report = take(b, published=published[1], **asked)
    if list_deliveries(source_of())[0].state != "accepted":
        return

    undo_last(source_id=source_of(), actor="steward:test")

    assert _as_of(before) == before
    assert verify() == []
    assert counts(take(a, published=published[0], **asked), "new", "changed", "vanished") == (0, 0, 0)
    again = take(b, published=published[1], **asked)
    assert counts(again, "new", "changed", "vanished") == counts(report, "new", "changed", "vanished")
    # Not to the byte: of those found to be one again, whoever the public knows by now stays.
    assert verify() == []


@pytest.mark.parametrize("instant", ["restated", "rows", "shared", "accepting", "views"])
def test_an_undo_that_is_killed_is_done_or_not_begun(instant: str, tmp_path: Path) -> None:
    other = club(300, Nom="Chorale des Bords", Téléphone="021 555 12 12")
    take(write(tmp_path, [other, club(301)], "autre.csv"), holder=OTHER)
    a = write(tmp_path, clubs(250), "a.csv")
    take(a)
    before = views()
    changed = [club(n, Téléphone=f"021 556 00 {n % 100:02}") for n in range(1, 240)]
    take(write(tmp_path, [*changed, {**other, "Clé": "K400"}], "b.csv"))
    after = views()

    kill("killed_list.py", "undo", instant, str(source_of()), HOST)

    if instant == "views":
        finish_contributions(datetime.now(UTC))
        assert views() == before
        assert counts(take(a), "changed", "new", "vanished") == (0, 0, 0)
    else:
        assert views() == after
        assert verify() == []
        undo_last(source_id=source_of(), actor="steward:test")
        assert views() == before
    assert verify() == []


def test_what_was_withdrawn_by_an_undo_travels(tmp_path: Path) -> None:
    """Law 4: a client that was sent what is undone gets a tombstone in the same revision."""
    take(write(tmp_path, clubs(2), "a.csv"))
    agreement = add_agreement(name="Ville", terms="public-bodies", actor="steward:test", now=datetime.now(UTC))
    take(write(tmp_path, [club(1, **{"Site web": "https://neuf.example.ch"}), club(2), club(3)], "b.csv"))
    with reading() as source:
        reader = reader_of_agreement(source, agreement)
        assert reader is not None
        assert len(find(source, reader, Question("organisation")).bodies) == 3

    undo_last(source_id=source_of(), actor="steward:test")

    found = sorted((t.deletion, json.loads(t.properties)) for t in Tombstone.objects.all())
    assert [deletion for deletion, _ in found] == [False, True]
    assert "website" in found[0][1]
    assert "phones" not in found[0][1]
    assert verify() == []


# ---- pulling


@pytest.fixture
def web(settings: Any, tmp_path: Path) -> Iterator[Web]:
    settings.DATACOOP_PULL_HOSTS, settings.DATACOOP_DATA_DIR = frozenset({HOST}), tmp_path / "data"
    with served() as web:
        yield web


@pytest.mark.parametrize("instant", ["fetching", "fetched", "accepting", "accepted", "holding"])
def test_a_pull_that_is_killed_is_done_or_not_begun(instant: str, tmp_path: Path, web: Web) -> None:
    listed = ensure_list(named=Named(HOLDER, "organisation"), now=NOW)
    describe(listed.source_id, Description(address=web.url("/l.csv")), now=NOW, reach=Reach({HOST}))
    web.answers["/l.csv"] = Answer(write(tmp_path, clubs(8)).read_bytes(), headers={"ETag": '"1"'})
    pull(clock=lambda: NOW)
    web.answers["/l.csv"] = Answer(
        write(tmp_path, clubs(3 if instant == "holding" else 9)).read_bytes(), headers={"ETag": '"2"'}
    )

    kill("killed_list.py", "pull", instant, str(listed.source_id), HOST)

    accepted = [each for each in list_deliveries(listed.source_id) if each.state == "accepted"]
    assert len(accepted) == (2 if instant == "accepted" else 1)
    assert verify() == []
    # For a while nobody can know that it is no longer at work.
    later = datetime.now(UTC) + timedelta(minutes=15)
    (pulled,) = pull(clock=lambda: later)
    assert pulled.outcome == {"accepted": "same", "holding": "held"}.get(instant, "changed")
    assert (find_held(listed.source_id) is not None) == (instant == "holding")
    assert described(listed.source_id, now=NOW).pull.problem == ""
    assert verify() == []


def test_a_pull_that_is_refused_leaves_the_list_untouched(tmp_path: Path, web: Web) -> None:
    take(write(tmp_path, clubs(8)))
    before = views()

    with pytest.raises(ContributionRefused):
        take(write(tmp_path, clubs(2)))

    assert views() == before
