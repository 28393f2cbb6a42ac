"""HSDS 3 for programs that know it (`/hsds`): organisations and services by page, as whoever asks may see them.

The lists of `/api/v1`, in other words and by page number. Pages go as far as a list is counted; who wants all of it
takes an export. Of a client, a page counts what stands before it as received too: what pages skip is looked up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Final
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from datacoop.api import values
from datacoop.api.answering import JSON, reader_of
from datacoop.api.answers import Answer, Answers
from datacoop.api.negotiation import language_for
from datacoop.api.parameters import LIMIT, MOST, Parameter, Table, Values, parse
from datacoop.api.problems import Problem
from datacoop.api.site import current_site
from datacoop.disclosure.asking import ask
from datacoop.disclosure.deliveries import delivering
from datacoop.disclosure.errors import Due
from datacoop.disclosure.readers import Reader
from datacoop.disclosure.reading import Reading
from datacoop.disclosure.search.finding import find
from datacoop.disclosure.search.getting import get
from datacoop.disclosure.search.questions import COUNT_CAP, Found, Gone, Moved, Question
from datacoop.feeds import hsds

_STRING: Final = {"type": "string"}
_PAGED: Final = (
    Parameter("page", values.whole(1, COUNT_CAP), {"type": "integer", "minimum": 1, "default": 1}, "Which page."),
    Parameter(
        "per_page",
        values.whole(1, MOST),
        {"type": "integer", "minimum": 1, "maximum": MOST, "default": LIMIT},
        "Records on a page.",
    ),
    Parameter("search", values.text, _STRING, "Words; accents and case are forgiven."),
)
_OF = Parameter("organization_id", values.facet, _STRING, "The services of this organisation.")
TABLES: Final[dict[str, Table]] = {
    "organizations": {each.name: each for each in _PAGED},
    "services": {each.name: each for each in (*_PAGED, _OF)},
}


@dataclass(frozen=True)
class _Window:
    """The part of a list that a page is."""

    page: int
    size: int

    @property
    def before(self) -> int:
        return (self.page - 1) * self.size


@require_safe
def service(request: HttpRequest) -> HttpResponse:
    """What this is: HSDS's answer at its root."""
    site = current_site()
    described = {"version": hsds.VERSION, "profile": hsds.PROFILE, "openapi_url": f"{site.base_url}/api/openapi.json"}
    return _answered(request, lambda _reading, _reader, _asked: described, {})


@require_safe
def listing(request: HttpRequest, name: str) -> HttpResponse:
    """One page of a list."""
    return _answered(request, partial(_page, request, name), TABLES[name])


@require_safe
def one(request: HttpRequest, name: str, uid: UUID) -> HttpResponse:
    """One record."""
    return _answered(request, partial(_one, request, name, str(uid)), {})


def _answered(request: HttpRequest, told: Callable[[Reading, Reader, Values], Any], table: Table) -> HttpResponse:
    """Authenticate, check, ask: in this order, as every read route does."""
    answers = Answers(current_site())
    shown = request.headers.get("Authorization")
    none_match = request.headers.get("If-None-Match", "").encode()

    def question(reading: Reading) -> Answer:
        reader = reader_of(reading, shown, None)
        asked = parse(request.META.get("QUERY_STRING", ""), table)
        body = orjson.dumps(told(reading, reader, asked))
        return answers.found(body, JSON, reader.agreement is None, none_match)

    try:
        return response(ask(question))
    except Problem as problem:
        return response(answers.problem(problem, shown is None))
    except Due:
        return response(answers.problem(Problem("unavailable", headers=((b"retry-after", b"2"),)), shown is None))


def _page(request: HttpRequest, name: str, reading: Reading, reader: Reader, asked: Values) -> Any:
    window = _Window(asked.get("page", 1), asked.get("per_page", LIMIT))
    if window.before + window.size > COUNT_CAP:
        raise Problem("invalid-parameter", f"Pages go as far as {COUNT_CAP} records: take an export for all.", "page")
    facets = (("organiser", (asked["organization_id"],)),) if "organization_id" in asked else ()
    question = Question(hsds.LISTS[name], text=asked.get("search"), facets=facets, limit=window.size)
    language = language_for(request.headers.get("Accept-Language", ""))
    bodies, count = _window(reading, reader, question, window)
    contents = [hsds.written(orjson.loads(body), language) for body in bodies]
    pages = max(1, -(-count // window.size))
    return {
        "total_items": count,
        "total_pages": pages,
        "page_number": window.page,
        "size": len(contents),
        "first_page": window.page == 1,
        "last_page": window.page >= pages,
        "empty": not contents,
        "contents": contents,
    }


@delivering
def _window(reading: Reading, reader: Reader, question: Question, window: _Window) -> tuple[list[bytes], int]:
    """The bodies of a page, and how many records the list has, of one moment.

    Asked anew as a whole where a revision came between: a snapshot kept over it would tell what was withdrawn.
    """
    with reading.snapshot():
        page = find(reading, reader, replace(question, limit=min(MOST, window.before or window.size)))
        count, passed = page.count or 0, len(page.bodies)
        if not window.before:
            return page.bodies, count
        while passed < window.before and page.position is not None:
            stride = min(MOST, window.before - passed)
            page = find(reading, reader, replace(question, limit=stride, after=page.position, counted=False))
            passed += len(page.bodies)
        if page.position is None:
            return [], count
        return find(reading, reader, replace(question, after=page.position, counted=False)).bodies, count


def _one(request: HttpRequest, name: str, uid: str, reading: Reading, reader: Reader, _asked: Values) -> Any:
    found = get(reading, reader, hsds.LISTS[name], uid)
    if isinstance(found, Moved):
        found = get(reading, reader, hsds.LISTS[name], found.id)
    if isinstance(found, Found):
        return hsds.written(orjson.loads(found.body), language_for(request.headers.get("Accept-Language", "")))
    raise Problem("gone" if isinstance(found, Gone) else "not-found")


def response(answer: Answer) -> HttpResponse:
    """An answer as Django sends it."""
    found = HttpResponse(answer.body, status=answer.status)
    for name, value in answer.headers:
        found.headers[name.decode()] = value.decode()
    return found
