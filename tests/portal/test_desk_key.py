"""A holder's key at its desk: shown once, followed by another while both open, taken back; the holder's alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client

from datacoop.accounts.actions import ClientRefused, issue_token, open_account
from datacoop.accounts.holding import holder_of_token, key_of
from datacoop.portal.catalogue import LANGUAGES, say
from datacoop.rights.actions.agreeing import leave
from datacoop.sources.owning import find_holder_named
from tests.portal.sitting import HOLDER, OTHER, desk, folder, holder, registered, signed_in, text_of

__all__ = ["folder", "holder"]
pytestmark = pytest.mark.django_db(transaction=True)


def uid() -> Any:
    found = find_holder_named(HOLDER)
    assert found is not None
    return found.uid


def secrets_in(html: str) -> list[str]:
    """What is shown beside the word `client_secret`."""
    return re.findall(r"<dt>client_secret</dt><dd><code>([^<]+)</code>", html)


def press(client: Client, step: str) -> Any:
    return client.post(f"{desk()}/key", {"step": step})


def made(client: Client, step: str = "make") -> str:
    (secret,) = secrets_in(text_of(press(client, step)))
    return secret


def opens(secret: str) -> bool:
    try:
        token, _ = issue_token(client_id=key_of(uid()), client_secret=secret, now=datetime.now(UTC))
    except ClientRefused:
        return False
    return holder_of_token(token, now=datetime.now(UTC)) == uid()


def test_is_made_and_shown_once(holder: Client) -> None:
    assert f"{desk()}/key" in text_of(holder.get(f"{desk()}/"))
    assert "client_id" not in text_of(holder.get(f"{desk()}/key"))

    secret = made(holder)

    assert opens(secret)
    html = text_of(holder.get(f"{desk()}/key"))
    assert key_of(uid()) in html
    assert secret not in html
    assert secrets_in(html) == []


def test_what_it_says_of_sending_is_what_the_api_takes(holder: Client) -> None:
    made(holder)

    html = text_of(holder.get(f"{desk()}/key"))

    (sent,) = re.findall(r"http://[^\s<]+/api/v1/contributions", html)
    assert f"--user &#x27;{key_of(uid())}&#x27;" in html
    assert Client().post(f"/{sent.split('/', 3)[3]}").status_code == 401


def test_another_follows_while_both_open(holder: Client) -> None:
    first = made(holder)

    second = made(holder)

    assert (opens(first), opens(second)) == (True, True)
    assert "secret vaut jusqu" in text_of(holder.get(f"{desk()}/key"))


def test_where_somebody_saw_it_the_old_one_ends_at_once(holder: Client) -> None:
    first = made(holder)

    second = made(holder, "replace")

    assert (opens(first), opens(second)) == (False, True)
    assert "secret vaut jusqu" not in text_of(holder.get(f"{desk()}/key"))


def test_is_taken_back_and_made_anew(holder: Client) -> None:
    first = made(holder)

    reply = holder.post(f"{desk()}/key", {"step": "end"}, follow=True)

    assert "n’ouvre plus rien" in text_of(reply)
    assert not opens(first)
    second = made(holder)
    assert (opens(first), opens(second)) == (False, True)


def test_says_when_it_was_used_last(holder: Client) -> None:
    secret = made(holder)
    assert "jamais encore" in text_of(holder.get(f"{desk()}/key"))

    assert opens(secret)

    assert "jamais encore" not in text_of(holder.get(f"{desk()}/key"))


def test_needs_the_agreement_to_be_made_and_not_to_be_taken_back(holder: Client) -> None:
    secret = made(holder)
    leave(holder=uid(), actor="account:1", now=datetime.now(UTC))

    assert secrets_in(text_of(holder.post(f"{desk()}/key", {"step": "make"}, follow=True))) == []
    assert "Signez d’abord" in text_of(holder.get(f"{desk()}/key"))
    assert opens(secret)
    press(holder, "end")
    assert not opens(secret)


def test_is_changed_only_by_whoever_proved_lately_that_it_is_them(
    holder: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = made(holder)
    monkeypatch.setattr("datacoop.portal.views.desk.keying.is_fresh", lambda _request: False)

    for step in ("make", "replace", "end"):
        assert press(holder, step)["Location"].startswith("/account/confirm")
    assert opens(secret)


def test_is_nobody_elses_not_even_a_stewards(holder: Client) -> None:
    secret = made(holder)
    registered(OTHER, "autre@faitiere.example.org")
    open_account(email="steward@coop.example.org", name="Ada", is_steward=True, now=datetime.now(UTC))
    for email in ("autre@faitiere.example.org", "steward@coop.example.org"):
        other = signed_in(email)
        assert other.get(f"{desk()}/key").status_code == 403
        assert press(other, "end").status_code == 403
    assert Client().get(f"{desk()}/key").status_code == 302
    assert opens(secret)


@pytest.mark.parametrize("language", LANGUAGES)
def test_speaks_every_language(holder: Client, language: str) -> None:
    made(holder)

    reply = holder.get(f"{desk()}/key", headers={"accept-language": language})

    assert reply.headers["Content-Language"] == language
    assert say(language, "keys.lead") in text_of(reply)
