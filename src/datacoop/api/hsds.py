"""HSDS 3 for programs that know it (`/hsds`): organisations and services by page, as whoever asks may see them, and
the taxonomy their terms are of, the same for everybody.

The lists of `/api/v1`, in other words and by page number. Pages go as far as a list is counted; who wants all of it
takes an export. Of a client, a page counts what stands before it as received too: what pages skip is looked up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from uuid import UUID

import orjson
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from datacoop.api import values
from datacoop.api.answering import JSON, reader_of
from datacoop.api.answers import Answer, Answers
from datacoop.api.hsds_described import TABLES
from datacoop.api.negotiation import language_for
from datacoop.api.parameters import LIMIT, MOST, Table, Values, parse
from datacoop.api.problems import Problem
from datacoop.api.replying import response
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
def vocabulary(request: HttpRequest, name: str) -> HttpResponse:
    """One page of what our themes are as a taxonomy."""
    return _answered(request, lambda _reading, _reader, asked: _vocabulary_page(request, name, asked), TABLES[name])


@require_safe
def word(request: HttpRequest, name: str, uid: UUID) -> HttpResponse:
    """The taxonomy, or one term of it."""
    return _answered(request, lambda _reading, _reader, _asked: _word(request, name, str(uid)), {})


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
    window = _window_of(asked)
    if window.before + window.size > COUNT_CAP:
        raise Problem("invalid-parameter", f"Pages go as far as {COUNT_CAP} records: take an export for all.", "page")
    question = Question(hsds.LISTS[name], text=asked.get("search"), facets=_facets(asked), limit=window.size)
    bodies, count, is_more = _window(reading, reader, question, window)
    return _paged(
        [hsds.written(orjson.loads(body), _language(request)) for body in bodies], count, window, is_more=is_more
    )


def _window_of(asked: Values) -> _Window:
    return _Window(asked.get("page", 1), asked.get("per_page", LIMIT))


def _facets(asked: Values) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """A term nobody knows finds nothing, as any facet's value does."""
    found: list[tuple[str, tuple[str, ...]]] = []
    if "organization_id" in asked:
        found.append(("organiser", (asked["organization_id"],)))
    if "taxonomy_term_id" in asked:
        found.append(("theme", (hsds.path_of(asked["taxonomy_term_id"]) or values.NOWHERE,)))
    return tuple(found)


def _vocabulary_page(request: HttpRequest, name: str, asked: Values) -> Any:
    language, window = _language(request), _window_of(asked)
    if name == "taxonomies":
        every = [hsds.taxonomy(language)]
    elif asked.get("taxonomy_id", hsds.TAXONOMY) == hsds.TAXONOMY:
        every = hsds.terms(language, parent=asked.get("parent_id"), top_only=asked.get("top_only", False))
    else:
        every = []
    return _paged(every[window.before : window.before + window.size], len(every), window)


def _word(request: HttpRequest, name: str, uid: str) -> Any:
    language = _language(request)
    if name == "taxonomies":
        found = hsds.taxonomy(language) if uid == hsds.TAXONOMY else None
    else:
        found = hsds.term(uid, language)
    if found is None:
        raise Problem("not-found")
    return found


def _language(request: HttpRequest) -> str:
    return language_for(request.headers.get("Accept-Language", ""))


def _paged(contents: list[hsds.Part], count: int, window: _Window, *, is_more: bool = False) -> hsds.Part:
    """`is_more`: the list goes on beyond what is counted, and its last page is not to be had here."""
    pages = max(1, -(-count // window.size))
    return {
        "total_items": count,
        "total_pages": pages,
        "page_number": window.page,
        "size": len(contents),
        "first_page": window.page == 1,
        "last_page": window.page >= pages and not is_more,
        "empty": not contents,
        "contents": contents,
    }


@delivering
def _window(reading: Reading, reader: Reader, question: Question, window: _Window) -> tuple[list[bytes], int, bool]:
    """The bodies of a page, how many records the list has, and whether it has more than are counted, of one moment.

    Asked anew as a whole where a revision came between: a snapshot kept over it would tell what was withdrawn.
    """
    with reading.snapshot():
        page = find(reading, reader, replace(question, limit=min(MOST, window.before or window.size)))
        count, passed, is_more = page.count or 0, len(page.bodies), page.relation == "gte"
        if not window.before:
            return page.bodies, count, is_more
        while passed < window.before and page.position is not None:
            stride = min(MOST, window.before - passed)
            page = find(reading, reader, replace(question, limit=stride, after=page.position, counted=False))
            passed += len(page.bodies)
        if page.position is None:
            return [], count, is_more
        found = find(reading, reader, replace(question, after=page.position, counted=False))
        return found.bodies, count, is_more


def _one(request: HttpRequest, name: str, uid: str, reading: Reading, reader: Reader, _asked: Values) -> Any:
    found = get(reading, reader, hsds.LISTS[name], uid)
    if isinstance(found, Moved):
        found = get(reading, reader, hsds.LISTS[name], found.id)
    if isinstance(found, Found):
        return hsds.written(orjson.loads(found.body), _language(request))
    raise Problem("gone" if isinstance(found, Gone) else "not-found")
