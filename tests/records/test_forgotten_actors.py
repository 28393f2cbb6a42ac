"""Who was erased is no longer named, not by a number either, by what changed what was said of them (law 8)."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from datacoop.accounts.actions import give_mandate, open_account
from datacoop.accounts.rules import SELF
from datacoop.consent.actions import Wish, decide
from datacoop.disclosure.own.history import history
from datacoop.records.actions.erasing import erase_subjects
from datacoop.records.models import Revision
from datacoop.records.rules import id_of
from datacoop.rights.links import MAIL, Wanted, make_links
from tests.rights.people import NOW, Village, settle

pytestmark = pytest.mark.django_db(transaction=True)
LATER = NOW + timedelta(days=1)


def _actors() -> set[str]:
    return set(Revision.objects.values_list("actor", flat=True))


def _hide(uid: UUID, actor: str) -> None:
    decide(uid=uid, wish=Wish("public", False), actor=actor, reason="", now=NOW)


def _account(village: Village) -> int:
    """The person's account, which also represents the choir."""
    number = open_account(email="marlyse@example.org", name="Marlyse", now=NOW).pk
    give_mandate(account_id=number, subject_uid=village.person, scope=SELF, valid_from=NOW)
    return number


def test_links_and_accounts_of_whom_is_erased_leave_the_revisions() -> None:
    village = settle()
    account = _account(village)
    (own,), (others,) = (make_links([Wanted(each, MAIL)], now=NOW) for each in (village.person, village.club))
    _hide(village.person, f"link:{own}")
    _hide(village.in_choir, f"account:{account}")
    _hide(village.choir, f"account:{account}")
    _hide(village.club, f"link:{others}")
    assert {f"link:{own}", f"account:{account}"} <= _actors()
    told = [each.who for each in history(village.choir)]

    erase_subjects(subject_ids=[id_of(village.person)], actor=f"account:{account}", now=LATER, why="erase")

    assert not {f"link:{own}", f"account:{account}"} & _actors()
    assert {f"link:{others}", "link", "account"} <= _actors()
    assert [each.who for each in history(village.choir)] == told


def test_an_account_that_acts_for_others_too_is_named_on() -> None:
    village = settle()
    account = _account(village)
    give_mandate(account_id=account, subject_uid=village.choir, scope="decide", valid_from=NOW)
    _hide(village.choir, f"account:{account}")

    erase_subjects(subject_ids=[id_of(village.person)], actor="steward:1", now=LATER, why="erase")

    assert {f"account:{account}", "steward:1"} <= _actors()
