"""NUL is no text: whatever form it is typed into, it is taken out, and nothing breaks, on no database."""

from __future__ import annotations

import pytest
from django.test import Client

from datacoop.accounts.models import Account, Mandate
from datacoop.accounts.queries import find_account
from datacoop.rights.models.claims import Claim
from datacoop.rights.models.reports import Report
from tests.portal.conftest import page_of
from tests.portal.test_claims import Brought
from tests.portal.test_claims import somebody as signed_in_as

pytestmark = pytest.mark.django_db(transaction=True)
NUL = "\x00"


def test_the_name_of_an_account_is_kept_without_it(transactional_db: None) -> None:
    client = signed_in_as("anna@example.org")
    assert client.post("/account/", {"name": f"Anna{NUL} Exemple", "language": "fr"}).status_code == 302
    assert Account.objects.get(email="anna@example.org").name == "Anna Exemple"


def test_a_stewards_reason_for_a_holder_is_kept_without_it(steward: Client) -> None:
    form = {"holder": f"Ville{NUL} de Test", "email": "ville@example.org", "reason": f"Convention{NUL} signée"}
    assert steward.post("/steward/holders", form).status_code == 302
    assert Mandate.objects.get(account=find_account("ville@example.org")).proof.endswith("Convention signée")


def test_a_stewards_reason_for_a_representative_is_kept_without_it(
    published: Brought, visitor: Client, steward: Client
) -> None:
    published()
    page = page_of(visitor, "Clairière")
    form = {"email": "cheffe@example.org", "organisation": page, "scope": "decide", "reason": f"Vue{NUL} au guichet"}
    assert steward.post("/steward/claims", form).status_code == 302
    assert Claim.objects.get().reason == "Vue au guichet"


@pytest.mark.parametrize("sent", [{}, {"content_type": "application/x-www-form-urlencoded"}], ids=["parts", "form"])
def test_what_a_visitor_reports_is_kept_without_it(published: Brought, visitor: Client, sent: dict[str, str]) -> None:
    published()
    slug = page_of(visitor, "Clairière").removeprefix("/o/")
    body = {"kind": "error", "text": f"Le nom{NUL} est faux."}
    typed = "kind=error&text=Le+nom%00+est+faux." if sent else body
    assert visitor.post(f"/o/{slug}/report", typed, **sent).status_code < 400
    assert Report.objects.get().text == "Le nom est faux."


ADDRESSES = (
    *("/?q=%00", "/o/?q=cho%00eur", "/steward/records?q=%00", "/steward/claims?told=%00", "/steward/find?q=%00"),
    *("/o/%00", "/a/%00", "/n/%00", "/sign-in/%00", "/claim/%00"),
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_with_it_breaks_nothing(steward: Client, address: str) -> None:
    assert steward.get(address).status_code < 500
