"""From checked parameters to a question for `disclosure`, and the seal that ties a cursor to it. Pure."""

import hashlib
from dataclasses import dataclass
from functools import cache, lru_cache
from urllib.parse import unquote_plus

from datacoop.api import parameters
from datacoop.api.parameters import Values
from datacoop.api.places import places_called, places_of_territory
from datacoop.api.problems import Problem
from datacoop.api.routes import Route
from datacoop.api.values import NOWHERE
from datacoop.disclosure.search.questions import Question
from datacoop.kinds.definition import Kind


def question_of(kind: Kind, asked: Values) -> Question:
    """The question of a list, facets or clusters. Raises: Problem where two parameters contradict each other."""
    near = asked.get("near")
    if near is None and "radius_km" in asked:
        raise Problem("invalid-parameter", "It needs near=.", "radius_km")
    if near is None and asked.get("sort") == "distance":
        raise Problem("invalid-parameter", "It needs near=.", "sort")
    return Question(
        kind=kind.name,
        text=asked.get("q"),
        facets=_facets(kind, asked),
        box=asked.get("bbox"),
        near=None if near is None else (*near, asked.get("radius_km", parameters.RADIUS_KM)),
        since=asked.get("from"),
        until=asked.get("until"),
        sort=asked.get("sort"),
        limit=asked.get("limit", parameters.LIMIT),
        counted=asked.get("count", True),
    )


def _facets(kind: Kind, asked: Values) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Filters in the order of their names, values in order and once: equal questions are equal bytes."""
    place = kind.slots.get("place")
    facets = _facet_names(kind)
    found = {name: value for name, value in asked.items() if name in facets}
    if place is not None and place.name in found:
        found[place.name] = tuple(each for text in found[place.name] for each in places_called(text))
    if "territory" in asked:
        wanted = {each for text in asked["territory"] for each in places_of_territory(text)}
        if place is None:
            return (("territory", (NOWHERE,)),)
        found[place.name] = tuple(wanted.intersection(found.get(place.name, wanted)))
    return tuple((name, tuple(sorted(set(found[name]))) or (NOWHERE,)) for name in sorted(found))


@cache
def _facet_names(kind: Kind) -> frozenset[str]:
    return frozenset(each.name for each in parameters.filterable(kind))


def digest_of(question: Question) -> bytes:
    """What a cursor is bound to: everything that decides which rows come in which order, not how many at once."""
    parts = (
        question.kind,
        question.text,
        question.facets,
        question.box,
        question.near,
        question.since,
        question.until,
        question.sort,
    )
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Asked:
    """A query string understood: depends on it and the route alone, so it is remembered."""

    values: Values
    """Not to be changed."""
    question: Question
    digest: bytes
    kept: str
    """The query string without its cursor, ready for another one."""


@lru_cache(maxsize=4096)
def asked_of(route: Route, query: str) -> Asked:
    """What the query string of a list, facets or clusters asks. Raises: Problem."""
    assert route.kind is not None
    values = parameters.parse(query, route.parameters)
    question = question_of(route.kind, values)
    kept = [part for part in query.split("&") if part and not _names_cursor(part)]
    return Asked(values, question, digest_of(question), "&".join([*kept, "cursor="]))


def _names_cursor(part: str) -> bool:
    name = part.partition("=")[0]
    return (unquote_plus(name) if "%" in name else name) == "cursor"
