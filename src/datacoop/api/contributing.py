"""Where holders' programs send lists, and ask what came of them. Answered by Django.

A reply says what the request and the sender's own lists explain, whatever else there is: never that a record existed.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Final

import orjson
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from datacoop.accounts.holding import holder_of_token
from datacoop.api.admitting import is_too_large, refused, token_of, too_large
from datacoop.api.answers import Answer, Answers
from datacoop.api.parameters import contribution_parameters, parse
from datacoop.api.problems import Problem
from datacoop.api.replying import response
from datacoop.api.routes import CONTRIBUTIONS, PREFIX, SENT
from datacoop.api.site import current_site
from datacoop.kinds.definition import all_kinds
from datacoop.ledger.rules import instant
from datacoop.pipelines.submitting import Sent, TooLarge, TooMany, UnclearList, submit
from datacoop.rights.queries.agreements import has_agreement
from datacoop.sources.fetching import ENDINGS
from datacoop.sources.readers.table import ListRefused
from datacoop.sources.submissions import KeyReusedError, SubmissionFacts, Wish, find_submission

KEY: Final = "Idempotency-Key"
LONGEST_KEY: Final = 255
JSON: Final = "application/json"
_RETRY: Final = ((b"retry-after", b"60"),)
#: A string of RFC 8941, or the same without its quotes.
_GIVEN: Final = re.compile(r'"([\x20-\x21\x23-\x5b\x5d-\x7e]+)"|([\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]+)')
_PIECE: Final = 1 << 20

View = Callable[..., Answer]


def _answered(view: View) -> Callable[..., HttpResponse]:
    """Settle who asks first, answer a problem in the API's one shape, and let nobody keep the answer."""

    @csrf_exempt
    @wraps(view)
    def asked(request: HttpRequest, **given: Any) -> HttpResponse:
        answers = Answers(current_site())
        try:
            holder = holder_of_token(token_of(request.headers.get("Authorization")), now=datetime.now(UTC))
            if holder is None:
                raise refused()
            answer = view(request, answers, holder, **given)
        except Problem as problem:
            answer = answers.problem(problem, public=False)
        return response(answer)

    return asked


@_answered
def contributions(request: HttpRequest, answers: Answers, holder: uuid.UUID) -> Answer:
    """Keep a list to be taken in: 202 with where to ask what came of it, and the same once more under the same key."""
    if request.method != "POST":
        raise Problem("method-not-allowed", headers=((b"allow", SENT),))
    asked = parse(request.META.get("QUERY_STRING", ""), contribution_parameters(all_kinds()))
    wish = Wish(
        kind=asked.get("kind", "organisation"), source=asked.get("source", ""),
        partial=asked.get("mode", "patch") == "patch", dry_run=asked.get("dry_run", False),
    )  # fmt: skip
    if is_too_large(request.headers.get("Content-Length")):
        raise too_large()
    sent = Sent(_key(request), _ending(request), _chunks(request))
    if not has_agreement(holder):
        raise Problem("agreement-needed", "Sign it at your desk; lists are taken in from then on.")
    address = f"{current_site().base_url}{PREFIX}{CONTRIBUTIONS}/{_submitted(holder, sent, wish)}"
    body = orjson.dumps({"id": address.rpartition("/")[2], "status": address})
    headers = [*answers.headers(JSON, public=False), (b"location", address.encode())]
    return Answer(202, [*headers, (b"content-length", b"%d" % len(body))], body)


@_answered
def contribution(request: HttpRequest, answers: Answers, holder: uuid.UUID, uid: uuid.UUID) -> Answer:
    """Tell what came of a list, to whoever sent it; another's is answered as one that never was."""
    if request.method not in ("GET", "HEAD"):
        raise Problem("method-not-allowed", headers=((b"allow", b"GET, HEAD, OPTIONS"),))
    parse(request.META.get("QUERY_STRING", ""), {})
    found = find_submission(uid)
    if found is None or found.holder != holder:
        raise Problem("not-found")
    tag = request.headers.get("If-None-Match", "").encode()
    return answers.found(orjson.dumps(_told(found)), JSON, False, tag)


def _submitted(holder: uuid.UUID, sent: Sent, wish: Wish) -> uuid.UUID:
    try:
        return submit(holder=holder, sent=sent, wish=wish, now=datetime.now(UTC))
    except KeyReusedError:
        detail = "The same key means the same list, asked for in the same way. Take another key for another list."
        raise Problem("key-reused", detail, KEY) from None
    except ListRefused as list_refused:
        raise Problem("unreadable-list", list_refused.message) from None
    except UnclearList as unclear:
        raise Problem("invalid-parameter", str(unclear), "source") from None
    except TooMany:
        detail = "So many lists of yours wait to be taken in. Try again in a minute."
        raise Problem("too-many-requests", detail, headers=_RETRY) from None
    except TooLarge:
        raise too_large() from None


def _key(request: HttpRequest) -> str:
    given = _GIVEN.fullmatch(request.headers.get(KEY, "").strip())
    key = given[1] or given[2] if given else ""
    if not key or len(key) > LONGEST_KEY:
        raise Problem("invalid-parameter", f"Send one with each list: 1 to {LONGEST_KEY} characters, best a UUID.", KEY)
    return key


def _ending(request: HttpRequest) -> str:
    ending = ENDINGS.get((request.content_type or "").lower())
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if ending is None:
        raise Problem("unsupported-media-type", f"Send one of: {', '.join(ENDINGS)}.")
    if encoding != "identity":
        raise Problem("unsupported-media-type", "Send it without Content-Encoding.")
    return ending


def _chunks(request: HttpRequest) -> Iterator[bytes]:
    return iter(lambda: request.read(_PIECE), b"")


def _told(found: SubmissionFacts) -> dict[str, object]:
    return {
        "id": str(found.uid),
        "state": found.state,
        "kind": found.wish.kind,
        "source": found.wish.source or None,
        "mode": "patch" if found.wish.partial else "snapshot",
        "dry_run": found.wish.dry_run,
        "received_at": instant(found.received_at),
        "settled_at": instant(found.settled_at) if found.settled_at else None,
        "questions": list(found.questions),
        "report": dict(found.report) or None,
    }
