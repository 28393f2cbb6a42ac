"""What a holder is told in its difference: its own words and what was passed on to it, whatever else is said."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datacoop.disclosure.own.history import history
from datacoop.ledger.models import Entry
from datacoop.pipelines.correcting import Typed, correct
from datacoop.pipelines.coverage import passing
from datacoop.portal.catalogue import LANGUAGES
from datacoop.portal.views.own.happened import what_said
from datacoop.records.actions.merging import merge
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, create_record, state
from datacoop.records.models import Record, Source, Statement
from datacoop.records.rules import Mark, Origin
from datacoop.rights.actions.answering import Answerer, ProofNeeded
from datacoop.rights.actions.objecting import Telling, answer_objection, stop_passing, tell_holders
from datacoop.rights.models.objections import Objection
from datacoop.rights.rules.answers import MANDATE
from datacoop.sources.owning import find_holder_named, list_own
from tests.database import cleaning
from tests.portal.sitting import HOLDER, OTHER, bring, folder, registered
from tests.rights.people import NOW

__all__ = ["folder"]
pytestmark = pytest.mark.django_db(transaction=True)
CHOIR = "1;Chœur de la Clairière;;;;Rue du Lac 7;1005;Lausanne;info@clairiere.example.org;+41 21 555 12 34;"
#: What the subject says itself, and what a rival list that nobody sees says.
OWN = {"phones": "+41 21 555 77 77", "email": "neu@clairiere.example.org", "website": "https://neu.example.org/"}
RIVAL = {"phones": "+41 21 555 66 66", "email": "rivale@example.org", "website": "https://rivale.example.org/"}
NAMES = sorted(OWN)


def choir() -> Record:
    said = Statement.objects.filter(property="name", value='"Chœur de la Clairière"', source__holder=HOLDER)
    return Record.objects.get(id=said.values_list("record_id", flat=True)[0])


def hidden_rival(survivor: Record, names: list[str]) -> None:
    """Another holder's list, not published, says otherwise of what is the same association."""
    with revision(actor="holder", now=NOW, why="test") as draft:
        twin = create_record(draft, kind="organisation")
        source = Source.objects.filter(holder=OTHER).first()
        said = [Said("name", "Chœur de la Clairière"), *(Said(name, RIVAL[name]) for name in names)]
        state(draft, record_id=twin.id, said=said, origin=Origin.HOLDER, source=source)
        merge(draft, loser_id=twin.id, survivor_id=survivor.id, reason="test")


def told() -> list[tuple[str, tuple[object, ...], tuple[object, ...]]]:
    """What the holder is told: property, its own values, what it is told instead."""
    holder = find_holder_named(HOLDER)
    assert holder is not None
    (own,) = list_own(holder.uid)
    return [
        (change.column.property.name, change.mine, change.theirs)
        for row in passing.passed_rows(holder, own)
        for change in row.changes
    ]


def by(subject: UUID) -> Answerer:
    return Answerer(subject, "account:1", MANDATE, None, "representative")


@settings(max_examples=8)
@given(
    corrected=st.lists(st.sampled_from(NAMES), unique=True),
    passed=st.lists(st.sampled_from(NAMES), unique=True),
    rivals=st.lists(st.sampled_from(NAMES), unique=True),
)
def test_a_holder_is_told_what_was_passed_on_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, corrected: list[str], passed: list[str], rivals: list[str]
) -> None:
    cleaning.restore()
    path: Path = tmp_path_factory.mktemp("lists")
    registered()
    registered(OTHER, "autre@example.org")
    bring(path, [CHOIR])
    bring(path, ["9;Autre chose;;;;;1005;Lausanne;;;"], OTHER)
    record = choir()
    hidden_rival(record, rivals)
    cells: dict[str, str | list[str]] = {"name": "Chœur de la Clairière"}
    cells |= {name: [OWN[name]] if name == "phones" else OWN[name] for name in corrected}
    correct(by=by(record.uid), record=record.id, typed=Typed(cells, frozenset(corrected)), now=NOW)
    holder = find_holder_named(HOLDER)
    assert holder is not None
    telling = Telling(record.id, frozenset(), frozenset({holder.uid}), frozenset(passed))
    tell_holders(by=by(record.uid), telling=telling, now=NOW)

    found = told()

    # Its list has no website at all: there is no column to say it in, but for one that is empty.
    assert {name for name, _, _ in found} == set(corrected) & set(passed)
    assert {theirs for _, _, theirs in found} == {(OWN[name],) for name in set(corrected) & set(passed)}
    assert not [value for _, mine, _ in found for value in mine if value in RIVAL.values()]


