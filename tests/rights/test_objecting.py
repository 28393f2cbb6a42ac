"""Objecting to a list, and what an answer would change, told before it is given."""

from __future__ import annotations

import pytest

from datacoop.accounts import proofs
from datacoop.charter.queries import current
from datacoop.consent.queries import rulings_of
from datacoop.disclosure.own.previewing import Preview
from datacoop.disclosure.own.telling import own_records, shown_audiences
from datacoop.kinds.definition import kind
from datacoop.ledger.models import Entry
from datacoop.records.rules import id_of
from datacoop.rights.actions.answering import Answerer, NotTheirs, answer, object_to
from datacoop.rights.queries.foreseeing import asked_of, foreseen, spoken_until
from datacoop.rights.rules.answers import CHOICES, NOTHING, PROPOSED, Asked, Spoken, chosen
from datacoop.rights.rules.objections import against_lists, against_readers, serving
from tests.rights.people import EMAIL, NAME, NOW, Village, settle

pytestmark = pytest.mark.django_db(transaction=True)
TERMS = {"a": {"purposes": ["agenda", "directory"]}, "b": {"purposes": ["directory"]}}


@pytest.fixture
def village() -> Village:
    return settle()


def choose(village: Village, choice: str) -> None:
    by = Answerer(village.person, "link:1", proofs.LETTER_CODE)
    meaning = chosen(choice, asked_of(own_records(village.person, now=NOW)), current("choices").text)
    answer(by=by, meaning=meaning, seen=None, now=NOW)


def seen(village: Village) -> dict[str, list[object]]:
    preview = Preview(village.person, now=NOW, proven=True)
    return {audience: [each.body for each in preview.seen_by(audience)] for audience in shown_audiences()}


class TestObjectingToAList:
    def test_it_is_noted_of_every_record_the_list_speaks_of(self, village: Village) -> None:
        object_to(by=Answerer(village.person, "link:1"), sources=village.lists[:1], now=NOW)

        of = rulings_of([id_of(uid) for uid in (village.person, village.in_choir, village.in_club)])
        noted = {
            record for record, rulings in of.items() for _, (_, objected) in (rulings.notices or {}).items() if objected
        }
        assert noted == {id_of(village.person), id_of(village.in_choir)}

    def test_it_stands_in_the_ledger_without_a_name(self, village: Village) -> None:
        object_to(by=Answerer(village.person, "link:1"), sources=village.lists[:1], now=NOW)

        (entry,) = Entry.objects.filter(kind="consent.objected")
        assert len(entry.payload["about"]) == 2  # a digest for each record the list speaks of
        assert not [each for each in (NAME, EMAIL, str(village.person)) if each in str(entry.payload)]

    @pytest.mark.parametrize("lists", [(), (99,)])
    def test_lists_that_say_nothing_of_them_are_refused(self, village: Village, lists: tuple[int, ...]) -> None:
        with pytest.raises(NotTheirs):
            object_to(by=Answerer(village.person, "link:1"), sources=lists, now=NOW)

    def test_it_narrows_whatever_was_decided_before(self, village: Village) -> None:
        for choice in CHOICES:
            choose(village, choice)
            before = seen(village)
            object_to(by=Answerer(village.person, "link:1"), sources=village.lists, now=NOW)
            after = seen(village)
            for audience, bodies in after.items():
                for was, will in zip(before[audience], bodies, strict=True):
                    assert set(will or {}) <= set(was or {})
            assert not any(body for bodies in after.values() for body in bodies if body and "role" in body)


class TestForeseeing:
    def test_what_is_foreseen_is_what_comes(self, village: Village) -> None:
        records = own_records(village.person, now=NOW)
        numbers = {each.id for each in records}
        meaning = chosen(PROPOSED, asked_of(records), current("choices").text)

        told = foreseen(village.person, meaning, audiences=shown_audiences(), records=numbers, now=NOW)
        before = seen(village)
        choose(village, PROPOSED)
        after = seen(village)

        order = [each.id for each in Preview(village.person, now=NOW).seen_by("public")]
        gained = {
            (audience, record, name)
            for audience in after
            for record, was, will in zip(order, before[audience], after[audience], strict=True)
            for name in set(will or {}) - set(was or {})
        }
        assert told.widens
        assert {(c.audience, c.record, name) for c in told.changes for name in c.gained} == gained
        assert gained

    def test_hiding_what_nobody_sees_changes_nothing_and_widens_nothing(self, village: Village) -> None:
        records = own_records(village.person, now=NOW)
        meaning = chosen(NOTHING, asked_of(records), current("choices").text)

        told = foreseen(village.person, meaning, audiences=shown_audiences(), records={r.id for r in records}, now=NOW)

        assert (told.widens, told.changes) == (False, ())

    def test_the_last_word_is_what_an_answer_wrote(self, village: Village) -> None:
        assert spoken_until(village.person) == 0
        choose(village, NOTHING)
        assert spoken_until(village.person) > 0


class TestRules:
    def test_against_a_reader_takes_back_what_shows_there(self) -> None:
        asked = [Asked(1, kind("role"), (Spoken("terms:a", "role", True), Spoken("public", "role", True)))]

        words = against_readers(["terms:a"], asked).words

        assert [(w.audience, w.property, w.shows) for w in words] == [
            ("terms:a", None, False),
            ("terms:a", "role", None),
        ]

    def test_against_lists_closes_deeper_readers_too(self) -> None:
        asked = [Asked(1, kind("role"), (Spoken("terms:a", None, True), Spoken("terms:b", "role", False)))]

        words = against_lists({1: {"role"}}, asked).words

        assert [(w.audience, w.property, w.shows) for w in words] == [
            ("public", "role", False),
            ("terms:a", "role", False),
        ]

    def test_a_purpose_reaches_the_terms_that_name_it(self) -> None:
        assert serving("agenda", TERMS, {"x": "a", "y": "b"}) == ["terms:a", "agreement:x"]
        assert serving("directory", TERMS, {}) == ["terms:a", "terms:b"]
        assert serving("message", TERMS, {"x": "a"}) == []
