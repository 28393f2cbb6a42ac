"""Objecting to a list, and what an answer would change, told before it is given."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest

from datacoop.accounts import proofs
from datacoop.charter.queries import current
from datacoop.consent.models import NoticeState
from datacoop.disclosure.actions import settle as settle_due
from datacoop.disclosure.asking import ask
from datacoop.disclosure.own.previewing import Preview
from datacoop.disclosure.own.telling import own_records, shown_audiences
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.questions import Question
from datacoop.kinds.definition import kind
from datacoop.ledger.models import Entry
from datacoop.linking.actions import judge
from datacoop.pipelines.contribute import contribute
from datacoop.pipelines.intake import Intake
from datacoop.records.models import Record, Statement
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

        noted = set(NoticeState.objects.filter(objected_at__isnull=False).values_list("record_id", flat=True))
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


HEADER = "Numéro;Nom;Thème;Rue;NPA;Localité;E-mail;Site web"
ROW = "Chœur de la Clairière;culture/chant;Rue du Lac 7;1005;Lausanne;info@clairiere.example.org;"


def publish(folder: Path, number: int, website: str = "", *, source: str | None = None) -> None:
    file = folder / f"{len(list(folder.iterdir()))}.csv"
    file.write_text(f"{HEADER}\n{number};{ROW}{website}\n", encoding="utf-8")
    page = "https://liste.example.org"
    contribute(
        Intake((file,), "Registre", source=source, published=True, page=page, accept_removals=True, accept_unlike=True),
        actor="steward:1",
    )
    settle_due(datetime.now(UTC))


def organisations() -> list[UUID]:
    """Every record of the choir, the oldest first."""
    said = Statement.objects.filter(property="name", end_revision__isnull=True).order_by("id")
    found = dict.fromkeys(said.values_list("record_id", flat=True))
    return [Record.objects.get(id=number).uid for number in found]


def shown() -> list[bytes]:
    return list(ask(lambda r: find(r, PUBLIC, Question("organisation")).bodies, now=datetime.now(UTC)))


class TestTheSameHolderAgain:
    def test_says_more_in_another_list_of_what_is_one_and_nothing_is_shown(self, tmp_path: Path) -> None:
        publish(tmp_path, 1)
        (choir,) = organisations()
        publish(tmp_path, 1, "https://clairiere.example.org", source="autre")
        assert len(shown()) == 1  # the two were recognised as one
        first = source_of(choir)
        object_to(by=Answerer(choir, "link:1"), sources=[first], now=datetime.now(UTC))
        assert shown() == []

    @pytest.mark.parametrize("source", [None, "autre"])
    def test_says_more_in_another_row_or_list_and_a_steward_unites_them(
        self, tmp_path: Path, source: str | None
    ) -> None:
        publish(tmp_path, 1)
        (choir,) = organisations()
        object_to(by=Answerer(choir, "link:1"), sources=[source_of(choir)], now=datetime.now(UTC))
        publish(tmp_path, 9, "https://clairiere.example.org", source=source)
        again = next(uid for uid in reversed(organisations()) if uid != choir)

        judge(first=choir, second=again, verdict="same", actor="steward:1", now=datetime.now(UTC))

        assert shown() == []


def source_of(uid: UUID) -> int:
    return Statement.objects.filter(record_id=id_of(uid), property="name").order_by("id")[0].source_id or 0


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
