"""Law 5: the subject's word wins over every source, and survives re-import, merge and split."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datacoop.disclosure.reading import reading
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import Found, Moved
from tests.laws import worlds
from tests.laws.catalogue import said
from tests.laws.judging import id_for, judge_views
from tests.laws.oracle import model_of
from tests.laws.replaying import reader_of, replay
from tests.laws.worlds import READERS, Decide, Merge, Restrict, Say, Split, World, world_of

pytestmark = pytest.mark.django_db(transaction=True)

HIDDEN = "info@alpha.example.ch"


def _bodies(world: World, label: str) -> dict[str, bytes]:
    """What every reader gets under the record's id; of a merged one, what it redirects to."""
    end = replay(world)
    model = model_of(world)
    found = {}
    with reading() as connected:
        for name in READERS:
            reader = reader_of(connected, name)
            got = get(connected, reader, "organisation", id_for(model, label, name, end))
            if isinstance(got, Moved):
                got = get(connected, reader, "organisation", got.id)
            found[name] = got.body if isinstance(got, Found) else b""
    return found


def _later() -> st.SearchStrategy[list[worlds.Op]]:
    """Lists that say it again, and merges and splits with others, in any order."""
    again = st.builds(
        lambda record, speaker: said(record, speaker, name="Beta Lac", email=HIDDEN, phones=["+41 21 555 12 35"]),
        st.sampled_from(("o0", "o1")),
        st.sampled_from(("list:0", "list:1", "list:2", "steward")),
    )
    pairs = st.sampled_from((Merge("o0", "o1"), Merge("o1", "o0"), Split("o0"), Split("o1")))
    return st.lists(st.one_of(again, pairs), min_size=1, max_size=6)


@settings(max_examples=12)
@given(later=_later())
def test_what_the_subject_hid_stays_hidden(later: list[worlds.Op]) -> None:
    first = said("o0", "list:1", name="Alpha Lac", email=HIDDEN)
    world = world_of([first, said("o1", "list:2", name="Zeta Chor"), Decide("o0", "public", False, "email"), *later])
    *_, last = [op for op in world if isinstance(op, Merge | Split)] or [None]
    bodies = _bodies(world, "o0")

    together = isinstance(last, Merge) or model_of(world).root("o0") != "o0"
    assert all(HIDDEN.encode() not in body for body in bodies.values())
    if together:
        assert all(HIDDEN.encode() not in body for body in _bodies(world, "o1").values())


@settings(max_examples=12)
@given(later=_later())
def test_what_the_subject_said_is_what_is_shown(later: list[worlds.Op]) -> None:
    word = said("o0", "subject", name="Émile & Cie")
    world = world_of([said("o0", "list:1", name="Alpha Lac"), word, said("o1", "list:2", name="Zeta Chor"), *later])

    for body in _bodies(world, "o0").values():
        assert "Émile & Cie".encode() in body


@settings(max_examples=8)
@given(later=_later())
def test_a_restriction_overrides_every_grant(later: list[worlds.Op]) -> None:
    grants = [Decide("o0", audience, True) for audience in worlds.AUDIENCES]
    world = world_of([said("o0", "list:1", name="Alpha Lac"), Restrict("o0"), *grants, *later])

    assert set(_bodies(world, "o0").values()) == {b""}


def test_only_the_subjects_own_word_undoes_a_mark() -> None:
    marked = Say("o0", "list:1", (worlds.Value("email", HIDDEN, 0, "p"), worlds.Value("name", "Alpha Lac")))
    whole = world_of([marked, Decide("o0", "public", True)])
    itself = world_of([marked, Decide("o0", "public", True, "email")])
    one = world_of([marked, Decide("o0", "agreement:A", True, "email")])

    assert all(HIDDEN.encode() not in body for body in _bodies(whole, "o0").values())
    assert all(HIDDEN.encode() in body for body in _bodies(itself, "o0").values())
    assert [name for name, body in _bodies(one, "o0").items() if HIDDEN.encode() in body] == ["A"]


@pytest.mark.parametrize("first", [True, False])
def test_merged_records_show_what_both_subjects_show(first: bool) -> None:
    world = world_of(
        [
            said("o0", "list:1", name="Alpha Lac", email=HIDDEN),
            said("o1", "list:1", name="Alpha Lac", email="lac@example.org"),
            Decide("o0", "public", first, "email"),
            Decide("o1", "public", not first, "email"),
            Merge("o1", "o0"),
        ]
    )

    judge_views(world)
    assert all(b"email" not in body for body in _bodies(world, "o0").values())
