"""Correcting in one place: the subject's word wins for whoever sees the property, and shows it to nobody new."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datacoop.accounts import proofs
from datacoop.consent.actions import Wish, decide_many, note_delivered
from datacoop.disclosure.asking import ask
from datacoop.disclosure.own import reserving
from datacoop.disclosure.own.previewing import Preview
from datacoop.disclosure.own.telling import own_records
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.search.getting import Found, get
from datacoop.pipelines import correcting
from datacoop.pipelines.correcting import Typed, correct, take_back
from datacoop.pipelines.entering import EntryRefused
from datacoop.records.actions.merging import merge, split
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, retract, state
from datacoop.records.models import Source
from datacoop.records.rules import Origin, id_of
from datacoop.rights.actions.answering import Answerer, NotTheirs, ProofNeeded
from datacoop.rights.rules.answers import MANDATE
from tests.database import cleaning
from tests.rights.people import NOW, Village, settle

pytestmark = pytest.mark.django_db(transaction=True)

AUDIENCES = ("public", "cooperators", "terms:public-bodies", "agreement:city")
WHENS = tuple(NOW + timedelta(days=days) for days in (0, 1, 20, 40, 400))
OLD = {
    "email": "choeur@example.org",
    "phones": "+41 21 555 12 34",
    "website": "https://alt.example.org/",
    "description": {"fr": "Chanter le lundi."},
    "alternate_names": "CdC",
}
NEW: dict[str, str | list[str]] = {
    "email": "bureau@clairiere.example.org",
    "phones": ["+41 21 555 99 99"],
    "website": "https://neu.example.org/",
    "description.fr": "Chanter le mardi.",
    "alternate_names": ["Clairière-Chor"],
}


def by(subject: UUID, proof: str | None = MANDATE) -> Answerer:
    return Answerer(subject, "account:1", proof, None, "representative")


def form(uid: UUID, changed: Mapping[str, str | list[str]]) -> Typed:
    name = next(v.value for r in own_records(uid, now=NOW, proven=True) for v in r.values if v.property == "name")
    cells: dict[str, str | list[str]] = {"name": str(name), **changed}
    return Typed(cells, frozenset(path.partition(".")[0] for path in changed))


def page(uid: UUID) -> dict[str, Any]:

    found = ask(lambda reading: get(reading, PUBLIC, "organisation", str(uid)), now=NOW)
    return dict(orjson.loads(found.body)) if isinstance(found, Found) else {}


def seen(uid: UUID) -> dict[tuple[str, datetime], set[str]]:
    """The properties every audience sees of a record, now and at every later moment that matters."""
    found = {}
    for when in WHENS:
        preview = Preview(uid, now=when, proven=True)
        for audience in AUDIENCES:
            (body,) = [each.body for each in preview.seen_by(audience) if each.uid == uid]
            found[audience, when] = set(body or ())
    return found


def again(village: Village, said: list[Said], *, source: int = 1, quarantined: bool = False, of: UUID | None = None):
    """A list says it (again)."""
    with revision(actor="holder", now=NOW, why="test") as draft:
        whole = Source.objects.get(id=village.lists[source])
        number = id_of(of or village.choir)
        state(draft, record_id=number, said=said, origin=Origin.HOLDER, source=whole, quarantined=quarantined)


@pytest.fixture
def village() -> Village:
    return settle()


class TestWinning:
    def test_the_subjects_word_wins_where_everybody_sees_it(self, village: Village) -> None:
        correct(by=by(village.choir), record=id_of(village.choir), typed=form(village.choir, NEW), now=NOW)

        assert page(village.choir)["email"] == "bureau@clairiere.example.org"
        assert page(village.choir)["phones"] == ["+41 21 555 99 99"]

    def test_it_survives_reimport_merge_and_split(self, village: Village) -> None:
        correct(by=by(village.choir), record=id_of(village.choir), typed=form(village.choir, NEW), now=NOW)

        again(village, [Said("email", "choeur@example.org"), Said("name", "Chœur")])
        assert page(village.choir)["email"] == "bureau@clairiere.example.org"

        again(village, [Said("email", "club@example.org")], of=village.club)
        with revision(actor="steward:1", now=NOW, why="test") as draft:
            merge(draft, loser_id=id_of(village.choir), survivor_id=id_of(village.club), reason="test")
        assert page(village.club)["email"] == "bureau@clairiere.example.org"

        with revision(actor="steward:1", now=NOW, why="test") as draft:
            split(draft, loser_id=id_of(village.choir))
        assert page(village.choir)["email"] == "bureau@clairiere.example.org"
        assert page(village.club)["email"] == "club@example.org"

    def test_it_stays_when_the_list_drops_the_value(self, village: Village) -> None:
        correct(by=by(village.choir), record=id_of(village.choir), typed=form(village.choir, NEW), now=NOW)
        with revision(actor="holder", now=NOW, why="test") as draft:
            source = Source.objects.get(id=village.lists[1])
            number = id_of(village.choir)
            retract(draft, record_id=number, properties=["email"], origin=Origin.HOLDER, source=source)

        assert page(village.choir)["email"] == "bureau@clairiere.example.org"

    def test_corrected_while_hidden_it_is_what_is_shown_once_the_list_may_be(self, village: Village) -> None:
        again(village, [Said("website", "https://alt.example.org/")], source=0)
        number = id_of(village.choir)
        change = form(village.choir, {"website": "https://neu.example.org/"})
        correct(by=by(village.choir), record=number, typed=change, now=NOW)
        assert "website" not in page(village.choir)

        with revision(actor="steward:1", now=NOW, why="test") as draft:
            note_delivered(draft, record_id=number, source_id=village.lists[0], at=NOW - timedelta(days=40))

        assert page(village.choir)["website"] == "https://neu.example.org/"

    def test_the_word_can_be_taken_back(self, village: Village) -> None:
        number = id_of(village.choir)
        correct(by=by(village.choir), record=number, typed=form(village.choir, NEW), now=NOW)

        assert take_back(by=by(village.choir), record=number, properties=["email"], now=NOW) == {"email"}

        assert page(village.choir)["email"] == "choeur@example.org"
        assert page(village.choir)["phones"] == ["+41 21 555 99 99"]

    def test_an_emptied_field_takes_it_back_and_leaves_what_the_list_says(self, village: Village) -> None:
        number = id_of(village.choir)
        correct(by=by(village.choir), record=number, typed=form(village.choir, NEW), now=NOW)

        correct(by=by(village.choir), record=number, typed=form(village.choir, {"email": ""}), now=NOW)

        assert page(village.choir)["email"] == "choeur@example.org"

    def test_what_was_not_changed_is_not_said(self, village: Village) -> None:
        number = id_of(village.choir)
        done = correct(by=by(village.choir), record=number, typed=form(village.choir, {"email": OLD["email"]}), now=NOW)  # type: ignore[dict-item]

        assert done.said == frozenset()
        assert not [v for r in own_records(village.choir, now=NOW) for v in r.values if v.said_by == "subject"]

    def test_commune_and_position_follow_a_new_address(self, village: Village) -> None:
        old = {"street": "Rue du Lac 1", "postal_code": "1003", "city": "Lausanne", "country": "CH"}
        where = Said("point", {"lat": 46.5174, "lon": 6.6389, "precision": "street"})
        again(village, [Said("addresses", old), Said("commune", {"bfs": 5586, "name": "Lausanne"}), where])

        typed = {"street": "Rue du Midi 2", "postal_code": "1020", "city": "Renens VD"}
        change = form(village.choir, {f"addresses.{part}": text for part, text in typed.items()})
        correct(by=by(village.choir), record=id_of(village.choir), typed=change, now=NOW)

        shown = page(village.choir)
        assert shown["addresses"][0]["street"] == "Rue du Midi 2"
        assert shown["commune"]["bfs"] == 5591
        assert shown["point"] != where.value

    def test_further_addresses_stay(self, village: Village) -> None:
        first = {"street": "Rue du Lac 1", "postal_code": "1003", "city": "Lausanne", "country": "CH"}
        second = {**first, "street": "Rue du Four 9"}
        again(village, [Said("addresses", first), Said("addresses", second, position=1)])

        typed = {"street": "Rue du Midi 2", "postal_code": "1003", "city": "Lausanne"}
        change = form(village.choir, {f"addresses.{part}": text for part, text in typed.items()})
        correct(by=by(village.choir), record=id_of(village.choir), typed=change, now=NOW)

        assert [each["street"] for each in page(village.choir)["addresses"]] == ["Rue du Midi 2", "Rue du Four 9"]

    def test_says_which_field_cannot_be_read_and_saves_nothing(self, village: Village) -> None:
        wrong = form(village.choir, {"email": "nowhere", "website": "https://neu.example.org/"})
        with pytest.raises(EntryRefused) as refused:
            correct(by=by(village.choir), record=id_of(village.choir), typed=wrong, now=NOW)

        assert [each.column for each in refused.value.problems] == ["email"]
        assert "website" not in page(village.choir)


class TestWhoMay:
    @pytest.mark.parametrize("proof", [None, proofs.SHARED_MAILBOX])
    def test_a_link_or_a_shared_mailbox_corrects_nothing(self, village: Village, proof: str | None) -> None:
        who = by(village.choir, proof)
        with pytest.raises(ProofNeeded):
            correct(by=who, record=id_of(village.choir), typed=form(village.choir, NEW), now=NOW)
        with pytest.raises(ProofNeeded):
            take_back(by=who, record=id_of(village.choir), properties=["email"], now=NOW)

    def test_nobody_corrects_anothers_record(self, village: Village) -> None:
        with pytest.raises(NotTheirs):
            correct(by=by(village.club), record=id_of(village.choir), typed=form(village.choir, NEW), now=NOW)


class TestNeverWider:
    def test_a_corrected_hidden_email_stays_hidden(self, village: Village) -> None:
        again(village, [Said("website", "https://alt.example.org/")], source=0)

        change = form(village.choir, {"website": "https://neu.example.org/", "description.fr": "Du neuf."})
        correct(by=by(village.choir), record=id_of(village.choir), typed=change, now=NOW)

        assert {"website", "description"} & set(page(village.choir)) == set()

    def test_a_person_who_corrects_shows_itself_to_nobody(self, village: Village) -> None:
        number = id_of(village.person)
        change = Typed({"name": "Marlyse Vernehaut", "email": "m@example.org"}, frozenset({"name", "email"}))
        before = seen(village.person)
        correct(by=by(village.person, proofs.EMAIL_CODE), record=number, typed=change, now=NOW)

        assert seen(village.person) == before
        assert all(not properties for properties in before.values())

    def test_a_private_looking_value_narrows(self, village: Village) -> None:
        typed = {"street": "c/o Jean Exemple, Rue du Four 3", "city": "Lausanne", "postal_code": "1003"}
        change = form(village.choir, {f"addresses.{part}": text for part, text in typed.items()})
        again(village, [Said("addresses", {"street": "Rue du Lac 1", "postal_code": "1003", "city": "Lausanne",
                                           "country": "CH"})])  # fmt: skip
        assert "addresses" in page(village.choir)

        done = correct(by=by(village.choir), record=id_of(village.choir), typed=change, now=NOW)

        assert done.narrowed == {"addresses"}
        assert "addresses" not in page(village.choir)

    @settings(max_examples=40)
    @given(data=st.data())
    def test_correcting_alone_never_shows_anybody_a_property(self, data: st.DataObject) -> None:
        """Whatever was said by whom with which mark, and whatever was decided until when.

        But where the subject asked that this very property be shown, before there was anything to show.
        """
        cleaning.restore()
        village = settle()
        drawn = _world(village, data)
        before = seen(village.choir)
        keys = data.draw(st.lists(st.sampled_from(sorted(NEW)), min_size=1, unique=True), label="corrected")

        correct(
            by=by(village.choir), record=id_of(village.choir), typed=form(village.choir, {k: NEW[k] for k in keys}),
            now=NOW,
        )  # fmt: skip

        asked_for = {each[2] for each in drawn if each[0] in AUDIENCES and each[1] and each[2]}
        for where, properties in seen(village.choir).items():
            assert properties - before[where] <= asked_for, (drawn, where)
        shown = set(page(village.choir)) - {"id", "kind", "sources", "modified"}
        assert shown == seen(village.choir)["public", NOW]

    def test_without_the_marks_it_would(self, village: Village, monkeypatch: pytest.MonkeyPatch) -> None:
        """The protection switched off: what the test above would have to find."""
        monkeypatch.setattr(reserving, "mark_for", lambda group, name: "")
        monkeypatch.setattr(correcting, "reserved", lambda group, said: list(said))

        change = form(village.choir, {"website": "https://neu.example.org/"})
        correct(by=by(village.choir), record=id_of(village.choir), typed=change, now=NOW)

        assert "website" in page(village.choir)


def _world(village: Village, data: st.DataObject) -> list[tuple[Any, ...]]:
    """Let lists say some of it, with or without marks, and the subject decide."""
    drawn: list[tuple[Any, ...]] = []
    for name, value in OLD.items():
        source = data.draw(st.sampled_from((None, 0, 1)), label=name)
        mark = data.draw(st.sampled_from(("", "", "p", "s", "w")))
        quarantined = data.draw(st.booleans())
        if source is not None:
            again(village, [Said(name, value, mark=mark)], source=source, quarantined=quarantined)
            drawn.append((name, source, mark, quarantined))
    words = st.tuples(
        st.sampled_from(AUDIENCES), st.booleans(), st.sampled_from((None, *OLD)), st.sampled_from((None, None, 10, 30))
    )
    number = id_of(village.choir)
    for audience, shows, name, days in data.draw(st.lists(words, max_size=4), label="decided"):
        until = None if days is None else NOW + timedelta(days=days)
        with revision(actor="account:1", now=NOW, why="test") as draft:
            decide_many(draft, wishes=[(number, Wish(audience, shows, name, until))], reason="")
        drawn.append((audience, shows, name, days))
    if data.draw(st.booleans(), label="told"):
        with revision(actor="steward:1", now=NOW, why="test") as draft:
            note_delivered(draft, record_id=number, source_id=village.lists[0], at=NOW)
        drawn.append(("told",))
    return drawn
