"""A disputed property is marked for whoever sees it, and for nobody else."""

from __future__ import annotations

from pathlib import Path

import orjson
import pytest
from django.test import override_settings

from datacoop.consent.actions import DecisionError, Wish, decide
from datacoop.consent.disputing import dispute, end_dispute
from datacoop.consent.models import Dispute
from datacoop.disclosure.asking import ask
from datacoop.disclosure.own.history import history, proof
from datacoop.disclosure.readers import PUBLIC
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.getting import Found, get
from datacoop.disclosure.search.questions import Question
from datacoop.ledger import signing
from datacoop.records.actions.erasing import erase_subjects
from datacoop.records.actions.merging import merge
from datacoop.records.actions.revising import revision
from datacoop.records.rules import id_of
from tests.consent import independent
from tests.rights.people import NOW, Village, settle

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def village() -> Village:
    return settle()


def page(village: Village) -> dict[str, object]:
    found = ask(lambda reading: get(reading, PUBLIC, "organisation", str(village.choir)), now=NOW)
    assert isinstance(found, Found)
    return dict(orjson.loads(found.body))


def mark(village: Village, name: str = "email", reason: str = "Two registers, two addresses.") -> None:
    dispute(uid=village.choir, property_name=name, reason=reason, actor="steward:1", now=NOW)


def test_says_what_is_disputed_and_keeps_the_reason(village: Village) -> None:
    mark(village)

    assert page(village)["disputed"] == ["email"]
    assert "registers" not in str(page(village))


def test_the_mark_and_its_end_can_be_proven(village: Village, tmp_path: Path) -> None:
    mark(village)
    end_dispute(uid=village.choir, property_name="email", actor="steward:1", now=NOW)

    told = [each for each in history(village.choir) if each.kind == "consent.disputed"]

    with override_settings(DATACOOP_DATA_DIR=tmp_path):
        proofs = [proof(village.choir, each.entry or 0, now=NOW) for each in told]
        assert [independent.holds(each, signing.public_keys()) for each in proofs] == [True, True]


def test_lists_that_leave_the_email_out_do_not_say_that_it_is_disputed(village: Village) -> None:
    mark(village)

    bodies = ask(lambda reading: find(reading, PUBLIC, Question("organisation")).bodies, now=NOW)

    assert all("disputed" not in orjson.loads(each) for each in bodies)


def test_what_is_hidden_is_not_told_to_be_disputed(village: Village) -> None:
    before = page(village)
    decide(uid=village.choir, wish=Wish("public", False, "email"), actor="account:1", reason="", now=NOW)
    hidden = page(village)
    mark(village)

    assert {**page(village), "modified": 0} == {**hidden, "modified": 0}
    assert "email" in before


def test_goes_with_a_merge_and_ends_for_all_of_it(village: Village) -> None:
    mark(village, "name")
    with revision(actor="steward:1", now=NOW, why="test") as draft:
        merge(draft, loser_id=id_of(village.club), survivor_id=id_of(village.choir), reason="test")
    assert page(village)["disputed"] == ["name"]

    end_dispute(uid=village.club, property_name="name", actor="steward:1", now=NOW)

    assert "disputed" not in page(village)


def test_needs_a_reason_and_a_property(village: Village) -> None:
    with pytest.raises(DecisionError):
        mark(village, reason=" ")
    with pytest.raises(DecisionError):
        mark(village, name="no_such")
    assert not Dispute.objects.exists()


def test_goes_with_whoever_is_erased(village: Village) -> None:
    mark(village)

    erase_subjects(subject_ids=[id_of(village.choir)], actor="steward:1", now=NOW, why="test")

    assert not Dispute.objects.exists()
