"""Nothing that does not count as widening shows anybody anything new: for every value, audience and moment."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from datacoop.consent.rules import Ruling, Rulings, Tree, Word, if_said
from datacoop.disclosure.rules import Policy, shown
from datacoop.disclosure.widening import widens
from datacoop.kinds.definition import kind as kind_named
from datacoop.records.rules import Mark, Origin, SourceFacts, State, StatementFacts

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
TREE = Tree({1: None, 2: 1, 3: 1, 4: 3})
POLICY = Policy(30, ())
KIND = kind_named("organisation")
NAMES = ("", "name", "email", "addresses", "point", "phones")
ENDS = st.one_of(st.none(), st.integers(1, 60).map(lambda days: NOW + timedelta(days=days)))

rulings = st.builds(
    Rulings,
    st.lists(
        st.builds(
            Ruling, st.sampled_from((7, 8)), st.sampled_from(NAMES), st.integers(1, 4), st.booleans(),
            st.just(NOW - timedelta(days=1)), ENDS, st.integers(1, 99),
        ),
        max_size=5,
    ).map(tuple),
    st.booleans(),
    st.one_of(
        st.none(),
        st.dictionaries(
            st.tuples(st.sampled_from((7, 8)), st.sampled_from((1, 2))),
            st.tuples(st.integers(0, 40).map(lambda days: NOW - timedelta(days=days)), st.booleans()),
            max_size=2,
        ),
    ),
)  # fmt: skip
words = st.lists(
    st.builds(
        Word,
        st.sampled_from((7, 8)),
        st.sampled_from(NAMES),
        st.integers(1, 4),
        st.sampled_from((True, False, None)),
        ENDS,
    ),
    min_size=1,
    max_size=4,
)
statements = st.builds(
    StatementFacts,
    st.just(1), st.sampled_from((7, 8)), st.sampled_from(NAMES[1:]), st.just("x"), st.just(0),
    st.sampled_from((Origin.HOLDER, Origin.SUBJECT)),
    st.one_of(
        st.none(), st.builds(SourceFacts, st.sampled_from((1, 2, 3)), st.just("H"), st.just("L"), st.just(False),
                             st.booleans(), st.just("")),
    ),
    st.just(NOW), st.sampled_from((State.LIVE, State.QUARANTINED)),
    st.sampled_from((Mark.NONE, Mark.PERSONAL, Mark.CARE_OF, Mark.WITHHELD)), st.none(),
)  # fmt: skip


def _widens(before: Rulings, after: Rulings) -> bool:
    return widens(KIND, before=before, after=after, members=(7, 8), tree=TREE, policy=POLICY, now=NOW)


@given(rulings, words, statements, st.integers(1, 4), st.integers(0, 90))
def test_what_does_not_widen_shows_nothing_new(before, said, statement, audience, days):
    after = if_said(before, said, now=NOW)
    assume(not _widens(before, after))
    asked = {"path": TREE.path(audience), "now": NOW + timedelta(days=days), "policy": POLICY}

    assert not shown(statement, KIND, after, **asked) or shown(statement, KIND, before, **asked)


@given(rulings)
def test_hiding_everything_never_widens(before):
    said = [Word(record, "", audience, False) for record in (7, 8) for audience in range(1, 5)]

    assert not _widens(before, if_said(before, said, now=NOW))


def test_hiding_for_a_while_instead_of_for_good_widens():
    hidden = if_said(Rulings(), [Word(7, "email", 1, False)], now=NOW)
    later = if_said(hidden, [Word(7, "email", 1, None)], now=NOW)
    again = if_said(later, [Word(7, "email", 1, False, NOW + timedelta(days=3))], now=NOW)

    assert _widens(hidden, again)


def test_showing_what_nobody_has_said_yet_widens_all_the_same():
    hidden = if_said(Rulings(), [Word(7, "phones", 1, False)], now=NOW)

    assert _widens(hidden, if_said(hidden, [Word(7, "phones", 4, True)], now=NOW))
    assert _widens(hidden, if_said(hidden, [Word(7, "phones", 1, None)], now=NOW))


def test_lifting_a_restriction_widens():
    assert _widens(Rulings(restricted=True), Rulings())
    assert not _widens(Rulings(), Rulings(restricted=True))
