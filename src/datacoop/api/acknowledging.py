"""Where a client says that it erased what tombstones name. Answered by Django; the read application hands it over.

The answer is the same for a tombstone of somebody else's as for one that never was, and depends on nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from datacoop.api.answering import UNSIGNED, reader_of
from datacoop.api.answers import Answer, Answers
from datacoop.api.bodies import json_object
from datacoop.api.problems import Problem
from datacoop.api.replying import response
from datacoop.api.routes import MOST_AT_ONCE, WRITTEN
from datacoop.api.site import current_site
from datacoop.disclosure.acknowledging import LONGEST_BASIS, RETAINED, STATES, UnknownTombstoneError, acknowledge
from datacoop.disclosure.readers import Reader
from datacoop.disclosure.reading import reading

_ASKED: Final = frozenset({"tombstone", "tombstones", "state", "legal_basis"})


@dataclass(frozen=True)
class Word:
    """What a client says."""

    tombstones: tuple[UUID, ...]
    state: str
    legal_basis: str


@csrf_exempt
def acknowledgements(request: HttpRequest) -> HttpResponse:
    """Note a client's word: 204, said for the first time or again."""
    answers = Answers(current_site())
    try:
        _acknowledge(request)
    except Problem as problem:
        return response(answers.problem(problem, public=False))
    kept = [each for each in answers.headers("", public=False) if each[0] != b"content-type"]
    return response(Answer(204, kept))


def _acknowledge(request: HttpRequest) -> None:
    """Raises: Problem; who asks is settled before anything of the request is looked at."""
    if request.method != "POST":
        raise Problem("method-not-allowed", headers=((b"allow", WRITTEN),))
    reader = _client(request)
    if request.GET:
        raise Problem("unknown-parameter", parameter=min(request.GET))
    word = word_of(json_object(request, _ASKED))
    try:
        acknowledge(
            reader=reader, tombstones=word.tombstones, state=word.state, legal_basis=word.legal_basis,
            now=datetime.now(UTC),
        )  # fmt: skip
    except UnknownTombstoneError:
        raise Problem("not-found") from None


def _client(request: HttpRequest) -> Reader:
    shown = request.headers.get("Authorization")
    if shown is None:
        raise Problem("invalid-token", "Acknowledgements need a client's token.", headers=UNSIGNED)
    with reading() as connection:
        return reader_of(connection, shown, None, to_acknowledge=True)


def word_of(said: dict[str, Any]) -> Word:
    """Return what a body says. Raises: Problem; a malformed tombstone is one that is not there."""
    marks = _marks(said)
    state = said.get("state")
    if state not in STATES:
        raise Problem("invalid-parameter", f"One of {', '.join(STATES)}.", "state")
    basis = _basis(said, state)
    try:
        return Word(tuple(UUID(each) for each in marks), state, basis)
    except ValueError:
        raise Problem("not-found") from None


def _marks(said: dict[str, Any]) -> list[str]:
    if ("tombstone" in said) == ("tombstones" in said):
        raise Problem("invalid-parameter", "Give one tombstone, or a list called tombstones.", "tombstone")
    name = "tombstone" if "tombstone" in said else "tombstones"
    marks = [said[name]] if name == "tombstone" else said[name]
    if not isinstance(marks, list) or not all(isinstance(each, str) for each in marks):
        raise Problem("invalid-parameter", "As the feed gave it.", name)
    if not 1 <= len(marks) <= MOST_AT_ONCE:
        raise Problem("invalid-parameter", f"From 1 to {MOST_AT_ONCE}.", name)
    return marks


def _basis(said: dict[str, Any], state: str) -> str:
    """A reason in words, where something is kept, and there alone."""
    basis = said.get("legal_basis", "")
    if not isinstance(basis, str) or len(basis) > LONGEST_BASIS or not (basis.isprintable()):
        raise Problem("invalid-parameter", f"Words, at most {LONGEST_BASIS} characters.", "legal_basis")
    if (state == RETAINED) != bool(basis.strip()):
        raise Problem("invalid-parameter", "Needed where something is retained, and only there.", "legal_basis")
    return basis.strip()
