"""POST /oauth/token: RFC 6749, client credentials."""

import base64
from typing import Any
from urllib.parse import quote_plus

import pytest
from django.http import HttpResponse
from django.test import Client

from datacoop.accounts.actions import add_client
from datacoop.consent.actions import add_agreement, suspend_agreement
from tests.api import world
from tests.api.world import Caller

pytestmark = [pytest.mark.urls("datacoop.api.urls"), pytest.mark.django_db(transaction=True)]

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def credentials(transactional_db: None) -> tuple[str, str]:
    agreement = add_agreement(name="Commune", terms="public-bodies", actor="steward:1", now=world.NOW)
    return add_client(agreement=agreement, now=world.NOW)


def ask(client: Client, body: str = "grant_type=client_credentials", **headers: Any) -> HttpResponse:
    found: HttpResponse = client.post("/oauth/token", body, content_type=FORM, headers=headers)  # type: ignore[assignment]
    return found


def basic(name: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{quote_plus(name)}:{quote_plus(secret)}".encode()).decode()


class TestToken:
    def test_is_given_for_basic_credentials_and_works(
        self, client: Client, credentials: tuple[str, str], caller: Caller
    ) -> None:
        reply = ask(client, Authorization=basic(*credentials))

        found = reply.json()  # type: ignore[attr-defined]
        assert (reply.status_code, found["token_type"], found["expires_in"]) == (200, "Bearer", 3600)
        assert reply.headers["Cache-Control"] == "no-store"
        listing = caller.get("/api/v1/organisations", authorization=f"Bearer {found['access_token']}")
        assert listing.status == 200

    def test_is_given_for_posted_credentials(self, client: Client, credentials: tuple[str, str]) -> None:
        name, secret = credentials

        assert ask(client, f"grant_type=client_credentials&client_id={name}&client_secret={secret}").status_code == 200

    def test_every_wrong_client_gets_the_same_answer(self, client: Client, credentials: tuple[str, str]) -> None:
        name, secret = credentials
        suspended = add_agreement(name="Ancienne", terms="public-bodies", actor="steward:1", now=world.NOW)
        _, old = add_client(agreement=suspended, now=world.NOW)
        suspend_agreement(agreement=suspended, actor="steward:1", now=world.NOW)
        wrong = [basic(name, "x"), basic("x", secret), basic("x\0", "y"), "Basic !", "Bearer x", "", "Basic YQ=="]

        replies = [ask(client, Authorization=each) for each in wrong] + [ask(client)]

        assert {(each.status_code, each.content) for each in replies} == {(401, b'{"error": "invalid_client"}')}
        assert all(each.headers["WWW-Authenticate"].startswith("Basic") for each in replies)
        assert old

    @pytest.mark.parametrize(
        ("body", "error"),
        [
            ("", "invalid_request"),
            ("grant_type=password", "unsupported_grant_type"),
            ("grant_type=client_credentials&grant_type=client_credentials", "invalid_request"),
            ("grant_type=client_credentials&client_secret=x", "invalid_request"),
            ("grant_type=client_credentials&scope=all", "invalid_scope"),
        ],
    )
    def test_malformed_requests_are_refused(
        self, client: Client, credentials: tuple[str, str], body: str, error: str
    ) -> None:
        reply = ask(client, body, Authorization=basic(*credentials))

        assert (reply.status_code, reply.json()["error"]) == (400, error)  # type: ignore[attr-defined]

    def test_is_asked_for_by_form(self, client: Client) -> None:
        assert client.post("/oauth/token", "{}", content_type="application/json").status_code == 400
        assert client.get("/oauth/token").status_code == 405
