"""A client library that knows nothing of us (Authlib, by RFC 6749) gets its token and reads with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session

from tests.cli.served import Served, serving
from tests.cli.test_sync import listed

METHODS = ("client_secret_basic", "client_secret_post")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Iterator[Served]:
    with serving(tmp_path_factory.mktemp("served"), django_db_blocker, listed()) as found:
        yield found


def library(served: Served, method: str = METHODS[0], secret: str = "") -> OAuth2Session:
    known = secret or served.secret.read_text().strip()
    return OAuth2Session(served.client, known, token_endpoint_auth_method=method)


def fetch(client: OAuth2Session, served: Served) -> Any:
    return client.fetch_token(f"{served.url}/oauth/token", grant_type="client_credentials")


@pytest.mark.parametrize("method", METHODS)
def test_reads_with_the_token_it_was_given(served: Served, method: str) -> None:
    with library(served, method) as client:
        assert fetch(client, served)["token_type"] == "Bearer"

        answer = client.get(f"{served.url}/api/v1/organisations?limit=5")

    assert answer.status_code == 200
    assert answer.json()["items"]


def test_a_wrong_secret_is_an_error_that_it_knows(served: Served) -> None:
    with library(served, secret="wrong") as client, pytest.raises(OAuthError) as caught:
        fetch(client, served)

    assert caught.value.error == "invalid_client"


def test_two_secrets_open_while_one_takes_the_others_place(served: Served) -> None:
    """And with none of the old ones once it is said that they leaked."""
    old = served.secret.read_text().strip()
    new = json.loads(served.house.run("clients", "secret", served.client, "--json"))["client_secret"]
    for secret in (old, new):
        with library(served, secret=secret) as client:
            assert fetch(client, served)["access_token"]

    last = json.loads(served.house.run("clients", "secret", served.client, "--overlap", "0", "--json"))["client_secret"]

    for secret in (old, new):
        with library(served, secret=secret) as client, pytest.raises(OAuthError):
            fetch(client, served)
    served.secret.write_text(last + "\n")
    with library(served) as client:
        assert fetch(client, served)["access_token"]
