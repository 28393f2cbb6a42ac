"""`datacoop holders invite` and `dismiss`: who may act for a holder."""

import json
import re
from datetime import UTC, datetime

import pytest
from django.core import mail
from django.test import Client

from datacoop.accounts.actions import close_account
from datacoop.accounts.queries import find_account
from datacoop.cli import main
from datacoop.sources.owning import find_holder_named

pytestmark = pytest.mark.django_db(transaction=True)
HOLDER, EMAIL = "Faîtière d'Exemple", "bureau@example.org"


def test_prints_a_link_that_leads_to_the_desk_and_sends_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main.run(["holders", "invite", HOLDER, EMAIL]) == 0
    link = re.search(r"/sign-in/\S+", capsys.readouterr().out)
    holder = find_holder_named(HOLDER)
    assert link
    assert holder
    client = Client()
    assert client.post(link.group())["Location"] == "/desk/"
    assert client.get(f"/desk/{holder.uid}/").status_code == 200
    assert mail.outbox == []


def test_says_whether_somebody_was_invited_before(capsys: pytest.CaptureFixture[str]) -> None:
    told = []
    for _ in range(2):
        assert main.run(["holders", "invite", HOLDER, EMAIL, "--json"]) == 0
        told.append(json.loads(capsys.readouterr().out)["invited"])
    assert told == [True, False]


def test_dismissing_closes_the_desk_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    main.run(["holders", "invite", HOLDER, EMAIL])
    link = re.search(r"/sign-in/\S+", capsys.readouterr().out)
    assert link
    client = Client()
    client.post(link.group())
    assert main.run(["holders", "dismiss", HOLDER, EMAIL]) == 0
    assert client.get("/desk/").status_code == 403
    assert main.run(["holders", "dismiss", HOLDER, EMAIL]) == 2


@pytest.mark.parametrize(("holder", "email"), [(HOLDER, "nobody"), ("  ", EMAIL), ("x" * 201, EMAIL)])
def test_refuses_what_cannot_be_meant(holder: str, email: str) -> None:
    assert main.run(["holders", "invite", holder, email]) == 2
    assert find_account(email) is None


def test_a_closed_account_is_not_invited(capsys: pytest.CaptureFixture[str]) -> None:
    main.run(["holders", "invite", HOLDER, EMAIL])
    account = find_account(EMAIL)
    assert account
    close_account(account_id=account.pk, now=datetime.now(UTC))
    assert main.run(["holders", "invite", HOLDER, EMAIL]) == 2
    assert "closed" in capsys.readouterr().err
