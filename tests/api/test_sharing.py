"""Who may keep an answer, and who may read it from another site: public ones everybody, a client's nobody else."""

from __future__ import annotations

import pytest

from tests.api import world
from tests.api.world import Caller

pytestmark = pytest.mark.django_db(transaction=True)
LIST = "/api/v1/organisations"
#: Every sort of answer there is: each route, formats, tags, moved, and problems.
ANSWERS = {
    "list": (LIST, 200),
    "csv": (f"{LIST}.csv", 200),
    "one": (f"{LIST}/UID", 200),
    "facets": (f"{LIST}/facets", 200),
    "clusters": (f"{LIST}/clusters?zoom=5", 200),
    "changes": ("/api/v1/changes", 200),
    "retractions": ("/api/v1/retractions", 200),
    "export": ("/api/v1/exports/organisations.ndjson", 200),
    "unknown record": (f"{LIST}/00000000-0000-4000-8000-00000000000f", 404),
    "unknown route": ("/api/v1/nothing", 404),
    "bad parameter": (f"{LIST}?limit=0", 400),
    "bad format": (f"{LIST}?q=a", 406),
}


def asked(caller: Caller, name: str, **headers: str) -> world.Reply:
    (uid,) = world.add_choirs(1)
    url, status = ANSWERS[name]
    accept = {"accept": "text/html"} if name == "bad format" else {}
    reply = caller.get(url.replace("UID", uid), **accept, **headers)
    assert reply.status == status
    return reply


@pytest.mark.parametrize("name", ANSWERS)
def test_public_answers_are_for_every_site_and_asked_again_by_every_cache(caller: Caller, name: str) -> None:
    headers = asked(caller, name, origin="https://ville.example.org").headers

    assert headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in headers
    assert {"RateLimit", "RateLimit-Policy", "Retry-After"} <= set(headers["access-control-expose-headers"].split(", "))
    assert headers["cache-control"] == "no-cache"
    assert headers["vary"] == "Authorization, Accept, Accept-Language"
    assert "set-cookie" not in headers


@pytest.mark.parametrize("name", ANSWERS)
def test_a_clients_answers_are_for_no_other_site_and_no_cache(caller: Caller, name: str) -> None:
    _, token = world.token_of_client()

    headers = asked(caller, name, authorization=f"Bearer {token}", origin="https://ville.example.org").headers

    if name == "unknown route":
        # It is answered before anybody looks who asks, but keeps to what the request looks like.
        assert "ratelimit" not in headers
    assert not [each for each in headers if each.startswith("access-control-")]
    assert headers["cache-control"] == "private, no-store"
    assert headers["vary"] == "Authorization, Accept, Accept-Language"
    assert "set-cookie" not in headers


def test_what_did_not_change_keeps_to_it_too(caller: Caller) -> None:
    world.add_choirs(1)
    _, token = world.token_of_client()
    for shown in ({}, {"authorization": f"Bearer {token}"}):
        first = caller.get(LIST, **shown)
        again = caller.get(LIST, if_none_match=first.headers["etag"], **shown)
        kept = ("cache-control", "vary", "access-control-allow-origin")

        assert again.status == 304
        assert [again.headers.get(each) for each in kept] == [first.headers.get(each) for each in kept]


def test_a_bad_token_is_told_privately(caller: Caller) -> None:
    headers = caller.get(LIST, authorization="Bearer nonsense").headers

    assert headers["cache-control"] == "private, no-store"
    assert "access-control-allow-origin" not in headers


@pytest.mark.parametrize("url", [LIST, f"{LIST}/x", "/api/v1/changes", "/api/v1/exports/organisations.csv"])
def test_a_script_of_another_site_may_ask_but_never_with_a_token(caller: Caller, url: str) -> None:
    reply = caller.get(
        url, "OPTIONS", origin="https://ville.example.org", access_control_request_headers="authorization"
    )

    assert reply.status == 204
    allowed = reply.headers["access-control-allow-headers"].lower().split(", ")
    assert "authorization" not in allowed
    assert "if-none-match" in allowed
    assert reply.headers["access-control-allow-methods"] == "GET, HEAD"
    assert "access-control-allow-credentials" not in reply.headers