def test_without_the_choice_the_holder_would_be_told_all(
    folder: Path,
    transactional_db: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The protection switched off: what the test above would have to find."""
    registered()
    bring(folder, [CHOIR])
    record = choir()
    typed = Typed({"name": "Chœur de la Clairière", "email": OWN["email"]}, frozenset({"email"}))
    correct(by=by(record.uid), record=record.id, typed=typed, now=NOW)
    assert told() == []

    monkeypatch.setattr(passing, "passed_to", lambda holder: {record.id: set(NAMES)})

    assert [theirs for _, _, theirs in told()] == [(OWN["email"],)]


def test_where_nobody_is_told_no_history_says_that_somebody_was(folder: Path, transactional_db: None) -> None:
    registered()
    bring(folder, [CHOIR])
    record = choir()
    holder = find_holder_named(HOLDER)
    assert holder is not None
    told_of = Entry.objects.filter(kind="rights.holders_told")

    tell_holders(by=by(record.uid), telling=Telling(record.id), now=NOW)
    assert not told_of.exists()

    tell_holders(by=by(record.uid), telling=Telling(record.id, frozenset({holder.uid})), now=NOW)
    assert told_of.count() == 1


def test_a_history_says_that_passing_on_was_stopped(folder: Path, transactional_db: None) -> None:
    registered()
    bring(folder, [CHOIR])
    record = choir()
    typed = Typed({"name": "Chœur de la Clairière", "email": OWN["email"]}, frozenset({"email"}))
    correct(by=by(record.uid), record=record.id, typed=typed, now=NOW)
    holder = find_holder_named(HOLDER)
    assert holder is not None
    telling = Telling(record.id, passed_to=frozenset({holder.uid}), properties=frozenset({"email"}))
    stopped = Entry.objects.filter(kind="rights.passing_stopped")

    stop_passing(by=by(record.uid), record=record.id, holder=holder.uid, now=NOW)
    assert not stopped.exists(), "nothing was passed on"
    tell_holders(by=by(record.uid), telling=telling, now=NOW)
    stop_passing(by=by(record.uid), record=record.id, holder=holder.uid, now=NOW + timedelta(days=1))

    assert stopped.count() == 1
    kinds = [each.kind for each in history(record.uid) if each.kind.startswith("rights.")]
    assert kinds == ["rights.passing_stopped", "rights.holders_told"]
    said = [what_said(each, "", "fr") for each in kinds]
    assert "n’est plus transmis" in said[0]
    assert said[1] == "Ceux qui tiennent les listes ont été avertis", "what was entered before reads on"


def test_a_history_says_that_a_holder_answered_an_objection(folder: Path, transactional_db: None) -> None:
    registered()
    bring(folder, [CHOIR])
    record = choir()
    holder = find_holder_named(HOLDER)
    assert holder is not None
    tell_holders(by=by(record.uid), telling=Telling(record.id, frozenset({holder.uid})), now=NOW)
    objection = Objection.objects.get()

    answer_objection(
        number=objection.pk,
        holder=holder.uid,
        answer="removed",
        note="",
        actor="account:9",
        now=NOW + timedelta(days=1),
    )

    (event, *_) = history(record.uid)
    assert (event.kind, event.who) == ("rights.objection_answered", "holder"), "no representative of theirs did it"
    said = [what_said(event.kind, event.right, language) for language in LANGUAGES]
    assert said == [
        "Qui tient une liste a répondu à votre opposition",
        "Wer eine Liste führt, hat auf Ihren Widerspruch geantwortet",
        "Chi tiene un elenco ha risposto alla sua opposizione",
        "Whoever keeps a list answered your objection",
    ]


def test_a_link_alone_passes_nothing_on(folder: Path, transactional_db: None) -> None:
    registered()
    bring(folder, [CHOIR])
    record = choir()
    holder = find_holder_named(HOLDER)
    assert holder is not None
    link = Answerer(record.uid, "link:1")

    with pytest.raises(ProofNeeded):
        tell_holders(
            by=link, telling=Telling(record.id, passed_to=frozenset({holder.uid}), properties=frozenset(NAMES)), now=NOW
        )

    assert tell_holders(by=link, telling=Telling(record.id, objected_to=frozenset({holder.uid})), now=NOW) == 1


def test_what_another_said_of_a_record_merged_later_is_not_passed_on(folder: Path, transactional_db: None) -> None:
    registered()
    bring(folder, [CHOIR])
    record = choir()
    holder = find_holder_named(HOLDER)
    assert holder is not None
    telling = Telling(record.id, passed_to=frozenset({holder.uid}), properties=frozenset(NAMES))
    tell_holders(by=by(record.uid), telling=telling, now=NOW)
    with revision(actor="account:2", now=NOW, why="test") as draft:
        twin = create_record(draft, kind="organisation")
        state(draft, record_id=twin.id, said=[Said("email", RIVAL["email"])], origin=Origin.SUBJECT)
        merge(draft, loser_id=twin.id, survivor_id=record.id, reason="test")

    assert told() == []


def test_a_withheld_word_is_not_passed_on(folder: Path, transactional_db: None) -> None:
    registered()
    bring(folder, [CHOIR])
    record = choir()
    typed = Typed({"name": "Chœur de la Clairière", "email": OWN["email"]}, frozenset({"email"}))
    correct(by=by(record.uid), record=record.id, typed=typed, now=NOW)
    holder = find_holder_named(HOLDER)
    assert holder is not None
    telling = Telling(record.id, frozenset(), frozenset({holder.uid}), frozenset({"email"}))
    tell_holders(by=by(record.uid), telling=telling, now=NOW)
    assert [theirs for _, _, theirs in told()] == [(OWN["email"],)]

    Statement.objects.filter(record=record, property="email", origin=Origin.SUBJECT).update(mark=Mark.WITHHELD)

    assert told() == []
