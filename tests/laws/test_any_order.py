"""Laws 2, 3, 5, 6, 7, 8 together: contribute, notify, decide, merge, split, withdraw, erase, restore, in any order.

After every step everybody sees exactly what a naive telling of the laws says; at the end nothing that is stored differs
from what is shown. A backup that is restored is the life until then, told once more, and the log of what was withdrawn.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from datacoop.consent import actions as consent_actions
from datacoop.consent import queries as consent_queries
from datacoop.consent import rules as consent_rules
from datacoop.consent.rules import Ruling, Rulings
from datacoop.disclosure.actions import settle
from datacoop.disclosure.compile import drafting
from datacoop.disclosure.verify import differences
from datacoop.records import erasers, withdrawals
from datacoop.records import rules as records_rules
from datacoop.records.actions import erasing, staging
from datacoop.records.rules import Origin
from tests.laws import lives, replaying, worlds
from tests.laws.lives import (
    LABELS,
    ORGANISERS,
    Again,
    Contribute,
    Erase,
    Life,
    Step,
    TakeBack,
    live,
    logged,
    narrows,
    seen,
    told,
    values_of,
)
from tests.laws.replaying import replay
from tests.laws.worlds import AUDIENCES, BASE, READERS

pytestmark = pytest.mark.django_db(transaction=True)

_label = st.sampled_from(LABELS)
_audience = st.sampled_from(("public", "public", *AUDIENCES))
_name = st.sampled_from((None, None, "name", "email"))


#: What may happen after a backup that is restored.
_what = st.sampled_from(("decide", "decide", "list", "object", "withhold", "restrict", "erase"))


def _some(what: str, label: str, audience: str, *, shows: bool, name: str | None) -> Step:
    match what:
        case "list":
            return Contribute("list:1", {label: values_of(label, 7 if shows else 0)})
        case "object":
            return worlds.Notice(label, "list:0", objected=True)
        case "withhold":
            return worlds.Withhold(label)
        case "restrict":
            return worlds.Restrict(label)
        case "erase":
            return Erase(label)
        case _:
            return worlds.Decide(label, audience, shows, name)


class AnyOrder(RuleBasedStateMachine):
    """One installation, and beside it the naive telling."""

    def __init__(self) -> None:
        """Begin with clients and lists, and nobody in them."""
        super().__init__()
        self.now: datetime = BASE
        self._begin()

    @initialize(variants=st.tuples(*[st.integers(0, 7)] * len(LABELS)), speaker=st.sampled_from(("list:0", "list:1")))
    def begin(self, variants: tuple[int, ...], speaker: str) -> None:
        """A first list names everybody: what happens, happens to somebody."""
        self.happen(
            Contribute(speaker, {label: values_of(label, each) for label, each in zip(LABELS, variants, strict=True)})
        )

    def _begin(self) -> None:
        withdrawals.path().unlink(missing_ok=True)
        replay(())
        self.life = Life()
        #: What happened so far, and when.
        self.happened: list[tuple[Step, datetime]] = []

    def happen(self, step: Step) -> None:
        self.now += timedelta(hours=1)
        self._live(step, self.now)

    def _live(self, step: Step, now: datetime) -> None:
        live(step, now)
        self.life.step(step, now)
        self.happened.append((step, now))

    @rule(
        speaker=st.sampled_from(("list:0", "list:1", "list:2")),
        listed=st.dictionaries(_label, st.integers(0, 7), max_size=3),
    )
    def contribute(self, speaker: str, listed: dict[str, int]) -> None:
        self.happen(Contribute(speaker, {label: values_of(label, each) for label, each in listed.items()}))

    @precondition(lambda self: self._decidable())
    @rule(data=st.data(), audience=_audience, shows=st.booleans(), name=_name, ends=st.none() | st.booleans())
    def decide(self, data: st.DataObject, audience: str, shows: bool, name: str | None, ends: bool | None) -> None:
        """For good, or for three hours: that go by, or not yet."""
        self.happen(worlds.Decide(self._any(data), audience, shows, name, None if ends is None else 3))
        if ends:
            self.now += timedelta(hours=4)

    @precondition(lambda self: self._decidable())
    @rule(data=st.data(), audience=_audience, name=_name)
    def withdraw(self, data: st.DataObject, audience: str, name: str | None) -> None:
        self.happen(worlds.Decide(self._any(data), audience, False, name))

    @precondition(lambda self: bool(self.life.decisions))
    @rule(data=st.data())
    def take_back(self, data: st.DataObject) -> None:
        word = data.draw(st.sampled_from(self.life.decisions))
        self.happen(TakeBack(word.record, word.audience, word.property))

    @precondition(lambda self: self._decidable())
    @rule(data=st.data(), objects=st.booleans(), waits=st.booleans())
    def notify(self, data: st.DataObject, objects: bool, waits: bool) -> None:
        """An unpublished list names somebody, who is told; a month later, or not, the default may show more."""
        label = self._any(data)
        self.happen(Contribute("list:0", {label: values_of(label, 3)}))
        self.happen(worlds.Notice(label, "list:0"))
        if objects:
            self.happen(worlds.Notice(label, "list:0", objected=True))
        if waits:
            self.now += timedelta(days=31)

    @precondition(lambda self: self._decidable())
    @rule(data=st.data(), lifts=st.booleans())
    def restrict(self, data: st.DataObject, lifts: bool) -> None:
        label = self._any(data)
        self.happen(worlds.Lift(label) if lifts else worlds.Restrict(label))

    @precondition(lambda self: self._decidable())
    @rule(data=st.data(), ends=st.booleans())
    def withhold(self, data: st.DataObject, ends: bool) -> None:
        """Nothing of it is to be shown, later either; or what comes later may be shown again."""
        label = self._any(data)
        self.happen(worlds.ShowLater(label) if ends else worlds.Withhold(label))

    @precondition(lambda self: self._announced())
    @rule(data=st.data(), audience=_audience, shows=st.none() | st.booleans())
    def announce(self, data: st.DataObject, audience: str, shows: bool | None) -> None:
        """Something that somebody does is named, once more perhaps, and decided about by itself, or not."""
        label = data.draw(st.sampled_from(self._announced()))
        if label not in self.life.records:
            self.happen(worlds.Create(label, ORGANISERS[label]))
        self.happen(worlds.Say(label, "steward", (worlds.Value("title", f"Fête {label}"),)))
        if shows is not None:
            self.happen(worlds.Decide(label, audience, shows))

    @precondition(lambda self: self._decidable())
    @rule(data=st.data(), variant=st.none() | st.integers(0, 7))
    def speak(self, data: st.DataObject, variant: int | None) -> None:
        """The subject says it better; a list may say otherwise once more."""
        label = self._any(data)
        self.happen(worlds.Say(label, "subject", (worlds.Value("email", f"own-{label}@example.org"),)))
        if variant is not None:
            self.happen(Contribute("list:1", {label: values_of(label, variant)}))

    @precondition(lambda self: len(self._roots()) > 1)
    @rule(data=st.data(), quarrel=st.none() | st.booleans())
    def merge(self, data: st.DataObject, quarrel: bool | None) -> None:
        """Two become one, perhaps after words that contradict each other."""
        loser, survivor = data.draw(st.permutations(self._roots()))[:2]
        if quarrel is not None:
            self.happen(worlds.Decide(loser, "public", quarrel))
            self.happen(worlds.Decide(survivor, "public", not quarrel))
        self.happen(worlds.Merge(loser, survivor))

    @precondition(lambda self: bool(self.life.merges))
    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        self.happen(worlds.Split(data.draw(st.sampled_from(sorted(self.life.merges)))))

    @precondition(lambda self: self._decidable())
    @rule(data=st.data())
    def erase(self, data: st.DataObject) -> None:
        self.happen(Erase(self._any(data)))

    @precondition(lambda self: self._decidable())
    @rule(data=st.data(), since=st.lists(st.tuples(_what, _audience, st.booleans(), _name), min_size=1, max_size=3))
    def restore(self, data: st.DataObject, since: list[tuple[str, str, bool, str | None]]) -> None:
        """A backup, then this and that, then the backup: all is as it was, but for what was withdrawn, and stays so."""
        happened, lines = list(self.happened), len(logged())
        for what, audience, shows, name in since:
            if self._decidable():
                self.happen(_some(what, self._any(data), audience, shows=shows, name=name))
        taken = tuple(step for step, _ in self.happened[len(happened) :] if narrows(step))
        again = Again(taken, tuple(logged()[lines:]))
        self._begin()
        for step, when in happened:
            self._live(step, when)
        self.happen(again)

    @invariant()
    def everybody_sees_what_the_laws_say(self) -> None:
        settle(self.now)
        for label in (*LABELS, *ORGANISERS):
            for reader in READERS:
                assert seen(label, reader) == told(self.life, label, reader, self.now), (label, reader)

    def teardown(self) -> None:
        """What is stored is what the statements and decisions say."""
        assert list(differences(self.now)) == []

    def _decidable(self) -> list[str]:
        return [label for label in LABELS if label in self.life.records and label not in self.life.erased]

    def _announced(self) -> list[str]:
        return [a for a, o in ORGANISERS.items() if a not in self.life.erased and o in self._decidable()]

    def _roots(self) -> list[str]:
        return [label for label in self._decidable() if self.life.root(label) == label]

    def _any(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(sorted(self._decidable())))


def _run(examples: int, *, same: bool = False) -> None:
    run_state_machine_as_test(
        AnyOrder,
        settings=settings(
            max_examples=examples,
            stateful_step_count=14,
            deadline=None,
            derandomize=same,
            database=None,
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_in_any_order_everybody_sees_what_the_laws_say() -> None:
    _run(30)


def _suppression_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(staging, "barred", lambda kind, rows: {})


def _decisions_left_standing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(erasers, "_at_once", {k: v for k, v in erasers._at_once.items() if k != "consent"})
    patch.setattr(staging, "barred", lambda kind, rows: {})


def _statements_left_standing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(erasing, "_destroy", lambda erasure: None)


def _restriction_ignored(patch: pytest.MonkeyPatch) -> None:
    together = drafting.together
    patch.setattr(drafting, "together", lambda *args: replace(together(*args), restricted=False))


def _subject_speaks_like_a_list(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(records_rules, "precedence", lambda s: (min(s.origin, Origin.HOLDER), s.since, 0))


def _merge_takes_any_word(patch: pytest.MonkeyPatch) -> None:
    binding = consent_rules.binding

    def newest(rulings: Rulings, *, path: Sequence[int], names: Sequence[str], now: datetime) -> Ruling | None:
        as_one = replace(rulings, decisions=tuple(replace(d, record_id=0) for d in rulings.decisions))
        return binding(as_one, path=path, names=names, now=now)

    patch.setattr(consent_rules, "binding", newest)


def _ends_are_forgotten(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Ruling, "holds", lambda self, now: self.since <= now)


def _objection_ignored(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(consent_actions, "note_objection", lambda *args, **how: None)
    patch.setattr(replaying, "note_objection", lambda *args, **how: None)


def _vanished_rows_stay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lives, "stage_vanished", lambda *args, **how: None)


def _later_goes_by_the_default(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(consent_queries, "bound_by_subjects", lambda ids: {})


def _word_taken_back_stays(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lives, "decide_many", lambda draft, **how: None)


def _log_left_unread(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(lives, "withdraw_again", lambda lines, **how: None)


@pytest.mark.parametrize(
    "switch_off",
    [
        _log_left_unread,
        _suppression_forgotten,
        _decisions_left_standing,
        _statements_left_standing,
        _restriction_ignored,
        _subject_speaks_like_a_list,
        _merge_takes_any_word,
        _ends_are_forgotten,
        _objection_ignored,
        _vanished_rows_stay,
        _word_taken_back_stays,
        _later_goes_by_the_default,
    ],
    ids=lambda each: each.__name__.strip("_"),
)
def test_notices_each_protection_that_is_switched_off(
    switch_off: Callable[[pytest.MonkeyPatch], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("What is switched off knows no database: noticing it on SQLite is enough.")
    switch_off(monkeypatch)

    with pytest.raises(AssertionError):
        _run(100, same=True)
