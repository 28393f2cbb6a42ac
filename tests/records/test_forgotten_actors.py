"""Who was erased is no longer named, not by a number either, by what changed what was said of them (law 8)."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import pytest

from datacoop.accounts.actions import end_mandates, give_mandate, open_account
from datacoop.accounts.models import Account, Mandate
from datacoop.accounts.queries import has_mandate, list_guardians, list_representing
from datacoop.accounts.rules import GUARDIAN, SELF
from datacoop.consent.actions import Wish, decide
from datacoop.disclosure.actions import settle as settle_due
from datacoop.disclosure.own.history import history
from datacoop.records import withdrawals
from datacoop.records.actions.erasing import erase, erase_subjects
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import Said, create_record, state
from datacoop.records.endings import end_again
from datacoop.records.models import Revision
from datacoop.records.rules import Origin, id_of
from datacoop.rights.links import MAIL, Wanted, make_links
from tests.rights.claimants import CHOIR_MAILBOX, post
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


def _another() -> UUID:
    """Another person."""
    with revision(actor="steward:1", now=NOW, why="test") as draft:
        made = create_record(draft, kind="person")
        state(draft, record_id=made.id, said=[Said("family_name", "Exemple")], origin=Origin.STEWARD)
    return made.uid


def _represent(account: int, organisation: UUID, until: datetime | None = None) -> None:
    give_mandate(account_id=account, subject_uid=organisation, scope="decide", valid_from=NOW, valid_until=until)


def test_the_account_goes_with_its_person_whatever_it_may_do_for_others() -> None:
    village = settle()
    account = _account(village)
    _represent(account, village.choir)
    _hide(village.choir, f"account:{account}")
    settle_due(NOW)

    erase_subjects(subject_ids=[id_of(village.person)], actor=f"account:{account}", now=LATER, why="erase")

    assert not Account.objects.filter(pk=account).exists()
    assert not Mandate.objects.filter(account_id=account).exists()
    assert f"account:{account}" not in _actors()
    entered = [each.kind for each in history(village.choir)]
    assert {"representatives.left", "representatives.none"} <= set(entered)


def test_the_mailbox_of_whom_nobody_represents_any_more_is_told() -> None:
    village = settle()
    account = _account(village)
    _represent(account, village.choir)
    settle_due(NOW)

    erase_subjects(subject_ids=[id_of(village.person)], actor="steward:1", now=LATER, why="erase")

    assert [each.to for each in post(LATER)] == [[CHOIR_MAILBOX]]


def test_others_who_represent_it_go_on() -> None:
    village = settle()
    account = _account(village)
    for each in (account, other := open_account(email="nadia@example.org", name="Nadia", now=NOW).pk):
        _represent(each, village.choir)
    settle_due(NOW)

    erase_subjects(subject_ids=[id_of(village.person)], actor="steward:1", now=LATER, why="erase")

    assert [each.account_id for each in list_representing([village.choir], now=LATER)] == [other]
    assert post(LATER) == []


def test_a_guardian_who_is_erased_answers_for_nobody() -> None:
    village, other = settle(), _another()
    account = _account(village)
    give_mandate(account_id=account, subject_uid=other, scope=GUARDIAN, valid_from=NOW)

    erase_subjects(subject_ids=[id_of(village.person)], actor="steward:1", now=LATER, why="erase")

    assert list_guardians(now=LATER) == []
    assert "guardians.dismissed" in [each.kind for each in history(other)]


@pytest.mark.parametrize("returns", [False, True])
def test_an_ended_mandate_keeps_no_account(returns: bool) -> None:
    village = settle()
    account = _account(village)
    _represent(account, village.choir, until=LATER)

    with revision(actor="steward:1", now=LATER, why="erase") as draft:
        erase(draft, subject_ids=[id_of(village.person)], returns=returns)

    assert not Account.objects.filter(pk=account).exists()


def test_an_account_whose_person_was_not_told_in_time_acts_for_others_on() -> None:
    """Nobody asked for it: what a list said goes, what they do for the choir does not."""
    village = settle()
    account = _account(village)
    _represent(account, village.choir)
    _hide(village.choir, f"account:{account}")

    with revision(actor="rights", now=LATER, why="erase") as draft:
        erase(draft, subject_ids=[id_of(village.person)], returns=True)

    assert f"account:{account}" in _actors()
    assert has_mandate(account_id=account, subject_uid=village.choir, scope="decide", now=LATER)


def test_an_account_that_is_another_person_too_stays() -> None:
    """Two lists name one person and nobody knows that they are one: what the other says can still be decided about."""
    village, other = settle(), _another()
    account = _account(village)
    give_mandate(account_id=account, subject_uid=other, scope=SELF, valid_from=NOW)
    _represent(account, village.choir)

    erase_subjects(subject_ids=[id_of(village.person)], actor="steward:1", now=LATER, why="erase")

    for uid in (other, village.choir):
        assert has_mandate(account_id=account, subject_uid=uid, scope="decide", now=LATER)


def test_who_was_once_taken_for_the_person_keeps_what_is_theirs() -> None:
    village = settle()
    account = _account(village)
    end_mandates(account_id=account, subject_uid=village.person, now=NOW + timedelta(hours=1))
    _represent(account, village.choir)

    erase_subjects(subject_ids=[id_of(village.person)], actor="steward:1", now=LATER, why="erase")

    assert has_mandate(account_id=account, subject_uid=village.choir, scope="decide", now=LATER)


def test_no_backup_lets_the_account_in_again() -> None:
    """Not where the backup does not know yet whose account it is, either."""
    village = settle()
    account = _account(village)
    row = Account.objects.get(pk=account)
    withdrawals.path().unlink(missing_ok=True)
    erase_subjects(subject_ids=[id_of(village.person)], actor="steward:1", now=LATER, why="erase")
    row.save()

    end_again(list(withdrawals.lines(withdrawals.path().read_bytes())), now=LATER)

    assert not Account.objects.get(pk=account).is_active
