"""What the API tells of the ledger: checkpoints, and proofs between them. Never an entry's content (decision 0029).

Public are only checkpoints that the clock took, so that neither a size nor a moment tells of somebody's decision.
Answered by Django; the read application counts the request and hands it over.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from datacoop.api import problems
from datacoop.api.parameters import CHECKPOINTS, CONSISTENCY, INCLUSION, Table, Values, parse
from datacoop.api.problems import Problem
from datacoop.api.site import current_site
from datacoop.ledger.checkpoints import CheckpointFacts, daily_checkpoint, daily_over
from datacoop.ledger.proving import chain_consistency, chain_inclusion
from datacoop.ledger.queries import entries
from datacoop.ledger.rules import instant
from datacoop.ledger.signing import KeyUnusable, public_keys

Answered = Callable[[Values], dict[str, Any]]


def _asked(table: Table) -> Callable[[Answered], Callable[[HttpRequest], HttpResponse]]:
    """Read the parameters, answer JSON, and errors in the API's one shape."""

    def wrapping(answer: Answered) -> Callable[[HttpRequest], HttpResponse]:
        @require_safe
        @wraps(answer)
        def view(request: HttpRequest) -> HttpResponse:
            try:
                return _public(JsonResponse(answer(parse(request.META.get("QUERY_STRING", ""), table))))
            except Problem as problem:
                body = problem.body(current_site().base_url)
                return _public(HttpResponse(body, status=problem.status, content_type=problems.MEDIA_TYPE.decode()))

        return view

    return wrapping


@_asked(CHECKPOINTS)
def checkpoints(asked: Values) -> dict[str, Any]:
    """The newest checkpoint, or the one of a size."""
    return _told(_daily(asked.get("size")))


@_asked(CONSISTENCY)
def consistency(asked: Values) -> dict[str, Any]:
    """The proof that so many entries begin what a checkpoint signed: for whoever kept an earlier one."""
    first, second = _needed(asked, "first"), _daily(asked.get("second"))
    if first > second.size:
        raise Problem("not-found")
    return {"first": first, "second": second.size, "path": chain_consistency(first, second), **_told(second)}


@_asked(INCLUSION)
def inclusion(asked: Values) -> dict[str, Any]:
    """The proof that an entry is in the chain: for whoever knows its hash. Others get the answer of one not there."""
    number, said = _needed(asked, "entry"), _needed(asked, "hash")
    over = _daily(asked["size"]) if "size" in asked else daily_over(number)
    entry = entries([number]).get(number)
    if over is None or entry is None or entry.hash != said or number > over.size:
        raise Problem("not-found")
    return {"inclusion": chain_inclusion(number, over.size), **_told(over)}


@require_safe
def keys(_request: HttpRequest) -> HttpResponse:
    """The keys that checkpoints and receipts are signed with, those no longer used too (RFC 7517)."""
    try:
        return _public(JsonResponse(public_keys(), content_type="application/jwk-set+json"))
    except KeyUnusable:
        problem = Problem("unavailable")
        body = problem.body(current_site().base_url)
        return HttpResponse(body, status=problem.status, content_type=problems.MEDIA_TYPE.decode())


def _daily(size: int | None) -> CheckpointFacts:
    found = daily_checkpoint(size)
    if found is None:
        raise Problem("not-found")
    return found


def _needed(asked: Values, name: str) -> Any:
    if name not in asked:
        raise Problem("invalid-parameter", "It must be given.", name)
    return asked[name]


def _told(found: CheckpointFacts) -> dict[str, Any]:
    return {"size": found.size, "root": found.root, "at": instant(found.at), "checkpoint": found.signed}


def _public(answer: HttpResponse) -> HttpResponse:
    answer.headers["Cache-Control"] = "no-cache"
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer
