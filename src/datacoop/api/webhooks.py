"""Where a client's program says at which address it is told that its feed has something new. Answered by Django.

The same as its page and the command do (decision 0055); an answer tells of the client itself and of nobody else.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import Any, Final

import orjson
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from datacoop.accounts.rules import LONGEST_OVERLAP, OVERLAP
from datacoop.api.answering import REFUSED, UNSIGNED, reader_of
from datacoop.api.answers import Answer, Answers
from datacoop.api.bodies import json_object
from datacoop.api.negotiation import check_json
from datacoop.api.parameters import parse
from datacoop.api.problems import Problem
from datacoop.api.replying import response
from datacoop.api.routes import OF_CLIENTS, REPLAY, SECRET, WEBHOOK, WEBHOOKS
from datacoop.api.site import current_site
from datacoop.disclosure.errors import Due
from datacoop.disclosure.readers import Reader
from datacoop.disclosure.reading import reading
from datacoop.feeds.actions import WebhookRefused, give_address, remove_address, rotate_secret, say_again
from datacoop.feeds.queries import MessageFacts, WebhookFacts, find_webhook
from datacoop.ledger.rules import instant

#: Who did it, in the ledger: nobody but the client's own program has its token.
ACTOR: Final = "program"
JSON: Final = "application/json"
WAITS, GIVEN_UP = STATES = ("waiting", "given_up")
_RETRY: Final = ((b"retry-after", b"2"),)

View = Callable[[HttpRequest, Answers, str, datetime], Answer]


def _answered(route: str) -> Callable[[View], Callable[..., HttpResponse]]:
    """Settle who asks first, then for which webhook: of another client's nothing more is told than of none."""

    def wrapped(view: View) -> Callable[..., HttpResponse]:
        @csrf_exempt
        @wraps(view)
        def asked(request: HttpRequest, webhook: str = "") -> HttpResponse:
            answers = Answers(current_site())
            try:
                agreement = _client(request)
                if request.method not in OF_CLIENTS[route].decode().split(", "):
                    raise Problem("method-not-allowed", headers=((b"allow", OF_CLIENTS[route]),))
                if webhook not in {"", agreement}:
                    raise Problem("not-found")
                parse(request.META.get("QUERY_STRING", ""), {})
                answer = view(request, answers, agreement, datetime.now(UTC))
            except Problem as problem:
                answer = answers.problem(problem, public=False)
            except Due:
                answer = answers.problem(Problem("unavailable", headers=_RETRY), public=False)
            return response(answer)

        return asked

    return wrapped


def _client(request: HttpRequest) -> str:
    """Return the agreement of a client whose token runs and which keeps something. Raises: Problem."""
    with reading() as connection:
        reader: Reader = reader_of(connection, request.headers.get("Authorization"), None)
    if reader.agreement is None:
        raise Problem("invalid-token", "This needs a client's token.", headers=UNSIGNED)
    if reader.live_only:
        raise Problem("live-only", "Your agreement lets you keep nothing: there is nothing to fetch.")
    return reader.agreement


@_answered(WEBHOOKS)
def webhooks(request: HttpRequest, answers: Answers, agreement: str, now: datetime) -> Answer:
    """Tell where the client is told and what did not arrive; let it give an address, with the secret the first time."""
    if request.method != "POST":
        check_json(request.headers.get("Accept", ""))
        found = find_webhook(agreement, now=now)
        body = orjson.dumps({"items": [_told(found)] if found else []})
        return answers.found(body, JSON, False, request.headers.get("If-None-Match", "").encode())
    return _given(request, answers, agreement, now)


def _given(request: HttpRequest, answers: Answers, agreement: str, now: datetime) -> Answer:
    url = json_object(request, ("url",)).get("url")
    if not isinstance(url, str):
        raise Problem("invalid-parameter", "The address that is told, as text.", "url")
    try:
        made = give_address(agreement=agreement, address=url, actor=ACTOR, now=now)
    except WebhookRefused as error:
        if error.code == "no-feed":
            # Suspended since its token was looked at.
            raise Problem("invalid-token", headers=REFUSED) from None
        raise Problem("invalid-parameter", str(error), "url") from None
    item = _told(_own(agreement, now))
    return _said(answers, item) if made is None else _said(answers, {**item, "secret": made}, 201)


@_answered(WEBHOOK)
def webhook(_request: HttpRequest, answers: Answers, agreement: str, now: datetime) -> Answer:
    """Tell the client nothing any more."""
    try:
        remove_address(agreement=agreement, actor=ACTOR, now=now)
    except WebhookRefused:
        raise Problem("not-found") from None
    return Answer(204, [each for each in answers.headers("", public=False) if each[0] != b"content-type"])


@_answered(SECRET)
def secret(request: HttpRequest, answers: Answers, agreement: str, now: datetime) -> Answer:
    """Give a new secret, told here once; the one before signs too until the overlap is over."""
    days = json_object(request, ("overlap_days",), may_be_empty=True).get("overlap_days", OVERLAP.days)
    if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= LONGEST_OVERLAP.days:
        raise Problem("invalid-parameter", f"Days, from 0 to {LONGEST_OVERLAP.days}.", "overlap_days")
    try:
        made = rotate_secret(agreement=agreement, actor=ACTOR, now=now, overlap=timedelta(days=days))
    except WebhookRefused:
        raise Problem("not-found") from None
    return _said(answers, {**_told(_own(agreement, now)), "secret": made})


@_answered(REPLAY)
def replay(request: HttpRequest, answers: Answers, agreement: str, now: datetime) -> Answer:
    """Say again what was given up: one message, or all in one."""
    message = json_object(request, ("message",), may_be_empty=True).get("message", "")
    if not isinstance(message, str):
        raise Problem("invalid-parameter", "The id of a message that was given up.", "message")
    try:
        again = say_again(agreement=agreement, message=message, now=now)
    except WebhookRefused:
        raise Problem("not-found", "No such message was given up, or your address wants no more.") from None
    return _said(answers, {"replayed": again})


def _said(answers: Answers, said: dict[str, Any], status: int = 200) -> Answer:
    body = orjson.dumps(said)
    return Answer(status, [*answers.headers(JSON, public=False), (b"content-length", b"%d" % len(body))], body)


def _own(agreement: str, now: datetime) -> WebhookFacts:
    """Raises: Problem, where it was taken away meanwhile."""
    found = find_webhook(agreement, now=now)
    if found is None:
        raise Problem("not-found")
    return found


def _told(found: WebhookFacts) -> dict[str, object]:
    return {
        "id": found.agreement,
        "url": found.address,
        "given_at": instant(found.given_at),
        "reached_at": _instant(found.reached_at),
        "gone_at": _instant(found.gone_at),
        "former_secret_until": _instant(found.former_until),
        "messages": [_message(each) for each in found.messages],
    }


def _message(each: MessageFacts) -> dict[str, object]:
    return {
        "id": each.name,
        "made_at": instant(each.made_at),
        "state": GIVEN_UP if each.is_dead else WAITS,
        "attempts": each.attempts,
        "problem": each.problem or None,
        "status": each.status,
        "next_at": None if each.is_dead else instant(each.due_at),
    }


def _instant(at: datetime | None) -> str | None:
    return None if at is None else instant(at)
