"""Typing slips are forgiven when nothing is found, and only with words the reader may see."""

from datetime import UTC, datetime

import pytest

from datacoop.consent.actions import Wish, decide
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.reading import reading
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.questions import Question
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import create_record, state
from datacoop.records.rules import Origin
from datacoop.records.storing import Said

NOW = datetime(2026, 11, 1, tzinfo=UTC)
pytestmark = pytest.mark.django_db(transaction=True)


def _made(*names: str) -> list:
    records = []
    with revision(actor="steward:test", now=NOW, why="test") as draft:
        for name in names:
            record = create_record(draft, kind="organisation")
            state(draft, record_id=record.id, said=[Said("name", name)], origin=Origin.STEWARD)
            records.append(record)
    return records


def _count(text: str) -> int | None:
    with reading() as connection:
        return find(connection, PUBLIC, Question("organisation", text=text)).count


def test_forgives_accents_and_one_slip() -> None:
    _made("Chorale des Érables", "Fanfare du Bourg")

    assert _count("erables") == 1
    assert _count("erbales") == 1
    assert _count("fnafare bourg") == 1


def test_the_beginning_of_a_word_finds_it() -> None:
    _made("Chorale des Érables")

    assert _count("chor") == 1


def test_does_not_correct_a_word_that_exists() -> None:
    _made("Chorale des Érables", "Fanfare du Bourg")

    assert _count("chorale bourg") == 0


def test_a_hidden_word_suggests_nothing() -> None:
    hidden, _shown = _made("Chorale secrète", "Fanfare du Bourg")
    decide(uid=hidden.uid, wish=Wish("public", shows=False), actor="steward:test", reason="test", now=NOW)

    assert _count("chroale") == 0
