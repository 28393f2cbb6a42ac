"""A client's page: the address it is told at, the secret, once, and what did not arrive."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from datacoop.feeds.models import Message, Webhook
from tests.api import world
from tests.feeds.receiving import HOST, Clock, Receiver, last_chance, receiving
from tests.portal.sitting import folder
from tests.portal.test_client_pages import APPLICANT, applied, approved, browser

__all__ = ["folder"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folder")]


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.DATACOOP_WEBHOOK_HOSTS = frozenset({HOST})
    with receiving() as one:
        yield one


def secret_in(reply: Any) -> str:
    (found,) = re.findall(r"<code>(whsec_[^<]+)</code>", reply.content.decode())
    return str(found)


def press(client: Client, agreement: str, step: str, **fields: str) -> Any:
    return client.post(f"/clients/{agreement}/webhook", {"step": step, **fields})


def test_the_secret_is_shown_once_and_followed_by_another(receiver: Receiver) -> None:
    client, agreement = approved()

    first = secret_in(press(client, agreement, "give", address=receiver.url))

    html = client.get(f"/clients/{agreement}/webhook").content.decode()
    assert receiver.url in html
    assert "whsec_" not in html
    assert secret_in(press(client, agreement, "rotate")) != first
    assert "signe jusqu" in client.get(f"/clients/{agreement}/webhook").content.decode()
    secret_in(press(client, agreement, "replace"))
    assert "signe jusqu" not in client.get(f"/clients/{agreement}/webhook").content.decode()


@pytest.mark.parametrize(
    ("address", "problem"),
    [
        ("http://ville.example.org/", "commencer par https"),
        ("https://10.0.0.1/", "réseau privé"),
        ("https://ville.example.org/#ici", "ne doit pas contenir de #"),
        ("https://ville.example.org/i\u200bci", "caractères invisibles"),
    ],
)
def test_says_what_is_wrong_with_an_address_and_keeps_it(address: str, problem: str) -> None:
    client, agreement = approved()

    reply = press(client, agreement, "give", address=address)

    assert reply.status_code == 422
    assert problem in reply.content.decode()
    assert address in reply.content.decode()
    assert not Webhook.objects.exists()


def test_what_was_given_up_is_seen_and_sent_again(receiver: Receiver) -> None:
    client, agreement = approved()
    press(client, agreement, "give", address=receiver.url)
    clock = Clock()
    receiver.answers = [(500, {})]
    world.add("organisation", 1, name="Chœur 1")
    clock.turn()
    assert "sera essayé de nouveau" in client.get(f"/clients/{agreement}/webhook").content.decode()
    last_chance(clock)
    html = client.get(f"/clients/{agreement}/webhook").content.decode()
    assert "Messages abandonnés" in html
    assert "a refusé le message. (500)" in html

    assert press(client, agreement, "again").status_code == 302

    assert Message.objects.get().state == "waiting"
    assert press(client, agreement, "again").status_code == 422


def test_one_that_wants_no_more_is_told_so_and_the_address_goes_when_asked(receiver: Receiver) -> None:
    client, agreement = approved()
    press(client, agreement, "give", address=receiver.url)
    receiver.answers = [(410, {})]
    world.add("organisation", 1, name="Chœur 1")
    Clock().turn()
    assert "(410)" in client.get(f"/clients/{agreement}/webhook").content.decode()

    assert press(client, agreement, "remove").status_code == 302

    assert not Webhook.objects.exists()


def test_is_nobody_elses_and_nobodys_before_it_is_approved(receiver: Receiver) -> None:
    _, agreement = approved()
    other = browser("other@example.org")
    early = applied(other)

    assert press(other, agreement, "give", address=receiver.url).status_code == 404
    assert press(other, early, "give", address=receiver.url).status_code == 404
    assert not Webhook.objects.exists()


def test_whoever_did_not_prove_lately_that_it_is_them_proves_it_first(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    client, agreement = approved()
    monkeypatch.setattr("datacoop.portal.views.webhooks.is_fresh", lambda _request: False)

    reply = press(client, agreement, "give", address=receiver.url)

    assert reply.headers["Location"].startswith("/account/confirm")
    assert not Webhook.objects.exists()


def test_whoever_keeps_nothing_finds_no_such_page() -> None:
    applicant = browser(APPLICANT)
    agreement = applied(applicant, live_only="on")
    for name in ("ada", "bob"):
        steward = browser(f"{name}@coop.example.org", is_steward=True)
        steward.post("/steward/clients", {"client": agreement, "step": "assent"})

    assert "/webhook" not in applicant.get(f"/clients/{agreement}").content.decode()
    assert applicant.get(f"/clients/{agreement}/webhook").status_code == 404
