"""The page that asks once more before one erases oneself says what becomes of one's account, and so it comes."""

from __future__ import annotations

from datetime import UTC, datetime
from html import unescape

import pytest

from datacoop.accounts import proofs
from datacoop.accounts.actions import give_mandate
from datacoop.accounts.models import Account
from datacoop.accounts.rules import DECIDE, SELF
from datacoop.records.actions.revising import revision
from datacoop.records.actions.stating import create_record
from tests.portal.test_rights_pages import prove, with_account, with_link
from tests.rights.people import EMAIL, Village, settle

pytestmark = pytest.mark.django_db(transaction=True)
ACCOUNTS = {
    "goes": "Votre compte disparaît aussi",
    "steward": "il administre la coopérative",
    "another": "il est aussi une autre personne",
    "acts": "Votre compte reste pour les autres",
}


@pytest.fixture
def village() -> Village:
    return settle()


@pytest.mark.parametrize("what", ["steward", "another", "goes"])
def test_before_erasing_it_is_said_what_becomes_of_the_account(village: Village, what: str) -> None:
    client = with_account(village.person)
    account = Account.objects.get(email=EMAIL)
    account.is_steward = what == "steward"
    account.save()
    now = datetime.now(UTC)
    with revision(actor="steward:1", now=now, why="test") as draft:
        other = create_record(draft, kind="person").uid
    also = {"steward": None, "another": (other, SELF), "goes": (village.club, DECIDE)}[what]
    if also is not None:
        give_mandate(account_id=account.pk, subject_uid=also[0], scope=also[1], valid_from=now)
    address = f"/my/{village.person}/rights/erase"
    linked = with_link(village.person)
    prove(linked, village.person, proofs.LETTER_CODE, minutes=1)

    for asking in (client, linked):
        html = unescape(asking.get(address).content.decode())
        assert {each: says in html for each, says in ACCOUNTS.items()} == {each: each == what for each in ACCOUNTS}
    client.post(address)

    assert Account.objects.filter(pk=account.pk).exists() == (what != "goes")


def test_the_account_of_a_representative_stays_for_whom_else_it_acts(village: Village) -> None:
    client = with_account(village.choir, DECIDE, "garde@example.org")
    account = Account.objects.get(email="garde@example.org")
    address = f"/my/{village.choir}/rights/erase"
    assert ACCOUNTS["goes"] in unescape(client.get(address).content.decode())
    give_mandate(account_id=account.pk, subject_uid=village.club, scope=DECIDE, valid_from=datetime.now(UTC))

    assert ACCOUNTS["acts"] in unescape(client.get(address).content.decode())
    client.post(address)

    assert Account.objects.filter(pk=account.pk).exists()
