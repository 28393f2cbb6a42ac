"""A representative says what another public entry is to its organisation, and takes it back."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from uuid import UUID

import pytest
from django.test import Client

from datacoop.accounts.actions import create_link, give_mandate, open_account
from datacoop.accounts.rules import DECIDE, EDIT
from datacoop.consent.actions import Wish, decide
from datacoop.linking.queries import list_judgements
from datacoop.portal.views.organisations import find_one
from datacoop.records.queries import merges_of
from datacoop.records.rules import id_of
from tests.portal.conftest import page_of

pytestmark = pytest.mark.django_db(transaction=True)

EMAIL = "cheffe@example.org"


def uid_of(page: str) -> UUID:
    return UUID(str((find_one("organisation", page.removeprefix("/o/")) or {})["id"]))


@pytest.fixture
def mine(visitor: Client, published: Callable[..., None]) -> UUID:
    published()
    return uid_of(page_of(visitor, "Clairière"))


@pytest.fixture
def theirs(visitor: Client, mine: UUID) -> str:
    return page_of(visitor, "Four")


def represent(uid: UUID, scope: str = DECIDE) -> None:
    now = datetime.now(UTC)
    account = open_account(email=EMAIL, name="Cheffe", now=now)
    give_mandate(account_id=account.pk, subject_uid=uid, scope=scope, valid_from=now)


@pytest.fixture
def representative(mine: UUID) -> Client:
    represent(mine)
    client = Client(headers={"accept-language": "fr"})
    client.post(f"/sign-in/{create_link(email=EMAIL, now=datetime.now(UTC))}")
    return client


def say(client: Client, mine: UUID, other: str, verdict: str) -> int:
    return client.post(f"/account/organisations/{mine}/others", {"other": other, "verdict": verdict}).status_code


def test_says_that_it_is_another_and_takes_it_back(representative: Client, mine: UUID, theirs: str) -> None:
    path = f"/account/organisations/{mine}/others"
    assert path in representative.get(f"/account/organisations/{mine}").content.decode()

    assert say(representative, mine, f"https://example.org{theirs}", "different") == 302

    (judged,) = list_judgements(limit=5)
    assert judged.actor.startswith("account:")
    assert {judged.first_uid, judged.second_uid} == {mine, uid_of(theirs)}
    shown = representative.get(path).content.decode()
    assert "Les Amis du Four" in shown
    number = re.search(r'name="judgement" value="(\d+)"', shown)
    assert number
    assert representative.post(path, {"judgement": number[1]}).status_code == 302
    assert list_judgements(limit=5) == []
    assert representative.post(path, {"judgement": number[1]}).status_code == 422


def test_makes_two_one_only_where_it_speaks_for_both(representative: Client, mine: UUID, theirs: str) -> None:
    assert say(representative, mine, theirs, "same") == 422
    assert merges_of([id_of(mine)]) == {}

    represent(uid_of(theirs))

    assert say(representative, mine, theirs, "same") == 302
    assert len(merges_of([id_of(mine)])) == 1


def test_an_entry_that_is_hidden_is_as_none(representative: Client, mine: UUID, theirs: str) -> None:
    hidden = uid_of(theirs)
    unknown = say(representative, mine, "/o/nobody-00000000", "different")
    wish = Wish(audience="public", shows=False)
    decide(uid=hidden, wish=wish, actor="steward:1", reason="asked", now=datetime.now(UTC))

    assert say(representative, mine, theirs, "different") == unknown == 422
    assert say(representative, mine, f"/o/{hidden}", "different") == 422
    assert list_judgements(limit=5) == []


def test_what_was_said_of_an_entry_hidden_since_names_it_no_more(
    representative: Client, mine: UUID, theirs: str
) -> None:
    say(representative, mine, theirs, "different")
    wish = Wish(audience="public", shows=False)
    decide(uid=uid_of(theirs), wish=wish, actor="steward:1", reason="asked", now=datetime.now(UTC))

    shown = representative.get(f"/account/organisations/{mine}/others").content.decode()

    assert "Amis du Four" not in shown
    assert "une fiche qui n’est plus publique" in shown


def test_whoever_may_only_correct_and_strangers_find_nothing(visitor: Client, mine: UUID, theirs: str) -> None:
    represent(mine, EDIT)
    client = Client(headers={"accept-language": "fr"})
    client.post(f"/sign-in/{create_link(email=EMAIL, now=datetime.now(UTC))}")

    assert say(client, mine, theirs, "different") == 404
    assert client.get(f"/account/organisations/{mine}/others").status_code == 404
    assert visitor.get(f"/account/organisations/{mine}/others").status_code == 302
    assert list_judgements(limit=5) == []
